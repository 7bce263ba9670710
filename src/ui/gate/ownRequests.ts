import * as vscode from 'vscode';
import type { App } from '../../app';
import { errorLine, isCancelled } from '../../model/errors';

/** Publishes what the user's own sessions ask for, as soon as it is seen: one at a time, and quietly. */
export function watchRequests(app: App, refresh: () => Promise<void>): vscode.Disposable {
  const { store, account, requests, log } = app;
  const abort = new AbortController();
  let running = false;
  const publish = async (): Promise<void> => {
    running = true;
    try {
      const done = await requests.settleOwn(abort.signal);
      for (const problem of done.flatMap((one) => one.problems)) log.warn(`Requests: ${problem}`);
      if (done.some(({ record }) => record === 'published' || record === 'answered')) await refresh();
    } catch (error) {
      if (!isCancelled(error)) log.warn(`Requests: ${errorLine(error)}`);
    } finally {
      running = false;
    }
  };
  const subscription = store.onDidChange(({ sessions }) => {
    if (running || !vscode.workspace.isTrusted || !account.state.signedIn) return;
    if (sessions.some(({ asks }) => asks)) void publish();
  });
  return new vscode.Disposable(() => {
    abort.abort();
    subscription.dispose();
  });
}
