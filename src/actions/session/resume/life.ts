import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../../../hosts/host';
import { isCancelled, UserError } from '../../../model/errors';
import { isRunTerminal } from '../../../model/names';
import { freshMs, liveness, type Liveness } from '../../../model/session/liveness';
import type { TerminalInfo } from '../../../model/session/session';
import type { HostReport } from '../../../model/session/transcript';
import type { ReportSource } from '../../store';
import type { Inquiry } from './inquiry';
import { Refusal } from './refusal';

/** Where a session lives: to the tmux that every host's report tells of, this machine's supervisor is added. */
export type Life = Liveness | { kind: 'supervised'; terminal: TerminalInfo };
export type KnownLife = Exclude<Life, { kind: 'unknown' }>;

/** How long an uncertain answer about life is worth waiting for, in milliseconds. */
const patienceMs = 12_000;

/** What the host says now; throws `Refusal` where it does not answer. */
export async function freshReport({ reports, onCheck, signal }: Inquiry): Promise<HostReport> {
  try {
    return await reportOf(reports, signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    onCheck({ check: 'host', ok: false, detail: error.message, fix: error.next });
    throw new Refusal(error.message, error.next, ['retry', 'startFromDocuments']);
  }
}

/** What the host says, asked once more where it took so long to say it that it tells nothing of who lives now. */
export async function latest(
  reports: Pick<ReportSource, 'report'>,
  signal: AbortSignal | undefined,
): Promise<HostReport | undefined> {
  const report = await reports.report(signal);
  return report && Date.now() - report.at > freshMs ? reports.report(signal) : report;
}

async function reportOf(reports: ReportSource, signal: AbortSignal | undefined): Promise<HostReport> {
  const report = await latest(reports, signal);
  if (report) return report;
  throw new UserError('Nothing is started in Restricted Mode.', 'Trust this workspace first.');
}

/** Waits where a moment may tell; an answer that stays uncertain is the person's to give. */
export async function findLife(inquiry: Inquiry, first: HostReport): Promise<KnownLife> {
  const { reports, onCheck, onWait, signal, assumeDead, fork } = inquiry;
  const until = Date.now() + patienceMs;
  let report = first;
  for (;;) {
    const now = await lifeOf(inquiry, report);
    if (now.kind !== 'unknown') {
      onCheck({ check: 'liveness', ok: true, detail: lifeText(now) });
      return now;
    }
    const wait = now.retryInMs;
    if (fork || assumeDead || wait === undefined || Date.now() + wait > until) {
      onCheck({
        check: 'liveness',
        ok: false,
        detail: now.why,
        fix: 'Make sure that nobody works in it, or fork it.',
      });
      if (fork || assumeDead) return { kind: 'dead' };
      throw new Refusal(
        `Somebody may be working in this session: ${now.why}.`,
        'Two processes in one session lose turns. Look there first, fork it, or resume if you know that it is free.',
        ['fork', 'retry', 'resumeAnyway'],
      );
    }
    onWait?.(now.why);
    await pause(wait + 50, undefined, signal && { signal });
    report = await reportOf(reports, signal);
  }
}

/** Where the session lives by one report; unknown where that is old. */
export async function lifeOf(
  { session, host, supervised, signal }: Pick<Inquiry, 'session' | 'host' | 'supervised' | 'signal'>,
  report: HostReport,
): Promise<Life> {
  const life = liveness({ sessionId: session.id, report, now: Date.now() });
  if (life.kind !== 'elsewhere' && life.kind !== 'unknown') return life;
  const terminals = (await supervised(signal)).filter(
    ({ dead, pid, name }) => !dead && pid !== undefined && !isRunTerminal(name),
  );
  if (terminals.length === 0) return life;
  const holders =
    life.kind === 'elsewhere'
      ? [life.process.pid]
      : report.naming.flatMap(({ sessionId, pid }) => (sessionId === session.id ? [pid] : []));
  for (const pid of holders) {
    const line = await lineage(host, pid, signal);
    const terminal = terminals.find((one) => line.includes(one.pid!));
    if (terminal) return { kind: 'supervised', terminal };
  }
  return life;
}

/** The process and its ancestors, as far as this machine tells. */
export async function lineage(host: Host, pid: number, signal: AbortSignal | undefined): Promise<number[]> {
  if (process.platform === 'win32') return [pid];
  const script = `
    pid=$1
    while [ "\${pid:-0}" -gt 1 ]; do
      echo "$pid"
      if [ -r "/proc/$pid/stat" ]; then
        # What follows the last ") " is regular, whatever the command is called.
        stat=$(cat "/proc/$pid/stat") && set -- \${stat##*') '} && pid=$2
      else pid=$(ps -o ppid= -p "$pid" | tr -d ' '); fi
    done`;
  const { stdout } = await host.script(script, [String(pid)], signal && { signal });
  return [pid, ...stdout.toString().split('\n').filter(Boolean).map(Number)];
}

function lifeText(life: KnownLife): string {
  switch (life.kind) {
    case 'attach':
      return `alive in tmux session ${life.pane.sessionName}${life.process ? ` (pid ${life.process.pid})` : ''}`;
    case 'supervised':
      return `alive in terminal ${life.terminal.name} (pid ${life.terminal.pid})`;
    case 'background':
      return `alive as one of Claude's background sessions (pid ${life.process.pid})`;
    case 'detached':
      return `alive as a detached run (pid ${life.process.pid})`;
    case 'elsewhere':
      return `alive outside tmux (pid ${life.process.pid})`;
    case 'dead':
      return 'nobody holds it';
  }
}
