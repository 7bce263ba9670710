import type { ApprovalRequest } from '../gate/request/request';
import type { KeptTranscript, SessionTrace } from './transcript';

/** What a session is doing, as far as its host lets us know (CONTRIBUTING, "Identity"). */
export type SessionState = 'working' | 'waiting' | 'idle' | 'ended' | 'missing' | 'unknown';

/** What binds a session to its task, strongest first; a candidate is only a suggestion. */
export type Evidence = 'ledger' | 'record' | 'run' | 'candidate';

export type SessionKind = 'analysis' | 'implementation' | 'other';

/** Tokens in the model's context window, as the CLI's own status line counts them. */
export interface ContextUse {
  usedTokens: number;
  windowTokens: number;
  /** Whole percent, rounded. */
  usedPercent: number;
}

/** One Claude Code conversation. Times are epoch milliseconds. `--json` prints it as it stands, times as ISO 8601. */
export interface Session {
  id: string;
  /** Name of a configured host, or a name from a record that no configuration knows (`hostKnown` false). */
  host: string;
  hostKnown: boolean;
  directory?: string;
  branch?: string;
  kind: SessionKind;
  /** The second session of a run, which wrote `critic.md`: never the one to resume by default. */
  role?: 'review';
  state: SessionState;
  /** Why it waits: `permission prompt`, `input needed`. */
  waitingFor?: string;
  evidence?: Evidence;
  /** For a candidate: why it is one, in words. */
  reason?: string;
  /** The task that the evidence names. */
  key?: string;
  /** The user's own name for it, else Claude's. */
  title?: string;
  createdAt?: number;
  lastActivity?: number;
  turns?: number;
  model?: string;
  context?: ContextUse;
  terminal?: { name: string; attached: boolean };
  /** The session that it goes on from: by record or ledger, or since an old Claude gave a new id to what it resumed. */
  continues?: string;
  /** The reverse, where that is known for sure: talk on there. */
  continuedBy?: string;
  /** The session that it was copied from, by our own act or since both begin with the same line. */
  forkedFrom?: string;
  /** The session that the same process held before `/clear`. */
  clearedFrom?: string;
  expiresAt?: number;
  /** False where Claude would answer "No conversation found". */
  hasConversation?: boolean;
  /** Set where its transcript is there but cannot be read. */
  unread?: true;
  /** `cli` for a person's, `sdk-cli` for `-p`, which Claude's own picker hides. */
  entrypoint?: string;
  /** For a candidate: how well it fits, 0 to 100. */
  score?: number;
  /** What else names it on its host. */
  traces?: readonly SessionTrace[];
  /** A copy that we keep. */
  kept?: KeptTranscript;
  /** Bytes of the transcript. */
  size?: number;
  /** Its request for approval, which no client has published yet. */
  asks?: ApprovalRequest;
  /** Where it lives, if it lives. */
  live?: LiveProcess;
  /** Addresses from the record, shown and opened only after the trust rule. */
  remoteUrl?: string;
  webTerminalUrl?: string;
}

/** A process that holds a session open. */
export interface LiveProcess {
  pid: number;
  /** `bg` for Claude's own background jobs. */
  kind: 'interactive' | 'bg';
  /** `cli` for a person's TUI, `sdk-cli` for `-p`. */
  entrypoint?: string;
  startedAt?: number;
  pane?: Pane;
}

/** One tmux pane: `socket` is the server's socket path, `id` tmux's own `%N`. */
export interface Pane {
  socket: string;
  id: string;
  sessionName: string;
}

/** The tmux session (or supervised process) that keeps a Claude process alive. */
export interface TerminalInfo {
  host: string;
  name: string;
  /** Number of clients that look at it. */
  attached: number;
  windows: number;
  createdAt: number;
  key?: string;
  sessionId?: string;
  /** The process that was started in it, where its keeper tells. */
  pid?: number;
  /** Set when its process has ended and only the last screen is kept. */
  dead?: { status?: number; signal?: string };
}
