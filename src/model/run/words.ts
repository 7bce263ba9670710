import { age } from '../age';
import type { RunKind } from './order';
import type { Run, RunStep, TurnLog } from './run';

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

/** `writing documents · 3 min`, `API overloaded, try 3 of 10`, `failed: …`: how a run stands. */
export function runStateText({ state, kind }: Run, now: number): string {
  const at = (step: RunStep): string => stepTitle(step, kind).toLowerCase();
  switch (state.kind) {
    case 'starting':
      return `starting, ${state.reached} done`;
    case 'queued':
      return `waits for a place · ${age(state.since, now)}`;
    case 'running':
      return state.retry ? retryText(state.retry) : `${at(state.step)} · ${age(state.since, now)}`;
    case 'interrupted':
      return `interrupted: ${state.rebooted ? 'the host was started anew' : 'it was ended from outside'}`;
    case 'stopped':
      return `stopped at ${at(state.step)} · ${age(state.at, now)}`;
    case 'failed':
      return `failed: ${state.failure.message}`;
    case 'complete':
      return `complete · ${age(state.at, now)}`;
  }
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
