import * as vscode from 'vscode';
import type { SnapshotStore } from '../../../actions/store';
import { blobId } from '../../../sources/git/objects/blobs';
import { activeUri } from '../../commands/target';
import type { ShownDocument } from '../shownDocument';
import { setContext } from '../../ports/contextKey';

/** Keeps the context key that offers a commit in the title of an editor whose document differs from its branch. */
export function trackChanged(
  store: Pick<SnapshotStore, 'onDidChange'>,
  shown: (uri: vscode.Uri) => ShownDocument | undefined,
): vscode.Disposable {
  const update = (): void => {
    const document = activeDocument();
    const one = document?.uri.scheme === 'file' ? shown(document.uri) : undefined;
    const isChanged = document !== undefined && one !== undefined && differs(document, one);
    void setContext('documentChanged', isChanged);
  };
  update();
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.window.tabGroups.onDidChangeTabs(update),
    vscode.workspace.onDidSaveTextDocument(update),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      // The first change of a document makes it dirty; what follows changes nothing.
      if (contentChanges.length > 0 && document === activeDocument()) update();
    }),
    store.onDidChange(update),
  );
}

/** The cursor may be in a comment on it. */
function activeDocument(): vscode.TextDocument | undefined {
  const active = activeUri()?.toString();
  return vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === active);
}

/** In its text, or by commits that its remote lacks. */
function differs(document: vscode.TextDocument, { task, doc }: ShownDocument): boolean {
  if (document.isDirty || (task.checkout?.upstream?.ahead ?? 0) > 0) return true;
  const text = document.getText();
  return ![text, text.replaceAll('\r\n', '\n')].some(
    (one) => blobId(Buffer.from(one), doc.blob) === doc.blob,
  );
}
