import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { isIssueKey } from '../../model/names';

export const taskScheme = 'task-sessions-task';

/** `task-sessions-task:/PAY-456.md`: the Jira issue as one read-only Markdown document. */
export const taskDocumentUri = (key: string): vscode.Uri =>
  vscode.Uri.from({ scheme: taskScheme, path: `/${key}.md` });

export function taskDocumentKey(uri: vscode.Uri): string | undefined {
  if (uri.scheme !== taskScheme) return undefined;
  const key = uri.path.slice(1, -'.md'.length);
  return isIssueKey(key) ? key : undefined;
}

/** Renders issues on request, and again when a refresh shows that an open one was updated. */
export class TaskDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Map<string, number | undefined>();
  private readonly subscription: vscode.Disposable;

  readonly onDidChange = this.changed.event;

  constructor(
    private readonly markdown: (key: string, signal: AbortSignal) => Promise<string>,
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
  ) {
    this.subscription = store.onDidChange(({ tasks }) => {
      for (const { key, updated } of tasks)
        if (this.shown.has(key) && this.shown.get(key) !== updated) {
          this.shown.set(key, updated);
          this.changed.fire(taskDocumentUri(key));
        }
    });
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const key = taskDocumentKey(uri);
    if (!key) throw vscode.FileSystemError.FileNotFound(uri);
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      const text = await this.markdown(key, abort.signal);
      this.shown.set(key, this.store.snapshot.tasks.find((task) => task.key === key)?.updated);
      return text;
    } finally {
      listener.dispose();
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
