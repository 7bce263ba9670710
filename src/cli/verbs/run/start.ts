import type { StartedRun, StartOptions, StartQuestion } from '../../../actions/run/progress';
import { factOf } from '../../../actions/run/start/steps';
import { wordsOf } from '../../../actions/run/start/words';
import type { StartedKind } from '../../../actions/run/starts';
import type { App } from '../../../app';
import { errorLine, isCancelled, UserError } from '../../../model/errors';
import type { Task } from '../../../model/task/task';
import { printPreflight } from '../../checks';
import { confirmed } from '../../confirm';
import { sessionJson } from '../../json';
import { plain, printJson, printLine, say } from '../../output';
import type { Verb, VerbCall } from '../../verbs';
import { settleAfter } from './settle';
import { look } from '../taskVerbs';

const common = {
  usage: 'KEY... [--host H] [--yes] [--existing-branch] [--dry-run]',
  positionals: [1, 50],
  options: {
    host: { type: 'string' },
    yes: { type: 'boolean' },
    'existing-branch': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
} as const;

export const analyze: Verb = startVerb('analysis', 'start the analysis of tasks, detached');

export const implement: Verb = startVerb(
  'implementation',
  'start to implement what was approved of tasks, step by step, detached',
);

function startVerb(kind: StartedKind, does: string): Verb {
  return { ...common, does, run: (call) => start(kind, call) };
}

async function start(kind: StartedKind, call: VerbCall): Promise<number> {
  const { app, positionals, values, json, signal } = call;
  const starts = kind === 'analysis' ? app.analyses : app.implementations;
  const host = typeof values.host === 'string' ? app.terminals.host(values.host).name : undefined;
  await look(app, signal);
  const tasks = [...new Set(positionals.map((key) => app.tasks.get(key)))];
  const options = startOptions(call);
  if (values['dry-run']) return dryRun(starts, tasks, { host, signal }, json);
  const results = await Promise.allSettled(
    tasks.map((task) => starts.start(task, { ...options(task, tasks.length > 1), host })),
  );
  const failures = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const [failure] = failures;
  if (failures.length > 0 && (tasks.length === 1 || failures.some(isCancelled))) throw failure;
  results.forEach((one, index) => {
    if (one.status === 'rejected') say(`${tasks[index]!.key}: ${errorLine(one.reason)}`);
  });
  const started = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  await tellStarted(app, started, { json, isList: tasks.length > 1 }, signal);
  if (started.length > 0) await settleAfter(app, signal);
  return failures.length > 0 ? 1 : 0;
}

/** What runs now: its sessions as `--json` lists them, or a line for each. */
export async function tellStarted(
  app: App,
  started: readonly StartedRun[],
  { json, isList = false }: { json: boolean; isList?: boolean },
  signal: AbortSignal,
): Promise<void> {
  for (const { run, notes } of started) for (const note of notes) say(`${run.order.key}: ${note}`);
  if (!json) {
    for (const { order } of started.map(({ run }) => run))
      printLine(plain(`The ${order.kind} of ${order.key} runs on ${order.host}: session ${order.sessionId}, branch ${order.branch}.`)); // prettier-ignore
    return;
  }
  const { sessions } = await app.store.refresh({ hostsOnly: true, signal });
  const shown = started.map(({ run: { order } }) => {
    const session = sessions.find(({ id, host }) => id === order.sessionId && host === order.host);
    const { sessionId: id, host, directory, branch, key, kind } = order;
    return session
      ? sessionJson(session)
      : { id, host, directory, branch, key, kind, state: 'unknown', evidence: 'ledger' };
  });
  printJson(isList ? { sessions: shown } : { session: shown[0] });
}

/** Progress on stderr, and questions on the terminal, one after another; without one each says which option answers it. */
export function startOptions({ values, signal }: Pick<VerbCall, 'values' | 'signal'>) {
  let last: Promise<unknown> = Promise.resolve();
  const ask = (question: StartQuestion): Promise<boolean> => {
    const answer = last.then(() => decide(question, values, signal));
    last = answer.catch(() => undefined);
    return answer;
  };
  return (task: Pick<Task, 'key'>, named = false): StartOptions => ({
    signal,
    ask,
    onProgress: ({ step, detail }) => say(`${named ? `${task.key}  ` : ''}${step.padEnd(9)}  ${detail}`),
  });
}

async function decide(
  question: StartQuestion,
  values: VerbCall['values'],
  signal: AbortSignal,
): Promise<boolean> {
  const { kind, summary, detail } = question;
  if (kind === 'branchExists' && values['existing-branch'] === true) return true;
  // What tells Claude what to do has to be read by a person.
  if (values.yes === true && kind !== 'repositoryPrompt') return true;
  if (process.stdin.isTTY) {
    if (kind === 'repositoryPrompt') for (const line of question.text.split('\n')) say(`  | ${line}`);
    return confirmed(`${summary} ${detail}`, `${question.accept}?`, signal);
  }
  switch (kind) {
    case 'repositoryPrompt':
      return false;
    case 'branchExists':
      throw new UserError(factOf(summary), 'Give --existing-branch to work on it.');
    case 'liveSession':
      throw new UserError(factOf(summary), 'End it there first, or give --yes to start beside it.');
    case 'othersRun':
      throw new UserError(factOf(summary), 'Give --yes to start another one.');
    case 'ownRun':
      throw new UserError(
        factOf(summary),
        'Give --yes to continue it, or give it up first: task-sessions stop KEY --forget.',
      );
  }
}

async function dryRun(
  starts: App['analyses'],
  tasks: readonly Task[],
  options: StartOptions,
  json: boolean,
): Promise<number> {
  const [task, ...others] = tasks;
  if (!task || others.length > 0) throw new UserError('A dry run is about one task.', 'Name one.');
  const { checks, place, steps, refused } = await starts.plan(task, options);
  if (json) printJson({ ...place, ...(steps && { steps }), preflight: checks, ...(refused && { refused }) });
  else {
    if (place)
      printLine(
        plain(
          `${task.key} would be ${wordsOf[starts.kind].done} on ${place.host}, in ${place.directory} on ${place.branch}.`,
        ),
      );
    for (const [at, title] of (steps ?? []).entries()) printLine(plain(`  ${at + 1}. ${title}`));
    printPreflight(checks);
    if (refused) say(`${refused.reason} ${refused.next}`);
  }
  return refused ? 1 : 0;
}
