import type { StepLine } from '../steps/steps';
import { failure, said, type RunFailure } from './failure';

/** What a person may do about a check, by the commands' own names. */
const choices =
  'Fix and Continue has Claude look at it, Skip Step and Continue passes it over; or mend it by hand and continue the run.';

const choicesAgain =
  'Fix and Continue has Claude try again, Skip Step and Continue passes the check over; or mend it by hand, and Continue Run runs the check again.';

/**
 * Of a check after a step of the plan: the line's text names the command and what it said last. That may hold anything,
 * a secret too: it stays with those who may look at the host.
 */
export function checkFailure(line: StepLine): RunFailure {
  const which = line.n === undefined ? 'The check' : `The check of step ${line.n}`;
  if (line.reason === 'timeout') return checked(`${which} took too long and was ended`, line);
  const status = line.code === undefined ? '' : ` (exit status ${line.code})`;
  return checked(`${which} failed${status}`, line);
}

const checked = (what: string, line: StepLine): RunFailure => ({
  ...failure('check', `${what}${said(line)}`, choices),
  told: `${what}.`,
});

/** Claude has not come to the end of mending what a check found: what becomes of that check is the person's choice again. */
export function mendingFailed({ next, ...failed }: RunFailure): RunFailure {
  const first = next.split(/(?<=\.)\s+/).filter((sentence) => !/\bcontinue\b/i.test(sentence));
  return { ...failed, next: [...first, choicesAgain].join(' ') };
}
