import { until as poll, type UntilOptions } from '../../bed/until';

/** How long anything in a window may take, in milliseconds. Reached only where something fails, so it suits the busiest machine. */
export const patienceMs = 60_000;

/** For a test: more than its waits, which say what was waited for. */
export const testMs = 4 * patienceMs;

/** Polls as `until` of the bed does, with the patience that a window needs. */
export function until<T>(check: () => T | Promise<T>, options: UntilOptions): ReturnType<typeof poll<T>> {
  return poll(check, { timeoutMs: patienceMs, ...options });
}

/**
 * Tries again what something else may undo on the way: a redraw takes a row from under the pointer, a focus closes a
 * menu. `attempt` waits no longer than it is told; each time it is told more, since a busy machine is slow, too.
 */
export function untilDone<T>(
  attempt: (timeoutMs: number) => Promise<T>,
  options: Pick<UntilOptions, 'what'>,
): ReturnType<typeof poll<T>> {
  let timeoutMs = 1250;
  return until(() => attempt((timeoutMs = Math.min(timeoutMs * 2, 20_000))), options);
}
