import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { plural } from '../../model/describe';
import { expiringSessions } from '../../model/expiring';
import type { Session } from '../../model/session/session';

const quietKey = 'taskSessions.noExpiryNotice';

/** Says once in a window that Claude will soon delete sessions of tasks that are not done. */
export function noticeExpiring(
  store: Pick<SnapshotStore, 'onDidChange'>,
  memory: vscode.Memento,
): vscode.Disposable {
  const subscription = store.onDidChange((snapshot) => {
    if (memory.get(quietKey) === true) return subscription.dispose();
    const found = expiringSessions(snapshot);
    if (found.length === 0) return;
    subscription.dispose();
    void say(found);
  });

  async function say(found: readonly Session[]): Promise<void> {
    const keepNow = 'Keep';
    const look = 'View';
    const never = "Don't Show Again";
    const keys = [...new Set(found.map(({ key }) => key))].slice(0, 3).join(', ');
    const them = found.length === 1 ? 'it' : 'them';
    const choice = await vscode.window.showWarningMessage(
      `Claude deletes ${plural(found.length, 'session')} of your tasks within three days: ${keys}. Keep a copy of ${them}?`,
      keepNow,
      look,
      never,
    );
    // As if they had been selected in the view: what fails is reported as there.
    const nodes = found.map((session) => ({ kind: 'listedSession', session }));
    if (choice === keepNow) await vscode.commands.executeCommand('taskSessions.keep', nodes[0], nodes);
    else if (choice === look) await vscode.commands.executeCommand('taskSessions.viewSessions');
    else if (choice === never) await memory.update(quietKey, true);
  }
  return subscription;
}
