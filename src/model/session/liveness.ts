import { groupBy } from '../../util/groupBy';
import { isRunTerminal } from '../names';
import type { Pane, SessionState } from './session';
import type { HostReport, LiveEntry, TranscriptSummary } from './transcript';

/**
 * Whether a session may be resumed on one host (CONTRIBUTING, "Identity": a live one never is, for Claude does not
 * warn and turns are lost).
 */
export type Liveness =
  /** Alive in a pane of any tmux server of the account: attach to it. Without `process`, Claude is still starting there. */
  | { kind: 'attach'; pane: Pane; process?: LiveEntry }
  /** Claude's own background session: `claude attach` opens it. */
  | { kind: 'background'; process: LiveEntry }
  /** A run without a screen (`claude -p`): show it live, offer to stop it and take over. */
  | { kind: 'detached'; process: LiveEntry }
  /** In a terminal that is not ours to open: say where, offer a fork. */
  | { kind: 'elsewhere'; host: string; process: LiveEntry }
  /** Nobody holds it: it may be resumed. */
  | { kind: 'dead' }
  /** Ask the person. `retryInMs`: so long until it may be known; better wait and look again. */
  | { kind: 'unknown'; why: string; retryInMs?: number };

/**
 * A transcript that was written so lately may belong to a process that we do not see (an old version without a live
 * registry, or a registry switched off). A turn writes at its start, at each block and at its end, and one that ends
 * is done with its notes within a second. By the host's clock.
 */
export const quietMs = 10_000;

/** An answer that old says nothing about now. By our clock. */
export const freshMs = 15_000;

/** A registry file that cannot be read is mostly one that is just being written. */
const unreadRetryMs = 1000;

export interface LivenessQuestion {
  sessionId: string;
  /** Undefined where the host does not answer. */
  report: HostReport | undefined;
  /** Our clock, epoch ms: with it, an old report counts as none. */
  now?: number;
}

export function liveness({ sessionId, report, now }: LivenessQuestion): Liveness {
  if (!report) return { kind: 'unknown', why: 'its host does not answer' };
  if (now !== undefined && now - report.at > freshMs)
    return { kind: 'unknown', why: `${report.host} was last seen ${age(now - report.at)} ago`, retryInMs: 0 };

  const process = liveEntry(sessionId, report);
  if (process?.pane && !isOfRun(process.pane)) return { kind: 'attach', pane: process.pane, process };
  if (process?.kind === 'bg') return { kind: 'background', process };
  if (process?.entrypoint?.startsWith('sdk')) return { kind: 'detached', process };
  if (process) return { kind: 'elsewhere', host: report.host, process };

  const starting = startingPane(sessionId, report);
  if (starting) return { kind: 'attach', pane: starting };

  const naming = report.naming.find((process) => process.sessionId === sessionId);
  if (naming)
    return {
      kind: 'unknown',
      why: `process ${naming.pid} (${naming.command}) on ${report.host} names this session`,
    };
  const foreign = report.stale.find((entry) => entry.sessionId === sessionId && entry.why === 'otherDomain');
  if (foreign)
    return {
      kind: 'unknown',
      why: `process ${foreign.pid} of another container or machine that shares Claude's directory may hold this session`,
    };
  if (report.registryUnread)
    return { kind: 'unknown', why: `Claude's list of live sessions on ${report.host} cannot be read` };
  const [unread] = report.unread ?? [];
  if (unread !== undefined)
    return {
      kind: 'unknown',
      why: `what process ${unread} on ${report.host} holds cannot be read`,
      retryInMs: unreadRetryMs,
    };
  const quietFor = report.clock - lastWritten(sessionId, report);
  if (quietFor < quietMs)
    return {
      kind: 'unknown',
      why: `its transcript was written ${age(quietFor)} ago`,
      retryInMs: Math.min(quietMs - quietFor, quietMs),
    };
  return { kind: 'dead' };
}

export interface StateOnHost {
  state: SessionState;
  waitingFor?: string;
}

/** What a session is doing on one host. A registry file that a killed process left behind says nothing. */
export function sessionState(sessionId: string, report: HostReport | undefined): StateOnHost {
  if (!report) return { state: 'unknown' };
  const process = liveEntry(sessionId, report);
  if (process) return stateOf(process);
  switch (liveness({ sessionId, report }).kind) {
    case 'dead':
      return { state: transcriptsOf(sessionId, report).length > 0 ? 'ended' : 'missing' };
    default:
      return { state: 'unknown' };
  }
}

function stateOf({ status, waitingFor, entrypoint }: LiveEntry): StateOnHost {
  switch (status) {
    case 'busy':
      return { state: 'working' };
    case 'waiting':
      return { state: 'waiting', ...(waitingFor ? { waitingFor } : {}) };
    case 'idle':
    case 'shell': // Ready, while a shell of its own runs on.
      return { state: 'idle' };
    case undefined: // Just starting, or choosing what to resume; a run without a screen starts with its work.
      return { state: entrypoint?.startsWith('sdk') ? 'working' : 'idle' };
    default:
      return { state: 'unknown' };
  }
}

/** Claudes that live in a directory or below it, whoever started them; a path as the system has it, without links. */
export const liveIn = (directory: string, { live }: Pick<HostReport, 'live'>): LiveEntry[] =>
  live.filter((one) => one.directory === directory || one.directory.startsWith(`${directory}/`));

/** Several processes may hold one session, which is a misfortune: the one that can be attached to comes first, then the one at work. */
function liveEntry(sessionId: string, { live }: HostReport): LiveEntry | undefined {
  const rank = ({ pane, status }: LiveEntry): number =>
    (pane ? 0 : 4) + (status === 'waiting' ? 0 : status === 'busy' ? 1 : 2);
  return live.filter((entry) => entry.sessionId === sessionId).sort((a, b) => rank(a) - rank(b))[0];
}

/**
 * The pane in which Claude is about to open the session but has not told the registry: it starts, or a dialog holds it
 * up. Either our own terminal for the session, or a Claude that names it.
 */
function startingPane(sessionId: string, report: HostReport): Pane | undefined {
  const taken = (pane: Pane): boolean =>
    report.live.some((entry) => entry.pane && samePane(entry.pane, pane));
  const ours = report.panes.find((pane) => pane.sessionId === sessionId && !pane.dead && !taken(pane));
  if (ours) return { socket: ours.socket, id: ours.id, sessionName: ours.sessionName };
  return report.naming.find(
    (one) =>
      one.sessionId === sessionId && one.pane && !isOfRun(one.pane) && one.command.startsWith('claude'),
  )?.pane;
}

/** In the terminal of a run of ours: nobody is to type there. */
const isOfRun = ({ sessionName }: Pane): boolean => isRunTerminal(sessionName);

const samePane = (a: Pane, b: Pane): boolean => a.socket === b.socket && a.id === b.id;

/** Epoch ms by the host's clock; 0 without a transcript. */
const lastWritten = (sessionId: string, report: HostReport): number =>
  Math.max(0, ...transcriptsOf(sessionId, report).map(({ modifiedAt }) => modifiedAt));

/** By id, once for each report: pictures ask for every session of thousands. */
const indexes = new WeakMap<HostReport, Map<string, TranscriptSummary[]>>();

/** All transcripts of that id: copies in several project folders are possible. */
export function transcriptsOf(sessionId: string, report: HostReport): readonly TranscriptSummary[] {
  let index = indexes.get(report);
  if (!index) {
    index = groupBy(report.transcripts, ({ id }) => id);
    indexes.set(report, index);
  }
  return index.get(sessionId) ?? [];
}

function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
