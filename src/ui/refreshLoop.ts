import * as vscode from 'vscode';
import type { JiraAccount } from '../actions/account';
import type { RefreshOptions, SnapshotStore } from '../actions/store';
import { errorLine, isCancelled } from '../model/errors';
import type { Log } from '../util/log';

/** How often hosts are asked what Claude is doing, while somebody looks, in milliseconds. */
const hostsMs = 10_000;

/**
 * Refreshes while the window is focused: Jira every `pollSeconds` (later where Jira asked for a pause), hosts more often
 * while the tree is visible. Unfocused, nothing is asked; on return everything that is due is asked at once.
 */
export class RefreshLoop implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private readonly abort = new AbortController();
  private readonly subscription: vscode.Disposable;
  private lastAll = 0;
  /** The refresh of everything that is under way. */
  private current: AbortController | undefined;

  constructor(
    private readonly store: SnapshotStore,
    private readonly account: JiraAccount,
    private readonly pollSeconds: number,
    private readonly visible: () => boolean,
    /** After each whole refresh. */
    private readonly refreshed: () => Promise<void>,
    private readonly log: Log,
  ) {
    this.subscription = vscode.window.onDidChangeWindowState((state) => {
      if (state.focused) this.schedule();
      else this.stop();
    });
  }

  /** The same after a change, which a refresh that is under way may not have seen. */
  after(): Promise<void> {
    return this.now({ anew: true });
  }

  /** Asks everything now, and goes on from there. `full`: a person asks, so nothing that hangs is waited for. */
  async now({ full = false, anew = false }: Pick<RefreshOptions, 'full' | 'anew'> = {}): Promise<void> {
    this.stop();
    const mine = new AbortController();
    if (full) this.current?.abort();
    if (full || !this.current) this.current = mine;
    try {
      this.lastAll = Date.now();
      await this.store.refresh({ full, anew, signal: AbortSignal.any([this.abort.signal, mine.signal]) });
      await this.refreshed();
    } catch (error) {
      if (!isCancelled(error)) this.log.error(`Refresh: ${errorLine(error)}`, error);
    } finally {
      if (this.current === mine) this.current = undefined;
      this.schedule();
    }
  }

  dispose(): void {
    this.stop();
    this.abort.abort();
    this.subscription.dispose();
  }

  private schedule(): void {
    this.stop();
    if (this.abort.signal.aborted || !vscode.window.state.focused) return;
    const allIn = Math.max(0, this.lastAll + this.account.delayMs(this.pollSeconds * 1000) - Date.now());
    const hostsOnly = this.visible() && allIn > hostsMs;
    this.timer = setTimeout(() => void (hostsOnly ? this.hosts() : this.now()), hostsOnly ? hostsMs : allIn);
  }

  private async hosts(): Promise<void> {
    try {
      await this.store.refresh({ hostsOnly: true, signal: this.abort.signal });
    } catch (error) {
      if (!isCancelled(error)) this.log.error(`Refresh of the hosts: ${errorLine(error)}`, error);
    } finally {
      this.schedule();
    }
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
