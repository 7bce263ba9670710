import * as vscode from 'vscode';
import type { Against, Reviewing } from '../../../actions/gate/reviewing';
import type { SnapshotStore } from '../../../actions/store';
import { ago } from '../../../model/age';
import { UserError } from '../../../model/errors';
import type { GoneDoc } from '../../../model/gate/review/review';
import type { Task, TaskDoc } from '../../../model/task/task';
import { groupBy } from '../../../util/groupBy';
import { emptyVersion, versionUri } from '../../documents/versions';
import { patiently } from '../../failures';
import type { DocumentVerbs } from '../../verbs/documentVerbs';
import type { ShownDocument } from '../shownDocument';

export interface ReviewVerbsOptions {
  reviewing: Reviewing;
  store: Pick<SnapshotStore, 'snapshot'>;
  documents: Pick<DocumentVerbs, 'open' | 'workingFile'>;
  refresh(): Promise<void>;
}

/** Marks what was read, and compares it with what was read or approved before. */
export class ReviewVerbs {
  constructor(private readonly options: ReviewVerbsOptions) {}

  /** Marks the versions that are shown, never newer ones that came meanwhile; answers the documents that did change. */
  async mark(documents: readonly ShownDocument[]): Promise<TaskDoc[]> {
    const { reviewing, refresh } = this.options;
    const older: ShownDocument[] = [];
    for (const shown of groupBy(documents, ({ task }) => task.key).values()) {
      const versions = await Promise.all(
        shown.map(async (one) => ({ path: one.doc.path, blob: await this.blobOf(one) })),
      );
      await reviewing.mark(shown[0]!.task, versions);
      older.push(...shown.filter(({ doc }, at) => doc.blob !== versions[at]?.blob));
    }
    // What is on the screen may also be newer than the last look.
    if (older.length > 0) await refresh();
    return older.flatMap((one) => {
      const doc = this.nowOf(one);
      return doc?.review?.state === 'changed' ? [doc] : [];
    });
  }

  async unmark(documents: readonly ShownDocument[]): Promise<void> {
    for (const shown of groupBy(documents, ({ task }) => task.key).values())
      await this.options.reviewing.unmark(
        shown[0]!.task,
        shown.map(({ doc }) => doc.path),
      );
  }

  /** Opens VS Code's comparison with what was reviewed or approved last. */
  async compare(task: Task, doc: TaskDoc, against: Against): Promise<void> {
    const reason = await this.showChanges(task, doc, against);
    if (reason) throw reason;
  }

  /** What was approved, against nothing. */
  async compareGone(task: Task, gone: GoneDoc): Promise<void> {
    const baseline = await patiently(`Reading ${gone.name}`, (signal) =>
      this.options.reviewing.baseline(task, gone, 'approved', signal),
    );
    if (baseline.kind === 'none')
      throw new UserError(baseline.reason, 'The approved commit is in the history.');
    const before = { key: task.key, path: gone.path, blob: baseline.blob };
    const [left, right] = [before, emptyVersion(before)].map(versionUri);
    const title = `${gone.name} (approved by ${task.approval?.by} ↔ gone from ${task.branch ?? 'the branch'})`;
    await vscode.commands.executeCommand('vscode.diff', left, right, title, { preview: true });
  }

  /** What is to be read: what changed since it was reviewed, or all of it. */
  async read(task: Task, doc: TaskDoc): Promise<void> {
    if (doc.review?.state !== 'changed') return this.options.documents.open(task, doc.path);
    const reason = await this.showChanges(task, doc, 'reviewed');
    if (!reason) return;
    await this.options.documents.open(task, doc.path);
    void vscode.window.showInformationMessage(reason.line);
  }

  /** Answers why there is nothing to compare with. */
  private async showChanges(task: Task, doc: TaskDoc, against: Against): Promise<UserError | undefined> {
    const baseline = await patiently(`Reading ${doc.name}`, (signal) =>
      this.options.reviewing.baseline(task, doc, against, signal),
    );
    if (baseline.kind === 'none' && !baseline.isNew) return new UserError(baseline.reason, baseline.next);
    const current = { key: task.key, path: doc.path, blob: doc.blob };
    const before = baseline.kind === 'version' ? { ...current, blob: baseline.blob } : emptyVersion(current);
    const file = await this.options.documents.workingFile(task, doc.path);
    const now = file ?? versionUri(current);
    const title = `${doc.name} (${baseline.kind === 'none' ? 'not in the approval' : beforeText(task, doc, against)} ↔ ${file ? 'working file' : `${task.branch ?? 'branch'} now`})`;
    await vscode.commands.executeCommand('vscode.diff', versionUri(before), now, title, { preview: true });
    return undefined;
  }

  private async blobOf({ task, doc, blob, uri }: ShownDocument): Promise<string> {
    if (blob !== undefined || !uri) return blob ?? doc.blob;
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    const version = await this.options.reviewing.versionOf(task, doc, text);
    if (version !== undefined) return version;
    throw new UserError(
      `${doc.name} has changes here that are not committed.`,
      'Commit and Push Documents first; what is reviewed is what others see.',
    );
  }

  private nowOf({ task, doc }: ShownDocument): TaskDoc | undefined {
    const { tasks } = this.options.store.snapshot;
    return tasks.find(({ key }) => key === task.key)?.docs.find(({ path }) => path === doc.path);
  }
}

function beforeText({ approval }: Task, { review }: TaskDoc, against: Against): string {
  if (against === 'approved') return approval ? `approved by ${approval.by}` : 'approved';
  return review?.at === undefined ? 'reviewed' : `reviewed ${ago(review.at, Date.now())}`;
}
