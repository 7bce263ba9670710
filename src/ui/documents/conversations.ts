import * as vscode from 'vscode';
import type { Conversations, ConversationSource } from '../../actions/session/conversations';
import type { SnapshotStore } from '../../actions/store';
import { ago } from '../../model/age';
import { errorLine, isCancelled } from '../../model/errors';
import { isIssueKey, parseSessionId, shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import type { Conversation } from '../../sources/claude/conversation/conversation';
import type { ConversationDocument } from '../../sources/claude/conversation/text/document';
import { escapeMarkdown } from '../../util/markdownText';
import { restricted } from '../failures';

export const conversationScheme = 'task-sessions-conversation';

/** Characters of text that VS Code still opens as a document with everything in it. */
const mostCharacters = 20_000_000;

/** `task-sessions-conversation:/laptop/<id>/PAY-456 5f1d9b2e.md`: host and id say which, the rest is what the tab shows. */
export const conversationUri = ({ host, id, key }: Pick<Session, 'host' | 'id' | 'key'>): vscode.Uri =>
  vscode.Uri.from({
    scheme: conversationScheme,
    path: `/${host}/${id}/${key !== undefined && isIssueKey(key) ? `${key} ` : ''}${shortId(id)}.md`,
  });

export function parseConversationUri(uri: vscode.Uri): { host: string; id: string } | undefined {
  const [, host = '', text = ''] = uri.path.split('/');
  const id = parseSessionId(text);
  return uri.scheme === conversationScheme && host !== '' && id !== undefined ? { host, id } : undefined;
}

/** One open document. */
interface Shown {
  uri: vscode.Uri;
  host: string;
  id: string;
  /** Undefined until read, and where it could not be read. */
  read?: { source: ConversationSource; conversation: Conversation; document: ConversationDocument };
  failure?: string;
  /** Ends what is still being read for it. */
  abort: AbortController;
  /** One reading at a time. */
  last: Promise<void>;
}

/**
 * Conversations as read-only Markdown documents: their end at first, more of them on request, and what is added to an open
 * one when a refresh shows that its transcript has changed.
 */
export class ConversationDocuments
  implements
    vscode.TextDocumentContentProvider,
    vscode.CodeLensProvider,
    vscode.FoldingRangeProvider,
    vscode.Disposable
{
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly lensesChanged = new vscode.EventEmitter<void>();
  private readonly foldsAsked = new vscode.EventEmitter<vscode.Uri>();
  private readonly shown = new Map<string, Shown>();
  private readonly owned: vscode.Disposable;

  readonly onDidChange = this.changed.event;
  readonly onDidChangeCodeLenses = this.lensesChanged.event;
  /** VS Code is told which lines can be folded. */
  readonly onDidAskForFolds = this.foldsAsked.event;

  constructor(
    private readonly conversations: Conversations,
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.owned = vscode.Disposable.from(
      vscode.workspace.registerTextDocumentContentProvider(conversationScheme, this),
      vscode.languages.registerCodeLensProvider({ scheme: conversationScheme }, this),
      vscode.languages.registerFoldingRangeProvider({ scheme: conversationScheme }, this),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.close(uri)),
      store.onDidChange(() => this.follow()),
      this.changed,
      this.lensesChanged,
      this.foldsAsked,
    );
  }

  /** Whether one can be seen now. */
  get visible(): boolean {
    return vscode.window.visibleTextEditors.some(
      ({ document }) => document.uri.scheme === conversationScheme,
    );
  }

  async provideTextDocumentContent(uri: vscode.Uri, token: vscode.CancellationToken): Promise<string> {
    const shown = this.of(uri);
    const listener = token.onCancellationRequested(() => shown.abort.abort());
    try {
      if (!shown.read && shown.failure === undefined) await this.load(uri);
    } finally {
      listener.dispose();
    }
    return this.text(uri);
  }

  /** Reads the end, if nothing is read yet; a failure becomes the text. */
  load(uri: vscode.Uri, signal?: AbortSignal): Promise<void> {
    const shown = this.of(uri);
    return this.next(shown, signal, async (abort) => {
      if (shown.read) return;
      await this.open(shown, abort);
    });
  }

  /** Everything anew. */
  async reload(uri: vscode.Uri, signal?: AbortSignal): Promise<void> {
    const shown = this.of(uri);
    await this.next(shown, signal, (abort) => this.open(shown, abort));
    this.fire(shown);
  }

  /** Reads turns before those that are shown: a page of them, or all. */
  async earlier(
    uri: vscode.Uri,
    all: boolean,
    signal?: AbortSignal,
    onProgress?: (left: string) => void,
  ): Promise<void> {
    const shown = this.of(uri);
    await this.next(shown, signal, async (abort) => {
      if (!shown.read) return;
      const { conversation } = shown.read;
      try {
        if (all) await this.conversations.readAll(conversation, mostCharacters, abort, onProgress);
        else await conversation.earlier(abort);
      } finally {
        // Also of a reading that was cancelled.
        await this.render(shown);
        this.fire(shown);
      }
    });
  }

  /** What the document shows, or will show in a moment. */
  text(uri: vscode.Uri): string {
    const shown = this.shown.get(uri.toString());
    return shown?.read?.document.text ?? shown?.failure ?? '';
  }

  /** What is shown, or undefined where it is a failure. */
  document(uri: vscode.Uri): ConversationDocument | undefined {
    return this.shown.get(uri.toString())?.read?.document;
  }

  provideFoldingRanges({ uri }: vscode.TextDocument): vscode.FoldingRange[] {
    this.foldsAsked.fire(uri);
    return (this.document(uri)?.folds ?? []).map(
      ([first, last]) => new vscode.FoldingRange(first, last, vscode.FoldingRangeKind.Region),
    );
  }

  provideCodeLenses({ uri }: vscode.TextDocument): vscode.CodeLens[] {
    // Without arguments: VS Code forgets those of lenses that it is just replacing. A click makes the editor the active one.
    const lens = (line: number, title: string, command: string): vscode.CodeLens =>
      new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { title, command: `taskSessions.${command}` });
    const { failure, read } = this.shown.get(uri.toString()) ?? {};
    if (failure !== undefined) return [lens(0, 'Try Again', 'reloadConversation')];
    // While it is read anew there is neither.
    const document = read?.document;
    if (!document || document.earlierBytes === 0) return [];
    return [
      lens(document.earlierLine, 'Show Earlier', 'showEarlierTurns'),
      lens(document.earlierLine, 'Show All', 'showAllTurns'),
    ];
  }

  dispose(): void {
    for (const { abort } of this.shown.values()) abort.abort();
    this.owned.dispose();
  }

  private of(uri: vscode.Uri): Shown {
    const parsed = parseConversationUri(uri);
    if (!parsed) throw vscode.FileSystemError.FileNotFound(uri);
    let shown = this.shown.get(uri.toString());
    if (!shown) {
      shown = { uri, ...parsed, abort: new AbortController(), last: Promise.resolve() };
      this.shown.set(uri.toString(), shown);
    }
    return shown;
  }

  private close(uri: vscode.Uri): void {
    const key = uri.toString();
    this.shown.get(key)?.abort.abort();
    this.shown.delete(key);
  }

  private next(
    shown: Shown,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    if (shown.abort.signal.aborted) shown.abort = new AbortController();
    const abort = AbortSignal.any([shown.abort.signal, ...(signal ? [signal] : [])]);
    const result = shown.last.then(() => work(abort));
    shown.last = result.catch(() => undefined);
    return result;
  }

  private async open(shown: Shown, signal: AbortSignal): Promise<void> {
    delete shown.read;
    delete shown.failure;
    try {
      if (!vscode.workspace.isTrusted) throw new Error(restricted);
      const source = await this.conversations.find(shown.host, shown.id, signal);
      const conversation = await this.conversations.open(source, signal);
      const document = await this.conversations.document(source, conversation, mostCharacters);
      shown.read = { source, conversation, document };
    } catch (error) {
      shown.failure = this.failureText(
        shown,
        isCancelled(error) ? 'Reading was cancelled.' : errorLine(error),
      );
    }
  }

  private async render(shown: Shown): Promise<void> {
    if (!shown.read) return;
    const { source, conversation } = shown.read;
    shown.read.document = await this.conversations.document(source, conversation, mostCharacters);
  }

  private fire(shown: Shown): void {
    this.changed.fire(shown.uri);
    this.lensesChanged.fire();
  }

  /** Of each open one whose transcript has changed, what was added. */
  private follow(): void {
    for (const shown of this.shown.values()) {
      const { read } = shown;
      const source = read && this.conversations.known(shown.host, shown.id);
      if (!read || !source || source.version === read.source.version) continue;
      const moved = source.place.path !== read.source.place.path;
      read.source = source;
      this.next(shown, undefined, async (signal) => {
        if (moved || !(await read.conversation.catchUp(signal))) await this.open(shown, signal);
        else await this.render(shown);
        this.fire(shown);
      }).catch((error: unknown) => {
        // The next refresh tries again.
        read.source = { ...source, version: '' };
        if (!isCancelled(error)) this.onFailure(error);
      });
    }
  }

  /** Why there is nothing to read, and what is known all the same. */
  private failureText({ host, id }: Shown, why: string): string {
    const { sessions, hosts } = this.store.snapshot;
    const session = sessions.find((one) => one.host === host && one.id === id);
    const asOf = hosts.find(({ name }) => name === host)?.asOf;
    const facts = [
      ...(session?.title === undefined ? [] : [`Title: ${session.title}`]),
      ...(session?.directory === undefined ? [] : [`Directory: ${session.directory}`]),
      ...(session?.branch === undefined ? [] : [`Branch: ${session.branch}`]),
      ...(session?.lastActivity === undefined
        ? []
        : [`Last activity: ${ago(session.lastActivity, Date.now())}`]),
      ...(asOf === undefined ? [] : [`${host} was last seen ${ago(asOf, Date.now())}.`]),
    ];
    const title = `# ${escapeMarkdown([session?.key, shortId(id)].filter(Boolean).join(' · '))} on ${escapeMarkdown(host)}`;
    return [title, '', escapeMarkdown(why), '', ...facts.map((fact) => `- ${escapeMarkdown(fact)}`), ''].join(
      '\n',
    );
  }
}
