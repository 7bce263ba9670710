import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { App } from '../../../app';
import { boundSessions } from '../../../model/describe';
import { isCancelled, UserError } from '../../../model/errors';
import { question, type QuotedLines } from '../../../model/gate/question';
import { liveRunOf } from '../../../model/run/standing';
import { resumeChoices } from '../../../model/session/choice';
import type { Session } from '../../../model/session/session';
import type { Task } from '../../../model/task/task';
import { parseVersionUri, versionScheme } from '../../documents/versions';
import { scheme } from '../../documents/branchFiles';
import { openSettings, reportFailure, settingIn, showSetting, withProgress } from '../../failures';
import { pickSession } from '../../pickers/sessionPicker';
import type { ShownDocument } from '../shownDocument';
import { askedIn, Remark, writtenOn } from './remark';

export interface DocumentCommentsOptions {
  app: Pick<App, 'store' | 'asking' | 'commenting' | 'reviewing' | 'log'>;
  /** The document that an editor shows. */
  shown(uri: vscode.Uri): ShownDocument | undefined;
  resume(session: Session, task?: Task): Promise<void>;
  refresh(): Promise<void>;
}

const controllerId = 'taskSessions.documents';

/**
 * Talk about lines of documents: a question to Claude, or a comment on the issue. Threads live as long as the window;
 * what was sent lives where it went.
 */
export class DocumentComments implements vscode.Disposable {
  private readonly controller = vscode.comments.createCommentController(controllerId, 'Documents of Tasks');
  private readonly following: vscode.Disposable;
  private commented = '';

  constructor(private readonly options: DocumentCommentsOptions) {
    this.controller.options = {
      prompt: 'Ask Claude, or comment on the issue',
      placeHolder: 'What about these lines?',
    };
    this.offer();
    this.following = options.app.store.onDidChange(() => this.offer());
  }

  /** `argument`: what VS Code gives a button of a thread, or of a remark that was not sent. */
  async ask(argument: unknown): Promise<void> {
    const remark = await this.remarkOf(argument, 'Asking Claude…');
    if (remark) void this.send(remark, () => this.askClaude(remark));
  }

  async comment(argument: unknown): Promise<void> {
    const remark = await this.remarkOf(argument, 'Writing on the issue…');
    if (remark) void this.send(remark, () => this.write(remark));
  }

  discard(argument: unknown): void {
    threadOf(argument)?.dispose();
  }

  dispose(): void {
    this.following.dispose();
    this.controller.dispose();
  }

  private async askClaude(remark: Remark): Promise<void> {
    const { app, resume, refresh } = this.options;
    const { task } = this.documentOf(remark.thread);
    const session = await this.session(task, remark);
    if (!session) return remark.unsent('Not asked');
    const text = question(remark.quoted, remark.text, randomBytes(6).toString('hex'));
    const asked = await withProgress(`Asking Claude about ${task.key}`, (signal, report) =>
      app.asking.ask(session, text, { task, signal, onProgress: report }),
    );
    void refresh();
    if (asked.kind === 'asked') return remark.sent(askedIn(session));
    remark.unsent(asked.kind === 'unclear' ? 'Not seen to arrive' : 'Not asked');
    const { executeCommand } = vscode.commands;
    const waysOut = asked.kind === 'refused' ? asked.waysOut : [];
    const run = liveRunOf(app.store.snapshot, session);
    const setting = settingIn(asked.next);
    const ways: Record<string, () => unknown> = {
      ...(asked.open && { 'Open Session': () => resume(session, task) }),
      ...(run && {
        'Stop and Take Over': () =>
          executeCommand('taskSessions.takeOverRun', { key: run.key, runId: run.id, host: run.host }),
      }),
      ...(setting !== undefined && { [openSettings]: () => showSetting(setting) }),
      ...(waysOut.includes('fork') && {
        'Fork Session': () => executeCommand('taskSessions.fork', { kind: 'listedSession', session }),
      }),
      ...(waysOut.includes('startFromDocuments') && {
        [fromDocuments]: () => executeCommand('taskSessions.startFromDocuments', { key: task.key }),
      }),
    };
    const said = `${asked.reason} ${asked.next}`;
    const choice = await vscode.window.showWarningMessage(said, ...Object.keys(ways));
    if (choice !== undefined) await ways[choice]?.();
  }

  /** Undefined: given up, or none, and its documents are offered instead. */
  private async session(task: Task, remark: Remark): Promise<Session | undefined> {
    const [only, ...others] = resumeChoices(boundSessions(task));
    if (others.length > 0) return pickSession(task, `Ask Claude: ${task.key}`, Date.now());
    if (only) return only;
    // The words wait in the thread for a session, or for the issue, not for an answer to this.
    remark.unsent('Not asked');
    const said = `${task.key} has no session to ask. Start one from its documents, or comment on the issue instead.`;
    if (await vscode.window.showInformationMessage(said, fromDocuments))
      await vscode.commands.executeCommand('taskSessions.startFromDocuments', { key: task.key });
    return undefined;
  }

  private async write(remark: Remark): Promise<void> {
    const { key } = this.documentOf(remark.thread).task;
    const { url } = await withProgress(`Commenting on ${key}`, (signal) =>
      this.options.app.commenting.comment(key, remark.quoted, remark.text, signal),
    );
    remark.sent(writtenOn(key, url));
  }

  /**
   * The words stay in the thread, whatever comes of them, and can be sent again. Not waited for: VS Code keeps them in
   * its input, too, until a button's command has ended.
   */
  private async send(remark: Remark, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      remark.unsent(isCancelled(error) ? 'Cancelled' : 'Not sent');
      await reportFailure(error, this.options.app.log);
    }
  }

  private async remarkOf(argument: unknown, label: string): Promise<Remark | undefined> {
    if (argument instanceof Remark) {
      if (argument.contextValue !== 'unsent') return undefined;
      argument.sending(label);
      return argument;
    }
    const thread = threadOf(argument);
    const text = thread && (argument as vscode.CommentReply).text;
    if (!thread || typeof text !== 'string' || text.trim() === '') return undefined;
    const remark = new Remark(thread, text.trim(), await this.quote(thread));
    const { task } = this.documentOf(thread);
    thread.label = `${task.key} · ${lineText(remark.quoted)}`;
    thread.collapsibleState = vscode.CommentThreadCollapsibleState.Expanded;
    remark.sending(label);
    return remark;
  }

  private async quote(thread: vscode.CommentThread): Promise<QuotedLines> {
    const { task, doc } = this.documentOf(thread);
    const document = await vscode.workspace.openTextDocument(thread.uri);
    const first = Math.min(thread.range?.start.line ?? 0, document.lineCount - 1);
    const last = Math.min(thread.range?.end.line ?? first, document.lineCount - 1);
    const lines = new vscode.Range(first, 0, last, document.lineAt(last).text.length);
    const blob =
      parseVersionUri(thread.uri)?.blob ??
      (thread.uri.scheme === scheme
        ? doc.blob
        : await this.options.app.reviewing.versionOf(task, doc, document.getText()));
    return {
      path: doc.path,
      first: first + 1,
      last: last + 1,
      text: document.getText(lines),
      ...(blob === doc.blob && task.head !== undefined
        ? { commit: task.head }
        : blob !== undefined && { blob }),
    };
  }

  private documentOf({ uri }: vscode.CommentThread): ShownDocument {
    const shown = this.options.shown(uri);
    if (shown) return shown;
    throw new UserError('This is no document of a listed task any more.', 'Refresh, and try again.');
  }

  /** Which documents can be commented is asked once; so again when there are others. */
  private offer(): void {
    const { tasks } = this.options.app.store.snapshot;
    const commented = JSON.stringify(
      tasks.map(({ key, docs, checkout }) => [
        key,
        checkout?.worktree?.directory,
        docs.map(({ path }) => path),
      ]),
    );
    if (commented === this.commented) return;
    this.commented = commented;
    this.controller.commentingRangeProvider = {
      provideCommentingRanges: (document) =>
        ['file', scheme, versionScheme].includes(document.uri.scheme) && this.options.shown(document.uri)
          ? [new vscode.Range(0, 0, Math.max(0, document.lineCount - 1), 0)]
          : [],
    };
  }
}

const fromDocuments = 'Start New Session from Documents';

const lineText = ({ first, last }: QuotedLines): string =>
  first === last ? `line ${first}` : `lines ${first} to ${last}`;

/** Of what VS Code gives a button: the thread itself, or an answer in it. */
function threadOf(argument: unknown): vscode.CommentThread | undefined {
  const thread: unknown =
    typeof argument === 'object' && argument !== null && 'thread' in argument ? argument.thread : argument;
  return typeof thread === 'object' && thread !== null && 'comments' in thread && 'dispose' in thread
    ? (thread as vscode.CommentThread)
    : undefined;
}
