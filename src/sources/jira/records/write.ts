import { isLinkRecord, renewed, type SessionFields } from '../../../model/record/linkRecord';
import { recordIndex } from '../../../model/record/issueIndex';
import { mergeClaims } from '../../../model/record/merge';
import type { RecordPlace } from '../../../model/record/text';
import type { IssueComment } from '../../../model/task/issue';
import { claimsOf } from '../comments';
import type { CommentBody } from '../dialect/dialect';
import { JiraError } from '../errors';
import type { Jira } from '../jira';
import { isOnlyRecord, recordBody, recordIn, withoutRecord, withRecord } from './body';

/** Every comment of an issue, as it was last read. */
export type Thread = Awaited<ReturnType<Jira['thread']>>;

export interface RecordWrite {
  issueKey: string;
  fields: SessionFields;
  place: RecordPlace;
}

type Step =
  | { kind: 'add'; body: CommentBody }
  | { kind: 'edit'; comment: IssueComment; body: CommentBody }
  | { kind: 'remove'; id: string; keeps: string }
  | { kind: 'done'; id: string };

/**
 * Brings the issue to hold our one comment with the session's record, and answers with its id. May be repeated, and
 * done by two clients at once: before each step the comments are read anew, so that what was written already (by a
 * client that died before it could note it) is found, and of two that came at once the earlier stays.
 */
export async function writeRecord(
  jira: Jira,
  write: RecordWrite,
  signal?: AbortSignal,
): Promise<{ commentId: string; thread: Thread }> {
  const { issueKey } = write;
  let added: string | undefined;
  let isEdited = false;
  let removals = 0;
  for (;;) {
    const thread = await jira.thread(issueKey, signal);
    const step = nextStep(jira, thread.comments, write);
    switch (step.kind) {
      case 'done':
        return { commentId: step.id, thread };
      case 'add':
        // Never a second time, even where Jira does not show the first.
        if (added !== undefined) return { commentId: added, thread };
        added = (await jira.addComment(issueKey, step.body, signal))?.id ?? '';
        break;
      case 'edit':
        if (isEdited) return { commentId: step.comment.id, thread };
        isEdited = true;
        await unlessGone(jira.updateComment(issueKey, step.comment, step.body, signal));
        break;
      case 'remove':
        // Where comments cannot be deleted, two of them say the same.
        if (++removals > mostRemovals || !(await deleted(jira, issueKey, step.id, signal)))
          return { commentId: step.keeps, thread };
        break;
    }
  }
}

/** Programs of one person that write at the same time are few. */
const mostRemovals = 5;

function nextStep(jira: Jira, comments: readonly IssueComment[], { fields, place }: RecordWrite): Step {
  const body = recordBody(jira.format, fields, place);
  // As it reads back, so that what is written already is known as such.
  const now = recordIn(body, fields.sessionId) ?? fields;
  const own = ownRecords(jira, comments, fields.sessionId);
  const [chosen] = own.flatMap(({ comment, record }) => {
    const after = renewed(record, now);
    const edited = sameFields(after, record) ? null : withRecord(comment.body, after, place);
    return edited === undefined ? [] : [{ comment, edited }];
  });
  if (!chosen) return { kind: 'add', body };
  if (chosen.edited) return { kind: 'edit', comment: chosen.comment, body: chosen.edited };
  const spare = own.find(
    ({ comment, record }) =>
      comment.id !== chosen.comment.id &&
      isLinkRecord(record) &&
      comment.updateAuthor.id === comment.author.id &&
      isOnlyRecord(comment.body, fields.sessionId),
  );
  return spare
    ? { kind: 'remove', id: spare.comment.id, keeps: chosen.comment.id }
    : { kind: 'done', id: chosen.comment.id };
}

/**
 * Our comments that record the session. What a run wrote comes first, newest first, since the newest line counts; then
 * what somebody linked, in the order of writing, in which every client sees them.
 */
function ownRecords(jira: Jira, comments: readonly IssueComment[], sessionId: string) {
  const own = comments.flatMap((comment) => {
    const record = comment.author.id === jira.connection.user.id && recordIn(comment.body, sessionId);
    return record ? [{ comment, record }] : [];
  });
  const links = own.filter(({ record }) => isLinkRecord(record));
  const runs = own.filter(({ record }) => !isLinkRecord(record));
  return [
    ...runs.sort((a, b) => b.comment.updated - a.comment.updated),
    ...links.sort(
      (a, b) => a.comment.created - b.comment.created || Number(a.comment.id) - Number(b.comment.id),
    ),
  ];
}

const sameFields = (a: SessionFields, b: SessionFields): boolean => {
  const text = (fields: SessionFields): string =>
    JSON.stringify(Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1)));
  return text(a) === text(b);
};

/** What became of our comments that recorded a session. */
export interface Withdrawn {
  deleted: number;
  /** Comments in which other words stay. */
  edited: number;
  /** Ids of comments in which the record cannot be told from other words. */
  left: string[];
  thread: Thread;
}

/** Takes our own records of a session back. Nobody else's comment is touched, and nobody's words are lost. */
export async function removeRecord(
  jira: Jira,
  issueKey: string,
  sessionId: string,
  signal?: AbortSignal,
): Promise<Withdrawn> {
  const { comments } = await jira.thread(issueKey, signal);
  const result: Omit<Withdrawn, 'thread'> = { deleted: 0, edited: 0, left: [] };
  for (const { comment } of ownRecords(jira, comments, sessionId)) {
    const without = withoutRecord(comment.body, sessionId);
    const isOurs = comment.updateAuthor.id === jira.connection.user.id;
    if (!without) result.left.push(comment.id);
    else if (!without.rest && isOurs && (await deleted(jira, issueKey, comment.id, signal))) result.deleted++;
    else {
      await unlessGone(
        jira.updateComment(issueKey, comment, without.rest ?? withdrawn(jira, sessionId), signal),
      );
      result.edited++;
    }
  }
  return { ...result, thread: await jira.thread(issueKey, signal) };
}

/** False where the project lets nobody delete comments. */
async function deleted(jira: Jira, issueKey: string, id: string, signal?: AbortSignal): Promise<boolean> {
  try {
    await unlessGone(jira.deleteComment(issueKey, id, signal));
    return true;
  } catch (error) {
    if (error instanceof JiraError && (error.kind === 'permission' || error.kind === 'invalidRequest'))
      return false;
    throw error;
  }
}

/** A comment cannot be empty. It names no title, so nothing reads it as a record. */
function withdrawn(jira: Jira, sessionId: string): CommentBody {
  const text = `The record of session ${sessionId} was withdrawn.`;
  if (jira.format === 'wiki') return text;
  return { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] };
}

/** Somebody else took it away meanwhile: the comments are read again anyway. */
async function unlessGone(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (!(error instanceof JiraError) || error.kind !== 'notFound') throw error;
  }
}

/** Writes the index of all records that a thread holds. Answers why that was not possible: the comments count anyway. */
export async function writeIndex(
  jira: Jira,
  issueKey: string,
  thread: Thread,
  options: { now: number; signal?: AbortSignal | undefined },
): Promise<JiraError | undefined> {
  const claims = thread.comments.flatMap((comment) => claimsOf(comment, issueKey));
  const index = recordIndex(mergeClaims(claims).sessions, {
    commentsSeen: thread.read,
    updatedAt: options.now,
  });
  try {
    await jira.setIndex(issueKey, index, options.signal);
    return undefined;
  } catch (error) {
    if (error instanceof JiraError) return error;
    throw error;
  }
}
