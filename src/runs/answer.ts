import { UserError } from '../model/errors';
import type { Host } from '../hosts/host';
import { runsFolder } from '../model/run/folder';
import { lines } from './script/lines';
import { processes } from './script/processes';

/** What a person says to a check that failed after the step `n` of a plan, from 1. */
export type CheckAnswer = { kind: 'fix' | 'skip'; n: number };

/**
 * `$1` run, `$2` the word, `$3` step. A runner that has said its last word is let go first. It counts for a check of
 * that step alone, and takes the place of an answer that no runner has heard yet.
 */
const answerScript = `
cd "$HOME/${runsFolder}/$1" 2>/dev/null && [ -f run.json ] || { echo gone; return; }
${processes}${lines}
findBoot
tries=0
while isHeld .runner; do
  case $tries-$(standing) in
    *-complete) echo ended; return ;;
    50-* | *-started | *-) echo running; return ;;
  esac
  tries=$((tries + 1))
  sleep 0.2 2>/dev/null || sleep 1
done
n=$3
case $(standing)-$(standingOfStep) in
  complete-*) echo ended; return ;;
  *-'check failed' | *-'check answered '*) ;;
  *) echo unasked; return ;;
esac
printf '%s %s\\n' "$2" "$3" >"answer.$$" && mv -f "answer.$$" answer || { rm -f "answer.$$"; echo failed; return; }
echo answered
`;

/**
 * Tells a run that stands at a failed check what a person decided; the runner takes it when it is launched next, once.
 * Without an answer it runs the checks again. Throws `UserError` where the run works, is complete, or stands elsewhere,
 * and `HostError`.
 */
export async function answerRun(
  host: Host,
  runId: string,
  { kind, n }: CheckAnswer,
  signal?: AbortSignal,
): Promise<void> {
  const { stdout } = await host.script(answerScript, [runId, kind, String(n)], {
    timeoutMs: 30_000,
    ...(signal && { signal }),
  });
  const answer = stdout.toString().trim();
  switch (answer) {
    case 'answered':
      return;
    case 'running':
      throw new UserError('The run works already.', 'Wait until it ends, or stop it first.');
    case 'ended':
      throw new UserError('The run is complete: no check waits for an answer.', 'Refresh, and look again.');
    case 'unasked':
      throw new UserError(
        `No check of step ${n} has failed: there is nothing to answer.`,
        'Refresh, and continue the run.',
      );
    case 'gone':
      throw new UserError(`The run was not found on ${host.name}.`, 'Refresh, and look again.');
    default:
      throw new UserError(
        `The answer could not be written on ${host.name}.`,
        "Make room there, or check whose the run's folder is.",
      );
  }
}
