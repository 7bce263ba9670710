import * as vscode from 'vscode';
import type { SnapshotStore } from '../../../actions/store';
import { inReadingOrder, toReview } from '../../../model/gate/review/review';
import type { Task, TaskDoc } from '../../../model/task/task';
import type { ReviewVerbs } from './reviewVerbs';
import type { ShownDocument } from '../shownDocument';
import { refuseWithoutDocuments } from '../../documents/refuseWithoutDocuments';
import { setContext } from '../../ports/contextKey';
import { uriOfTab } from '../../commands/target';

export interface ReviewWalkOptions {
  store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>;
  verbs: Pick<ReviewVerbs, 'mark' | 'read'>;
  /** `docs.names`: the natural order. */
  names: readonly string[];
  /** What the active editor shows. */
  active(): ShownDocument | undefined;
  /** What a tab shows. */
  shownIn(uri: vscode.Uri): ShownDocument | undefined;
}

/**
 * One task's documents, read one after another. It remembers nothing but the task: what is reviewed says where it goes
 * on. It is out of sight while none of its documents is open, and ends when everything is read.
 */
export class ReviewWalk implements vscode.Disposable {
  private key: string | undefined;
  /** The active editor shows one of its documents. */
  private isActive = false;
  private readonly item = vscode.window.createStatusBarItem(
    'taskSessions.review',
    vscode.StatusBarAlignment.Left,
    0,
  );
  private readonly owned: vscode.Disposable;

  constructor(private readonly options: ReviewWalkOptions) {
    this.item.name = 'Review of Documents';
    this.owned = vscode.Disposable.from(
      this.item,
      options.store.onDidChange(() => this.show()),
      vscode.window.onDidChangeActiveTextEditor(() => this.show()),
      vscode.window.tabGroups.onDidChangeTabs(() => this.show()),
    );
  }

  /** Opens what is to be read first. */
  async begin(task: Task): Promise<void> {
    refuseWithoutDocuments(task);
    await this.goTo(task, this.ordered(toReview(task))[0]);
  }

  /** Marks what the active editor shows, and opens what is to be read after it. */
  async markAndNext(shown: ShownDocument): Promise<void> {
    const [overtaken] =
      shown.doc.review?.state === 'reviewed' && shown.blob === undefined
        ? []
        : await this.options.verbs.mark([shown]);
    const task = this.taskNow(shown.task.key);
    if (!task) return;
    const order = this.ordered(task.docs);
    const at = order.findIndex(({ path }) => path === shown.doc.path);
    const rest = new Set(toReview(task));
    const next = [...order.slice(at + 1), ...order.slice(0, at + 1)].find((doc) => rest.has(doc));
    await this.goTo(task, next);
    if (overtaken)
      void vscode.window.showInformationMessage(
        `${overtaken.name} has changed while you read it. What you read is marked; its newer version is to be reviewed.`,
      );
  }

  dispose(): void {
    this.owned.dispose();
    void setContext('reviewing', false);
  }

  private async goTo(task: Task, doc: TaskDoc | undefined): Promise<void> {
    this.key = doc && task.key;
    if (doc) await this.options.verbs.read(task, doc);
    else void offerVerdict(task);
    this.show();
  }

  private ordered(docs: readonly TaskDoc[]): TaskDoc[] {
    return inReadingOrder(docs, this.options.names);
  }

  private taskNow(key: string | undefined): Task | undefined {
    return this.options.store.snapshot.tasks.find((task) => task.key === key);
  }

  private isOpen(key: string): boolean {
    return vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .some(({ input }) => {
        const uri = uriOfTab(input);
        return uri !== undefined && this.options.shownIn(uri)?.task.key === key;
      });
  }

  private show(): void {
    const task = this.taskNow(this.key);
    const isActive = task !== undefined && this.options.active()?.task.key === task.key;
    if (isActive !== this.isActive) void setContext('reviewing', isActive);
    this.isActive = isActive;
    if (!task || !this.isOpen(task.key)) return this.item.hide();
    const read = task.docs.length - toReview(task).length;
    this.item.text = `$(checklist) Review ${task.key}: ${read} of ${task.docs.length}`;
    this.item.tooltip = `${read} of ${task.docs.length} documents of ${task.key} are reviewed. Go on with the next one.`;
    this.item.command = { command: 'taskSessions.reviewDocuments', title: 'Review Documents', arguments: [{ key: task.key }] }; // prettier-ignore
    this.item.show();
  }
}

/** Everything is read: what now? */
async function offerVerdict({ key, docs }: Task): Promise<void> {
  const approve = 'Approve for Implementation';
  const request = 'Request Changes';
  const all = docs.length === 1 ? 'The document' : `All ${docs.length} documents`;
  const choice = await vscode.window.showInformationMessage(
    `${all} of ${key} ${docs.length === 1 ? 'is' : 'are'} reviewed.`,
    approve,
    request,
  );
  if (choice === approve) await vscode.commands.executeCommand('taskSessions.approve', { key });
  if (choice === request) await vscode.commands.executeCommand('taskSessions.requestChanges', { key });
}
