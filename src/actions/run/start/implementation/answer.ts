import type { Host } from '../../../../hosts/host';
import { UserError } from '../../../../model/errors';
import type { RunOrder } from '../../../../model/run/order';
import type { RunState } from '../../../../model/run/run';
import { answerRun } from '../../../../runs/answer';

/** What a person decides of a failed check: Claude mends it, or the step passes as it is. */
export type Answer = 'fix' | 'skip';

/** What the run is told then; a person who only continues it has the checks run again, whatever was answered before. */
type Told = Answer | 'again';

/** The step of the plan whose check failed last, and which nobody has mended since; undefined where none. */
export const failedCheck = (state: RunState | undefined): number | undefined =>
  state?.kind === 'failed' && (state.step === 'check' || state.plan?.mending)
    ? state.plan?.current
    : undefined;

/**
 * Leaves the answer for the runner that is launched next. `seen`: how the run stood when the person decided. Throws
 * UserError where it does not stand so any more.
 */
export async function answerCheck(
  { id, key, kind }: Pick<RunOrder, 'id' | 'key' | 'kind'>,
  host: Host,
  { answer, seen, now }: { answer: Told; seen: RunState | undefined; now: RunState | undefined },
  signal: AbortSignal | undefined,
): Promise<void> {
  const n = failedCheck(now);
  if (n === undefined)
    throw new UserError(
      `No check of the ${kind} of ${key} waits for an answer.`,
      'Refresh, and look how it stands: it may have been answered in another window.',
    );
  const meant = failedCheck(seen) ?? n;
  if (meant !== n)
    throw new UserError(
      `The check of step ${meant} was answered meanwhile; now that of step ${n} has failed.`,
      'Refresh, look at it, and answer again.',
    );
  await answerRun(host, id, { kind: answer, n }, signal);
}
