import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as it stands in the error: "the session is idle". */
  what: string;
  /** Only a failure takes so long: generous, for machines that do much else. */
  timeoutMs?: number;
  /** At least; a check that costs something is made less often. */
  intervalMs?: number;
}

const longestPauseMs = 300;

type Falsy = false | 0 | '' | null | undefined;

/**
 * Polls `check` until it answers something truthy, and returns that. A check that throws counts as "not yet"; its last
 * error is told when the time is up. Only for things that send no event.
 */
export async function until<T>(
  check: () => T | Promise<T>,
  { what, timeoutMs = 120_000, intervalMs = 25 }: UntilOptions,
): Promise<Exclude<T, Falsy>> {
  const deadline = Date.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    const askedAt = performance.now();
    try {
      const answer = await check();
      if (answer) return answer as Exclude<T, Falsy>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline)
      throw new Error(`${what}: not within ${timeoutMs} ms`, lastError ? { cause: lastError } : {});
    // What is asked all the time keeps a machine of few cores from what is waited for.
    await delay(Math.max(intervalMs, Math.min(longestPauseMs, 3 * (performance.now() - askedAt))));
  }
}
