import { z } from 'zod';
import {
  ledgerEntrySchema,
  ledgerWorktreeSchema,
  acceptedPromptSchema,
  owedWriteSchema,
  type LedgerContent,
  type LedgerEntry,
} from '../model/binding/ledger';
import { marksKept, reviewMarkSchema, type ReviewMark } from '../model/gate/review/reviewMark';
import { notesKept, pullRequestNoteSchema, type PullRequestNote } from '../model/gate/pullRequest';
import { ledgerRunSchema } from '../model/run/order';
import type { Format } from './generation';

/** Any object: what a later version wrote into it stays in it. */
const row = z.record(z.string(), z.unknown());
type Row = z.infer<typeof row>;

/** The ledger as its file has it. Rows are kept as they are and read one by one, so that one we cannot read harms no other. */
export const ledgerFileSchema = z.looseObject({
  entries: z.array(row),
  worktrees: z.array(row),
  owed: z.array(row),
  /** Of runs, accepted prompts, reviews and pull requests; older versions write none and keep what is there. */
  runs: z.array(row).optional(),
  accepted: z.array(row).optional(),
  reviews: z.array(row).optional(),
  pullRequests: z.array(row).optional(),
  /** Set when every file was damaged and we began from nothing: epoch ms. Until the ledger is rebuilt. */
  lostAt: z.number().optional(),
});
export type LedgerFile = z.infer<typeof ledgerFileSchema>;

/**
 * Version 1 (before names, publications and owed writes) checks no version: a window that still runs it writes on, in
 * version 1, and drops what it does not know. Bindings, worktrees and flags it knows, so these are never lost; what may
 * be lost is a name, the note of a comment (found again by its author and session) and an owed write. Since version 2
 * nothing is dropped: unknown fields and words stay, and a newer version is not written to.
 */
export const ledgerFormat: Format<LedgerFile> = {
  version: 2,
  schema: ledgerFileSchema,
  migrations: { 1: (value) => ({ ...(value as object), owed: [] }) },
  initial: (lost) => ({ entries: [], worktrees: [], owed: [], ...(lost && { lostAt: Date.now() }) }),
};

/** How many sessions that were merely seen are remembered: the newest. */
export const seenKept = 2000;

const views = new WeakMap<LedgerFile, LedgerContent>();

/** What can be read of a file; the same object for the same file. */
export function contentOf(file: LedgerFile): LedgerContent {
  let view = views.get(file);
  if (!view) {
    view = {
      entries: file.entries.flatMap((one) => ledgerEntrySchema.safeParse(one).data ?? []),
      worktrees: file.worktrees.flatMap((one) => ledgerWorktreeSchema.safeParse(one).data ?? []),
      owed: file.owed.flatMap((one) => owedWriteSchema.safeParse(one).data ?? []),
      runs: (file.runs ?? []).flatMap((one) => ledgerRunSchema.safeParse(one).data ?? []),
      accepted: (file.accepted ?? []).flatMap((one) => acceptedPromptSchema.safeParse(one).data ?? []),
      reviews: (file.reviews ?? []).flatMap((one) => reviewMarkSchema.safeParse(one).data ?? []),
      pullRequests: (file.pullRequests ?? []).flatMap(
        (one) => pullRequestNoteSchema.safeParse(one).data ?? [],
      ),
    };
    views.set(file, view);
  }
  return view;
}

/** Rows that we cannot read: of a later version, or spoilt. They stay in the file. */
export function unreadRows(file: LedgerFile): number {
  const { entries, worktrees, owed, runs, accepted, reviews, pullRequests } = file;
  const rows = [entries, worktrees, owed, runs, accepted, reviews, pullRequests];
  const count = (lists: readonly (readonly unknown[] | undefined)[]): number =>
    lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  return count(rows) - count(Object.values(contentOf(file)));
}

/** Puts `change` over the entry of the session on the host, or begins one; it moves to the end. */
export function changeEntry(
  file: LedgerFile,
  { sessionId, host }: Pick<LedgerEntry, 'sessionId' | 'host'>,
  change: (before: Row | undefined) => Row | undefined,
): LedgerFile {
  const isIt = (one: Row): boolean => one.sessionId === sessionId && one.host === host;
  const after = change(file.entries.find(isIt));
  const others = file.entries.filter((one) => !isIt(one));
  return { ...file, entries: trimmed(after ? [...others, withoutGaps(after)] : others) };
}

/** Merges an entry over what was known. Merely having seen a session takes no word back that was said of it. */
export function merged(before: Row | undefined, entry: LedgerEntry): Row {
  if (!before) return { ...entry };
  const { createdAt, evidence, key, jira } = before;
  const said = entry.evidence === 'seen' && evidence !== 'seen' ? { evidence, key, jira } : {};
  return { ...before, ...entry, createdAt, ...said };
}

/** JSON has no `undefined`: what is set to it is gone. */
const withoutGaps = (one: Row): Row =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));

const lastTouched = (one: Row): number =>
  Math.max(...[one.lastUsedAt, one.updatedAt, one.createdAt].map((at) => (typeof at === 'number' ? at : 0)));

/** What we started, linked, unlinked, named or published is kept for ever; of what was merely seen, the newest. */
function trimmed(entries: Row[]): Row[] {
  const isMerelySeen = ({ evidence, rejected, name, published }: Row): boolean =>
    evidence === 'seen' &&
    (rejected === undefined || (Array.isArray(rejected) && rejected.length === 0)) &&
    name === undefined &&
    published === undefined;
  const seen = entries.filter(isMerelySeen);
  if (seen.length <= seenKept) return entries;
  const dropped = new Set(seen.toSorted((a, b) => lastTouched(b) - lastTouched(a)).slice(seenKept));
  return entries.filter((one) => !dropped.has(one));
}

type Marked = Pick<ReviewMark, 'jira' | 'key' | 'path'>;

const isMarkOf = (row: Row, { jira, key, path }: Marked): boolean =>
  row.key === key && row.path === path && (row.jira === jira || row.jira === undefined);

/** Puts marks in, each over the one before of that document; of all, the newest are kept. */
export function withMarks(file: LedgerFile, marks: readonly ReviewMark[]): LedgerFile {
  const before = file.reviews ?? [];
  const rows = marks.map((mark) => withoutGaps({ ...before.find((row) => isMarkOf(row, mark)), ...mark }));
  return { ...file, reviews: [...(withoutMarks(file, marks).reviews ?? []), ...rows].slice(-marksKept) };
}

/** Takes the marks of documents away. */
export const withoutMarks = (file: LedgerFile, documents: readonly Marked[]): LedgerFile => ({
  ...file,
  reviews: (file.reviews ?? []).filter((row) => !documents.some((one) => isMarkOf(row, one))),
});

/** Puts what is known of a pull request over what was; when it was opened first stays. */
export function withPullRequest(file: LedgerFile, note: PullRequestNote): LedgerFile {
  const { jira, key, branch } = note;
  const isIt = (row: Row): boolean =>
    row.key === key && row.branch === branch && (row.jira === jira || row.jira === undefined);
  const rows = file.pullRequests ?? [];
  const before = rows.find(isIt);
  const at = typeof before?.at === 'number' ? before.at : note.at;
  const after = withoutGaps({ ...before, ...note, at });
  return { ...file, pullRequests: [...rows.filter((row) => !isIt(row)), after].slice(-notesKept) };
}
