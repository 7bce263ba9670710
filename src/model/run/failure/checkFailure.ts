import type { StepLine } from '../steps';
import { failure, said, type RunFailure } from './failure';

/** What a person may do about a check, by the commands' own names. */
const choices =
  'Fix and Continue has Claude look at it, Skip Step and Continue passes it over; or mend it by hand and continue the run.';

/** Of a check after a step of the plan: the line's text names the command and what it said last. */
export function checkFailure(line: StepLine): RunFailure {
  const which = line.n === undefined ? 'The check' : `The check of step ${line.n}`;
  if (line.reason === 'timeout')
    return failure('check', `${which} took too long and was ended${said(line)}`, choices);
  const status = line.code === undefined ? '' : ` (exit status ${line.code})`;
  return failure('check', `${which} failed${status}${said(line)}`, choices);
}
