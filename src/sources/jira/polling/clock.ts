/**
 * A moment by two clocks. The monotonic one stands still while a laptop sleeps, the wall clock can be set: of the time
 * between two moments the larger reading counts, so that nothing which happened meanwhile is missed.
 */
export interface Instant {
  /** ms. */
  monotonic: number;
  /** Epoch ms. */
  wall: number;
}

export const systemClock = (): Instant => ({ monotonic: performance.now(), wall: Date.now() });

/** Milliseconds from `since` to `now`, never negative. */
export const elapsed = (since: Instant, now: Instant): number =>
  Math.max(now.monotonic - since.monotonic, now.wall - since.wall, 0);
