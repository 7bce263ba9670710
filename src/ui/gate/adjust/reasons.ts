import * as vscode from 'vscode';
import type { Task } from '../../../model/task/task';
import { setContext } from '../../ports/contextKey';

/** What a person writes of what is to be changed: a line, or as much as they like in an editor. Kept until it is told. */
export class Reasons implements vscode.Disposable {
  private readonly drafts = new Map<string, string>();
  /** Task keys by the editors in which reasons are written. */
  private readonly editors = new Map<string, string>();
  private hint: vscode.Disposable | undefined;
  private readonly closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
    if (this.editors.delete(uri.toString())) this.show();
  });

  /** The key of the task whose reasons an editor holds. */
  taskOf(uri: vscode.Uri | undefined): string | undefined {
    return uri && this.editors.get(uri.toString());
  }

  /** `earlier`: what has been written before. Undefined: given up, or being written in an editor. */
  async ask(task: Task, earlier: string | undefined): Promise<string | undefined> {
    const written = [...this.editors].find(([, key]) => key === task.key)?.[0];
    const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === written);
    const text = open?.getText().trim() ?? '';
    if (text !== '') return text;
    const draft = this.drafts.get(task.key) ?? earlier ?? '';
    // An input box has one line.
    return draft.includes('\n') ? this.write(task, draft) : this.line(task, draft);
  }

  keep(task: Task, text: string): void {
    this.drafts.set(task.key, text);
  }

  forget(task: Task): void {
    this.drafts.delete(task.key);
    for (const [uri, key] of this.editors)
      if (key === task.key) {
        this.editors.delete(uri);
        void closeUntitled(uri);
      }
    this.show();
  }

  dispose(): void {
    this.closing.dispose();
  }

  private line(task: Task, value: string): Promise<string | undefined> {
    const input = vscode.window.createInputBox();
    const editor: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('edit'),
      tooltip: 'Write in an Editor',
    };
    input.title = `Request Changes: ${task.key}`;
    input.placeholder = 'What is to be changed?';
    input.prompt = 'Enter goes on; the pencil opens an editor for more than a line';
    input.value = value;
    input.ignoreFocusOut = true;
    input.buttons = [editor];
    return new Promise<string | undefined>((resolve) => {
      input.onDidAccept(() => {
        if (input.value.trim() === '') return;
        resolve(input.value.trim());
        input.hide();
      });
      input.onDidTriggerButton(() => {
        resolve(this.write(task, input.value));
        input.hide();
      });
      input.onDidHide(() => {
        resolve(undefined);
        input.dispose();
      });
      input.show();
    });
  }

  /** The command in the editor's title goes on. */
  private async write(task: Task, content: string): Promise<undefined> {
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content });
    this.editors.set(document.uri.toString(), task.key);
    this.show();
    await vscode.window.showTextDocument(document, { preview: false });
    this.hint?.dispose();
    this.hint = vscode.window.setStatusBarMessage(
      `Write what is to be changed in ${task.key}, then press Request Changes in the title of this editor.`,
      20_000,
    );
  }

  private show(): void {
    if (this.editors.size === 0) this.hint?.dispose();
    void setContext('reasonsDocuments', [...this.editors.keys()]);
  }
}

/** What it held has been told: it goes without the question whether to save it. */
async function closeUntitled(address: string): Promise<void> {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === address);
  const tab = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .find(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === address);
  if (!document || !tab) return;
  const edit = new vscode.WorkspaceEdit();
  edit.delete(document.uri, new vscode.Range(0, 0, document.lineCount, 0));
  // An untitled document without a word counts as saved.
  if (await vscode.workspace.applyEdit(edit)) await vscode.window.tabGroups.close(tab);
}
