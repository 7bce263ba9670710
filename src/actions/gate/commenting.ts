import { isCancelled, UserError } from '../../model/errors';
import { placeOf, quoteOf, type QuotedLines } from '../../model/gate/question';
import { JiraError } from '../../sources/jira/errors';
import type { IssueComment } from '../../model/task/issue';
import type { Jira } from '../../sources/jira/jira';
import { remarkBody, remarkText, type Remark } from '../../sources/jira/markup/remark';
import type { JiraAccount } from '../account';
import type { IssueWriter } from '../issue/issueWriter';
import { commentUrl, unsent } from '../issue/refusal';

/** A person's comment as it stands on the issue. */
export interface WrittenComment {
  id: string;
  url: string;
  /** False where it stood there already. */
  isNew: boolean;
}

/** What a person says on an issue of lines that they read. */
export class Commenting {
  constructor(
    private readonly account: Pick<JiraAccount, 'jira'>,
    private readonly writer: Pick<IssueWriter, 'next' | 'touched'>,
  ) {}

  /** May be repeated: what stands there already is not written again. Throws UserError where Jira does not take it. */
  comment(key: string, quoted: QuotedLines, words: string, signal?: AbortSignal): Promise<WrittenComment> {
    if (words.trim() === '') throw new UserError('There is nothing to say.', 'Write a comment first.');
    return this.writer.next(async () => {
      const jira = await this.account.jira(signal);
      const remark = { facts: [['Lines', placeOf(quoted)]] as const, quote: quoteOf(quoted), words };
      const written = await commentOnce(jira, key, remark, signal);
      this.writer.touched(key);
      return written;
    });
  }
}

/**
 * Writes a comment, unless one of ours says the same already: then an earlier try has written it. One from before `since`
 * was about something else.
 */
export async function commentOnce(
  jira: Jira,
  key: string,
  remark: Remark,
  signal?: AbortSignal,
  since: (comments: readonly IssueComment[]) => number = () => -Infinity,
): Promise<WrittenComment> {
  const body = remarkBody(jira.format, remark);
  const text = remarkText(body);
  const written = (id: string, isNew: boolean): WrittenComment => ({
    id,
    url: commentUrl(jira, key, id),
    isNew,
  });
  const known = async (): Promise<string | undefined> => {
    const comments = await jira.comments(key, signal);
    const first = since(comments);
    return comments.findLast(
      (comment) =>
        comment.author.id === jira.connection.user.id &&
        comment.updateAuthor.id === comment.author.id &&
        comment.created > first &&
        remarkText(comment.body) === text,
    )?.id;
  };
  try {
    const before = await known();
    if (before !== undefined) return written(before, false);
    try {
      return written((await jira.addComment(key, body, signal))?.id ?? (await known()) ?? '', true);
    } catch (error) {
      // The answer may have been lost, and not the comment.
      const id = error instanceof JiraError && error.transient ? await known() : undefined;
      if (id === undefined) throw error;
      return written(id, true);
    }
  } catch (error) {
    if (isCancelled(error)) throw error;
    throw unsent(error, `Your comment was not written on ${key}`, 'try again');
  }
}
