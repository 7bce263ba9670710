import type { DebtPayer } from '../../actions/owed/debts';
import type { Settlement } from '../../actions/run/progress';
import type { Settling } from '../../actions/run/settling';
import { errorLine, isCancelled } from '../../model/errors';
import type { Log } from '../../util/log';

/** Pauses after failures, in milliseconds: doubled each time, up to half an hour. */
const firstPauseMs = 30_000;
const longestPauseMs = 30 * 60_000;

export interface OwnSettlingOptions {
  settling: Pick<Settling, 'settleOwn'>;
  debts: Pick<DebtPayer, 'pay'>;
  /** False in restricted mode, and while nobody is signed in. */
  allowed(): boolean;
  /** Something was written: Jira, or a branch, has news. */
  onSettled(done: readonly Settlement[]): Promise<void>;
  log: Log;
  now?(): number;
}

/** Settles the user's own runs, and pays what else is owed, in the background: one at a time, less often while it fails, quietly. */
export class OwnSettling {
  private readonly abort = new AbortController();
  private running: Promise<void> | undefined;
  private failures = 0;
  private notBefore = 0;

  constructor(private readonly options: OwnSettlingOptions) {}

  /** For after each refresh; never throws. `news`: something ended just now, so that no pause holds. */
  async run(news = false): Promise<void> {
    const { allowed, now = Date.now } = this.options;
    if (this.running && news) await this.running;
    if (this.abort.signal.aborted || !allowed() || (!news && now() < this.notBefore)) return this.running;
    this.running ??= this.settle(now).finally(() => (this.running = undefined));
    return this.running;
  }

  dispose(): void {
    this.abort.abort();
  }

  private async settle(now: () => number): Promise<void> {
    const { settling, debts, onSettled, log } = this.options;
    try {
      const done = await settling.settleOwn(this.abort.signal);
      const problems = done.flatMap((one) => one.problems);
      for (const problem of problems) log.warn(`Settling: ${problem}`);
      this.wait(problems.length > 0, now);
      // These have pauses of their own.
      for (const { problem } of await debts.pay({ unasked: true, signal: this.abort.signal }))
        if (problem !== undefined) log.warn(`Settling: ${problem}`);
      const news = done.filter(({ record, status }) => record === 'published' || status === 'moved');
      if (news.length > 0) await onSettled(news);
    } catch (error) {
      if (isCancelled(error)) return;
      log.warn(`Settling: ${errorLine(error)}`);
      this.wait(true, now);
    }
  }

  private wait(failed: boolean, now: () => number): void {
    this.failures = failed ? this.failures + 1 : 0;
    this.notBefore = failed ? now() + Math.min(firstPauseMs * 2 ** (this.failures - 1), longestPauseMs) : 0;
  }
}
