import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { shortId, terminalName } from '../../model/names';
import { resumeLine } from '../../model/record/resumeLine';
import { transcriptsOf } from '../../model/session/liveness';
import type { Session, TerminalInfo } from '../../model/session/session';
import type { HostReport } from '../../model/session/transcript';
import type { Task } from '../../model/task/task';
import { jiraHost } from '../../sources/jira/connection';
import { latest, lifeOf, type Life } from './resume/life';
import { remember } from './memory';
import { olderTerminal } from './resume/olderTerminal';
import { keptBy, paneOf, shellOf, viewOf } from './resume/openings';
import type { OpenTerminal, RefusedPlan, ResumePlan, StartOutcome, StartPlan } from './resume/plan';
import { Planner, type PlannerOptions, type PlanOptions } from './resume/planner';
import { unknownHost } from './resume/refusal';
import { isNamedUnder, rootsOf } from './resume/checks/roots';
import { watchStart } from './resume/startWatch';

/** Coming back into sessions: the very one, or a fork of it, or a new one that reads the documents. */
export class Sessions {
  private readonly planner: Planner;

  constructor(private readonly options: PlannerOptions) {
    this.planner = new Planner(options);
  }

  /**
   * The session of an id (or its beginning, if only one has it); on `host`, if given. Where several hosts have it, the
   * one on which it lives; else the user names one.
   */
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
    const lives = found.filter((one) => one.live !== undefined);
    const present = found.filter((one) => one.state !== 'missing');
    const [session, ...others] = [lives, present, found].find((group) => group.length > 0) ?? [];
    if (!session)
      throw new UserError(
        `No session ${id} is known${host ? ` on ${host}` : ''}.`,
        `task-sessions sessions lists them all; task-sessions doctor ${id} says where it was looked for.`,
      );
    if (ids.size > 1) throw new UserError(`${ids.size} sessions begin with ${id}.`, 'Give more digits.');
    if (others.length > 0)
      throw new UserError(
        `Session ${shortId(session.id)} is on several hosts: ${[session, ...others].map((one) => `${one.host} (${one.state})`).join(', ')}.`,
        'Name the one with --host.',
      );
    const task = tasks.find((one) => one.key === session.key);
    return { session, ...(task && { task }) };
  }

  /** Decides what resuming comes to. Spawns no session. */
  plan(session: Session, options: PlanOptions = {}): Promise<ResumePlan> {
    return this.planner.resume(session, options);
  }

  /** A copy of the conversation under an id that we choose; the original is not touched, even while it lives. */
  planFork(session: Session, options: PlanOptions = {}): Promise<StartPlan | RefusedPlan> {
    return this.planner.fork(session, options);
  }

  /** A new session on this machine, in `directory`, that begins by reading the task's documents. */
  planFromDocuments(
    task: Task,
    directory: string,
    continues?: Session,
    options: Pick<PlanOptions, 'signal' | 'onCheck'> = {},
  ): Promise<StartPlan> {
    return this.planner.fromDocuments(task, directory, continues, options);
  }

  /** Starts what was planned, or finds that somebody just did. Remembers it in the ledger before. */
  async start(plan: StartPlan, signal?: AbortSignal): Promise<OpenTerminal> {
    const { terminals, ledger } = this.options;
    const { spec, open, session, task } = plan;
    await remember(ledger, plan, jiraHost(this.options.account.state.url));
    const host = terminals.host(open.host);
    if (open.mortal !== undefined) {
      if (!plan.begins) await this.refuseSecond(host, session, signal);
      return open;
    }
    const keeper = await terminals.on(host);
    for (let number = 1; number < 10; number++) {
      const name = number === 1 ? spec.name : `${spec.name}-${number}`;
      const { created } = await keeper.create({ ...spec, name }, signal);
      if (created) {
        const older = await olderTerminal({
          keeper,
          host,
          sessionId: session.id,
          name,
          report: (abort) => this.report(host, abort),
          signal,
        });
        if (older === undefined) return keptBy(keeper, host, name, session, task);
        // Another client opened it meanwhile under another task's name; ours has said nothing yet.
        await keeper.kill(name, signal);
        return keptBy(keeper, host, older, session, task);
      }
      const life = await this.life(host, session, signal);
      if (life.kind === 'attach') return paneOf(host, life.pane, session, task);
      if (life.kind === 'supervised') return keptBy(keeper, host, life.terminal.name, session, task);
      if (life.kind !== 'dead') throw openedElsewhere();
      // After a `/clear` another conversation goes on in the terminal of that name.
    }
    throw new UserError(
      `Other sessions hold the terminals ${spec.name} on ${host.name}.`,
      'End those that are not needed: task-sessions terminals, task-sessions kill.',
    );
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
  shell(session: Session, task?: Task): OpenTerminal {
    const host = this.host(session);
    return shellOf(
      host,
      session,
      task,
      this.isHint(session) ? rootsOf(this.options.settings, host) : undefined,
    );
  }

  /** Looks on without a hand on the keyboard, where the session lives now. Throws UserError where there is no pane. */
  async view(session: Session, task?: Task, signal?: AbortSignal): Promise<OpenTerminal> {
    const host = this.host(session);
    const life = await this.life(host, session, signal);
    if (life.kind !== 'attach') throw notInTmux();
    return viewOf(host, life.pane, session, task);
  }

  /** The line of a record, which works when pasted anywhere. Throws UserError for a host that is none of ours. */
  resumeCommand(session: Session, task?: Task): string {
    const host = this.options.hosts.find((one) => one.name === session.host);
    if (!host) {
      const { reason, next } = unknownHost(session.host);
      throw new UserError(reason, next);
    }
    if (host.settings.via)
      throw new UserError(
        `${host.name} is reached by a command prefix.`,
        'Resume it with task-sessions instead.',
      );
    const { ssh } = host.settings;
    const { directory } = session;
    const home = this.options.store.report(host.name)?.home;
    const isUsable =
      directory !== undefined &&
      (!this.isHint(session) || isNamedUnder(directory, rootsOf(this.options.settings, host), home));
    return resumeLine({
      ...(ssh !== undefined && { ssh }),
      name: terminalName(session.id, task?.key ?? session.key),
      ...(isUsable && { directory }),
      sessionId: session.id,
    });
  }

  private async life(host: Host, session: Session, signal?: AbortSignal): Promise<Life> {
    const { terminals } = this.options;
    const report = await this.report(host, signal);
    if (!report) return { kind: 'unknown', why: 'its host is not asked' };
    const supervised = async (abort?: AbortSignal): Promise<readonly TerminalInfo[]> =>
      host.local ? terminals.supervised(abort) : [];
    return lifeOf({ session, host, supervised, signal }, report);
  }

  /** True where the host itself has not told of the session's directory: then a comment may have. */
  private isHint({ id, host, directory }: Session): boolean {
    const report = this.options.store.report(host);
    if (!report || directory === undefined) return true;
    return (
      !transcriptsOf(id, report).some((one) => one.directories.includes(directory)) &&
      !report.live.some((one) => one.sessionId === id && one.directory === directory)
    );
  }

  /** Where nothing keeps it alive, no terminal's name is there to be the first: who holds it is asked once more. */
  private async refuseSecond(host: Host, session: Session, signal?: AbortSignal): Promise<void> {
    const life = await this.life(host, session, signal);
    if (life.kind !== 'dead' && life.kind !== 'unknown') throw openedElsewhere();
  }

  private report(host: Host, signal?: AbortSignal): Promise<HostReport | undefined> {
    const source = this.options.reports.find((one) => one.name === host.name);
    return source ? latest(source, signal) : Promise.resolve(undefined);
  }

  private host(session: Session): Host {
    return this.options.terminals.host(session.host);
  }
}

const openedElsewhere = (): UserError =>
  new UserError('Somebody else just opened this session.', 'Resume it again to see where.');

const notInTmux = (): UserError =>
  new UserError(
    'Only a session that lives in tmux can be looked at.',
    'Resume it, or read its conversation.',
  );
