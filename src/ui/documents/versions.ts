import * as vscode from 'vscode';
import { isIssueKey } from '../../model/names';
import { blobId } from '../../sources/git/objects/blobs';
import type { Task } from '../../model/task/task';
import { restricted } from '../failures';

export const versionScheme = 'task-sessions-version';

/** One version of a document, which never changes. */
export interface Version {
  key: string;
  /** Path inside the repository. */
  path: string;
  /** Git's id of the content. */
  blob: string;
}

/** `task-sessions-version:/PAY-456/docs/tasks/PAY-456/critic.md?3f2c…`: a document as it stood once. */
export const versionUri = ({ key, path, blob }: Version): vscode.Uri =>
  vscode.Uri.from({ scheme: versionScheme, path: `/${key}/${path}`, query: blob });

/** What a document was before it came, and is once it is gone. */
export const emptyVersion = ({ key, path, blob }: Version): Version => ({
  key,
  path,
  blob: blobId(new Uint8Array(), blob),
});

export function parseVersionUri(uri: vscode.Uri): Version | undefined {
  if (uri.scheme !== versionScheme) return undefined;
  const [, key = '', ...rest] = uri.path.split('/');
  return isIssueKey(key) && /^[0-9a-f]{40,64}$/.test(uri.query)
    ? { key, path: rest.join('/'), blob: uri.query }
    : undefined;
}

/** Versions of documents, read from the task's repository when they are asked for. */
export class VersionDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(versionScheme, this);

  constructor(
    private readonly taskOf: (key: string) => Task | undefined,
    private readonly content: (task: Task, blob: string, signal: AbortSignal) => Promise<Buffer | undefined>,
  ) {}

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    if (!vscode.workspace.isTrusted) return restricted;
    const version = parseVersionUri(uri);
    const task = version && this.taskOf(version.key);
    if (!task) return 'Its task is not listed any more.';
    if (version.blob === emptyVersion(version).blob) return '';
    const abort = new AbortController();
    const listener = token.onCancellationRequested(() => abort.abort());
    try {
      const content = await this.content(task, version.blob, abort.signal);
      return content?.toString('utf8') ?? 'This version is not in the repository any more.';
    } finally {
      listener.dispose();
    }
  }

  dispose(): void {
    this.registration.dispose();
  }
}
