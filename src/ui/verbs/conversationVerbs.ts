import * as vscode from 'vscode';
import type { Session } from '../../model/session/session';
import {
  conversationScheme,
  conversationUri,
  parseConversationUri,
  type ConversationDocuments,
} from '../documents/conversations';
import { patiently } from '../failures';

/** How long an editor that has just been opened may take until it knows all its folds, and one answer to arrive there. */
const settlingMs = 6000;
const arrivalMs = 200;

/** Reading a conversation: its end first, details folded away. */
export class ConversationVerbs implements vscode.Disposable {
  private readonly listener: vscode.Disposable;

  constructor(private readonly documents: ConversationDocuments) {
    this.listener = vscode.workspace.onDidChangeTextDocument((event) => this.follow(event));
  }

  /** One that is open already stays as it is. */
  async view(session: Session): Promise<void> {
    const uri = conversationUri(session);
    if (isOpen(uri)) return void (await vscode.window.showTextDocument(uri));
    // VS Code may still have the text of one that was closed.
    const isHeld = vscode.workspace.textDocuments.some((document) => isSame(document.uri, uri));
    await patiently(`Reading the conversation from ${session.host}`, (signal) =>
      isHeld ? this.documents.reload(uri, signal) : this.documents.load(uri, signal),
    );
    const editor = await vscode.window.showTextDocument(uri);
    await this.arrived(editor.document);
    showEnd(editor);
    await this.fold(editor, 0, editor.document.lineCount);
    showEnd(editor);
  }

  async earlier(uri: vscode.Uri, all: boolean): Promise<void> {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => isSame(document.uri, uri));
    const before = editor?.document.lineCount ?? 0;
    const top = editor?.visibleRanges[0]?.start.line ?? 0;
    await patiently(all ? 'Reading the whole conversation' : 'Reading earlier turns', (signal, report) =>
      this.documents.earlier(uri, all, signal, report),
    );
    if (!editor) return;
    await this.arrived(editor.document);
    const added = editor.document.lineCount - before;
    // All of them: VS Code forgets what was folded when much of a document changes.
    await this.fold(editor, 0, editor.document.lineCount);
    // What was read before stays where it was.
    const line = Math.max(0, top + added);
    editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
  }

  async reload(uri: vscode.Uri): Promise<void> {
    await patiently('Reading the conversation', (signal) => this.documents.reload(uri, signal));
  }

  dispose(): void {
    this.listener.dispose();
  }

  /** Who reads the end goes on to read the end. */
  private follow({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (document.uri.scheme !== conversationScheme || contentChanges.length === 0) return;
    const added = contentChanges.reduce(
      (sum, { range, text }) => sum + text.split('\n').length - 1 - (range.end.line - range.start.line),
      0,
    );
    const before = document.lineCount - added;
    // A document that has grown large comes anew as a whole, and with nothing folded.
    const isWhole = contentChanges.some(
      ({ range }) => range.start.line === 0 && range.end.line >= before - 1,
    );
    for (const editor of vscode.window.visibleTextEditors) {
      const last = editor.visibleRanges.at(-1)?.end.line ?? 0;
      if (editor.document === document && added > 0 && last >= before - 2) {
        showEnd(editor);
        void this.fold(editor, isWhole ? 0 : before - 1, document.lineCount);
      }
    }
  }

  /** VS Code takes a moment to show what a document has become. */
  private async arrived(document: vscode.TextDocument): Promise<void> {
    while (!document.isClosed && document.getText() !== this.documents.text(document.uri))
      await nextChange(document.uri);
  }

  /** Folds the details that begin within these lines. */
  private async fold(editor: vscode.TextEditor, first: number, end: number): Promise<void> {
    const { uri } = editor.document;
    const folds = this.documents.document(uri)?.folds ?? [];
    const selectionLines = folds.map(([line]) => line).filter((line) => line >= first && line < end);
    if (selectionLines.length === 0) return;
    const version = editor.document.version;
    const run = async (): Promise<void> => {
      // The command knows the active editor only; and what changed since stands on other lines.
      if (vscode.window.activeTextEditor === editor && editor.document.version === version)
        await vscode.commands.executeCommand('editor.fold', { levels: 1, direction: 'down', selectionLines });
    };
    // Where another extension begins to tell of folds just now (Markdown's does), VS Code forgets what it was to fold.
    const again = this.documents.onDidAskForFolds((asked) => {
      if (isSame(asked, uri)) setTimeout(() => void run(), arrivalMs);
    });
    setTimeout(() => again.dispose(), settlingMs);
    await run();
  }
}

/** Calls `act` with the conversation that a command was called on: its URI, or the active editor. */
export async function onConversation(
  argument: unknown,
  act: (uri: vscode.Uri) => Promise<void>,
): Promise<void> {
  const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  if (uri && parseConversationUri(uri)) await act(uri);
}

const isSame = (a: vscode.Uri, b: vscode.Uri): boolean => a.toString() === b.toString();

const isOpen = (uri: vscode.Uri): boolean =>
  vscode.workspace.textDocuments.some((document) => isSame(document.uri, uri)) &&
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .some(({ input }) => input instanceof vscode.TabInputText && isSame(input.uri, uri));

function showEnd(editor: vscode.TextEditor): void {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  editor.selection = new vscode.Selection(end, end);
  editor.revealRange(new vscode.Range(end, end));
}

/** The next change of a document, or its end. */
const nextChange = (uri: vscode.Uri): Promise<void> =>
  new Promise((resolve) => {
    const check = (document: vscode.TextDocument): void => {
      if (!isSame(document.uri, uri)) return;
      listeners.dispose();
      resolve();
    };
    const listeners = vscode.Disposable.from(
      vscode.workspace.onDidChangeTextDocument(({ document }) => check(document)),
      vscode.workspace.onDidCloseTextDocument(check),
    );
  });
