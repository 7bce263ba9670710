import * as vscode from 'vscode';
import { targetOf } from '../commands/target';
import type { Snapshot, Task } from '../../model/task/task';

/** Keeps the context key that puts Resume into the title of an editor which shows a task's document as a real file. */
export function trackDocumentContext(
  snapshot: () => Snapshot,
  workingFileTask: (file: string) => Task | undefined,
): vscode.Disposable {
  const update = (): void => {
    const { task } = targetOf(undefined, snapshot(), workingFileTask);
    void vscode.commands.executeCommand('setContext', 'taskSessions.documentOpen', task !== undefined);
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
  );
}
