import type { PullRequestNote } from '../gate/pullRequest';
import type { CauseKind } from '../phase/machine';
import type { Run } from '../run/run';
import type { Session, TerminalInfo } from '../session/session';

export const phases = [
  'backlog',
  'analyzing',
  'awaitingReview',
  'approved',
  'implementing',
  'inReview',
  'done',
] as const;
export type Phase = (typeof phases)[number];

/** Why a task is in its phase: what happened (model/phase), or only that its Jira status says so (`movedByHand`). */
export interface PhaseReason {
  kind: CauseKind | 'movedByHand';
  /** Epoch ms, where known. */
  at?: number;
}

export type StatusCategory = 'new' | 'indeterminate' | 'done';

/** One document on the task branch. `blob` is git's object id of its content. */
export interface TaskDoc {
  name: string;
  /** Path inside the repository. */
  path: string;
  blob: string;
  /** Commit time of its last change, epoch ms, where known. */
  changedAt?: number;
  /** How it stands to what this person has read and to what was approved. */
  review?: DocReview;
}

/** Opening is not reading: a document is reviewed when its reader says so. */
export interface DocReview {
  /** `changed`: it was reviewed in another form. */
  state: 'new' | 'changed' | 'reviewed';
  /** When it was marked last: epoch ms. */
  at?: number;
  /** Git's id of the content that was marked last. */
  blob?: string;
  /** Against the newest approval that counts; absent without one. */
  approved?: 'same' | 'changed' | 'added';
}

export interface Approval {
  commit: string;
  by: string;
  /** Epoch ms. */
  at: number;
  /** A document differs from what was approved, is gone, or is new. */
  stale: boolean;
  /** What was approved, where the record lists it. */
  documents?: { path: string; blob: string }[];
  /** Paths that make it stale. */
  changed?: string[];
}

export interface NeedsYou {
  reason: string;
  /** Epoch ms. */
  since: number;
  sessionId?: string;
  runId?: string;
}

/** The task branch as one repository has it. */
export interface TaskBranch {
  /** Configured name or folder name. */
  repository: string;
  /** Host on which the repository lies; `local` host's name for this machine. */
  host: string;
  /** Repository directory on that host. */
  directory: string;
  name: string;
  /** Full ref that was read: `refs/heads/…` or `refs/remotes/<remote>/…`. */
  ref: string;
  head: string;
  /** Epoch ms of the head commit. */
  committedAt?: number;
  upstream?: { ref: string; ahead: number; behind: number; gone?: boolean };
  /** The working tree that has it checked out. */
  worktree?: { directory: string; main: boolean };
}

/** What a repository has of one task. Neither branch nor error: there is no such branch. */
export interface BranchReading {
  branch?: TaskBranch;
  docs: TaskDoc[];
  /** One line for people, with the next step. */
  error?: string;
}

/** A Jira issue that matches the configured JQL, with everything that hangs on it. Times are epoch ms. */
export interface Task {
  key: string;
  id: string;
  summary: string;
  status: string;
  statusCategory: StatusCategory;
  phase: Phase;
  phaseCause?: PhaseReason;
  failed?: boolean;
  priority?: string;
  assignee?: string;
  url: string;
  updated?: number;
  branch?: string;
  head?: string;
  checkout?: TaskBranch;
  /** Why the branch could not be read, in words. */
  branchError?: string;
  docs: TaskDoc[];
  /** How many documents a task has when complete (`docs.names`). */
  docsExpected: number;
  /** Bound ones first, then the likeliest candidates. */
  sessions: Session[];
  /** Candidates that are not among the sessions. */
  moreCandidates?: number;
  /** Newest first. */
  runs?: Run[];
  approval?: Approval;
  /** Why nobody can tell whether it is approved: then it is neither shown as that nor as not. */
  approvalDoubt?: string;
  /** As our ledger knows it; links that others made are on the issue. */
  pullRequest?: PullRequestNote;
  needsYou?: NeedsYou;
}

/** How a source last answered. `asOf` is the last good answer; `error` says why the newest attempt failed. */
export interface SourceState {
  asOf?: number;
  /** `asOf` is of an earlier run: in this one it has not answered yet. */
  earlier?: boolean;
  error?: string;
  /** What to do about `error`. */
  next?: string;
}

export interface HostState extends SourceState {
  name: string;
  local: boolean;
}

/** The one picture that every view and every listing reads. */
export interface Snapshot {
  at: number;
  jira: SourceState & { url?: string; user?: string; signedIn: boolean };
  hosts: HostState[];
  /** The repositories as a whole; what is wrong with one of them is its tasks' `branchError`. */
  branches?: SourceState;
  tasks: Task[];
  /** Every known session, bound or not. */
  sessions: Session[];
  terminals: TerminalInfo[];
  /** Every known run, newest first; also of tasks that are not listed. */
  runs?: Run[];
}

export const emptySnapshot: Snapshot = {
  at: 0,
  jira: { signedIn: false },
  hosts: [],
  tasks: [],
  sessions: [],
  terminals: [],
};
