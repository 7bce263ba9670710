import * as vscode from 'vscode';

export const textScheme = 'task-sessions-text';

/** Texts that somebody has just asked for, as read-only documents; forgotten when they are closed. */
export class ReadOnlyTexts implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly texts = new Map<string, string>();
  private readonly owned: vscode.Disposable;

  readonly onDidChange = this.changed.event;

  constructor() {
    this.owned = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(textScheme, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.texts.delete(uri.toString())),
      this.changed,
    );
  }

  /** Holds the text; `path` names it: the same path is the same tab, and its last part is the title. */
  hold(path: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: textScheme, path });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    return uri;
  }

  holds(uri: vscode.Uri): boolean {
    return this.texts.has(uri.toString());
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? 'Not held any more: ask for it again.';
  }

  dispose(): void {
    this.owned.dispose();
  }
}
