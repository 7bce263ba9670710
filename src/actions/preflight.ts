import type { Session } from '../model/session';
import type { Task } from '../model/task';

/** One thing that was looked at before anything is spawned. */
export interface PreflightCheck {
  check: 'host' | 'claude' | 'transcript' | 'directory' | 'liveness' | 'branch' | 'comments' | 'docs';
  ok: boolean;
  detail: string;
  /** What to do where it is not. */
  fix?: string;
}

/** Ways on that are offered where a session cannot simply be resumed. */
export type WayOut = 'fork' | 'startFromDocuments' | 'viewLive' | 'otherHost' | 'resumeAnyway' | 'openShell';

/** A terminal to open on this machine: one for each `id`. */
export interface OpenTerminal {
  id: string;
  title: string;
  /** Runs on this machine without a shell. */
  argv: readonly string[];
  /** False where the session ends with its window: then `note` says so. */
  outlives: boolean;
  note?: string;
  host: string;
  /** Name on the host, where a terminal of ours keeps it alive. */
  name?: string;
}

interface PlanBase {
  session: Session;
  task?: Task;
  checks: PreflightCheck[];
}

/** What resuming a session comes to, decided before anything is spawned. */
export type ResumePlan =
  /** It lives in a tmux pane: look at that very process. */
  | (PlanBase & { kind: 'attach'; open: OpenTerminal })
  /** It does not live: `open` starts it again, in a terminal that outlives the window where possible. */
  | (PlanBase & { kind: 'start'; open: OpenTerminal })
  /** It must not be resumed as it is; `reason` and `next` are for people. */
  | (PlanBase & { kind: 'refused'; reason: string; next: string; waysOut: WayOut[] });
