import type { TerminalSpec } from '../../../hosts/terminals';
import type { Session } from '../../../model/session/session';
import type { Task } from '../../../model/task/task';
import type { LaunchFlags } from '../../../sources/claude/launch/launch';

/** One thing that was looked at before anything is spawned. */
export interface PreflightCheck {
  check:
    | 'reference'
    | 'host'
    | 'transcript'
    | 'liveness'
    | 'directory'
    | 'claude'
    | 'trust'
    | 'branch'
    | 'comments'
    | 'docs';
  ok: boolean;
  detail: string;
  /** What to do where it is not. */
  fix?: string;
}

/** Ways on that are offered where a session cannot simply be resumed. */
export type WayOut = 'fork' | 'startFromDocuments' | 'resumeAnyway' | 'retry';

/** A terminal to open on this machine: one for each `id`. */
export interface OpenTerminal {
  id: string;
  title: string;
  /** Runs on this machine without a shell. */
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Configured name of the host. */
  host: string;
  /** Name of the terminal there, where one of ours keeps the session alive. */
  name?: string;
  /** Why the session will not outlive the window, where that is so. */
  mortal?: string;
}

interface PlanBase {
  session: Session;
  task?: Task;
  checks: PreflightCheck[];
}

/** It lives: look at that very process. */
export interface AttachPlan extends PlanBase {
  kind: 'attach';
  open: OpenTerminal;
}

/** It does not live: started as `spec` says, and seen through `open`. */
export interface StartPlan extends PlanBase {
  kind: 'start';
  open: OpenTerminal;
  spec: TerminalSpec;
  flags: LaunchFlags;
  /** A session that did not exist before: a fork, or a new one. */
  begins: boolean;
}

/** It must not be resumed as it is; `reason` and `next` are for people. */
export interface RefusedPlan extends PlanBase {
  kind: 'refused';
  reason: string;
  next: string;
  waysOut: WayOut[];
  otherHosts: Session[];
}

/** What resuming a session comes to, decided before anything is spawned. */
export type ResumePlan = AttachPlan | StartPlan | RefusedPlan;

/** How a start went: the session lives, or what stands in its way. */
export type StartOutcome =
  | { kind: 'running' }
  /** Nothing to see yet after the time that a start takes. */
  | { kind: 'unclear' }
  /** `ended`: the process is gone; else it waits for an answer on its screen. */
  | { kind: 'blocked'; ended: boolean; message: string; next: string; waysOut: WayOut[]; screen: string };
