import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as it stands in the error: "the session is idle". */
  what: string;
  /** Only a failure takes so long: generous, for machines that do much else. */
  timeoutMs?: number;
  intervalMs?: number;
}

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
    try {
      const answer = await check();
      if (answer) return answer as Exclude<T, Falsy>;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (Date.now() >= deadline)
      throw new Error(`${what}: not within ${timeoutMs} ms`, lastError ? { cause: lastError } : {});
    await delay(intervalMs);
  }
}
