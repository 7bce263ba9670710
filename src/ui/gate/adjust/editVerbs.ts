import * as vscode from 'vscode';
import type { App } from '../../../app';
import { defaultMessage, type CommitPlan } from '../../../actions/gate/adjusting';
import { plural } from '../../../model/describe';
import type { Task } from '../../../model/task/task';
import { patiently, withProgress } from '../../failures';
import { choosingRepository } from '../../pickers/chooseRepository';
import { pickWorkplace } from '../../pickers/workplace';
import type { DocumentVerbs } from '../../verbs/documentVerbs';

export interface EditVerbsOptions {
  app: Pick<App, 'adjusting' | 'repositories'>;
  documents: Pick<DocumentVerbs, 'workingFile'>;
  refresh(): Promise<void>;
}

/** The documents as files of this machine: opened where their branch is checked out, committed and pushed. */
export class EditVerbs {
  constructor(private readonly options: EditVerbsOptions) {}

  /** One document, or all of them, the first one in front. Asks for a place where none has the branch. */
  async edit(task: Task, path?: string): Promise<void> {
    const paths = path === undefined ? task.docs.map((doc) => doc.path) : [path];
    const [first = ''] = paths;
    const file = await this.options.documents.workingFile(task, first);
    const directory = file === undefined ? await this.place(task) : undefined;
    if (file === undefined && directory === undefined) return;
    for (const one of paths.toReversed()) {
      const uri =
        directory === undefined
          ? await this.options.documents.workingFile(task, one)
          : vscode.Uri.joinPath(vscode.Uri.file(directory), one);
      if (uri) await vscode.window.showTextDocument(uri, { preview: false });
    }
  }

  /** Shows what would be committed, asks for the message, and does it. */
  async commit(task: Task): Promise<void> {
    const before = await this.planned(task);
    // What is on the screen is what is committed.
    const plan = before && (await this.save(task, before)) ? await this.planned(task) : before;
    if (!plan) return;
    const message = plan.files.length > 0 ? await askMessage(task, plan) : await askToPush(task, plan);
    if (message === undefined) return;
    const { app, refresh } = this.options;
    try {
      const { pushed } = await withProgress(`Documents of ${task.key}`, (signal, report) =>
        app.adjusting.commit(plan, message, { signal, onProgress: report }),
      );
      vscode.window.setStatusBarMessage(
        pushed ? `$(check) Documents of ${task.key} pushed` : `$(check) ${plan.remote} has them already`,
        6000,
      );
    } finally {
      // A commit that was made stays, also where its push was refused.
      void refresh();
    }
  }

  private planned(task: Task): Promise<CommitPlan | undefined> {
    const { adjusting, repositories } = this.options.app;
    return choosingRepository(repositories, () =>
      patiently(`Looking at the documents of ${task.key}`, (signal) => adjusting.plan(task, signal)),
    );
  }

  private async place(task: Task): Promise<string | undefined> {
    const { adjusting, repositories } = this.options.app;
    const title = `Looking for a place to edit ${task.key}`;
    const places = await choosingRepository(repositories, () =>
      patiently(title, (signal) => adjusting.workplaces(task, signal)),
    );
    const where =
      places &&
      (await pickWorkplace(task, places, `Where do you want to edit the documents of ${task.key}?`));
    if (!where) return undefined;
    const { directory, notes } = await withProgress(title, (signal) =>
      adjusting.workplace(task, where, signal),
    );
    if (notes.length > 0) void vscode.window.showInformationMessage(notes.join(' '));
    void this.options.refresh();
    return directory;
  }

  /** True where there was something to save. */
  private async save(task: Task, { root }: CommitPlan): Promise<boolean> {
    const unsaved = vscode.workspace.textDocuments.filter(
      ({ uri, isDirty }) =>
        isDirty &&
        uri.scheme === 'file' &&
        uri.fsPath.startsWith(`${root}/`) &&
        this.options.app.adjusting.isDocument(task, uri.fsPath.slice(root.length + 1)),
    );
    for (const document of unsaved) await document.save();
    return unsaved.length > 0;
  }
}

function askMessage(
  task: Task,
  { files, others, behind, remote, branch }: CommitPlan,
): Thenable<string | undefined> {
  const names = files.slice(0, 6).map((file) => file.slice(file.lastIndexOf('/') + 1));
  const more = files.length - names.length;
  const prompt = [
    `Commits ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    ...(others.length > 0
      ? [
          `${plural(others.length, 'other changed file')} (${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}) stay as they are.`,
        ]
      : []),
    ...(behind > 0 ? [`${remote} has ${plural(behind, 'commit')} that are not here: it may refuse.`] : []),
  ].join(' ');
  return vscode.window.showInputBox({
    title: `Commit and Push Documents: ${branch}`,
    prompt,
    value: defaultMessage(task),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'A commit has a message.' : undefined),
  });
}

/** Nothing is to be committed, but perhaps pushed: an earlier push was refused, or killed. */
async function askToPush({ key }: Task, { ahead, remote, branch }: CommitPlan): Promise<string | undefined> {
  if (ahead === 0) {
    void vscode.window.showInformationMessage(
      `The documents of ${key} have no changes that ${remote ?? branch} lacks.`,
    );
    return undefined;
  }
  const push = 'Push';
  const question = `No document of ${key} is changed, but ${plural(ahead, 'commit')} of ${branch} are not on ${remote ?? 'a remote'} yet.`;
  return (await vscode.window.showInformationMessage(question, push)) && '';
}
