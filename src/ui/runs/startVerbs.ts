import * as vscode from 'vscode';
import type { Repositories } from '../../actions/repositories';
import type { ContinueOptions, Starts } from '../../actions/run/starts';
import type { StartedRun, StartOptions, StartProgress, StartQuestion } from '../../actions/run/progress';
import type { SnapshotStore } from '../../actions/store';
import { ago } from '../../model/age';
import { isCancelled, UserError } from '../../model/errors';
import { plural } from '../../model/describe';
import { startSteps, type StartStep } from '../../model/run/order';
import type { Run } from '../../model/run/run';
import { kindTitle } from '../../model/run/words';
import type { Place } from '../../model/task/repository';
import type { Task } from '../../model/task/task';
import { withProgress } from '../failures';
import { chooseRepository } from '../pickers/chooseRepository';
import { pickRunHost } from '../pickers/runPicker';
import type { ReadOnlyTexts } from '../documents/readOnlyTexts';

export interface StartVerbOptions {
  analyses: Pick<Starts, 'start' | 'continue'>;
  implementations: Pick<Starts, 'start' | 'continue'>;
  repositories: Pick<Repositories, 'repository' | 'choose'>;
  store: Pick<SnapshotStore, 'snapshot' | 'refresh' | 'reread'>;
  texts: ReadOnlyTexts;
  /** Empty: the user is asked where there is a choice. */
  defaultHost: string;
  /** Shows the newest run of a task in the tree; `isAgain`: unless the user has gone elsewhere since. */
  reveal(key: string, isAgain?: boolean): Promise<void>;
}

type Begin = (options: StartOptions) => Promise<StartedRun>;

/** How the start of one run went. */
type Outcome = { key: string } & (
  | { kind: 'started'; started: StartedRun }
  | { kind: 'cancelled'; done: StartStep[] }
  | { kind: 'failed'; error: unknown }
);

/** Starting runs and going on with them, with every question that they may raise. */
export class StartVerbs {
  /** Answers come one after another, also where several start at once. */
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: StartVerbOptions) {}

  async start(tasks: readonly Task[]): Promise<void> {
    const { analyses } = this.options;
    const where = await this.where(tasks, 'analysis');
    if (!where) return;
    const [only] = tasks;
    await this.begin(
      tasks.length === 1 ? `Analysis of ${only!.key}` : `Starting ${tasks.length} analyses`,
      tasks.map(({ key }) => key),
      (key) => (options) =>
        analyses.start(
          tasks.find((task) => task.key === key)!,
          {
            ...options,
            ...(where.host !== undefined && { host: where.host }),
          },
        ),
    );
  }

  /** Where a click alone would start Claude. */
  async confirm({ key, kind, host }: Run): Promise<boolean> {
    const accept = 'Continue Run';
    const detail = `It goes on from the first step that is not done, on ${host}.`;
    const choice = await vscode.window.showInformationMessage(
      `Continue the ${kind} of ${key}?`,
      { modal: true, detail },
      accept,
    );
    return choice === accept;
  }

  /** `answer`: to its check that failed. */
  async continue(run: Run, answer?: ContinueOptions['answer']): Promise<void> {
    const { analyses, implementations } = this.options;
    const starts = run.kind === 'implementation' ? implementations : analyses;
    await this.begin(
      `Continuing the run of ${run.key}`,
      [run.key],
      () => (options) => starts.continue(run, { ...options, answer }),
    );
  }

  /** At a host, or where the settings say, as it was `shown`; `agreed`: questions that the person has read, in the words of their summary. */
  async implement(
    task: Task,
    { agreed = [], ...where }: Pick<StartOptions, 'host' | 'shown'> & { agreed?: readonly string[] },
  ): Promise<void> {
    const { implementations } = this.options;
    await this.begin(
      `Implementation of ${task.key}`,
      [task.key],
      () => (options) =>
        implementations.start(task, {
          ...options,
          ...where,
          ask: async (question) =>
            agreed.includes(question.summary) || (await options.ask?.(question)) === true,
        }),
    );
  }

  /** `{}` leaves the choice to the settings; undefined: the user turned away. */
  async where(tasks: readonly Task[], kind: Starts['kind']): Promise<{ host?: string } | undefined> {
    const { repositories, store, defaultHost } = this.options;
    const found: Place[][] = [];
    for (const { key } of tasks) {
      let answer = await repositories.repository(key);
      if (answer.kind === 'ambiguous') {
        if (!(await chooseRepository(repositories, key, answer.choices))) return undefined;
        answer = await repositories.repository(key);
      }
      // What is missing is told by the start itself.
      if (answer.kind !== 'found') return {};
      found.push(answer.places);
    }
    const [first = [], ...others] = found;
    const common = first.filter(({ host }) =>
      others.every((places) => places.some((one) => one.host === host)),
    );
    if (defaultHost !== '' || common.length < 2) return {};
    const title = tasks.length === 1 ? `${kindTitle(kind)} of ${tasks[0]!.key}` : `${tasks.length} Analyses`;
    const host = await pickRunHost(common, title, store.snapshot, Date.now());
    return host === undefined ? undefined : { host };
  }

  private async begin(
    title: string,
    keys: readonly string[],
    beginOf: (key: string) => Begin,
  ): Promise<void> {
    const outcomes = await withProgress(title, (signal, report) =>
      Promise.all(
        keys.map((key) =>
          this.one(key, beginOf(key), signal, ({ step, state, detail }) =>
            report(
              [...(keys.length > 1 ? [key] : []), stepWords[step], detail].join(' · '),
              state === 'done' ? stepShare / keys.length : undefined,
            ),
          ),
        ),
      ),
    );
    // What is known of it at once; what Jira and the host say a moment later.
    await this.options.store.reread();
    const refreshed = this.options.store.refresh();
    for (const outcome of outcomes.filter(({ kind }) => kind !== 'started')) this.sayUnstarted(outcome);
    this.sayStarted(
      outcomes.flatMap((one) => (one.kind === 'started' ? [one.started] : [])),
      refreshed,
    );
    const [failed] = outcomes.flatMap((one) =>
      one.kind === 'failed' && !(one.error instanceof UserError) ? [one] : [],
    );
    if (failed) throw failed.error;
  }

  private async one(
    key: string,
    begin: Begin,
    signal: AbortSignal,
    onProgress: (progress: StartProgress) => void,
  ): Promise<Outcome> {
    const done: StartStep[] = [];
    let declined = false;
    try {
      const started = await begin({
        signal,
        onProgress: (progress) => {
          if (progress.state === 'done') done.push(progress.step);
          onProgress(progress);
        },
        ask: async (question) => {
          const accepts = await this.ask(key, question, signal);
          declined = !accepts && question.kind !== 'repositoryPrompt';
          return accepts;
        },
      });
      return { key, kind: 'started', started };
    } catch (error) {
      // Who has just said no need not be told so.
      return isCancelled(error) || signal.aborted || (declined && error instanceof UserError)
        ? { key, kind: 'cancelled', done }
        : { key, kind: 'failed', error };
    }
  }

  private ask(key: string, question: StartQuestion, signal: AbortSignal): Promise<boolean> {
    const answer = this.asking.then(async () => {
      if (signal.aborted) return false;
      if (question.kind === 'repositoryPrompt') return this.askForPrompt(key, question);
      const { summary, accept } = question;
      const age = question.kind === 'othersRun' ? `That was ${ago(question.at, Date.now())}. ` : '';
      const detail = age + question.detail;
      return (await vscode.window.showWarningMessage(summary, { modal: true, detail }, accept)) === accept;
    });
    this.asking = answer.catch(() => undefined);
    return answer;
  }

  /** A dialog would lie over the text that is to be read first: a list does not, and stays until it is answered. */
  private async askForPrompt(
    key: string,
    { summary, detail, accept, text, path, blob }: StartQuestion & { kind: 'repositoryPrompt' },
  ): Promise<boolean> {
    const uri = this.options.texts.hold(`/${key}/${blob.slice(0, 8)}/${path.split('/').at(-1)}`, text);
    await vscode.window.showTextDocument(uri);
    const picked = await vscode.window.showQuickPick(
      [{ label: accept, detail, accepts: true }, { label: 'Do Not Use It' }],
      { title: summary, placeHolder: `${path} is open below: read it first`, ignoreFocusOut: true },
    );
    return picked !== undefined && 'accepts' in picked;
  }

  private sayStarted(all: readonly StartedRun[], refreshed: Promise<unknown>): void {
    const [first] = all;
    if (!first) return;
    const { order } = first.run;
    const what =
      all.length === 1
        ? `The ${order.kind} of ${order.key} runs on ${order.host}.`
        : `${plural(all.length, 'run')} started: ${all.map(({ run }) => `${run.order.key} on ${run.order.host}`).join(', ')}.`;
    const notes = [...new Set(all.flatMap((one) => one.notes))];
    const say = notes.length > 0 ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
    void say([what, ...notes].join(' '), 'Show').then(async (choice) => {
      if (!choice) return;
      await this.options.reveal(order.key);
      // VS Code forgets what it has just unfolded where the rows are drawn in another order at that moment.
      await refreshed;
      await this.options.reveal(order.key, true);
    });
  }

  private sayUnstarted(outcome: Outcome): void {
    if (outcome.kind === 'started' || (outcome.kind === 'failed' && !(outcome.error instanceof UserError)))
      return;
    const { key } = outcome;
    const left = this.options.store.snapshot.tasks
      .find((task) => task.key === key)
      ?.runs?.find((run) => run.mine && run.state.kind === 'starting');
    if (outcome.kind === 'cancelled' && !left) {
      vscode.window.setStatusBarMessage(`$(circle-slash) ${key}: cancelled, nothing was started`, 6000);
      return;
    }
    const done = outcome.kind === 'cancelled' ? outcome.done : [];
    const message =
      outcome.kind === 'failed'
        ? `${key}: ${(outcome.error as UserError).line}`
        : `The start of ${key} was cancelled${done.length > 0 ? ` after: ${done.map((step) => doneWords[step]).join(', ')}` : ''}. Continue Run goes on from there.`;
    const buttons = left ? ['Continue Run', 'Discard Run'] : [];
    const say = outcome.kind === 'failed' ? vscode.window.showErrorMessage : vscode.window.showWarningMessage;
    void say(message, ...buttons).then((choice) => {
      const target = left && { key, runId: left.id, host: left.host };
      if (choice === 'Continue Run') void vscode.commands.executeCommand('taskSessions.continueRun', target);
      else if (choice) void vscode.commands.executeCommand('taskSessions.discardRun', target);
    });
  }
}

/** Percent of the progress bar for one step of a start. */
const stepShare = 100 / startSteps.length;

/** What the notice of a start says it is at. */
const stepWords: Record<StartStep, string> = {
  preflight: 'checks',
  branch: 'branch',
  record: 'record',
  launch: 'launch',
  status: 'status',
};

const doneWords: Record<StartStep, string> = {
  preflight: 'checks',
  branch: 'branch and worktree',
  record: 'record on the issue',
  launch: 'launch',
  status: 'status of the issue',
};
