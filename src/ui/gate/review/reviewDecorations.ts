import * as vscode from 'vscode';
import type { SnapshotStore } from '../../../actions/store';
import type { DocReview, Snapshot } from '../../../model/task/task';
import { parseBranchFileUri, scheme } from '../../documents/branchFiles';
import { parseVersionUri } from '../../documents/versions';

/** How many editors are told of a change, at most. */
const maxGiven = 500;

/** Says on tabs, and on files of a checkout, what is to be read still, and what makes an approval stale. */
export class ReviewDecorations implements vscode.FileDecorationProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri[]>();
  private readonly owned: vscode.Disposable;
  /** What was said of our own documents. */
  private readonly given = new Map<string, { uri: vscode.Uri; look: string | undefined }>();
  /** What there is to say of files in working trees, by path. */
  private files: ReadonlyMap<string, string>;

  readonly onDidChangeFileDecorations = this.changed.event;

  constructor(private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>) {
    this.files = lookOfFiles(store.snapshot);
    this.owned = vscode.Disposable.from(
      vscode.window.registerFileDecorationProvider(this),
      store.onDidChange((snapshot) => this.update(snapshot)),
      this.changed,
    );
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme === 'file') return decorations.get(this.files.get(uri.fsPath));
    const look = this.lookOf(uri);
    if (look === null) return undefined;
    const id = uri.toString();
    this.given.delete(id);
    this.given.set(id, { uri, look });
    const [oldest] = this.given.keys();
    if (this.given.size > maxGiven && oldest !== undefined) this.given.delete(oldest);
    return decorations.get(look);
  }

  dispose(): void {
    this.owned.dispose();
  }

  private update(snapshot: Snapshot): void {
    const before = this.files;
    this.files = lookOfFiles(snapshot);
    const moved = [...new Set([...before.keys(), ...this.files.keys()])]
      .filter((file) => before.get(file) !== this.files.get(file))
      .map((file) => vscode.Uri.file(file));
    for (const { uri, look } of this.given.values()) if (this.lookOf(uri) !== look) moved.push(uri);
    if (moved.length > 0) this.changed.fire(moved);
  }

  /** Null for what is not ours; undefined where there is nothing to say. */
  private lookOf(uri: vscode.Uri): string | undefined | null {
    const version = parseVersionUri(uri) ?? (uri.scheme === scheme ? parseBranchFileUri(uri) : undefined);
    if (!version) return null;
    const task = this.store.snapshot.tasks.find(({ key }) => key === version.key);
    const doc = task?.docs.find(({ path }) => path === version.path);
    // An earlier version, in a comparison, says nothing.
    if ('blob' in version && version.blob !== doc?.blob) return undefined;
    return lookOf(doc?.review);
  }
}

type Look = 'new' | 'changed' | 'stale';

function lookOf(review: DocReview | undefined): Look | undefined {
  if (review?.approved === 'changed' || review?.approved === 'added') return 'stale';
  return review?.state === 'reviewed' ? undefined : review?.state;
}

function lookOfFiles({ tasks }: Snapshot): Map<string, string> {
  const looks = new Map<string, string>();
  for (const { checkout, docs } of tasks) {
    if (!checkout?.worktree) continue;
    for (const { path, review } of docs) {
      const look = lookOf(review);
      if (look) looks.set(`${checkout.worktree.directory}/${path}`, look);
    }
  }
  return looks;
}

// The colour, too: a lock on the tab of a read-only editor takes the place of the badge.
const decoration = (badge: string, tooltip: string, color: string): vscode.FileDecoration =>
  new vscode.FileDecoration(badge, tooltip, new vscode.ThemeColor(color));

const decorations = new Map<string | undefined, vscode.FileDecoration>([
  ['new', decoration('○', 'Not reviewed yet', 'charts.blue')],
  ['changed', decoration('◐', 'Changed since you reviewed it', 'gitDecoration.modifiedResourceForeground')],
  ['stale', decoration('!', 'Differs from what was approved', 'list.warningForeground')],
]);
