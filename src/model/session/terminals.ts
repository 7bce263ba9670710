import type { Pane, Session, TerminalInfo } from './session';
import type { HostReport } from './transcript';

/** Our tmux server's socket is named so; see hosts/terminals. */
const isOurs = (pane: { socket: string }): boolean => pane.socket.endsWith('/task-sessions');

/** Our own terminal that holds a session: in the pane where it lives, in one that still starts it, or supervised. */
export function terminalOf(
  sessionId: string,
  livesIn: Pane | undefined,
  report: HostReport,
  supervised: readonly TerminalInfo[],
): Session['terminal'] {
  const pane = livesIn ?? report.panes.find((one) => one.sessionId === sessionId && !one.dead);
  if (pane) return isOurs(pane) ? { name: pane.sessionName, attached: isAttached(pane, report) } : undefined;
  const kept = supervised.find((one) => one.sessionId === sessionId && one.host === report.host && !one.dead);
  return kept && { name: kept.name, attached: kept.attached > 0 };
}

const isAttached = (pane: Pane, report: HostReport): boolean =>
  report.panes.some(
    (one) => one.socket === pane.socket && one.sessionName === pane.sessionName && one.attached > 0,
  );

/** The sessions of our tmux server on one host. */
export function terminalsOf(report: HostReport): TerminalInfo[] {
  const terminals = new Map<string, TerminalInfo>();
  for (const pane of report.panes.filter(isOurs)) {
    if (terminals.has(pane.sessionName)) continue;
    terminals.set(pane.sessionName, {
      host: report.host,
      name: pane.sessionName,
      attached: pane.attached,
      windows: pane.windows,
      createdAt: pane.createdAt,
      ...(pane.key !== undefined && { key: pane.key }),
      ...(pane.sessionId !== undefined && { sessionId: pane.sessionId }),
      ...(pane.dead && { dead: pane.dead }),
    });
  }
  return [...terminals.values()];
}
