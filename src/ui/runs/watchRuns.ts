import * as vscode from 'vscode';
import type { App } from '../../app';
import { standing } from '../../model/run/settlement/due';
import { noticeEnds } from './endNotice';
import { OwnSettling } from './ownSettling';

export interface RunWatch extends vscode.Disposable {
  /** For after a whole refresh: what is owed is tried again, too. */
  settle(): void;
}

/** Follows the user's own runs: tells their ends to Jira and to the user. */
export function watchRuns(app: App, memory: vscode.Memento, refresh: () => Promise<void>): RunWatch {
  const { store, account, settling, debts, checkouts, settings, log } = app;
  const own = new OwnSettling({
    settling,
    debts,
    allowed: () => vscode.workspace.isTrusted && account.state.signedIn,
    onSettled: async (done) => {
      // What was pushed from another host is on the remote only.
      const complete = done.flatMap(({ run }) => (run.state === 'complete' ? [run.key] : []));
      if (complete.length > 0) await checkouts.fetchAll(complete);
      await refresh();
    },
    log,
  });
  const settle = (): void => void own.run();
  const notices = settings.notifications.runs
    ? noticeEnds(store, memory, refresh)
    : new vscode.Disposable(() => undefined);
  let before = '';
  const subscription = store.onDidChange(({ runs = [] }) => {
    const due = runs.filter((run) => run.mine && !run.settled);
    const picture = due.map((run) => `${run.id} ${standing(run)}`).join('\n');
    const isNews = picture !== before;
    before = picture;
    if (due.length > 0) void own.run(isNews);
  });
  return {
    settle,
    dispose: () => {
      subscription.dispose();
      notices.dispose();
      own.dispose();
    },
  };
}
