import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import type { Pane, Session, TerminalInfo } from '../../model/session/session';
import type { HostReport, LiveEntry } from '../../model/session/transcript';
import { endProcess, type EndOutcome } from '../../sources/claude/launch/endProcess';
import { findClaude } from '../../sources/claude/launch/findClaude';
import type { ReportSource } from '../store';
import type { TerminalActions } from '../terminals';
import { latest, lifeOf } from './resume/life';

/** What holds a session open: what a person confirms before it is ended. */
export type Holder = { host: string; sessionId: string; /** Claude's on that host. */ configDir: string } & (
  | { kind: 'terminal'; name: string; attached: boolean; process?: LiveEntry }
  | { kind: 'process'; place: 'tmux' | 'elsewhere' | 'run'; tmux?: string; process: LiveEntry }
  | { kind: 'background'; jobId: string; process: LiveEntry }
);

export interface EndingOptions {
  reports: readonly ReportSource[];
  terminals: TerminalActions;
}

/** Ends the process of a living session. What was said so far stays in its transcript; the turn under way is lost. */
export class Ending {
  constructor(private readonly options: EndingOptions) {}

  /** Who holds the session now. Throws `UserError` where nobody does, or nobody that we can name. */
  async find(session: Pick<Session, 'id' | 'host'>, signal?: AbortSignal): Promise<Holder> {
    const host = this.options.terminals.host(session.host);
    const report = await this.report(host, signal);
    const supervised = async (abort?: AbortSignal): Promise<readonly TerminalInfo[]> =>
      host.local ? this.options.terminals.supervised(abort) : [];
    const life = await lifeOf({ session: session as Session, host, supervised, signal }, report);
    const common = { host: host.name, sessionId: session.id, configDir: report.configDir };
    switch (life.kind) {
      case 'attach': {
        const { pane, process } = life;
        const terminal = ownTerminal(pane, session.id, report);
        if (terminal) return { ...common, kind: 'terminal', ...terminal, ...(process && { process }) };
        if (process) return { ...common, kind: 'process', place: 'tmux', tmux: pane.sessionName, process };
        throw new UserError(
          `Claude is still starting in tmux session ${pane.sessionName} on ${host.name}.`,
          'Attach to it and end it there.',
        );
      }
      case 'supervised': {
        const { name, attached } = life.terminal;
        return { ...common, kind: 'terminal', name, attached: attached > 0 };
      }
      case 'background': {
        const { process } = life;
        return { ...common, kind: 'background', jobId: process.jobId ?? shortId(session.id), process };
      }
      case 'detached':
        return { ...common, kind: 'process', place: 'run', process: life.process };
      case 'elsewhere':
        return { ...common, kind: 'process', place: 'elsewhere', process: life.process };
      case 'dead':
        throw new UserError(`Nobody holds session ${shortId(session.id)} on ${host.name}.`, 'It has ended.');
      case 'unknown':
        throw new UserError(
          `What holds session ${shortId(session.id)} on ${host.name} is not known: ${life.why}.`,
          'Look again in a moment, or end it there yourself.',
        );
    }
  }

  /**
   * Ends what `find` found, after a person has confirmed it; answers in words what was ended. A process is asked
   * (SIGTERM) after one more look that it is the same, and never killed. Throws `UserError` where it has changed hands
   * or does not end.
   */
  async end(holder: Holder, signal?: AbortSignal): Promise<string> {
    const host = this.options.terminals.host(holder.host);
    switch (holder.kind) {
      case 'terminal': {
        // Asked first, Claude ends in good order; the terminal ends what does not, and what else runs in it.
        const outcome = holder.process && (await endProcess(host, holder.configDir, holder.process, signal));
        // Since it was found, another conversation may have begun there.
        if (outcome === 'changed') throw notEnded(outcome, holder);
        await this.options.terminals.kill({ host: host.name, name: holder.name }, signal);
        break;
      }
      case 'process': {
        const outcome = await endProcess(host, holder.configDir, holder.process, signal);
        if (outcome !== 'ended') throw notEnded(outcome, holder);
        await nudge(host, holder.process.pane, signal);
        break;
      }
      case 'background':
        await stopJob(host, holder.jobId, signal);
        break;
    }
    return `Ended ${holderText(holder)}.`;
  }

  private async report(host: Host, signal?: AbortSignal): Promise<HostReport> {
    const source = this.options.reports.find((one) => one.name === host.name);
    const report = source && (await latest(source, signal));
    if (report) return report;
    throw new UserError('Nothing is ended in Restricted Mode.', 'Trust this workspace first.');
  }
}

/** `process 412 in tmux session work on devserver`, for the question before and the word after. */
export function holderText(holder: Holder): string {
  const { host } = holder;
  switch (holder.kind) {
    case 'terminal':
      return `terminal ${holder.name}${holder.process ? ` (process ${holder.process.pid})` : ''} on ${host}`;
    case 'background':
      return `Claude's background session ${holder.jobId} (process ${holder.process.pid}) on ${host}`;
    case 'process': {
      const { pid } = holder.process;
      if (holder.place === 'run') return `the detached run (process ${pid}) on ${host}`;
      const where = holder.tmux === undefined ? 'outside of tmux' : `in tmux session ${holder.tmux}`;
      return `process ${pid} ${where} on ${host}`;
    }
  }
}

/** tmux 3.3a misses the end of every third child and keeps its pane open; the end of any other child makes it look. */
async function nudge(host: Host, pane: Pane | undefined, signal?: AbortSignal): Promise<void> {
  if (!pane) return;
  const argv = ['tmux', '-u', '-S', pane.socket, 'run-shell', '-b', 'true'];
  await host.run(argv, { timeoutMs: 3000, ...(signal && { signal }) }).catch(() => undefined);
}

/** Our own terminal, if it was made for this session and holds nothing else: only then it may go as a whole. */
function ownTerminal(
  pane: { socket: string; sessionName: string },
  sessionId: string,
  report: HostReport,
): { name: string; attached: boolean } | undefined {
  const panes = report.panes.filter(
    (one) => one.socket === pane.socket && one.sessionName === pane.sessionName,
  );
  const [only] = panes;
  const isOurs =
    panes.length === 1 && only?.sessionId === sessionId && pane.socket.endsWith('/task-sessions');
  return isOurs ? { name: pane.sessionName, attached: only.attached > 0 } : undefined;
}

function notEnded(outcome: Exclude<EndOutcome, 'ended'>, holder: Holder): UserError {
  const what = holderText(holder);
  switch (outcome) {
    case 'running':
      return new UserError(
        `Asked to end, ${what} still runs.`,
        'It may be finishing a command: look again in a moment.',
      );
    case 'changed':
      return new UserError(
        `Nothing was ended: ${what} does not hold the session any more.`,
        'Refresh, and look again.',
      );
    case 'refused':
      return new UserError(
        `Nothing was ended: ${what} belongs to another account, or is gone.`,
        'End it there.',
      );
  }
}

const jobTimeoutMs = 30_000;

async function stopJob(host: Host, jobId: string, signal?: AbortSignal): Promise<void> {
  const { configDir } = host.settings;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(jobId))
    throw new UserError(`Claude names this background session strangely.`, 'End it on its host.');
  const found = await findClaude(host, signal);
  if (found.kind === 'missing') throw new UserError(`There is no claude on ${host.name}.`, found.next);
  const { code, stdout, stderr } = await host.run([found.path, 'stop', jobId], {
    timeoutMs: jobTimeoutMs,
    ...(configDir !== undefined && { env: { CLAUDE_CONFIG_DIR: configDir } }),
    ...(signal && { signal }),
  });
  if (code !== 0)
    throw new UserError(
      `claude stop ${jobId} on ${host.name} failed: ${(stderr || stdout.toString()).trim().slice(0, 300)}`,
      'Look at `claude agents` there.',
    );
}
