import { z } from 'zod';
import { isAbsolutePath, isBranchName, isIssueKey, parseObjectId, parseSessionId } from '../names';

const sessionId = z.string().transform((text, context) => {
  const id = parseSessionId(text);
  if (id === undefined) context.addIssue('not a UUID');
  return id ?? z.NEVER;
});
const directory = z.string().refine(isAbsolutePath);
const branch = z.string().refine(isBranchName);

const objectId = z.string().refine((text) => parseObjectId(text) === text);

/** What an implementation works by: pinned when it was ordered, whatever becomes of documents and settings later. */
export const implementationSchema = z.object({
  /** The approved commit; the documents are read from it. */
  commit: objectId,
  approvedBy: z.string().max(300),
  approvedAt: z.number(),
  /** As approved, in reading order: path in the repository and git's id of the content. */
  documents: z.array(z.object({ path: z.string().max(1000), blob: objectId })).max(50),
  /** Path of the plan among them; none where the whole of the documents is the one step. */
  plan: z.string().max(1000).optional(),
  /** Of the plan, in their order. Titles are one line each. */
  steps: z
    .array(z.object({ title: z.string().max(300) }))
    .min(1)
    .max(100),
  /** Command lines that have to pass after each step. */
  checks: z.array(z.string().max(500)).max(20),
  /** Sessions to go on in, one after another, where the one before cannot be resumed. */
  spares: z.array(sessionId).max(5),
});
export type ImplementationOrder = z.infer<typeof implementationSchema>;

/** What a run is for. */
export const runKinds = ['analysis', 'implementation', 'handoff'] as const;
export type RunKind = (typeof runKinds)[number];

/**
 * What one run is to do, decided before anything is started and never changed: `run.json` in the run's folder on its
 * host, and in the ledger of the person who started it. It holds no secret. Times are epoch ms.
 */
export const runOrderSchema = z.object({
  schema: z.literal(1),
  /** UUID; names the run's folder. */
  id: sessionId,
  kind: z.enum(runKinds),
  key: z.string().refine(isIssueKey),
  /** Jira's own number of the issue: a key that was used again names another. */
  issueId: z
    .string()
    .regex(/^\d{1,20}$/)
    .optional(),
  summary: z.string().max(500).optional(),
  /** Host (and port) of the Jira that has the task. */
  jira: z.string().max(300).optional(),
  /** In Jira's words: account id on Cloud, user key on Data Center. */
  startedBy: z.object({ id: z.string().max(300), name: z.string().max(300) }),
  /** What the starter's configuration calls the host. */
  host: z.string().max(64),
  /** Chosen before the launch, so that nothing has to be captured. */
  sessionId,
  /** Of the second, fresh session that writes `critic.md`; none where that is switched off. */
  reviewId: sessionId.optional(),
  /** The session that it goes on from. */
  continues: sessionId.optional(),
  /** Directory of the repository on the host; its worktree is `directory`. */
  repository: directory,
  directory,
  branch,
  base: z.object({ branch, commit: objectId }),
  /** Name of the remote that the branch is pushed to. */
  remote: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/),
  /** Folder of the documents on the branch, and their names in reading order. */
  docs: z.object({
    directory: z
      .string()
      .max(1000)
      .regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\p{Cc}]*$/u),
    names: z.array(z.string().regex(/^(?!\.{1,2}$)[^/\p{Cc}]{1,200}$/u)).max(50),
  }),
  /** As the ledger's: given to Claude at every turn. */
  flags: z.array(z.string().max(8192)).max(100),
  /** Of an implementation: what was approved, as it stood then. */
  implementation: implementationSchema.optional(),
  createdAt: z.number(),
});
export type RunOrder = z.infer<typeof runOrderSchema>;

/** What the client does to start a run, in order; each may be repeated without harm. */
export const startSteps = ['preflight', 'branch', 'record', 'launch', 'status'] as const;
export type StartStep = (typeof startSteps)[number];

/** True once its host has it. */
export const hasStarted = (reached: StartStep): boolean => reached === 'launch' || reached === 'status';

/** A run in the ledger of the person who started it. */
export const ledgerRunSchema = z.object({
  order: runOrderSchema,
  /** The last step of the start that was done; what comes after it is done by *Continue*. */
  reached: z.enum(startSteps),
  /** The branch was there before, and the user said to work on it. */
  existing: z.literal(true).optional(),
  /** Lines of the run's file that we have told Jira of. */
  settledLines: z.number().int().min(0).default(0),
  /** The state that we have told Jira of (settlement/due, `standing`). */
  settledAs: z.string().optional(),
  /** Its record was taken back: no program that was just paying it writes it again. */
  withdrawn: z.boolean().optional(),
  /** The user gave it up: before it was launched, or for good. */
  abandoned: z.literal(true).optional(),
  createdAt: z.number(),
  updatedAt: z.number().optional(),
});
export type LedgerRun = z.infer<typeof ledgerRunSchema>;
