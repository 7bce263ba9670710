import * as vscode from 'vscode';
import type { Repositories } from '../../actions/repositories';
import { predecessorOf, type Continuing } from '../../actions/session/continuing';
import type {
  OpenTerminal,
  PreflightCheck,
  ResumePlan,
  StartOutcome,
  StartPlan,
  WayOut,
} from '../../actions/session/resume/plan';
import type { PlanOptions } from '../../actions/session/resume/planner';
import type { Sessions } from '../../actions/session/sessions';
import type { SnapshotStore } from '../../actions/store';
import { shortId } from '../../model/names';
import type { Run } from '../../model/run/run';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import type { CommandId } from '../commands/commandTable';
import { openSettings, settingIn, showSetting, withProgress } from '../failures';
import { choosingRepository } from '../pickers/chooseRepository';
import { pickWorkplace } from '../pickers/workplace';
import { liveRunOf } from '../../model/run/standing';
import type { SessionTerminals } from '../terminals/sessionTerminals';

const checkTitles: Record<PreflightCheck['check'], string> = {
  reference: 'comparing the reference',
  host: 'asking the host',
  liveness: 'looking whether it lives',
  transcript: 'finding its transcript',
  directory: 'finding its directory',
  claude: 'finding claude',
  trust: 'looking at trust',
  branch: 'comparing the branch',
  comments: 'reading the comments',
  docs: 'looking at the documents',
};

const wayTitles: Record<WayOut, string> = {
  fork: 'Fork Session',
  startFromDocuments: 'Start New Session from Documents',
  resumeAnyway: 'Resume Anyway',
  retry: 'Try Again',
};

/** What is offered where a run works in the session: titles and commands. */
const runWays: Readonly<Record<string, CommandId>> = {
  'Stop and Take Over': 'takeOverRun',
  'View Run Log': 'viewRunLog',
};

/** What a start from documents needs. */
export interface DocumentWays {
  continuing: Continuing;
  repositories: Pick<Repositories, 'choose'>;
  publish(session: Session, key: string): Promise<void>;
}

/** Resume, fork and start, with everything that the user may be asked on the way. */
export class SessionVerbs {
  constructor(
    private readonly sessions: Sessions,
    private readonly store: Pick<SnapshotStore, 'refresh' | 'snapshot'>,
    private readonly terminals: SessionTerminals,
    private readonly ways: DocumentWays,
  ) {}

  async resume(session: Session, task?: Task, assumeDead = false): Promise<void> {
    const run = liveRunOf(this.store.snapshot, session);
    if (run) return this.busy(run, session, task);
    // What is open and alive is one click away; so is what is open while its host does not answer just now.
    const host = this.store.snapshot.hosts.find(({ name }) => name === session.host);
    if (!assumeDead && (session.live || host?.error !== undefined))
      if (this.terminals.reveal(terminalId(session))) return;
    const plan = await this.planned(`Resuming ${nameOf(session, task)}`, (options) =>
      this.sessions.plan(session, { ...options, task, assumeDead }),
    );
    await this.follow(plan);
  }

  /** A run's own terminal shows its steps and no conversation; and who types there ends it. */
  private async busy(run: Run, session: Session, task?: Task): Promise<void> {
    const choice = await vscode.window.showWarningMessage(
      `The ${run.kind} of ${run.key} works in this session on ${run.host}.`,
      {
        modal: true,
        detail:
          'Two processes in one session lose turns. Stop the run first, read along, or go on in a fork.',
      },
      ...Object.keys(runWays),
      wayTitles.fork,
    );
    if (choice === undefined) return;
    const command = runWays[choice];
    if (command === undefined) return this.fork(session, task);
    const { key, id: runId, host } = run;
    await vscode.commands.executeCommand(`taskSessions.${command}`, { key, runId, host });
  }

  async fork(session: Session, task?: Task): Promise<void> {
    await this.follow(
      await this.planned(`Forking ${nameOf(session, task)}`, (options) =>
        this.sessions.planFork(session, { ...options, task }),
      ),
    );
  }

  /** In a worktree, or in the clone if the user wants the branch there; `continues` by default the task's newest. */
  async startFromDocuments(task: Task, continues = predecessorOf(task)): Promise<void> {
    const { continuing, repositories } = this.ways;
    const title = `Starting a session for ${task.key}`;
    const places = await choosingRepository(repositories, () =>
      withProgress(title, (signal) => continuing.workplaces(task, signal)),
    );
    const where = places && (await pickWorkplace(task, places));
    if (!where) return;
    const { plan, notes } = await withProgress(title, (signal, report) =>
      continuing.prepare(task, where, continues, { signal, onCheck: ({ detail }) => report(detail) }),
    );
    if (notes.length > 0) void vscode.window.showInformationMessage(notes.join(' '));
    await this.follow(plan);
    void this.store.refresh();
    await this.tellIssue(plan, task);
  }

  /** The issue hears by itself where it tells of the old session in our words, else if the user says so. */
  private async tellIssue({ session }: StartPlan, task: Task): Promise<void> {
    const { continuing, publish } = this.ways;
    const { continues } = session;
    const isExpected = await continuing.isExpected(
      task.key,
      continues === undefined ? undefined : { id: continues },
    );
    const yes = 'Publish on the Issue';
    const began = `Session ${shortId(session.id)} ${continues === undefined ? 'begins' : `continues ${shortId(continues)}`} on ${task.key}.`;
    if (isExpected || (await vscode.window.showInformationMessage(began, yes)) === yes)
      await publish(session, task.key);
  }

  async openShell(session: Session, task?: Task): Promise<void> {
    await this.terminals.show({
      ...this.sessions.shell(session, task),
      icon: 'terminal',
      whenFailed: 'shell',
    });
  }

  async viewLive(session: Session, task?: Task): Promise<void> {
    const view = await withProgress(`Looking for ${nameOf(session, task)}`, (signal) =>
      this.sessions.view(session, task, signal),
    );
    await this.show(view, 'eye');
  }

  async copyResumeCommand(session: Session, task?: Task): Promise<void> {
    await vscode.env.clipboard.writeText(this.sessions.resumeCommand(session, task));
    vscode.window.setStatusBarMessage(`$(check) Resume command of ${shortId(session.id)} copied`, 4000);
  }

  private planned<T>(title: string, work: (options: PlanOptions) => Promise<T>): Thenable<T> {
    return withProgress(title, (signal, report) =>
      work({
        signal,
        onCheck: ({ check, ok, detail }) => report(ok ? `${checkTitles[check]}: ${detail}` : detail),
      }),
    );
  }

  private async follow(plan: ResumePlan): Promise<void> {
    switch (plan.kind) {
      case 'attach':
        return this.show(plan.open, 'comment-discussion');
      case 'start':
        return this.start(plan);
      case 'refused':
        return this.refused(plan);
    }
  }

  private async start(plan: ResumePlan & { kind: 'start' }): Promise<void> {
    const { session, task } = plan;
    const open = await withProgress(`Starting ${nameOf(session, task)} on ${plan.open.host}`, (signal) =>
      this.sessions.start(plan, signal),
    );
    await this.show(open, 'comment-discussion');
    if (open.mortal !== undefined)
      void vscode.window.showWarningMessage(`This session will not outlive its window. ${open.mortal}`);
    const outcome = await this.sessions.watch(open, session);
    void this.store.refresh({ hostsOnly: true });
    if (outcome.kind === 'blocked') await this.blocked(plan, outcome);
  }

  private async blocked(
    plan: ResumePlan & { kind: 'start' },
    outcome: StartOutcome & { kind: 'blocked' },
  ): Promise<void> {
    const waysOut = plan.task?.docs.length
      ? outcome.waysOut
      : outcome.waysOut.filter((way) => way !== 'startFromDocuments');
    const message = `${outcome.message} ${outcome.next}`;
    if (!outcome.ended) {
      // A dialog on the screen is the person's to answer, right there.
      if (await vscode.window.showWarningMessage(message, 'Show Terminal'))
        this.terminals.reveal(viewId(plan.open.id, plan.open.name));
      return;
    }
    const elsewhere = waysOut.includes('startFromDocuments') ? this.elsewhere(plan.session) : [];
    const others = elsewhere.map((one) => `Resume on ${one.host}`);
    const choice = await vscode.window.showWarningMessage(
      message,
      ...others,
      ...waysOut.map((way) => wayTitles[way]),
    );
    const other = elsewhere[others.indexOf(choice ?? '')];
    if (other) return this.resume(other, plan.task);
    await this.take(choice, plan);
  }

  /** The same session on other hosts. */
  private elsewhere({ id, host }: Session): Session[] {
    return this.store.snapshot.sessions.filter(
      (one) => one.id === id && one.host !== host && one.state !== 'missing',
    );
  }

  private async refused(plan: ResumePlan & { kind: 'refused' }): Promise<void> {
    const waysOut = plan.waysOut.filter((way) => way !== 'startFromDocuments' || plan.task?.docs.length);
    const others = plan.otherHosts.map((one) => `Resume on ${one.host}`);
    const setting = settingIn(plan.next);
    const choice = await vscode.window.showWarningMessage(
      plan.reason,
      { modal: true, detail: plan.next },
      ...(setting === undefined ? [] : [openSettings]),
      ...others,
      ...waysOut.map((way) => wayTitles[way]),
    );
    if (choice === openSettings) return void (await showSetting(setting));
    const other = plan.otherHosts[others.indexOf(choice ?? '')];
    if (other) return this.resume(other, plan.task);
    await this.take(choice, plan);
  }

  private async take(choice: string | undefined, plan: ResumePlan): Promise<void> {
    const { session, task } = plan;
    switch (choice) {
      case wayTitles.fork:
        return this.fork(session, task);
      case wayTitles.startFromDocuments:
        return task && this.startFromDocuments(task, session);
      case wayTitles.resumeAnyway:
        return this.resume(session, task, true);
      case wayTitles.retry:
        return this.resume(session, task);
      default:
    }
  }

  private async show(open: OpenTerminal, icon: string): Promise<void> {
    const whenFailed = open.mortal === undefined ? 'again' : 'hold';
    await this.terminals.show({ ...open, id: viewId(open.id, open.name), icon, whenFailed });
  }
}

/**
 * A session may move to another terminal (`/clear` leaves its first one to another conversation), so what is open here is
 * known by both.
 */
export const viewId = (id: string, terminal: string | undefined): string =>
  terminal === undefined ? id : `${id}/${terminal}`;

const terminalId = ({ host, id, live, terminal }: Session): string =>
  viewId(`${host}/${id}`, live?.pane?.sessionName ?? terminal?.name);

const nameOf = (session: Session, task?: Task): string =>
  task ? `${task.key} (${shortId(session.id)})` : shortId(session.id);
