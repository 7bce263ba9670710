import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import type { Run } from '../../model/run/run';
import { newEnds } from './runEnds';

const memoryKey = 'taskSessions.toldRuns';
/** So many ends are remembered as told. */
const remembered = 300;
/** Says once, over all windows, how a run of the user's ended. */
export function noticeEnds(
  store: Pick<SnapshotStore, 'onDidChange' | 'snapshot'>,
  memory: vscode.Memento,
  refresh: () => Promise<void>,
): vscode.Disposable {
  return store.onDidChange((snapshot) => {
    const told = memory.get<string[]>(memoryKey, []);
    const ends = newEnds(snapshot, Date.now(), told);
    if (ends.length === 0) return;
    void memory.update(memoryKey, [...told, ...ends.map(({ id }) => id)].slice(-remembered));
    for (const { run } of ends.slice(0, 3)) void say(run);
    if (ends.length > 3)
      void vscode.window.showInformationMessage(`${ends.length - 3} more runs have ended: see the tree.`);
  });

  async function say(run: Run): Promise<void> {
    const { key, state, kind } = run;
    const target = { key, runId: run.id, host: run.host };
    const openDocuments = 'Open Documents';
    const resume = 'Resume';
    const goOn = 'Continue Run';
    const viewLog = 'View Run Log';
    const choice =
      state.kind === 'complete'
        ? await vscode.window.showInformationMessage(
            `The ${kind} of ${key} is complete: ${run.docs.length} documents on ${run.branch}.`,
            openDocuments,
            resume,
          )
        : await vscode.window.showWarningMessage(`The ${kind} of ${key} ${endText(run)}`, goOn, viewLog);
    switch (choice) {
      case openDocuments:
        // What was pushed just now may not be read yet.
        if (!store.snapshot.tasks.find((task) => task.key === key)?.docs.length) await refresh();
        return void vscode.commands.executeCommand('taskSessions.openDocuments', { key });
      case resume:
        return void vscode.commands.executeCommand('taskSessions.resume', target);
      case goOn:
        return void vscode.commands.executeCommand('taskSessions.continueRun', target);
      case viewLog:
        return void vscode.commands.executeCommand('taskSessions.viewRunLog', target);
      default:
    }
  }
}

const endText = ({ state, host }: Run): string =>
  state.kind === 'failed'
    ? `failed: ${state.failure.message} ${state.failure.next}`
    : `was interrupted on ${host}. Continue Run goes on from there.`;
