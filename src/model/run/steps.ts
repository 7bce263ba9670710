import type { RunLine, RunStep } from './run';

/** What the lines of a run's file mean together. */

/** Since the run was started last: what an earlier attempt said of its end is over. */
export function currentLines(lines: readonly RunLine[]): readonly RunLine[] {
  const started = lines.findLastIndex(({ step, state }) => step === 'run' && state === 'started');
  return started < 0 ? lines : lines.slice(started);
}

/** True for the line that ends a run. */
export const isEnded = (line: RunLine | undefined): boolean =>
  line?.step === 'run' && line.state !== 'started';

/** The step that is worked on, or that came last. */
export function stepOf(lines: readonly RunLine[]): RunStep {
  const last = lines.findLast((line): line is RunLine & { step: RunStep } => line.step !== 'run');
  return last?.step ?? 'wait';
}
