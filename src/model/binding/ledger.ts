import { z } from 'zod';
import type { PullRequestNote } from '../gate/pullRequest';
import type { ReviewMark } from '../gate/review/reviewMark';
import type { RecordFields } from '../record/record';
import { type LedgerRun } from '../run/order';
import { phases } from '../task/task';

/**
 * One session as we know it from our own acts: what we started, what the user linked, unlinked or named.
 * Times are epoch ms. `flags` are the launch flags to give again on resume.
 * Words from a later version read as the weakest of ours; the file keeps them as they are.
 */
export const ledgerEntrySchema = z.object({
  sessionId: z.string(),
  host: z.string(),
  /** `started` and `linked` bind, `unlinked` takes a record's or candidate's claim back, `seen` only remembers. */
  evidence: z.enum(['started', 'linked', 'unlinked', 'seen']).catch('seen'),
  key: z.string().optional(),
  /** Host (and port) of the Jira in which that was said: other Jiras have issues of that key too. */
  jira: z.string().optional(),
  /** Further tasks that the user said it does not belong to. */
  rejected: z.array(z.string()).optional(),
  /** The user's own name for it. */
  name: z.string().optional(),
  directory: z.string().optional(),
  branch: z.string().optional(),
  configDir: z.string().optional(),
  flags: z.array(z.string()).default([]),
  kind: z.enum(['analysis', 'implementation', 'other']).default('other').catch('other'),
  continues: z.string().optional(),
  forkedFrom: z.string().optional(),
  /** The record that we wrote for it. */
  published: z.object({ issueKey: z.string(), commentId: z.string(), at: z.number() }).optional(),
  createdAt: z.number(),
  lastUsedAt: z.number().optional(),
  /** Of an implementation: steps of its plan that were written in it. */
  steps: z.number().int().min(0).optional(),
  /** When Claude takes it away, as its host told last. */
  expiresAt: z.number().optional(),
  /** When this entry last changed. */
  updatedAt: z.number().optional(),
});
export type LedgerEntry = z.infer<typeof ledgerEntrySchema>;

/** A worktree that we made for a task: sessions inside it belong to the task. */
export const ledgerWorktreeSchema = z.object({
  key: z.string(),
  /** As of an entry. */
  jira: z.string().optional(),
  host: z.string(),
  directory: z.string(),
  createdAt: z.number(),
});
export type LedgerWorktree = z.infer<typeof ledgerWorktreeSchema>;

const owed = z.object({
  id: z.uuid(),
  /** Host (and port) of the Jira that it is owed to: other Jiras have issues of that key too. */
  jira: z.string().optional(),
  issueKey: z.string(),
  /** Of a run: whoever pays it asks the run's host how it stands now. */
  runId: z.string().optional(),
  createdAt: z.number(),
  attempts: z.number().int().min(0).default(0),
  triedAt: z.number().optional(),
  /** Jira decided against it: trying again helps only after somebody has changed something. */
  refused: z.literal(true).optional(),
  lastError: z.string().optional(),
});

/** A record that should be on an issue and is not yet. */
export const owedRecordSchema = owed.extend({
  kind: z.literal('record'),
  sessionId: z.string(),
  /** Our own words of then: whoever writes them renders them through the record's own rules. */
  fields: z.custom<RecordFields>(
    (value) => typeof value === 'object' && value !== null && 'title' in value && value.title !== '',
  ),
});
export type OwedRecord = z.infer<typeof owedRecordSchema>;

/** A status that an issue should have and has not yet. */
export const owedStatusSchema = owed.extend({
  kind: z.literal('status'),
  sessionId: z.string(),
  phase: z.enum(phases),
  /** What somebody did to the status after this time stands: epoch ms. */
  since: z.number(),
});
export type OwedStatus = z.infer<typeof owedStatusSchema>;

/** The link of a branch's pull request, which an issue should have: where that is, our note of it says. */
export const owedLinkSchema = owed.extend({
  kind: z.literal('link'),
  issueId: z.string(),
  branch: z.string().max(1000),
  /** The branch that it goes into. */
  base: z.string().max(1000),
});
export type OwedLink = z.infer<typeof owedLinkSchema>;

/** That webhooks are told of an approval, once it is on the issue. Noted before it is written there. */
export const owedMessageSchema = owed.extend({
  kind: z.literal('message'),
  branch: z.string().max(1000),
  commit: z.string().max(64),
});
export type OwedMessage = z.infer<typeof owedMessageSchema>;

/** What should be said and is not yet, mostly since Jira did not take it. Paid by a later verb. */
export const owedWriteSchema = z.discriminatedUnion('kind', [
  owedRecordSchema,
  owedStatusSchema,
  owedLinkSchema,
  owedMessageSchema,
]);
export type OwedWrite = z.infer<typeof owedWriteSchema>;

const minute = 60_000;

/** When it may be tried again without anybody asking: pauses grow, from a minute; from an hour where Jira decided. */
export function nextTryAt({
  attempts,
  triedAt = 0,
  refused,
}: Pick<OwedWrite, 'attempts' | 'triedAt' | 'refused'>): number {
  if (attempts === 0) return 0;
  const [first, longest] = refused ? [60 * minute, 24 * 60 * minute] : [minute, 15 * minute];
  return triedAt + Math.min(longest, first * 2 ** Math.min(attempts - 1, 20));
}

/** What binds sessions to tasks. */
export interface LedgerState {
  entries: LedgerEntry[];
  worktrees: LedgerWorktree[];
  /** Runs that we started. */
  runs?: LedgerRun[];
  /** Versions of documents that this person has read. */
  reviews?: ReviewMark[];
  /** Pull requests that this person opened. */
  pullRequests?: PullRequestNote[];
}

/** A file of a repository that its user accepted as a prompt, in exactly this form. */
export const acceptedPromptSchema = z.object({
  /** Git's object id of the content: the same text is the same everywhere. */
  blob: z.string().regex(/^[0-9a-f]{40,64}$/),
  path: z.string().max(1000),
  at: z.number(),
});
export type AcceptedPrompt = z.infer<typeof acceptedPromptSchema>;

/** Everything that the ledger holds. */
export interface LedgerContent extends LedgerState {
  owed: OwedWrite[];
  runs: LedgerRun[];
  accepted: AcceptedPrompt[];
  reviews: ReviewMark[];
  pullRequests: PullRequestNote[];
}

export const emptyLedger: LedgerContent = {
  entries: [],
  worktrees: [],
  owed: [],
  runs: [],
  accepted: [],
  reviews: [],
  pullRequests: [],
};

const countsIn = (jira: string | undefined, said: { jira?: string | undefined }): boolean =>
  jira === undefined || said.jira === undefined || said.jira === jira;

/** What an entry says where that Jira is asked: what was said in another names no task of this one. */
export function entryFor(entry: LedgerEntry, jira: string | undefined): LedgerEntry {
  if (countsIn(jira, entry)) return entry;
  const { key: _, jira: __, rejected: ___, published: ____, ...facts } = entry;
  return { ...facts, evidence: 'seen' };
}

const views = new WeakMap<LedgerState, { jira: string | undefined; view: LedgerState }>();

/**
 * The ledger for one Jira, its host and port. What names none, from before, counts in every one. Asked for the same
 * again, it is the same object.
 */
export function ledgerFor(ledger: LedgerState, jira: string | undefined): LedgerState {
  const known = views.get(ledger);
  if (known && known.jira === jira) return known.view;
  const entries = ledger.entries.map((entry) => entryFor(entry, jira));
  const view = {
    entries,
    worktrees: ledger.worktrees.filter((worktree) => countsIn(jira, worktree)),
    ...(ledger.runs && { runs: ledger.runs.filter(({ order }) => countsIn(jira, order)) }),
    ...(ledger.pullRequests && {
      pullRequests: ledger.pullRequests.filter((note) => countsIn(jira, note)),
    }),
    ...(ledger.reviews && { reviews: ledger.reviews.filter((mark) => countsIn(jira, mark)) }),
  };
  views.set(ledger, { jira, view });
  return view;
}
