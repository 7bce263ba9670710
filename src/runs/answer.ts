import { UserError } from '../model/errors';
import type { Host } from '../hosts/host';
import { runsFolder } from '../model/run/folder';
import { lines } from './script/lines';
import { processes } from './script/processes';

/**
 * What a person says to a check that failed after the step `n` of a plan, from 1: Claude mends it, the step passes as it
 * is, or the checks run again.
 */
export type CheckAnswer = { kind: 'fix' | 'skip' | 'again'; n: number };

/**
 * `$1` run, `$2` the word, `$3` step. A runner that has said its last word is let go first. It counts for a check of
 * that step alone. An answer that no runner has heard yet is not taken back in its first minutes: who gave it is about to
 * launch one. Later it is what a launch that failed has left.
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
printf '%s %s\\n' "$2" "$3" >"answer.$$" || { rm -f "answer.$$"; echo failed; return; }
[ -n "$(find answer -mmin -2 2>/dev/null)" ] || rm -f answer
if ln "answer.$$" answer 2>/dev/null; then echo answered
elif cmp -s "answer.$$" answer; then echo answered
elif [ -f answer ]; then echo "other $(head -c 20 answer)"
else echo failed; fi
rm -f "answer.$$"
`;

/**
 * Tells a run that stands at a failed check what a person decided; the runner takes it when it is launched next, once.
 * Throws `UserError` where the run works, is complete, stands elsewhere, or was told otherwise at the same moment, and
 * `HostError`.
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
  const [answer, other] = stdout.toString().trim().split(' ');
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
    case 'other':
      throw new UserError(
        `The check of step ${n} was answered a moment ago: ${told(other)}.`,
        'Refresh, and look how it went; if nothing runs in two minutes, answer again.',
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

/** By the commands' own names. */
function told(word: string | undefined): string {
  switch (word) {
    case 'fix':
      return 'Fix and Continue';
    case 'skip':
      return 'Skip Step and Continue';
    default:
      return 'Continue Run';
  }
}
