import type { TerminalInfo } from '../model/session/session';

export interface TerminalSpec {
  /** Matches `isTerminalName`. */
  name: string;
  argv: readonly string[];
  /** Absolute; the process ends with status 96 if it does not exist. */
  directory: string;
  env?: Readonly<Record<string, string>>;
  key?: string;
  sessionId?: string;
  /** Leave one of that name whose process has ended as it is, with its last screen. */
  keepEnded?: true;
  /** It goes with its process, instead of staying with its last screen. */
  goesWhenEnded?: true;
}

/** `ended`: it is there, but its process has ended, and `keepEnded` was asked for. */
export interface Creation {
  created: boolean;
  ended?: true;
}

/** The last screen, and how the process ended if it did. */
export interface Screen {
  text: string;
  dead?: { status?: number; signal?: string };
}

/** What keeps processes alive on one host: tmux, or our supervisor where there is no tmux. One test suite for both. */
export interface Terminals {
  readonly kind: 'tmux' | 'supervisor';
  /** Environment that the argv of `attachArgv` needs. */
  readonly attachEnv?: Readonly<Record<string, string>>;
  /** No server running is an empty list. Throws `UserError` where tmux is not installed. */
  list(signal?: AbortSignal): Promise<TerminalInfo[]>;
  /** Creates, or finds it there already: one atomic step, safe for several at once. An ended one of that name is replaced, unless `keepEnded`. */
  create(spec: TerminalSpec, signal?: AbortSignal): Promise<Creation>;
  /** Run this in a terminal of this machine to attach. */
  attachArgv(name: string, options?: { readOnly?: boolean }): string[];
  /** Types `text` (control characters but newline and tab removed) and Enter unless `enter` is false. */
  send(name: string, text: string, options?: { enter?: boolean; signal?: AbortSignal }): Promise<void>;
  capture(name: string, signal?: AbortSignal): Promise<Screen>;
  kill(name: string, signal?: AbortSignal): Promise<void>;
  /** Sends those away who look at it. Where an ended process does so by itself, there is no need. */
  release?(name: string, signal?: AbortSignal): Promise<void>;
}
