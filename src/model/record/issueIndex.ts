import { z } from 'zod';
import type { RecordIndex } from '../task/issue';
import { isBranchName, isHostName, parseObjectId, parseSessionId } from '../names';
import type { RecordClaim, SessionRecord } from './record';
import { isDirectory } from './fields';
import { recordTitles } from './parse';

/** Key of the issue property that holds the index. */
export const recordIndexKey = 'task-sessions';

/** Jira allows 32,768 characters; the rest is room for what counts differently there. */
const maxBytes = 30_000;
const maxRecords = 500;

/** The index of an issue's sessions, newest first, and of its newest approval; the oldest go where it would not fit. */
export function recordIndex(
  { sessions, others = [] }: { sessions: readonly SessionRecord[]; others?: readonly RecordClaim[] },
  seen: Pick<RecordIndex, 'commentsSeen' | 'updatedAt'>,
): RecordIndex {
  const approval = approvalIn(others);
  const index: RecordIndex = { schema: 1, ...seen, ...(approval && { approval }), records: [] };
  let room = maxBytes - bytes(index);
  for (const session of sessions.toSorted((a, b) => b.updated - a.updated).slice(0, maxRecords)) {
    const entry = entryOf(session);
    room -= bytes(entry) + 1;
    if (room < 0) break;
    index.records.push(entry);
  }
  return index;
}

function approvalIn(claims: readonly RecordClaim[]): RecordIndex['approval'] {
  const newest = claims
    .filter(({ title, commit }) => title === 'Approved for Implementation' && commit !== undefined)
    .toSorted((a, b) => a.created - b.created)
    .at(-1);
  return newest?.commit === undefined
    ? undefined
    : { commit: newest.commit, at: newest.created, commentId: newest.commentId };
}

function entryOf(session: SessionRecord): RecordIndex['records'][number] {
  const { sessionId, title, host, directory, branch, commit, created, updated } = session;
  return {
    sessionId,
    title,
    ...(host !== undefined && { host }),
    ...(directory !== undefined && { directory }),
    ...(branch !== undefined && { branch }),
    ...(commit !== undefined && { commit }),
    created,
    updated,
  };
}

const bytes = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

const time = z.number().min(0).max(8.64e15);
const valid = (is: (text: string) => boolean): z.ZodType<string | undefined> =>
  z.string().refine(is).optional().catch(undefined);

const entry = z.object({
  sessionId: z.string().transform((text, context) => {
    const id = parseSessionId(text);
    if (id === undefined) context.addIssue('not a UUID');
    return id ?? z.NEVER;
  }),
  title: z.enum(recordTitles),
  host: valid(isHostName),
  directory: valid(isDirectory),
  branch: valid(isBranchName),
  commit: valid((text) => parseObjectId(text) === text),
  created: time,
  updated: time,
});

const approval = z.object({
  commit: z.string().refine((text) => parseObjectId(text) === text),
  at: time,
  commentId: z.string().regex(/^\d{1,20}$/),
});

const shape = z.object({
  schema: z.literal(1),
  commentsSeen: z.number().int().min(0),
  updatedAt: time,
  approval: approval.optional().catch(undefined),
  records: z.array(z.unknown()),
});

/** The value of the issue property, or undefined. Anyone who edits the issue can write it: it is a hint, never a proof. */
export function parseRecordIndex(value: unknown): RecordIndex | undefined {
  const parsed = shape.safeParse(value);
  if (!parsed.success) return undefined;
  const records = parsed.data.records.slice(0, maxRecords).flatMap((record) => {
    const read = entry.safeParse(record);
    return read.success ? [entryOf(read.data as SessionRecord)] : [];
  });
  const { approval: approved, ...rest } = parsed.data;
  return { ...rest, ...(approved && { approval: approved }), records };
}
