import type { ApprovalRequest } from '../gate/request/request';
import type { RunReading } from '../run/run';
import type { ContextUse, LiveProcess, Pane } from './session';

/** What is known of one transcript from its head and tail. Times are epoch ms; every field but the first five may be missing. */
export interface TranscriptSummary {
  /** From the file name, lower case. */
  id: string;
  /** The id as the file name spells it: what `claude --resume` must be given. */
  fileId: string;
  path: string;
  size: number;
  modifiedAt: number;
  /** False for empty, cut or metadata-only files: Claude answers "No conversation found". */
  hasConversation: boolean;
  /** Working directories in the order last seen; of those that are known to exist, the one where it was last active is last. */
  directories: string[];
  branch?: string;
  title?: string;
  firstActivity?: number;
  lastActivity?: number;
  model?: string;
  context?: ContextUse;
  entrypoint?: string;
  /** `uuid` of the first conversation line: equal in forks and copies. */
  firstUuid?: string;
  beginning?: TranscriptBeginning;
  /** First prompt, at most a few hundred characters. */
  firstPrompt?: string;
  permissionMode?: string;
  /** Claude's version, as the last line that names one has it. */
  version?: string;
  /** Prompts of the person, where the whole file was read. */
  turns?: number;
  /** Files beside it: transcripts of its sub-agents. */
  sideFiles?: number;
  /** Set where the file could not be read: then only what its name and place tell is known. */
  unread?: true;
  /** Lines that could not be read. */
  badLines?: number;
}

/** How a transcript came about, as its head tells: what lineage is read from. Every field may be missing. */
export interface TranscriptBeginning {
  /**
   * Latest time noted before the first conversation line, epoch ms: a copy keeps the times of its lines, so there it is
   * later than they are.
   */
  headAt?: number;
  /** What Claude's `/branch` notes; a fork by flag notes nothing. */
  copiedFrom?: string;
  /** It begins with `/clear`: the same process held another session before. */
  cleared?: true;
  /** The session with which the process was started that wrote the first answer, where that is another than this. */
  startedAs?: string;
}

/** One valid entry of Claude's live registry: the pid lives and its start time matches. */
export interface LiveEntry extends LiveProcess {
  sessionId: string;
  directory: string;
  /** `busy`, `waiting`, `idle`, `shell`, or a word from the future. */
  status?: string;
  waitingFor?: string;
  statusUpdatedAt?: number;
  name?: string;
  pidDomain?: string;
  /** Of a background session: what `claude attach` and `claude stop` take. */
  jobId?: string;
}

/** A process whose command line names a session id, and that is neither a live session nor the parent of one. */
export interface NamingProcess {
  pid: number;
  sessionId: string;
  /** What it runs, as the system names it: `claude`, `less`. */
  command: string;
  pane?: Pane;
}

/** A tmux pane on any server of the account, with the process that it started. */
export interface PaneInfo extends Pane {
  pid: number;
  tty?: string;
  attached: number;
  windows: number;
  createdAt: number;
  dead?: { status?: number; signal?: string };
  /** Options that we set on our own terminals. */
  sessionId?: string;
  key?: string;
}

/**
 * What else on a host names a session: the stream-json log of a detached run, Claude's prompt history, a background
 * job. It tells of sessions that Claude's own picker hides, and of those whose transcript is gone. Times are epoch ms.
 */
export interface SessionTrace {
  sessionId: string;
  source: 'log' | 'history' | 'job';
  /** Of the log, or of the job's state. */
  path?: string;
  directory?: string;
  /** Last prompt, or the name that a person gave; clipped. */
  title?: string;
  at?: number;
  /** When `/clear` was said in it: the process went on with another session. */
  clearedAt?: number;
  /** How a run or a job ended, as it says itself: by `is_error`, never by `subtype`. */
  outcome?: { failed: boolean; text?: string };
}

/** A copy of a transcript that the user had us keep on its host, outside of Claude's reach. Times are epoch ms. */
export interface KeptTranscript {
  sessionId: string;
  /** Below `projects`: where it is put back. */
  path: string;
  size: number;
  /** Of the transcript when it was copied. */
  modifiedAt: number;
}

/** Everything that one round trip brings from one host. `clock` is the host's own, epoch ms. */
export interface HostReport {
  host: string;
  /** When it was asked, by our clock; epoch ms. */
  at: number;
  clock: number;
  home: string;
  configDir: string;
  /** Domain in which pids are comparable: boot id and pid namespace. */
  pidDomain?: string;
  tmuxVersion?: string;
  transcripts: TranscriptSummary[];
  live: LiveEntry[];
  /** Registry files that are not valid: dead pid, reused pid, other pid domain. */
  stale: { sessionId: string; pid: number; why: 'gone' | 'reused' | 'otherDomain' }[];
  /** Processes that live but whose registry file could not be read: each may hold any session. */
  unread?: number[];
  /** Set where the live registry as a whole could not be read: any session may be alive. */
  registryUnread?: true;
  naming: NamingProcess[];
  panes: PaneInfo[];
  /** Undefined where nobody looked. */
  traces?: readonly SessionTrace[];
  kept?: readonly KeptTranscript[];
  /** Runs of ours on that host; undefined where nobody looked. */
  runs?: readonly RunReading[];
  /** What sessions there ask for, newest first; undefined where nobody looked. */
  requests?: readonly ApprovalRequest[];
  /** `cleanupPeriodDays` of the host's settings, default 30. */
  cleanupPeriodDays: number;
  /** What could not be read, in words, for `doctor`. */
  problems: string[];
}
