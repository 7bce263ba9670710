import type { RunOrder } from './order';
import { runSteps, type RunLine, type RunStep } from './run';

/** What the lines of a run's file mean together. */

/** Since the run was started last: what an earlier attempt said of its end is over. */
export function currentLines(lines: readonly RunLine[]): readonly RunLine[] {
  const started = lines.findLastIndex(({ step, state }) => step === 'run' && state === 'started');
  return started < 0 ? lines : lines.slice(started);
}

/** True for the line that ends a run. */
export const isEnded = (line: RunLine | undefined): boolean =>
  line?.step === 'run' && line.state !== 'started';

/** What this run does, in order. */
export const stepsOf = ({ reviewId }: Pick<RunOrder, 'reviewId'>): RunStep[] =>
  runSteps.filter((step) => !ofPlan.has(step) && (step !== 'review' || reviewId !== undefined));

const ofPlan: ReadonlySet<RunStep> = new Set<RunStep>(['implement', 'check']);

/** The step that is worked on, that failed, or that comes next. */
export function stepOf(lines: readonly RunLine[], order: Pick<RunOrder, 'reviewId'>): RunStep {
  const steps = stepsOf(order);
  const last = lines.findLast((line): line is RunLine & { step: RunStep } => line.step !== 'run');
  if (!last) return 'wait';
  return (last.state === 'done' ? steps[steps.indexOf(last.step) + 1] : undefined) ?? last.step;
}
