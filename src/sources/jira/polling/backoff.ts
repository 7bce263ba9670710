import { elapsed } from './clock';
import type { Instant } from './clock';
import { JiraError, needsSignIn } from '../errors';

export interface BackoffOptions {
  clock: () => Instant;
  random?: () => number;
  /** Pause after the first failure, doubled with each that follows, in ms. */
  firstMs?: number;
  longestMs?: number;
}

/** How long to leave a Jira alone that is in trouble. */
export class Backoff {
  private failures = 0;
  private last: { at: Instant; error: unknown; pauseMs: number; asked: number } | undefined;

  constructor(private readonly options: BackoffOptions) {}

  failed(error: unknown): void {
    const { clock, random = Math.random, firstMs = 15_000, longestMs = 600_000 } = this.options;
    this.failures += 1;
    const asked = error instanceof JiraError ? (error.retryAfterMs ?? 0) : 0;
    // A refused token stays refused; asking with it again and again locks accounts.
    const growing = needsSignIn(error) ? longestMs : firstMs * 2 ** Math.min(this.failures - 1, 20);
    const own = Math.min(growing, longestMs) * (0.7 + 0.6 * random());
    this.last = { at: clock(), error, pauseMs: Math.max(own, asked), asked };
  }

  succeeded(): void {
    this.failures = 0;
    this.last = undefined;
  }

  /** Milliseconds until the next attempt makes sense; 0 when all is well. */
  get waitMs(): number {
    return this.last ? Math.max(0, this.last.pauseMs - elapsed(this.last.at, this.options.clock())) : 0;
  }

  /**
   * Fails with what failed last, if it is too early to try again. `urgent`: a person asks, so only what Jira itself
   * asked for (`Retry-After`) counts.
   */
  check(urgent: boolean): void {
    if (!this.last) return;
    const { at, error, asked, pauseMs } = this.last;
    const left = (urgent ? asked : pauseMs) - elapsed(at, this.options.clock());
    if (left <= 0) return;
    if (error instanceof JiraError && 'retryAfterMs' in error.problem)
      throw new JiraError({ ...error.problem, retryAfterMs: Math.ceil(left) }, { cause: error });
    throw error;
  }
}
