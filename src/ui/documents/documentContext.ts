import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { approvalWords } from '../../model/gate/review';
import type { Task } from '../../model/task/task';
import { targetOf } from '../commands/target';

/**
 * Keeps the context keys by which the title of an editor offers what can be done with a task's document: Resume on a
 * real file, too, and whatever its review asks for.
 */
export function trackDocumentContext(
  store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
  workingFileTask: (file: string) => Task | undefined,
): vscode.Disposable {
  const update = (): void => {
    const { task, path } = targetOf(undefined, store.snapshot, workingFileTask);
    const review = task?.docs.find((doc) => doc.path === path)?.review;
    const { executeCommand } = vscode.commands;
    void executeCommand('setContext', 'taskSessions.documentOpen', task !== undefined);
    void executeCommand('setContext', 'taskSessions.documentReview', review?.state ?? '');
    void executeCommand('setContext', 'taskSessions.documentStale', review && approvalWords(review) !== undefined); // prettier-ignore
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
    store.onDidChange(update),
  );
}
