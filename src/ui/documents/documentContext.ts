import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { approvalWords } from '../../model/gate/review/review';
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
  let before = '';
  const update = (): void => {
    const { task, path } = targetOf(undefined, store.snapshot, workingFileTask);
    const review = task?.docs.find((doc) => doc.path === path)?.review;
    const isStale = review !== undefined && approvalWords(review) !== undefined;
    const found = [task !== undefined, review?.state, isStale].join();
    if (found === before) return;
    before = found;
    void vscode.commands.executeCommand('setContext', 'taskSessions.documentOpen', task !== undefined);
    void vscode.commands.executeCommand('setContext', 'taskSessions.documentReview', review?.state ?? '');
    void vscode.commands.executeCommand('setContext', 'taskSessions.documentStale', isStale);
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
    store.onDidChange(update),
  );
}
