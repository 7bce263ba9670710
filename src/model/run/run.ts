import type { RunFailure } from './failure/failure';
import type { RunKind, RunOrder, StartStep } from './order';

/**
 * What a run's script does on the host, in order: `wait` for a free place, the turns of Claude, then git. An analysis has
 * `analysis`, `documents` and `review`; an implementation `implement`, `check` and `commit` for each step of its plan.
 */
export const runSteps = [
  'wait',
  'analysis',
  'documents',
  'review',
  'implement',
  'check',
  'commit',
  'push',
] as const;
export type RunStep = (typeof runSteps)[number];

/**
 * One line of `run.jsonl`, which the script appends (runs/script). `run` speaks of the run as a whole:
 * `started` (with the runner's pid, start time and boot id), then `complete`, `failed` or `stopped`.
 */
export interface RunLine {
  /** Epoch ms. */
  at: number;
  step: RunStep | 'run';
  /** `answered`: what a person says to a check that failed, by its reason (`fix`, `skip`, `again`). */
  state: 'started' | 'missing' | 'done' | 'failed' | 'answered' | 'complete' | 'stopped';
  /** Of the runner or of Claude, with its start time as the system tells it (clock ticks since boot on Linux). */
  pid?: number;
  start?: string;
  /** Boot id of the host, where it has one. */
  boot?: string;
  /** Exit status of what ended. */
  code?: number;
  /**
   * A word for why (runs/script). Claude: `busy`, `noClaude`, `directory`, `killed`, `silent`, `noResult`, `missing`, or its own
   * terminal reason; `otherSession` where the answer names another one. Check: `failed`, `timeout`; one that a person passed over is
   * done as `skipped`. Commit: `branch`, `identity`, `git`. Push: `rejected`, `denied`, `network`, `git`. Anywhere: `disk`.
   */
  reason?: string;
  /** What was said, one line, bounded. */
  text?: string;
  /** Documents that are there, or missing. */
  names?: string[];
  commit?: string;
  /** Of an implementation: the step of the plan, from 1. */
  n?: number;
  /** The session of this turn, where an implementation went on in another one than the ordered. */
  session?: string;
  /** Whether the turn began its session or resumed it. */
  how?: 'begin' | 'resume';
}

/** Where an implementation is in its plan; steps are counted from 1. */
export interface PlanPosition {
  current: number;
  total: number;
  title?: string;
  /** Its check failed, and Claude was asked to mend that. */
  mending?: true;
}

/** How one turn of Claude in a run ended or stands, from its stream-json log. */
export interface TurnLog {
  /** `analysis`, `documents` (asked for missing ones), `review`; `implement`, of the step `n` of the plan. */
  step: RunStep;
  n?: number;
  /** Path on the host. */
  path: string;
  size: number;
  changedAt: number;
  /** The last `result` line: by `is_error`, never by `subtype`. */
  result?: {
    isError: boolean;
    subtype?: string;
    terminalReason?: string;
    apiStatus?: number;
    text?: string;
    turns?: number;
    costUsd?: number;
    denied?: string[];
  };
  /** Claude is trying again by itself. */
  retry?: { attempt: number; of: number; status?: number; error?: string; delayMs?: number };
}

/** A run as its host tells it. Times are epoch ms by the host's clock. */
export interface RunReading {
  order: RunOrder;
  /** The newest ones that can be read. */
  lines: RunLine[];
  /** All lines of its file, those that cannot be read included: what `settledLines` counts. */
  lineCount: number;
  /** Whether the runner lives; undefined where that cannot be told. */
  alive?: boolean;
  /** Claude of this run lives, though perhaps its runner does not. */
  claudeAlive?: boolean;
  /** The host was started anew since the runner began. */
  rebooted?: boolean;
  logs: TurnLog[];
  /** Lines of which some client has told Jira. */
  settledLines: number;
}

export type RunState =
  /** Not launched: the start was interrupted after this step. */
  | { kind: 'starting'; reached: StartStep }
  /** Waits for a place among the host's runs. */
  | { kind: 'queued'; since: number }
  | { kind: 'running'; step: RunStep; since: number; retry?: TurnLog['retry']; plan?: PlanPosition }
  /** Nobody works on it, and it has not ended: its runner was killed, or the host was started anew. */
  | { kind: 'interrupted'; step: RunStep; since: number; rebooted: boolean; plan?: PlanPosition }
  | { kind: 'stopped'; step: RunStep; at: number; plan?: PlanPosition }
  | { kind: 'failed'; step: RunStep; at: number; failure: RunFailure; plan?: PlanPosition }
  | { kind: 'complete'; at: number; commit?: string };

export interface RunStepState {
  step: RunStep;
  /** A step of the plan of an implementation, from 1, and its title; `step` is `implement` then. */
  n?: number;
  title?: string;
  /** What of a step of the plan is being done, or failed. */
  part?: 'implement' | 'check' | 'commit' | 'push';
  /** Its check failed, and a person passed that over. */
  skipped?: true;
  /** What was committed for it. */
  commit?: string;
  state: 'todo' | 'doing' | 'done' | 'failed';
  /** When it began, or ended. */
  at?: number;
}

/** One detached execution on a host (README, "Runs"). Times are epoch ms, by the host's clock. */
export interface Run {
  id: string;
  kind: RunKind;
  key: string;
  /** Host (and port) of the Jira that has the task. */
  jira?: string;
  /** Name of the configured host. */
  host: string;
  /** The one that it works in; of an implementation the one that it went on in last. */
  sessionId: string;
  /** Of an implementation that had to go on in another session: those before, oldest first. */
  earlierSessions?: string[];
  reviewId?: string;
  directory: string;
  branch: string;
  startedBy: string;
  /** Our ledger has it. */
  mine: boolean;
  createdAt: number;
  state: RunState;
  /** Of one that lived when its host last answered, by our clock: since then nobody knows. */
  asOf?: number;
  steps: RunStepState[];
  /** Documents that it has written, as far as its file tells. */
  docs: string[];
  /** False where its file says more than Jira was told. */
  settled: boolean;
  /** Lines of its file. */
  lines: number;
  /** Names of the turn logs in its folder, newest last. */
  logs: string[];
}
