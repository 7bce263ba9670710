import { randomUUID } from 'node:crypto';
import type { Host } from '../../../hosts/host';
import type { TerminalSpec } from '../../../hosts/terminals';
import { NotKeptAlive } from '../../../hosts/terminals/keepAlive';
import { UserError } from '../../../model/errors';
import { parseSessionId, terminalName } from '../../../model/names';
import type { Session } from '../../../model/session/session';
import type { Settings } from '../../../model/settings';
import type { Task } from '../../../model/task/task';
import { launchArgv, type Launch, type LaunchFlags } from '../../../sources/claude/launch/launch';
import type { Ledger } from '../../../state/ledger';
import type { JiraAccount } from '../../account';
import type { ReportSource, SnapshotStore } from '../../store';
import type { TerminalActions } from '../../terminals';
import { checkClaude, checkTrust, otherHosts } from './checks/hostChecks';
import { documentsPrompt } from '../documentsPrompt';
import type { Inquiry } from './inquiry';
import type { KnownLife } from './life';
import { flagsOf } from '../memory';
import { backgroundOf, keptBy, mortal, paneOf } from './openings';
import type { OpenTerminal, PreflightCheck, RefusedPlan, ResumePlan, StartPlan, WayOut } from './plan';
import { preflight, preflightFork, type Alive } from './preflight';
import { Refusal, unknownHost } from './refusal';
import { rootsOf } from './checks/roots';

export interface PlannerOptions {
  settings: Settings;
  /** This machine's first. */
  hosts: readonly Host[];
  reports: readonly ReportSource[];
  store: SnapshotStore;
  account: JiraAccount;
  terminals: TerminalActions;
  ledger: Ledger;
}

export interface PlanOptions {
  task?: Task | undefined;
  signal?: AbortSignal | undefined;
  onCheck?: (check: PreflightCheck) => void;
  onWait?: (why: string) => void;
  /** See `Inquiry`. */
  assumeDead?: boolean;
}

/** Decides what resuming, forking or starting comes to. Spawns no session. */
export class Planner {
  constructor(private readonly options: PlannerOptions) {}

  async resume(session: Session, options: PlanOptions): Promise<ResumePlan> {
    const checks: PreflightCheck[] = [];
    const task = boundTask(session, options);
    const base = { session, ...(task && { task }), checks };
    try {
      const inquiry = this.inquiry(session, { ...options, task }, checks);
      const { host } = inquiry;
      const ready = await preflight(inquiry);
      if (ready.kind === 'alive')
        return { ...base, kind: 'attach', open: await this.living(host, ready, session, task) };
      const flags = await flagsOf(this.options.ledger, session, ready.permissionMode);
      const spec = specOf(session.id, ready, { kind: 'resume', sessionId: ready.fileId }, flags, task);
      const open = await this.opening(host, spec, session, task);
      return { ...base, kind: 'start', spec, flags, open, begins: false };
    } catch (error) {
      return { ...base, ...this.refused(error, session) };
    }
  }

  /** A copy under an id that we choose; the original is not touched, even while it lives. */
  async fork(session: Session, options: PlanOptions): Promise<StartPlan | RefusedPlan> {
    const checks: PreflightCheck[] = [];
    const task = boundTask(session, options);
    const base = { session, ...(task && { task }), checks };
    try {
      const inquiry = this.inquiry(session, { ...options, task }, checks);
      const { host } = inquiry;
      const ready = await preflightFork(inquiry);
      const newId = randomUUID();
      const flags = await flagsOf(this.options.ledger, session, ready.permissionMode);
      const launch: Launch = { kind: 'fork', sessionId: ready.fileId, newId };
      const spec = specOf(newId, ready, launch, flags, task);
      const { live: _, terminal: __, ...rest } = session;
      const copy: Session = { ...rest, id: newId, state: 'unknown', forkedFrom: session.id };
      const open = await this.opening(host, spec, copy, task);
      return { ...base, session: copy, kind: 'start', spec, flags, open, begins: true };
    } catch (error) {
      const refused = this.refused(error, session);
      return { ...base, ...refused, waysOut: refused.waysOut.filter((way) => way !== 'fork') };
    }
  }

  /**
   * A new session on this machine, in `directory`, that begins by reading the task's documents. Throws UserError where
   * no claude can be started.
   */
  async fromDocuments(
    task: Task,
    directory: string,
    continues?: Session,
    { signal, onCheck }: Pick<PlanOptions, 'signal' | 'onCheck'> = {},
  ): Promise<StartPlan> {
    const host = this.options.hosts[0]!;
    const checks: PreflightCheck[] = [];
    const asked = { host, signal, onCheck: noting(checks, onCheck) };
    const claudePath = await checkClaude(asked).catch((error: unknown) => {
      throw error instanceof Refusal ? new UserError(error.reason, error.next) : error;
    });
    await checkTrust(asked, directory);
    const id = randomUUID();
    const { permissionMode, model } = this.options.settings.claude;
    const flags: LaunchFlags = { ...(permissionMode && { permissionMode }), ...(model && { model }) };
    const configDir = host.settings.configDir && this.options.store.report(host.name)?.configDir;
    const at = { directory, claudePath, ...(configDir && { configDir }) };
    const launch: Launch = { kind: 'new', newId: id, prompt: documentsPrompt(task, continues) };
    const spec = specOf(id, at, launch, flags, task);
    const session: Session = {
      id,
      host: host.name,
      hostKnown: true,
      directory,
      ...(task.branch !== undefined && { branch: task.branch }),
      kind: 'other',
      state: 'unknown',
      key: task.key,
      ...(continues && { continues: continues.id }),
    };
    const open = await this.opening(host, spec, session, task);
    return { kind: 'start', session, task, checks, spec, flags, open, begins: true };
  }

  /** Throws `Refusal` where the session's host is none of ours. */
  private inquiry(
    session: Session,
    { task, signal, onCheck, onWait, assumeDead = false }: PlanOptions,
    checks: PreflightCheck[],
  ): Inquiry {
    const { settings, hosts, reports, store, account, terminals } = this.options;
    const host = hosts.find((one) => one.name === session.host);
    const source = reports.find((one) => one.name === session.host);
    if (!host || !source || !parseSessionId(session.id)) {
      const { reason, next } = unknownHost(session.host);
      throw new Refusal(reason, next, ['startFromDocuments']);
    }
    source.wake?.();
    return {
      session,
      task,
      host,
      reports: source,
      supervised: async (abort) => (host.local ? terminals.supervised(abort) : []),
      account,
      snapshot: store.snapshot,
      roots: rootsOf(settings, host),
      signal,
      assumeDead,
      onWait,
      onCheck: noting(checks, onCheck),
    };
  }

  /** The terminal that a start will be seen through; where nothing keeps it alive, the bare command, and why. */
  private async opening(
    host: Host,
    spec: TerminalSpec,
    session: Session,
    task: Task | undefined,
  ): Promise<OpenTerminal> {
    try {
      return keptBy(await this.options.terminals.on(host), host, spec.name, session, task);
    } catch (error) {
      // Anything else that failed says nothing about what is there: an unguarded start could be a second one.
      if (!(error instanceof NotKeptAlive) || this.options.settings.terminal.keepAlive === 'tmux')
        throw error;
      return mortal(error.line, host, spec, session, task);
    }
  }

  /** How a session that lives is looked at; throws `Refusal` where it cannot be. */
  private async living(
    host: Host,
    { life, configDir }: Alive,
    session: Session,
    task: Task | undefined,
  ): Promise<OpenTerminal> {
    switch (life.kind) {
      case 'attach':
        return paneOf(host, life.pane, session, task);
      case 'supervised':
        return keptBy(await this.options.terminals.on(host), host, life.terminal.name, session, task);
      case 'background':
        return backgroundOf(host, configDir, session, task);
      case 'detached':
      case 'elsewhere':
        throw unopenable(host, life);
    }
  }

  private refused(error: unknown, session: Session): Omit<RefusedPlan, 'session' | 'checks'> {
    if (!(error instanceof Refusal)) throw error;
    const { reason, next, waysOut } = error;
    return {
      kind: 'refused',
      reason,
      next,
      waysOut,
      otherHosts: otherHosts(this.options.store.snapshot, session),
    };
  }
}

const noting =
  (checks: PreflightCheck[], onCheck: PlanOptions['onCheck']) =>
  (check: PreflightCheck): void => {
    checks.push(check);
    onCheck?.(check);
  };

/** A candidate's task is a guess, and nothing is done in its name. */
const boundTask = (session: Session, { task }: PlanOptions): Task | undefined =>
  session.evidence === 'candidate' ? undefined : task;

/** Alive, but in no place that we can open. */
function unopenable(host: Host, life: KnownLife & { kind: 'detached' | 'elsewhere' }): Refusal {
  const waysOut: WayOut[] = ['fork', 'retry'];
  const { pid, startedAt } = life.process;
  const since = startedAt === undefined ? '' : `, since ${new Date(startedAt).toLocaleString()}`;
  return life.kind === 'detached'
    ? new Refusal(
        `It is running on ${host.name} without a screen (pid ${pid}${since}).`,
        'It can be resumed when it has ended; a run is ended by task-sessions stop KEY --take-over. A fork sees what it has done so far.',
        waysOut,
      )
    : new Refusal(
        `It is open on ${host.name} in another terminal (pid ${pid}${since}), outside tmux.`,
        'Go on there, or close it there and resume. A fork is a copy with an id of its own.',
        waysOut,
      );
}

function specOf(
  sessionId: string,
  at: { directory: string; claudePath?: string; configDir?: string },
  launch: Launch,
  flags: LaunchFlags,
  task: Task | undefined,
): TerminalSpec {
  const { directory, ...where } = at;
  return {
    name: terminalName(sessionId, task?.key),
    argv: launchArgv(launch, { ...where, flags }),
    directory,
    sessionId,
    ...(task && { key: task.key }),
  };
}
