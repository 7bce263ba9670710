import type { Host } from '../../../hosts/host';
import type { Terminals } from '../../../hosts/terminals';
import type { TerminalInfo } from '../../../model/session/session';
import type { HostReport, LiveEntry } from '../../../model/session/transcript';
import { lineage } from './life';

export interface CreatedTerminal {
  keeper: Terminals;
  host: Host;
  sessionId: string;
  /** Of the terminal that was just created. */
  name: string;
  report: (signal?: AbortSignal) => Promise<HostReport | undefined>;
  signal?: AbortSignal | undefined;
}

/**
 * Terminals are named for the task too, so two clients may create one each for a session. The one whose process was
 * started first stays: whoever comes second sees it, and both judge alike. Answers its name.
 */
export async function olderTerminal(created: CreatedTerminal): Promise<string | undefined> {
  const { keeper, host, sessionId, name, report, signal } = created;
  const alive = (await keeper.list(signal)).filter((one) => one.sessionId === sessionId && !one.dead);
  const ours = alive.find((one) => one.name === name);
  // By pid, since a terminal that is used again still tells when it was first made.
  const older = alive.filter((one) => one.name !== name && (one.pid ?? 0) < (ours?.pid ?? Infinity));
  if (older.length === 0) return undefined;
  const live = (await report(signal))?.live ?? [];
  for (const terminal of older)
    if (!(await holdsAnother(terminal, live, { host, sessionId, signal }))) return terminal.name;
  return undefined;
}

/** After a `/clear` another conversation goes on in a session's terminal. */
async function holdsAnother(
  { name, pid }: TerminalInfo,
  live: readonly LiveEntry[],
  { host, sessionId, signal }: Pick<CreatedTerminal, 'host' | 'sessionId' | 'signal'>,
): Promise<boolean> {
  for (const entry of live) {
    if (entry.sessionId === sessionId) continue;
    if (entry.pane) {
      if (entry.pane.sessionName === name && entry.pane.socket.endsWith('/task-sessions')) return true;
    } else if (pid !== undefined && host.local && (await lineage(host, entry.pid, signal)).includes(pid))
      return true;
  }
  return false;
}
