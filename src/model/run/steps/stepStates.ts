import type { ImplementationOrder, RunOrder } from '../order';
import type { RunLine, RunReading, RunStepState } from '../run';
import { committed, currentLines, stepOf, stepsOf } from './steps';

/** The rows of a run: what it does in order, of an implementation one for each step of its plan. */
function rowsOf(
  order: Pick<RunOrder, 'reviewId' | 'implementation'>,
): Pick<RunStepState, 'step' | 'n' | 'title'>[] {
  const { implementation } = order;
  if (!implementation) return stepsOf(order).map((step) => ({ step }));
  return [{ step: 'wait' }, ...planRows(implementation), { step: 'push' }];
}

const planRows = ({ steps }: ImplementationOrder): Pick<RunStepState, 'step' | 'n' | 'title'>[] =>
  steps.map(({ title }, index) => ({ step: 'implement', n: index + 1, title }));

/** Of a run that has not begun. */
export const todoStates = (order: Pick<RunOrder, 'reviewId' | 'implementation'>): RunStepState[] =>
  rowsOf(order).map((row) => ({ ...row, state: 'todo' }));

/** What is done stays done over restarts; what was being done when the run ended is to do again. */
export function stepStates({ order, lines }: RunReading, isAtWork: boolean): RunStepState[] {
  const current = stepOf(currentLines(lines), order, lines);
  const done = committed(lines);
  const isComplete = lines.at(-1)?.state === 'complete';
  return rowsOf(order).map((row) => {
    const { step, n } = row;
    const of = lines.filter((line) => line.n === n && (n !== undefined || line.step === step));
    if (n !== undefined && (n <= done || isComplete)) return { ...row, state: 'done', ...outcome(of) };
    const last = of.findLast(({ state }) => n === undefined && state === 'done') ?? of.at(-1);
    if (!last) return { ...row, state: 'todo' };
    if (n === undefined && last.state === 'done') return { ...row, state: 'done', at: last.at };
    const isHere = n === undefined ? current.step === step : current.n === n;
    const state = isAtWork ? (isHere ? 'doing' : 'todo') : last.state === 'failed' ? 'failed' : 'todo';
    const part = n === undefined || state === 'todo' ? undefined : partOf(isAtWork ? current : last);
    return { ...row, state, at: last.at, ...(part && { part }) };
  });
}

/** When a step of the plan was committed, as what, and whether a person passed its check over. */
function outcome(of: readonly RunLine[]): Pick<RunStepState, 'at' | 'commit' | 'skipped'> {
  const end = of.findLast(({ step, state }) => step === 'commit' && state === 'done') ?? of.at(-1);
  const check = of.findLast(({ step, state }) => step === 'check' && state === 'done');
  return {
    ...(end && { at: end.at }),
    ...(end?.commit !== undefined && { commit: end.commit }),
    ...(check?.reason === 'skipped' && { skipped: true }),
  };
}

function partOf({ step }: Pick<RunLine, 'step'>): RunStepState['part'] {
  return step === 'implement' || step === 'check' || step === 'commit' || step === 'push' ? step : undefined;
}
