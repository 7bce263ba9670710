import type { App } from '../../app';
import { UserError } from '../../model/errors';
import type { Run } from '../../model/run/run';
import { isCheckFailed } from '../../model/run/words';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import type { ReadOnlyTexts } from '../documents/readOnlyTexts';
import { pickRun } from '../pickers/runPicker';
import { pickTask } from '../pickers/sessionPicker';
import type { LogVerbs } from '../runs/logVerbs';
import { startImplementation } from '../runs/implementation/implementVerb';
import { chooseAnswer, confirmSkip } from '../runs/implementation/checkVerbs';
import { runWords } from '../tree/runLook';
import { isLiveRun, isStalled } from '../../model/run/standing';
import { endSession } from '../verbs/endVerb';
import { settleRuns } from '../runs/settleVerb';
import { StartVerbs } from '../runs/startVerbs';
import { StopVerbs } from '../runs/stopVerbs';
import type { CommandTable } from './commandTable';
import { nodesOf, targetsOf } from './target';

export interface RunActs {
  texts: ReadOnlyTexts;
  resume(session: Session, task?: Task): Promise<void>;
  logs: LogVerbs;
  /** Shows the newest run of a task in the tree; `isAgain`: unless the user has gone elsewhere since. */
  reveal(key: string, isAgain?: boolean): Promise<void>;
  refresh(): Promise<void>;
}

export type RunCommands = Pick<
  CommandTable,
  | 'startAnalysis'
  | 'startImplementation'
  | 'continueRun'
  | 'fixAndContinue'
  | 'skipStep'
  | 'stopRun'
  | 'takeOverRun'
  | 'settle'
  | 'viewRunLog'
  | 'discardRun'
>;

type Fits = (run: Run) => boolean;

/** What can be done with runs. */
export function runCommands(app: App, acts: RunActs): RunCommands {
  const { store, analyses, implementations, repositories, stopping, settings, ending } = app;
  const { texts, logs, resume, reveal, refresh } = acts;
  const starts = new StartVerbs({
    analyses,
    implementations,
    repositories,
    store,
    texts,
    defaultHost: settings.defaultHost,
    reveal,
  });
  const stops = new StopVerbs({ stopping, analyses, store, resume });

  const target = targetsOf(app);

  /** The tasks that a command was called on; asked for one where there is none. */
  const tasksOf = async (argument: unknown, selection: unknown, title: string): Promise<Task[]> => {
    const named = nodesOf(argument, selection).flatMap((node) => target(node).task ?? []);
    if (named.length > 0) return [...new Set(named)];
    const picked = await pickTask(store.snapshot.tasks, title, Date.now(), isFresh);
    return picked ? [picked] : [];
  };

  /** The run that a command was called on, or the newest of its task that fits; of several that live it is asked for. */
  const runOf = async (argument: unknown, title: string, fits: Fits): Promise<Run | undefined> => {
    const { run, task } = target(argument);
    if (run) return run;
    const fitting = (task?.runs ?? store.snapshot.runs ?? []).filter(fits);
    if (fitting.length === 0) throw noRun(title, task);
    const isClear = task && (fitting.length === 1 || fitting.filter(isLiveRun).length < 2);
    return (isClear && fitting[0]) || pickRun(fitting, title, Date.now());
  };
  /** Goes on with a run, in a conversation that nobody else holds. */
  const goOn = async (run: Run, answer?: 'fix' | 'skip'): Promise<void> => {
    const talk = talkOf(run, store.snapshot.sessions);
    if (talk && !(await endSession(talk, ending, alone))) return;
    await starts.continue(run, answer);
  };
  const taskOf = (run: Run): Task | undefined => store.snapshot.tasks.find(({ key }) => key === run.key);

  return {
    startAnalysis: async (argument, selection) => {
      const tasks = await tasksOf(argument, selection, 'Start Analysis');
      if (tasks.length > 0) await starts.start(tasks);
    },
    continueRun: async (argument) => {
      const run = await runOf(argument, 'Continue Run', isStalled);
      if (!run) return;
      if (!isAsking(argument)) return goOn(run);
      if (!isCheckFailed(run)) return (await starts.confirm(run)) ? goOn(run) : undefined;
      const choice = await chooseAnswer(run);
      if (choice) await goOn(run, choice === 'again' ? undefined : choice);
    },
    startImplementation: async (argument) => {
      const task =
        target(argument).task ??
        (await pickTask(store.snapshot.tasks, 'Start Implementation', Date.now(), isApproved));
      if (task) await startImplementation(task, implementations, starts);
    },
    fixAndContinue: async (argument) => {
      const run = await runOf(argument, 'Fix and Continue', isCheckFailed);
      if (run) await goOn(run, 'fix');
    },
    skipStep: async (argument) => {
      const run = await runOf(argument, 'Skip Step and Continue', isCheckFailed);
      if (run && (await confirmSkip(run))) await goOn(run, 'skip');
    },
    stopRun: async (argument) => {
      const run = await runOf(argument, 'Stop Run', (one) => isLiveRun(one) || isCheckFailed(one));
      if (run) await stops.stop(run);
    },
    takeOverRun: async (argument) => {
      const run = await runOf(argument, 'Stop and Take Over', isLiveRun);
      if (run) await stops.takeOver(run, taskOf(run));
    },
    settle: async (argument) => {
      const { task } = argument === undefined ? {} : target(argument);
      try {
        await settleRuns(app, task?.key);
      } finally {
        await refresh();
      }
    },
    viewRunLog: async (argument) => {
      const run = await runOf(argument, 'View Run Log', () => true);
      if (run) await logs.view(run);
    },
    discardRun: async (argument) => {
      const run = await runOf(argument, 'Discard Run', ({ state }) => state.kind === 'starting');
      if (run) await stops.discard(run);
    },
  };
}

/** Its conversation, where a person has it open: the run would fail there. */
const talkOf = (run: Run, sessions: readonly Session[]): Session | undefined =>
  sessions.find(
    ({ id, host, live, terminal }) =>
      id === run.sessionId &&
      host === run.host &&
      live !== undefined &&
      (terminal !== undefined || live.entrypoint === 'cli'),
  );

const alone = 'The run goes on only in a conversation that nobody else holds.';

/** Nobody has begun it: what one wants an analysis of. */
const isFresh = (task: Task): boolean => runWords(task, Date.now()).includes('fresh');

/** Its documents are approved as they stand. */
const isApproved = ({ approval }: Task): boolean => approval !== undefined && !approval.stale;

const noRun = (title: string, task: Task | undefined): UserError =>
  new UserError(
    `${title}: no run${task ? ` of ${task.key}` : ''} is in a state for that.`,
    'The tree shows how each stands.',
  );

/** A row's own command asks first, since a click is easily made. */
const isAsking = (argument: unknown): boolean =>
  typeof argument === 'object' && argument !== null && 'ask' in argument && argument.ask === true;
