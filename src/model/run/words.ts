import { age } from '../age';
import type { RunKind } from './order';
import type { PlanPosition, Run, RunStep, RunStepState, TurnLog } from './run';

/** The words for runs, the same in the tree, in tooltips, on the command line and in messages. */

const kinds: Record<RunKind, string> = {
  analysis: 'Analysis',
  implementation: 'Implementation',
  handoff: 'Handoff',
};

export const kindTitle = (kind: RunKind): string => kinds[kind];

const steps: Record<RunStep, string> = {
  wait: 'Waiting for a place',
  analysis: 'Writing documents',
  documents: 'Checking documents',
  review: 'Review',
  implement: 'Step',
  check: 'Check',
  commit: 'Commit',
  push: 'Push',
};

export const stepTitle = (step: RunStep, kind: RunKind): string =>
  step === 'analysis' && kind !== 'analysis' ? 'Working' : steps[step];

/** A row of a run: `Push`; of a step of its plan `Step 2: Add the refund entity`. */
export const rowTitle = ({ step, n, title }: RunStepState, kind: RunKind): string =>
  n === undefined ? stepTitle(step, kind) : [`Step ${n}`, ...(title ? [shortTitle(title)] : [])].join(': ');

/** What of a step of the plan failed, or that a person passed it over; undefined where nothing is to be said. */
export function rowNote({ state, part, skipped }: RunStepState): string | undefined {
  if (skipped) return 'check skipped';
  if (state === 'failed' && part === 'check') return 'check failed';
  return state === 'doing' && part ? plainParts[part] : undefined;
}

const plainParts: Record<NonNullable<RunStepState['part']>, string> = {
  implement: 'implementing',
  check: 'checking',
  commit: 'committing',
  push: 'pushing',
};

/** What the words of a state ask of a run. */
type Standing = Pick<Run, 'state' | 'kind'>;

/** Where it is: `writing documents`; of an implementation `implementing step 2 of 4: Add the refund entity`. */
function doingText(step: RunStep, kind: RunKind, plan: PlanPosition | undefined): string {
  if (!plan || !isOfPlan(step)) return stepTitle(step, kind).toLowerCase();
  const title = step === 'implement' && plan.title ? `: ${shortTitle(plan.title)}` : '';
  return `${plainParts[step]} step ${plan.current} of ${plan.total}${title}`;
}

/** Where it stands still: `push`, `step 2 of 4`, `the check of step 2 of 4`. */
export function placeText(step: RunStep, kind: RunKind, plan: PlanPosition | undefined): string {
  if (!plan || !isOfPlan(step)) return stepTitle(step, kind).toLowerCase();
  const which = `step ${plan.current} of ${plan.total}`;
  return step === 'implement' ? which : `the ${step} of ${which}`;
}

const isOfPlan = (step: RunStep): step is 'implement' | 'check' | 'commit' =>
  step === 'implement' || step === 'check' || step === 'commit';

/** Rows and messages have room for so much of a title. */
const longestTitle = 80;

const shortTitle = (title: string): string =>
  title.length > longestTitle ? `${title.slice(0, longestTitle - 1).trimEnd()}…` : title;

/** `writing documents · 3 min`, `API overloaded, try 3 of 10`, `failed: …`: how a run stands. */
export function runStateText({ state, kind }: Standing, now: number): string {
  switch (state.kind) {
    case 'starting':
      return `starting, ${state.reached} done`;
    case 'queued':
      return `waits for a place · ${age(state.since, now)}`;
    case 'running': {
      const { step, plan, retry, since } = state;
      if (!retry) return `${doingText(step, kind, plan)} · ${age(since, now)}`;
      return [...(plan ? [placeText(step, kind, plan)] : []), retryText(retry)].join(' · ');
    }
    case 'interrupted': {
      const where = state.plan ? ` at ${placeText(state.step, kind, state.plan)}` : '';
      return `interrupted${where}: ${state.rebooted ? 'the host was started anew' : 'it was ended from outside'}`;
    }
    case 'stopped':
      return `stopped at ${placeText(state.step, kind, state.plan)} · ${age(state.at, now)}`;
    case 'failed':
      return `failed: ${state.failure.message}`;
    case 'complete':
      return `complete · ${age(state.at, now)}`;
  }
}

/** `2/4`: how far an implementation that has not come to its end is; undefined for what has no plan. */
export function planText({ state }: Pick<Run, 'state'>): string | undefined {
  const plan = 'plan' in state ? state.plan : undefined;
  return plan && `${plan.current}/${plan.total}`;
}

/** `analysis · writing documents · 3 min`. */
export const runSummary = (run: Run, now: number): string => `${run.kind} · ${runStateText(run, now)}`;

/** Claude tries the API again by itself: `API overloaded, try 3 of 10`. */
export function retryText({ attempt, of, status, error }: NonNullable<TurnLog['retry']>): string {
  return `API ${retryCause(status, error)}, try ${attempt} of ${of}`;
}

function retryCause(status: number | undefined, error = ''): string {
  if (status === 529 || error === 'overloaded') return 'overloaded';
  if (status === 429 || error === 'rate_limit') return 'takes no more requests';
  if (status === 401 || status === 403) return 'refuses the sign-in';
  return status === undefined ? 'does not answer' : `answers ${status}`;
}

/** What keeps a run from its end and asks for a person: `analysis failed: …`; undefined where nothing does. */
export function runTrouble(run: Run): string | undefined {
  switch (run.state.kind) {
    case 'failed':
    case 'interrupted':
      return `${run.kind} ${runStateText(run, 0)}`;
    case 'stopped':
      return run.settled ? undefined : `${run.kind} stopped`;
    case 'starting':
    case 'queued':
    case 'running':
    case 'complete':
      return undefined;
  }
}

/**
 * An implementation that stands still at a check that failed, or at mending what it found: *Fix and Continue* and *Skip
 * Step and Continue* go on.
 */
export const isCheckFailed = ({ state }: Pick<Run, 'state'>): boolean =>
  state.kind === 'failed' && (state.failure.kind === 'check' || isMending({ state }));

/** Claude was asked to mend what a check found, and that has not come to its end. */
export const isMending = ({ state }: Pick<Run, 'state'>): boolean =>
  'plan' in state && state.plan?.mending === true;

/** What a person does next about it, one sentence; undefined where it goes on by itself or is over. */
export function runNext({ state, mine }: Run): string | undefined {
  switch (state.kind) {
    case 'failed':
      return state.failure.next;
    case 'interrupted':
    case 'stopped':
      return 'Continue the run: what is done stays done.';
    case 'starting':
      return mine ? 'Continue the run, if nobody is starting it right now.' : undefined;
    case 'queued':
    case 'running':
    case 'complete':
      return undefined;
  }
}
