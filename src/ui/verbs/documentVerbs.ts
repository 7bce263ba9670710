import * as vscode from 'vscode';
import type { Documents } from '../../actions/documents';
import type { Task } from '../../model/task/task';
import { branchFileUri } from '../documents/branchFiles';
import { taskDocumentUri } from '../documents/taskDocuments';
import type { OpenAddress } from '../links/openAddress';

/** Reading: documents from the branch, the task itself, and the way to Jira. */
export class DocumentVerbs {
  constructor(
    private readonly documents: Documents,
    private readonly jiraUrl: () => string | undefined,
    private readonly openAddress: OpenAddress,
  ) {}

  /** The real file where a working tree here has the branch, else the branch's own, read-only. */
  async open(task: Task, path: string, options: vscode.TextDocumentShowOptions = {}): Promise<void> {
    await vscode.commands.executeCommand('vscode.open', await this.uri(task, path), {
      preview: true,
      ...options,
    });
  }

  /** All documents in reading order, the first one in front. */
  async openAll(task: Task): Promise<void> {
    for (const doc of task.docs.toReversed()) await this.open(task, doc.path, { preview: false });
  }

  async openTask(task: Task): Promise<void> {
    // The rendered page is what one wants to read. As an editor of its own it has a resource, by which the buttons in
    // its title know the task.
    await vscode.commands.executeCommand(
      'vscode.openWith',
      taskDocumentUri(task.key),
      'vscode.markdown.preview.editor',
    );
  }

  /** Jira's own page; the address is built from the configured site, so no link of an issue can lead elsewhere. */
  async openInJira(task: Task): Promise<void> {
    const base = this.jiraUrl();
    await this.openAddress(base === undefined ? task.url : `${base}/browse/${task.key}`);
  }

  /** The real file of a document, where a working tree here has it. */
  async workingFile(task: Task, path: string): Promise<vscode.Uri | undefined> {
    const file = this.documents.workingFile(task, path);
    if (file === undefined) return undefined;
    const uri = vscode.Uri.file(file);
    return vscode.workspace.fs.stat(uri).then(
      () => uri,
      () => undefined,
    );
  }

  private async uri(task: Task, path: string): Promise<vscode.Uri> {
    return (await this.workingFile(task, path)) ?? branchFileUri(task.key, path);
  }
}
