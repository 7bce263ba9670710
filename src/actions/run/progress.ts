import type { LedgerRun, StartStep } from '../../model/run/order';
import type { Run } from '../../model/run/run';
import type { ShownRun } from './start/implementation/shown';
import type { StartCheck } from './start/steps';

/** What a start is doing now; `done` and `failed` say what came of the step. */
export interface StartProgress {
  step: StartStep;
  state: 'doing' | 'done' | 'failed';
  /** One line for people. */
  detail: string;
}

/** What only the person can decide. `summary` is the sentence to ask, `detail` what it means. */
export type StartQuestion = { summary: string; detail: string; accept: string } & (
  | { kind: 'othersRun'; sessionId: string; by: string; at: number; host?: string }
  /** An earlier run of ours for the task has not come to its end: yes goes on with that one. */
  | { kind: 'ownRun'; runId: string; host: string }
  | { kind: 'branchExists'; branch: string; where: 'local' | 'remote' }
  /** A Claude lives in the worktree in which the run would work. */
  | { kind: 'liveSession'; sessionId: string; host: string; pid: number; at?: number }
  | { kind: 'repositoryPrompt'; path: string; blob: string; text: string }
);

export interface StartOptions {
  /** Name of a configured host; default `defaultHost`, else where the task's repository is found first. */
  host?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: StartProgress) => void) | undefined;
  /** What the person agreed to: a start that would be of anything else is refused. */
  shown?: ShownRun | undefined;
  /** True to go on. Without it every question is answered with no, and the start refuses with the question's words. */
  ask?: ((question: StartQuestion) => Promise<boolean>) | undefined;
}

/** What a start would come to. */
export interface PlannedRun {
  checks: StartCheck[];
  /** What the start will ask; `checks` names them too. */
  questions: StartQuestion[];
  place?: { host: string; directory: string; branch: string };
  /** Of an implementation: the titles of its steps. */
  steps?: readonly string[];
  /** The same to be given to the start, which then begins that and nothing else. */
  shown?: ShownRun;
  refused?: { reason: string; next: string };
}

/** A run that was launched, or found running already. */
export interface StartedRun {
  run: LedgerRun;
  /** What did not work out and will be tried again (Jira did not take the record, the status did not move). */
  notes: string[];
}

/** What settling one run came to. */
export interface Settlement {
  run: Pick<Run, 'id' | 'kind' | 'key' | 'host' | 'sessionId'> & { state: Run['state']['kind'] };
  record: 'published' | 'unchanged' | 'owed' | 'refused';
  status: 'moved' | 'unchanged' | 'owed' | 'refused';
  /** Webhooks that were told by this call. */
  told: number;
  /** One line each, with the next step. */
  problems: string[];
}
