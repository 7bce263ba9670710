import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import { terminalName } from '../../model/names';
import { resumeLine } from '../../model/resumeLine';
import type { Session } from '../../model/session';
import type { Task } from '../../model/task';
import { remember } from './memory';
import { shellOf, viewOf } from './openings';
import type { OpenTerminal, RefusedPlan, ResumePlan, StartOutcome, StartPlan } from './plan';
import { Planner, type PlannerOptions, type PlanOptions } from './planner';
import { watchStart } from './startWatch';

/** Coming back into sessions: the very one, or a fork of it, or a new one that reads the documents. */
export class Sessions {
  private readonly planner: Planner;

  constructor(private readonly options: PlannerOptions) {
    this.planner = new Planner(options);
  }

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
  plan(session: Session, options: PlanOptions = {}): Promise<ResumePlan> {
    return this.planner.resume(session, options);
  }

  /** A copy of the conversation under an id that we choose; the original is not touched, even while it lives. */
  planFork(session: Session, options: PlanOptions = {}): Promise<StartPlan | RefusedPlan> {
    return this.planner.fork(session, options);
  }

  /** A new session on this machine, in `directory`, that begins by reading the task's documents. */
  planFromDocuments(task: Task, directory: string, continues?: Session): Promise<StartPlan> {
    return this.planner.fromDocuments(task, directory, continues);
  }

  /** Starts what was planned, or finds that somebody just did. Remembers it in the ledger before. */
  async start(plan: StartPlan, signal?: AbortSignal): Promise<OpenTerminal> {
    const { terminals, ledger } = this.options;
    await remember(ledger, plan);
    if (plan.open.mortal === undefined)
      await (await terminals.on(terminals.host(plan.open.host))).create(plan.spec, signal);
    return plan.open;
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
    return shellOf(this.host(session), session, task);
  }

  /** Looks on without a hand on the keyboard. */
  viewLive(session: Session, task?: Task): OpenTerminal {
    return viewOf(this.host(session), session, task);
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

  private host(session: Session): Host {
    return this.options.terminals.host(session.host);
  }
}
