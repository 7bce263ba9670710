import { randomUUID } from 'node:crypto';
import type { Host } from '../hosts/host';
import type { TerminalSpec, Terminals } from '../hosts/terminals';
import { TmuxTerminals } from '../hosts/terminals/tmux';
import { UserError } from '../model/errors';
import { parseSessionId, shortId, terminalName } from '../model/names';
import { resumeLine } from '../model/resumeLine';
import type { Session } from '../model/session';
import type { Settings } from '../model/settings';
import type { Task } from '../model/task';
import {
  flagArguments,
  launchArgv,
  readFlags,
  throughLoginShell,
  type LaunchFlags,
} from '../sources/claude/launch';
import type { Ledger } from '../state/ledger';
import type { Log } from '../util/log';
import type { JiraAccount } from './account';
import { otherHosts, preflight, Refusal, type Ready } from './preflight';
import type { OpenTerminal, PreflightCheck, ResumePlan, StartOutcome } from './resumePlan';
import { watchStart } from './startWatch';
import type { ReportSource, SnapshotStore } from './store';
import type { TerminalActions } from './terminals';

export interface SessionsOptions {
  settings: Settings;
  /** This machine's first. */
  hosts: readonly Host[];
  reports: readonly ReportSource[];
  store: SnapshotStore;
  account: JiraAccount;
  terminals: TerminalActions;
  ledger: Ledger;
  log: Log;
}

export interface PlanOptions {
  task?: Task | undefined;
  signal?: AbortSignal | undefined;
  onCheck?: (check: PreflightCheck) => void;
  /** See `PreflightOptions`. */
  assumeDead?: boolean;
}

/** Coming back into sessions: the very one, or a fork of it, or a new one that reads the documents. */
export class Sessions {
  constructor(private readonly options: SessionsOptions) {}

  /** The session of an id (or its beginning, if only one has it); on `host`, if given. */
  find(text: string, host?: string): { session: Session; task?: Task } {
    const { sessions, tasks } = this.options.store.snapshot;
    const id = text.trim().toLowerCase();
    if (!/^[0-9a-f-]{4,36}$/.test(id))
      throw new UserError(
        `"${text.slice(0, 80)}" is not a session id.`,
        'It is a UUID, or its first digits.',
      );
    const found = sessions.filter(
      (one) => one.id.startsWith(id) && (host === undefined || one.host === host),
    );
    const ids = new Set(found.map((one) => one.id));
    const session = found.find((one) => one.state !== 'missing') ?? found[0];
    if (!session)
      throw new UserError(
        `No session ${id} is known${host ? ` on ${host}` : ''}.`,
        'Refresh, or look at `task-sessions show KEY`.',
      );
    if (ids.size > 1) throw new UserError(`${ids.size} sessions begin with ${id}.`, 'Give more digits.');
    const task = tasks.find((one) => one.key === session.key);
    return { session, ...(task && { task }) };
  }

  /** Decides what resuming comes to. Spawns no session. */
  async plan(session: Session, options: PlanOptions = {}): Promise<ResumePlan> {
    const checks: PreflightCheck[] = [];
    const base = { session, ...(options.task && { task: options.task }), checks };
    try {
      const { host, ready } = await this.prepare(session, options, checks);
      const living = ready.liveness;
      switch (living.kind) {
        case 'attach':
          return {
            ...base,
            kind: 'attach',
            open: this.attachTerminal(session, options.task, host, living.pane),
          };
        case 'background':
          return { ...base, kind: 'attach', open: this.backgroundTerminal(session, options.task, host) };
        case 'detached':
          throw new Refusal(
            `It is running on ${host.name} without a screen (pid ${living.process.pid}${since(living.process.startedAt)}).`,
            'It can be resumed when it has ended. A fork sees what it has done so far.',
            ['fork', 'retry'],
          );
        case 'elsewhere':
          throw new Refusal(
            `It is open on ${host.name} in another terminal (pid ${living.process.pid}${since(living.process.startedAt)}), outside tmux.`,
            'Go on there, or close it there and resume. A fork is a copy with an id of its own.',
            ['fork', 'retry'],
          );
        case 'dead': {
          const flags = await this.flags(session, ready.permissionMode);
          const argv = launchArgv(
            { kind: 'resume', sessionId: ready.fileId },
            { claudePath: ready.claudePath, flags },
          );
          const spec = this.spec(session.id, options.task, ready.directory, argv);
          return {
            ...base,
            kind: 'start',
            spec,
            open: await this.terminal(host, spec, session, options.task),
          };
        }
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { reason, next, waysOut } = error;
      return {
        ...base,
        kind: 'refused',
        reason,
        next,
        waysOut,
        otherHosts: otherHosts(this.options.store.snapshot, session),
      };
    }
  }

  /** A copy of the conversation under an id that we choose; the original is not touched, even while it lives. */
  async planFork(
    session: Session,
    options: PlanOptions = {},
  ): Promise<ResumePlan & { kind: 'start' | 'refused' }> {
    const checks: PreflightCheck[] = [];
    const base = { session, ...(options.task && { task: options.task }), checks };
    try {
      const { host, ready } = await this.prepare(session, { ...options, fork: true }, checks);
      const newId = randomUUID();
      const flags = await this.flags(session, ready.permissionMode);
      const argv = launchArgv(
        { kind: 'fork', sessionId: ready.fileId, newId },
        { claudePath: ready.claudePath, flags },
      );
      const spec = this.spec(newId, options.task, ready.directory, argv);
      const fork: Session = { ...session, id: newId, state: 'unknown', forkedFrom: session.id };
      return {
        ...base,
        session: fork,
        kind: 'start',
        spec,
        open: await this.terminal(host, spec, fork, options.task),
      };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { reason, next, waysOut } = error;
      return {
        ...base,
        kind: 'refused',
        reason,
        next,
        waysOut: waysOut.filter((way) => way !== 'fork'),
        otherHosts: [],
      };
    }
  }

  /** A new session on this machine, in `directory`, that begins by reading the task's documents. */
  async planFromDocuments(
    task: Task,
    directory: string,
    continues?: Session,
  ): Promise<ResumePlan & { kind: 'start' }> {
    const host = this.options.hosts[0]!;
    const id = randomUUID();
    const { permissionMode, model } = this.options.settings.claude;
    const flags: LaunchFlags = { ...(permissionMode && { permissionMode }), ...(model && { model }) };
    const { claudePath } = host.settings;
    const argv = launchArgv(
      { kind: 'new', newId: id, prompt: documentsPrompt(task) },
      { flags, ...(claudePath !== undefined && { claudePath }) },
    );
    const spec = this.spec(id, task, directory, argv);
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
    return {
      kind: 'start',
      session,
      task,
      checks: [],
      spec,
      open: await this.terminal(host, spec, session, task),
    };
  }

  /** Starts what was planned, or finds that somebody just did. Remembers it in the ledger before. */
  async start(plan: ResumePlan & { kind: 'start' }, signal?: AbortSignal): Promise<OpenTerminal> {
    const { session, task, spec, open } = plan;
    const now = Date.now();
    const isNew =
      session.state === 'unknown' && (session.forkedFrom !== undefined || session.size === undefined);
    const key = task?.key ?? session.key;
    await this.options.ledger.remember({
      sessionId: session.id,
      host: open.host,
      evidence: isNew && key !== undefined ? 'started' : await this.knownEvidence(session),
      ...(key !== undefined && { key }),
      directory: spec.directory,
      ...(session.branch !== undefined && { branch: session.branch }),
      flags: flagArguments(await this.flags(session)),
      kind: session.kind,
      ...(session.continues !== undefined && { continues: session.continues }),
      ...(session.forkedFrom !== undefined && { forkedFrom: session.forkedFrom }),
      createdAt: session.createdAt ?? now,
      lastUsedAt: now,
    });
    if (open.mortal === undefined) await (await this.keepAlive(open.host)).create(spec, signal);
    return open;
  }

  /** Follows a start until the session lives or something stands in its way. */
  watch(open: OpenTerminal, session: Session, signal?: AbortSignal): Promise<StartOutcome> {
    const { name } = open;
    const reports = this.options.reports.find((one) => one.name === open.host);
    if (name === undefined || !reports) return Promise.resolve({ kind: 'unclear' });
    return watchStart({
      sessionId: session.id,
      capture: (abort) => this.options.terminals.capture({ host: open.host, name }, abort),
      report: (abort) => reports.report(abort),
      signal,
    });
  }

  /** A login shell in the session's directory on its host. */
  async shell(session: Session, task?: Task): Promise<OpenTerminal> {
    const host = this.host(session);
    const enter = 'cd -- "$1" || cd; exec "${SHELL:-sh}" -l';
    return {
      id: `shell/${session.host}/${session.id}/${Date.now()}`,
      title: `${task?.key ?? shortId(session.id)} shell`,
      argv: host.interactive(['sh', '-c', enter, 'sh', session.directory ?? '.']),
      host: host.name,
      mortal: 'A shell ends with its window.',
    };
  }

  /** Looks on without a hand on the keyboard. */
  viewLive(session: Session, task?: Task): OpenTerminal {
    const host = this.host(session);
    const pane = session.live?.pane;
    if (!pane)
      throw new UserError(
        'Only a session that lives in tmux can be looked at.',
        'Resume it, or read its conversation.',
      );
    return {
      id: `view/${session.host}/${session.id}`,
      title: `${titleOf(session, task)} (view)`,
      argv: new TmuxTerminals(host).paneAttachArgv(pane, { readOnly: true }),
      host: host.name,
    };
  }

  /** design.md's line, which works when pasted anywhere. */
  resumeCommand(session: Session, task?: Task): string {
    const host = this.options.hosts.find((one) => one.name === session.host);
    if (host?.settings.via)
      throw new UserError(
        `${host.name} is reached by a command prefix.`,
        'Resume it with task-sessions instead.',
      );
    const ssh = host?.settings.ssh;
    return resumeLine({
      ...(ssh !== undefined && { ssh }),
      name: terminalName(session.id, task?.key ?? session.key),
      ...(session.directory !== undefined && { directory: session.directory }),
      sessionId: session.id,
    });
  }

  private async prepare(
    session: Session,
    { task, signal, onCheck, assumeDead = false, fork = false }: PlanOptions & { fork?: boolean },
    checks: PreflightCheck[],
  ): Promise<{ host: Host; ready: Ready }> {
    const { store, account, reports } = this.options;
    const host = this.options.hosts.find((one) => one.name === session.host);
    const source = reports.find((one) => one.name === session.host);
    if (!host || !source || !parseSessionId(session.id))
      throw new Refusal(
        session.host
          ? `"${session.host}" is not one of your hosts.`
          : 'The record does not say on which host it is.',
        'Add the host (or this name as an alias of one) in taskSessions.hosts; a name from a comment is never connected to.',
        ['startFromDocuments'],
      );
    const ready = await preflight({
      session,
      task,
      host,
      reports: source,
      account,
      snapshot: store.snapshot,
      signal,
      assumeDead,
      fork,
      onCheck: (check) => {
        checks.push(check);
        onCheck?.(check);
      },
    });
    return { host, ready };
  }

  private spec(
    sessionId: string,
    task: Task | undefined,
    directory: string,
    argv: readonly string[],
  ): TerminalSpec {
    return {
      name: terminalName(sessionId, task?.key),
      argv,
      directory,
      sessionId,
      ...(task && { key: task.key }),
    };
  }

  /** The terminal that a start will be seen through; where nothing keeps it alive, the bare command, and why. */
  private async terminal(
    host: Host,
    spec: TerminalSpec,
    session: Session,
    task?: Task,
  ): Promise<OpenTerminal> {
    const common = { id: terminalId(session), title: titleOf(session, task), host: host.name };
    let mortal: string;
    try {
      const terminals = await this.keepAlive(host.name);
      return {
        ...common,
        argv: terminals.attachArgv(spec.name),
        name: spec.name,
        ...(terminals.attachEnv && { env: terminals.attachEnv }),
      };
    } catch (error) {
      if (!(error instanceof UserError) || this.options.settings.terminal.keepAlive === 'tmux') throw error;
      mortal = error.line;
    }
    const run = 'cd -- "$1" || exit 96; shift; exec "$@"';
    return {
      ...common,
      argv: host.interactive(['sh', '-c', run, 'sh', spec.directory, ...spec.argv]),
      mortal,
    };
  }

  private keepAlive(host: string): Promise<Terminals> {
    return this.options.terminals.on(this.options.terminals.host(host));
  }

  private attachTerminal(
    session: Session,
    task: Task | undefined,
    host: Host,
    pane: { socket: string; id: string; sessionName: string },
  ): OpenTerminal {
    return {
      id: terminalId(session),
      title: titleOf(session, task),
      argv: new TmuxTerminals(host).paneAttachArgv(pane),
      host: host.name,
      name: pane.sessionName,
    };
  }

  private backgroundTerminal(session: Session, task: Task | undefined, host: Host): OpenTerminal {
    return {
      id: terminalId(session),
      title: titleOf(session, task),
      argv: host.interactive(
        throughLoginShell([host.settings.claudePath ?? 'claude', 'attach', shortId(session.id)]),
      ),
      host: host.name,
    };
  }

  private async flags(session: Session, permissionMode?: string): Promise<LaunchFlags> {
    const { entries } = await this.options.ledger.read();
    const entry = entries.find((one) => one.sessionId === session.id || one.sessionId === session.forkedFrom);
    // Claude restores most modes itself, but not `plan`; a bypass is never given again unless it was our own flag.
    return { ...(permissionMode === 'plan' && { permissionMode }), ...readFlags(entry?.flags ?? []) };
  }

  private async knownEvidence(session: Session): Promise<'started' | 'linked' | 'seen'> {
    const { entries } = await this.options.ledger.read();
    const before = entries.find((one) => one.sessionId === session.id)?.evidence;
    return before === 'started' || before === 'linked' ? before : 'seen';
  }

  private host(session: Session): Host {
    return this.options.terminals.host(session.host);
  }
}

const terminalId = (session: Session): string => `${session.host}/${session.id}`;

const titleOf = (session: Session, task?: Task): string =>
  task?.key ?? session.key ?? session.title ?? shortId(session.id);

const since = (startedAt: number | undefined): string =>
  startedAt === undefined ? '' : `, since ${new Date(startedAt).toLocaleString()}`;

/** The paths come from git's own listing of the branch; the summary is not repeated, since it is Jira's text. */
function documentsPrompt(task: Task): string {
  const paths = task.docs.map((doc) => `- ${doc.path}`).join('\n');
  return `We continue the work on ${task.key}. Read these documents first; they hold what was found and planned so far:\n${paths}\nThen say in a few sentences where we stand, and wait for my next message.`;
}
