import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { approvalWords } from '../../model/gate/review/review';
import type { Task } from '../../model/task/task';
import { targetOf } from '../commands/target';
import { setContext } from '../ports/contextKey';

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
    void setContext('documentOpen', task !== undefined);
    void setContext('documentReview', review?.state ?? '');
    void setContext('documentStale', isStale);
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
    store.onDidChange(update),
  );
}
