import type { ImplementationOrder, RunOrder } from '../order';
import { runSteps, type PlanPosition, type RunLine, type RunStep } from '../run';

/** What the lines of a run's file mean together. */

/** Where a run is; `n` is the step of the plan that it works for, from 1. */
export interface StepAt {
  step: RunStep;
  n?: number;
}

/** A line that speaks of a step, and not of the run as a whole. */
export type StepLine = RunLine & { step: RunStep };

export const isOfStep = (line: RunLine): line is StepLine => line.step !== 'run';

/** Since the run was started last: what an earlier attempt said of its end is over. */
export function currentLines(lines: readonly RunLine[]): readonly RunLine[] {
  const started = lines.findLastIndex(({ step, state }) => step === 'run' && state === 'started');
  return started < 0 ? lines : lines.slice(started);
}

/** True for the line that ends a run. */
export const isEnded = (line: RunLine | undefined): boolean =>
  line?.step === 'run' && line.state !== 'started';

type Ordered = Pick<RunOrder, 'reviewId' | 'implementation'>;

/** What this run does, in order; an implementation does all between `wait` and `push` for each step of its plan. */
export const stepsOf = ({ reviewId, implementation }: Ordered): RunStep[] =>
  runSteps.filter((step) => {
    if (implementation)
      return implementing.has(step) && (step !== 'check' || implementation.checks.length > 0);
    return !ofPlan.has(step) && (step !== 'review' || reviewId !== undefined);
  });

const ofPlan: ReadonlySet<RunStep> = new Set<RunStep>(['implement', 'check']);
const implementing: ReadonlySet<RunStep> = new Set<RunStep>(['wait', ...ofPlan, 'commit', 'push']);

/** What is worked on, what failed, or what comes next: of these lines, which may be those of the last start alone. */
export function stepOf(lines: readonly RunLine[], order: Ordered, all = lines): StepAt {
  const last = lines.findLast(isOfStep);
  if (!last) return { step: 'wait' };
  const { step, n, state } = last;
  if (state !== 'done') return at(step, n);
  const steps = stepsOf(order);
  const after = steps[steps.indexOf(step) + 1];
  const plan = order.implementation;
  if (!plan) return { step: after ?? step };
  if (step === 'wait') return nextOf(plan, committed(all));
  // The branch is pushed on the way, too.
  if (step === 'commit' || step === 'push') return n === undefined ? { step: 'push' } : nextOf(plan, n);
  return at(after ?? step, n);
}

const at = (step: RunStep, n: number | undefined): StepAt => (n === undefined ? { step } : { step, n });

const nextOf = ({ steps }: ImplementationOrder, n: number): StepAt =>
  n < steps.length ? { step: 'implement', n: n + 1 } : { step: 'push' };

/** Steps of the plan that are done. They go in order: who began one has done those before. */
export function committed(lines: readonly RunLine[]): number {
  return lines.reduce((most, { step, state, n }) => {
    if (n === undefined) return most;
    return Math.max(most, step === 'push' || (step === 'commit' && state === 'done') ? n : n - 1);
  }, 0);
}

/** True where Claude was asked to mend what the check of a step of the plan found, and has not brought that to an end. */
export function isMending(n: number | undefined, all: readonly RunLine[]): boolean {
  const told = all.findLast(
    (line) => line.n === n && (line.state === 'done' || (line.step === 'check' && line.state !== 'started')),
  );
  return n !== undefined && told?.state === 'answered' && told.reason === 'fix';
}

/** Where an implementation is in its plan; undefined for other runs. */
export function planOf(
  { step, n }: StepAt,
  { implementation }: Pick<RunOrder, 'implementation'>,
  all: readonly RunLine[],
): PlanPosition | undefined {
  if (!implementation) return undefined;
  const total = implementation.steps.length;
  const current = Math.min(total, n ?? (step === 'push' ? total : committed(all) + 1));
  const title = implementation.steps[current - 1]?.title;
  return {
    current,
    total,
    ...(title !== undefined && { title }),
    ...(step === 'implement' && isMending(n, all) && { mending: true }),
  };
}
