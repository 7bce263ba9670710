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

/** What a record is to say, and what its text says besides. */
export interface WantedRecord {
  fields: SessionFields;
  place: RecordPlace;
}

export interface RecordWrite {
  issueKey: string;
  /**
   * Asked anew after each reading of the comments, so that what is written is never older than what it replaces.
   * Undefined: nothing is to be written (any more).
   */
  wanted(thread: Thread): WantedRecord | undefined | Promise<WantedRecord | undefined>;
}

export interface WrittenRecord {
  /** None where nothing was wanted. */
  commentId?: string;
  /** False where all of it stood there already. */
  changed: boolean;
  thread: Thread;
}

/**
 * Brings the issue to hold our one comment with the session's record, and answers with its id. May be repeated, and
 * done by two clients at once: before each step the comments are read anew, so that what was written already (by a
 * client that died before it could note it) is found, and of two that came at once the earlier stays. Where a comment
 * would be too long, our own words get shorter; where that is not enough, the record moves to a comment of its own.
 */
export async function writeRecord(
  jira: Jira,
  { issueKey, wanted }: RecordWrite,
  signal?: AbortSignal,
): Promise<WrittenRecord> {
  const sent = new Map<string, string>();
  const tooLong = new Set<string>();
  let added: string | undefined;
  let removals = 0;
  let isShort = false;
  for (let round = 1; ; round++) {
    const thread = await jira.thread(issueKey, signal);
    const record = await wanted(thread);
    const changed = added !== undefined || removals > 0 || sent.size > 0;
    if (!record) return { changed, thread };
    const step = nextStep(jira, thread.comments, isShort ? shortened(record) : record, { tooLong, isShort });
    const done = (commentId: string): WrittenRecord => ({ commentId, changed, thread });
    if (step.kind === 'done') return done(step.id);
    try {
      if (step.kind === 'add') {
        // Never a second time, even where Jira does not show the first.
        if (added !== undefined) return done(added);
        added = (await jira.addComment(issueKey, step.body, signal))?.id ?? '';
      } else if (step.kind === 'edit') {
        const body = JSON.stringify(step.body);
        // Jira has taken it before, and shows it otherwise.
        if (sent.get(step.comment.id) === body || round > mostRounds) return done(step.keeps);
        await unlessGone(jira.updateComment(issueKey, step.comment, step.body, signal));
        sent.set(step.comment.id, body);
      } else if (++removals > mostRemovals || !(await deleted(jira, issueKey, step.id, signal)))
        // Where comments cannot be deleted, two of them say the same.
        return done(step.keeps);
    } catch (error) {
      if (!isTooLong(error) || step.kind === 'remove' || (step.kind === 'add' && isShort)) throw error;
      // What is left of it is too long even so: then it stays as it is.
      if (step.kind === 'edit' && tooLong.has(step.comment.id)) return done(step.keeps);
      if (step.kind === 'edit' && isShort) tooLong.add(step.comment.id);
      isShort = !isShort;
    }
  }
}

/** Programs of one person that write at the same time are few. */
const mostRemovals = 5;
/** What a run says may change while it is written, but not for ever. */
const mostRounds = 12;

/** By Jira's limit for comments, which an administrator can set. */
const isTooLong = (error: unknown): boolean =>
  error instanceof JiraError &&
  (error.problem.kind === 'tooLarge' ||
    (error.problem.kind === 'invalidRequest' &&
      error.problem.messages.some((text) => /too long/i.test(text))));

/** The record in the fewest words that say who works where, and how it stands. */
function shortened({ fields, place: { issueKey } }: WantedRecord): WantedRecord {
  return { fields: withoutLength(fields), place: { issueKey, withoutCommand: true } };
}

function withoutLength(whole: SessionFields): SessionFields {
  const { docs: _, documents: __, reason, ...fields } = whole;
  return { ...fields, ...(reason !== undefined && { reason: reason.slice(0, 150).trimEnd() }) };
}

type Step =
  | { kind: 'add'; body: CommentBody }
  | { kind: 'edit'; comment: IssueComment; body: CommentBody; keeps: string }
  | { kind: 'remove'; id: string; keeps: string }
  | { kind: 'done'; id: string };

/** A comment of ours that records the session, and what becomes of it. */
interface OwnComment {
  comment: IssueComment;
  record: SessionFields;
  /** Its new text; null where it says all of it, undefined where record and words cannot be told apart. */
  edited: CommentBody | null | undefined;
  /** Nothing else is in it, and nobody else has touched it. */
  isSpare: boolean;
}

function nextStep(
  jira: Jira,
  comments: readonly IssueComment[],
  { fields, place }: WantedRecord,
  { tooLong, isShort }: { tooLong: ReadonlySet<string>; isShort: boolean },
): Step {
  const body = recordBody(jira.format, fields, place);
  // As it reads back, so that what is written already is known as such.
  const now = recordIn(body, fields.sessionId) ?? fields;
  const ofRun = !isLinkRecord(now);
  const own = ownRecords(jira, comments, { sessionId: fields.sessionId, ofRun }).map(
    ({ comment, record }): OwnComment => {
      const whole = renewed(record, now);
      const after = isShort ? withoutLength(whole) : whole;
      return {
        comment,
        record,
        edited: sameFields(after, record) ? null : withRecord(comment.body, after, place),
        isSpare:
          comment.updateAuthor.id === comment.author.id && isOnlyRecord(comment.body, fields.sessionId),
      };
    },
  );
  const kept = own.find(({ comment, edited }) => edited !== undefined && !tooLong.has(comment.id));
  if (!kept) return { kind: 'add', body };
  const keeps = kept.comment.id;
  if (kept.edited) return { kind: 'edit', comment: kept.comment, body: kept.edited, keeps };
  for (const { comment, record, edited, isSpare } of own) {
    if (comment.id === keeps) continue;
    if (isSpare && (ofRun || isLinkRecord(record))) return { kind: 'remove', id: comment.id, keeps };
    // Its older lines must not win over newer ones, since the newest line of each field counts.
    const rest = tooLong.has(comment.id) ? withoutRecord(comment.body, fields.sessionId)?.rest : edited;
    if (ofRun && rest) return { kind: 'edit', comment, body: rest, keeps };
  }
  return { kind: 'done', id: keeps };
}

/**
 * Our comments that record the session. For a run all of them, the oldest first: every client keeps that one. For a
 * link what a run wrote comes first, newest first, since the newest line counts; then what somebody linked, in the
 * order of writing, in which every client sees them.
 */
function ownRecords(
  jira: Jira,
  comments: readonly IssueComment[],
  { sessionId, ofRun }: { sessionId: string; ofRun: boolean },
) {
  const own = comments
    .flatMap((comment) => {
      const record = comment.author.id === jira.connection.user.id && recordIn(comment.body, sessionId);
      return record ? [{ comment, record }] : [];
    })
    .sort((a, b) => a.comment.created - b.comment.created || Number(a.comment.id) - Number(b.comment.id));
  if (ofRun) return own;
  const runs = own.filter(({ record }) => !isLinkRecord(record));
  return [
    ...runs.sort((a, b) => b.comment.updated - a.comment.updated),
    ...own.filter(({ record }) => isLinkRecord(record)),
  ];
}

/** The newest thing that our own comments say of a session; undefined where they say nothing. */
export function ownRecord(
  jira: Jira,
  thread: Thread,
  sessionId: string,
): { record: SessionFields; created: number; updated: number } | undefined {
  const own = ownRecords(jira, thread.comments, { sessionId, ofRun: true });
  const newest = own.toSorted((a, b) => a.comment.updated - b.comment.updated).at(-1);
  return (
    newest && {
      record: newest.record,
      created: own[0]!.comment.created,
      updated: newest.comment.updated,
    }
  );
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
  for (const { comment } of ownRecords(jira, comments, { sessionId, ofRun: true })) {
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
  const seen = { commentsSeen: thread.read, updatedAt: options.now };
  const index = recordIndex(mergeClaims(claims), seen);
  try {
    await jira.setIndex(issueKey, index, options.signal);
    return undefined;
  } catch (error) {
    if (error instanceof JiraError) return error;
    throw error;
  }
}
