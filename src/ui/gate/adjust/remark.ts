import * as vscode from 'vscode';
import type { QuotedLines } from '../../../model/gate/question';
import { shortId } from '../../../model/names';
import type { Session } from '../../../model/session/session';

/** What a person said on lines of a document, as a comment in a thread of VS Code. */
export class Remark implements vscode.Comment {
  body: vscode.MarkdownString;
  readonly mode = vscode.CommentMode.Preview;
  author: vscode.CommentAuthorInformation = { name: 'You' };
  label?: string;
  /** `unsent` offers it again. */
  contextValue = 'sending';

  constructor(
    readonly thread: vscode.CommentThread,
    readonly text: string,
    /** As the lines stood when it was said: what comes later changes nothing of it. */
    readonly quoted: QuotedLines,
  ) {
    this.body = new vscode.MarkdownString().appendText(text);
  }

  sending(label: string): void {
    this.contextValue = 'sending';
    this.show(label);
  }

  unsent(label: string): void {
    this.contextValue = 'unsent';
    this.show(label);
  }

  sent(answer: vscode.MarkdownString): void {
    this.contextValue = 'sent';
    this.show(undefined);
    const told: vscode.Comment = { author: { name: 'Task Sessions' }, body: answer, mode: this.mode };
    this.thread.comments = [...this.thread.comments, told];
  }

  private show(label: string | undefined): void {
    if (label === undefined) delete this.label;
    else this.label = label;
    const { comments } = this.thread;
    // Assigned anew, since VS Code does not see what changes inside.
    this.thread.comments = comments.includes(this) ? [...comments] : [...comments, this];
  }
}

/** `Asked Claude in session 5f1d9b2e · Open`. */
export function askedIn({ id, host }: Session): vscode.MarkdownString {
  const argument = [{ kind: 'listedSession', session: { id, host } }];
  const link = `command:taskSessions.resume?${encodeURIComponent(JSON.stringify(argument))}`;
  const text = new vscode.MarkdownString(`Asked Claude in session \`${shortId(id)}\` · [Open](${link})`);
  text.isTrusted = { enabledCommands: ['taskSessions.resume'] };
  return text;
}

export const writtenOn = (key: string, url: string): vscode.MarkdownString =>
  new vscode.MarkdownString(`Commented on ${key} · [Show](${url.replaceAll(')', '%29')})`);
