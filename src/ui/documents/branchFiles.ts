import * as vscode from 'vscode';
import type { BranchFiles } from '../../actions/documents';
import type { SnapshotStore } from '../../actions/store';
import { restricted } from '../failures';

export const scheme = 'task-sessions';

export const readOnlyBecause =
  'This is read from the branch of the task. Check the branch out, or open it in a worktree, to change it.';

/** `task-sessions:/PAY-456/docs/tasks/PAY-456/critic.md`: a file as it stands at the head of the task's branch. */
export const branchFileUri = (key: string, path: string): vscode.Uri =>
  vscode.Uri.from({ scheme, path: `/${key}/${path}` });

/** The task key and the path in the repository. */
export function parseBranchFileUri(uri: vscode.Uri): { key: string; path: string } {
  const [, key = '', ...rest] = uri.path.split('/');
  return { key, path: rest.join('/') };
}

/**
 * The task branches as a read-only file system, so that documents open without a checkout and their relative links,
 * images and Markdown preview work. A file changes when its branch moves.
 */
export class BranchFileSystem implements vscode.FileSystemProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  private readonly opened = new Map<string, { uri: vscode.Uri; head: string }>();
  private readonly subscription: vscode.Disposable;

  readonly onDidChangeFile = this.changed.event;

  constructor(
    private readonly files: BranchFiles,
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
  ) {
    this.subscription = store.onDidChange(() => this.notice());
  }

  watch(uri: vscode.Uri): vscode.Disposable {
    const id = uri.toString();
    this.opened.set(id, { uri, head: this.headOf(uri) });
    return new vscode.Disposable(() => this.opened.delete(id));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { key, path } = parseBranchFileUri(uri);
    const found = await this.trusted().stat(key, path);
    if (!found) throw vscode.FileSystemError.FileNotFound(uri);
    return {
      type: found.kind === 'directory' ? vscode.FileType.Directory : vscode.FileType.File,
      ctime: 0,
      mtime: found.changedAt,
      size: found.size,
      permissions: vscode.FilePermission.Readonly,
    };
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    const { key, path } = parseBranchFileUri(uri);
    const entries = await this.trusted().list(key, path);
    if (!entries) throw vscode.FileSystemError.FileNotFound(uri);
    return entries.map(({ name, kind }) => [
      name,
      kind === 'directory' ? vscode.FileType.Directory : vscode.FileType.File,
    ]);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const { key, path } = parseBranchFileUri(uri);
    const content = await this.trusted().read(key, path);
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }

  createDirectory(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  delete(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  rename(uri: vscode.Uri): never {
    throw readOnly(uri);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  /** Reading runs git. */
  private trusted(): BranchFiles {
    if (vscode.workspace.isTrusted) return this.files;
    throw vscode.FileSystemError.Unavailable(restricted);
  }

  private headOf(uri: vscode.Uri): string {
    const { key } = parseBranchFileUri(uri);
    return this.store.snapshot.tasks.find((task) => task.key === key)?.head ?? '';
  }

  private notice(): void {
    const moved: vscode.FileChangeEvent[] = [];
    for (const one of this.opened.values()) {
      const head = this.headOf(one.uri);
      if (head === one.head) continue;
      one.head = head;
      moved.push({ type: vscode.FileChangeType.Changed, uri: one.uri });
    }
    if (moved.length > 0) this.changed.fire(moved);
  }
}

const readOnly = (uri: vscode.Uri): vscode.FileSystemError =>
  vscode.FileSystemError.NoPermissions(`${uri.path}: ${readOnlyBecause}`);
