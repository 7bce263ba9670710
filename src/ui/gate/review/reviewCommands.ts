import * as vscode from 'vscode';
import type { App } from '../../../app';
import type { Against } from '../../../actions/gate/reviewing';
import { UserError } from '../../../model/errors';
import { goneSinceApproval, reviewText, type GoneDoc } from '../../../model/gate/review/review';
import type { Task } from '../../../model/task/task';
import type { CommandTable } from '../../commands/commandTable';
import { nodesOf, targetsOf, workingFileTask } from '../../commands/target';
import { VersionDocuments } from '../../documents/versions';
import { pickTask } from '../../pickers/sessionPicker';
import type { DocumentVerbs } from '../../verbs/documentVerbs';
import { ReviewDecorations } from './reviewDecorations';
import { ReviewVerbs } from './reviewVerbs';
import { ReviewWalk } from './reviewWalk';
import { shownDocument, type ShownDocument } from '../shownDocument';
import { refuseWithoutDocuments } from '../../documents/refuseWithoutDocuments';

export interface ReviewActs {
  own<T extends vscode.Disposable>(item: T): T;
  documents: Pick<DocumentVerbs, 'open' | 'workingFile'>;
  refresh(): Promise<void>;
}

export type ReviewCommands = Pick<
  CommandTable,
  | 'reviewDocuments'
  | 'markReviewed'
  | 'markReviewedNext'
  | 'unmarkReviewed'
  | 'compareReviewed'
  | 'compareApproved'
>;

/** Reading the documents: what is to be read, what changed, and saying that one has read it. */
export function reviewCommands(app: App, { own, documents, refresh }: ReviewActs): ReviewCommands {
  const { store, reviewing, settings } = app;
  const shown = (argument: unknown): ShownDocument | undefined =>
    shownDocument(argument, store.snapshot, workingFileTask(app));
  own(
    new VersionDocuments(
      (key) => store.snapshot.tasks.find((task) => task.key === key),
      (task, blob, signal) => reviewing.content(task, blob, signal),
    ),
  );
  own(new ReviewDecorations(store));
  const verbs = new ReviewVerbs({ reviewing, store, documents, refresh });
  const walk = own(
    new ReviewWalk({
      store,
      verbs,
      names: settings.docs.names,
      active: () => shown(undefined),
      shownIn: shown,
    }),
  );

  const target = targetsOf(app);
  const taskOf = async (argument: unknown, title: string): Promise<Task | undefined> =>
    target(argument).task ?? pickTask(store.snapshot.tasks, title, Date.now());

  /** The selected rows, the editor's document, or one that the user picks. */
  async function chosen(argument: unknown, selection: unknown, title: string): Promise<ShownDocument[]> {
    const selected = nodesOf(argument, selection).flatMap((one) => shown(one) ?? []);
    if (selected.length > 0) return selected;
    const task = await taskOf(argument, title);
    return task ? pickDocuments(task, title) : [];
  }

  const compare =
    (title: string, against: Against) =>
    async (argument?: unknown): Promise<void> => {
      const gone = against === 'approved' && goneDocument(argument, target(argument).task);
      if (gone) return verbs.compareGone(gone.task, gone.doc);
      const [one] = await chosen(argument, undefined, title);
      if (one) await verbs.compare(one.task, one.doc, against);
    };

  return {
    reviewDocuments: async (argument) => {
      const task = await taskOf(argument, 'Review Documents');
      if (task) await walk.begin(task);
    },
    markReviewed: async (argument, selection) => {
      const overtaken = await verbs.mark(await chosen(argument, selection, 'Mark Reviewed'));
      if (overtaken.length > 0)
        void vscode.window.showInformationMessage(
          `What you read is marked. Meanwhile newer versions have come of ${overtaken.map(({ name }) => name).join(', ')}.`,
        );
    },
    markReviewedNext: async (argument) => {
      const one = shown(argument);
      if (!one) throw new UserError('No document of a task is open here.', 'Review Documents opens the first one.'); // prettier-ignore
      await walk.markAndNext(one);
    },
    unmarkReviewed: async (argument, selection) =>
      verbs.unmark(await chosen(argument, selection, 'Mark as Not Reviewed')),
    compareReviewed: compare('Compare with Last Reviewed', 'reviewed'),
    compareApproved: compare('Compare with Approved', 'approved'),
  };
}

/** A row's document that is on the branch no more, as the task has it now. */
function goneDocument(argument: unknown, task: Task | undefined): { task: Task; doc: GoneDoc } | undefined {
  const { gone } = (argument ?? {}) as { gone?: { path?: unknown } };
  const doc = task && gone && goneSinceApproval(task).find(({ path }) => path === gone.path);
  return doc && { task, doc };
}

async function pickDocuments(task: Task, title: string): Promise<ShownDocument[]> {
  refuseWithoutDocuments(task);
  const picked = await vscode.window.showQuickPick(
    task.docs.map((doc) => ({
      label: doc.name,
      ...(doc.review && { description: reviewText(doc.review) }),
      doc,
    })),
    { title: `${title}: ${task.key}` },
  );
  return picked ? [{ task, doc: picked.doc, blob: picked.doc.blob }] : [];
}
