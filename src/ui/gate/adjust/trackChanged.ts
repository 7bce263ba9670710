import * as vscode from 'vscode';
import type { SnapshotStore } from '../../../actions/store';
import { blobId } from '../../../sources/git/objects/blobs';
import type { ShownDocument } from '../shownDocument';

/** Keeps the context key that offers a commit in the title of an editor whose document differs from its branch. */
export function trackChanged(
  store: Pick<SnapshotStore, 'onDidChange'>,
  shown: (uri: vscode.Uri) => ShownDocument | undefined,
): vscode.Disposable {
  const update = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    const one = document?.uri.scheme === 'file' ? shown(document.uri) : undefined;
    const isChanged = document !== undefined && one !== undefined && differs(document, one);
    void vscode.commands.executeCommand('setContext', 'taskSessions.documentChanged', isChanged);
  };
  update();
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidSaveTextDocument(update),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      // The first change of a document makes it dirty; what follows changes nothing.
      if (contentChanges.length > 0 && document === vscode.window.activeTextEditor?.document) update();
    }),
    store.onDidChange(update),
  );
}

/** In its text, or by commits that its remote lacks. */
function differs(document: vscode.TextDocument, { task, doc }: ShownDocument): boolean {
  if (document.isDirty || (task.checkout?.upstream?.ahead ?? 0) > 0) return true;
  const text = document.getText();
  return ![text, text.replaceAll('\r\n', '\n')].some(
    (one) => blobId(Buffer.from(one), doc.blob) === doc.blob,
  );
}
