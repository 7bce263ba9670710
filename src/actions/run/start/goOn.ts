import type { Host } from '../../../hosts/host';
import { NotKeptAlive } from '../../../hosts/terminals/keepAlive';
import type { Terminals } from '../../../hosts/terminals';
import { errorLine, isCancelled, UserError } from '../../../model/errors';
import { phaseFor } from '../../../model/run/settlement/runRecord';
import { startSteps, type LedgerRun, type RunOrder, type StartStep } from '../../../model/run/order';
import type { PromptName, Settings } from '../../../model/settings';
import { openBranch, reopenBranch } from '../../../runs/branch';
import { launchRunner } from '../../../runs/launch';
import { placeRun, type RunFiles } from '../../../runs/place';
import { stopRunner } from '../../../runs/stop';
import { readRun } from '../../../sources/runFiles/readRun';
import type { Ledger } from '../../../state/ledger';
import type { JiraAccount } from '../../account';
import type { OthersRun, RunRecords } from '../../issue/runRecords';
import type { StatusMoves } from '../../issue/statusMoves';
import type { TerminalActions } from '../../terminals';
import { furnishAnalysis } from './analysis/furnish';
import { equip, type Equipment } from './equipment';
import { furnishImplementation } from './implementation/furnish';
import type { LookOptions } from './lookAround';
import type { PlacesOptions } from './places';
import type { StartedRun } from '../progress';
import type { StartedKind } from '../starts';
import { givenUp, undo } from './giveUp';
import { askBeside, existsQuestion } from './questions';
import type { StartCheck, StartSteps } from './steps';
import { wordsOf } from './words';

export interface StartingOptions extends PlacesOptions {
  settings: Settings;
  hosts: readonly Host[];
  reports: LookOptions['reports'];
  account: Pick<JiraAccount, 'jira' | 'state'>;
  ledger: Pick<
    Ledger,
    'read' | 'remember' | 'restore' | 'rememberWorktree' | 'beginRun' | 'reviseRun' | 'acceptPrompt' | 'paid'
  >;
  terminals: Pick<TerminalActions, 'on'>;
  records: Pick<RunRecords, 'begin' | 'update' | 'withdraw' | 'others'>;
  statuses: Pick<StatusMoves, 'move'>;
  /** `media/prompts`. */
  promptFolder: string;
  /** The account's home on this machine. */
  home: string;
}

/** On its host, with what was found there for it; that is found again where it is missing. */
interface At {
  host: Host;
  kit?: Equipment;
}

const doing: Record<StartStep, (order: RunOrder) => string> = {
  preflight: ({ key, kind }) => `Looking where to ${wordsOf[kind].verb} ${key}`,
  branch: ({ branch, directory }) => `Making ${branch} in ${directory}`,
  record: ({ key }) => `Recording it on ${key}`,
  launch: ({ host }) => `Launching it on ${host}`,
  status: ({ key }) => `Moving ${key}`,
};

/** Does what is left of a start, each step noted in the ledger when it is done. */
export async function goOn(
  run: LedgerRun,
  at: At,
  options: StartingOptions,
  steps: StartSteps,
): Promise<StartedRun> {
  let now = run;
  for (const step of startSteps.slice(startSteps.indexOf(run.reached) + 1)) {
    await steps.step(step, doing[step](run.order), () => does[step](now, at, options, steps));
    now = await reached(now, step, options);
  }
  return { run: now, notes: steps.notes };
}

/** The runner once more, for a run that was launched before. */
export async function launchAgain(
  run: LedgerRun,
  host: Host,
  options: StartingOptions,
  steps: StartSteps,
): Promise<StartedRun> {
  await steps.step('launch', doing.launch(run.order), async () => {
    await reopenBranch(host, run.order, steps.signal);
    return launch(run.order, host, options, steps);
  });
  const now = run.reached === 'status' ? run : await reached(run, 'launch', options);
  return goOn(now, { host }, options, steps);
}

/** Where the person says no, what was made for the run goes. */
async function orUndo(
  run: LedgerRun,
  host: Host,
  options: StartingOptions,
  steps: StartSteps,
  ask: () => Promise<void>,
): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof UserError) await undo(run, { host }, options, steps);
    throw error;
  }
}

type Does = (run: LedgerRun, at: At, options: StartingOptions, steps: StartSteps) => Promise<string>;

const does: Record<StartStep, Does> = {
  preflight: () => Promise.reject(new Error('a run that is noted has passed its preflight')),

  async branch(run, { host }, options, steps) {
    const { ledger } = options;
    const { order } = run;
    const { kind, key, jira, directory, branch, sessionId, flags, continues, createdAt } = order;
    const open = (existing: boolean) => openBranch(host, order, { existing, signal: steps.signal });
    let opened = await open(run.existing === true);
    if (opened.kind === 'exists') {
      await orUndo(run, host, options, steps, () => steps.insist(existsQuestion(branch, 'local', host.name)));
      await ledger.reviseRun(order.id, (before) => before && { ...before, existing: true });
      opened = await open(true);
    }
    const isOurs = opened.kind === 'open' && (opened.made || opened.madeTree);
    const inJira = jira === undefined ? {} : { jira };
    if (isOurs) await ledger.rememberWorktree({ key, ...inJira, host: host.name, directory, createdAt });
    await ledger.remember({
      sessionId,
      host: host.name,
      evidence: 'started',
      key,
      ...inJira,
      directory,
      branch,
      flags,
      kind: kind === 'handoff' ? 'other' : kind,
      ...(continues !== undefined && { continues }),
      createdAt,
    });
    return `${branch} in ${directory}`;
  },

  async record(run, { host }, options, steps) {
    const { order } = run;
    const { records } = options;
    const there = await othersOf(order, options, steps);
    await orUndo(run, host, options, steps, () => askBeside(order, there, steps));
    const { kind, note } = await records.begin(order, { kind: 'starting', reached: 'branch' }, steps.signal);
    steps.note(note);
    // Two who started at the same moment both see it now; the later one is asked.
    const before = (await othersOf(order, options, steps)).filter(({ earlier }) => earlier);
    await orUndo(run, host, options, steps, () => askBeside(order, before, steps));
    return kind === 'owed' ? `Owed to ${order.key}` : kind === 'refused' ? `Not recorded on ${order.key}` : `Recorded on ${order.key}`; // prettier-ignore
  },

  async launch({ order }, { host, kit }, options, steps) {
    const isWanted = async (): Promise<boolean> =>
      !(await options.ledger.read()).runs.some(
        (run) => run.order.id === order.id && (run.abandoned ?? run.withdrawn),
      );
    if (!(await isWanted())) throw givenUp(order);
    // What was placed before is complete, and is not made twice.
    if (kit || !(await readRun(host, order.id, steps.signal))) await place(order, host, kit, options, steps);
    const launched = await launch(order, host, options, steps);
    if (await isWanted()) return launched;
    // Discarded at this very moment, in another window: nobody would know of it.
    await stopRunner(host, order.id, steps.signal);
    throw givenUp(order);
  },

  async status({ order }, _at, { statuses }, steps) {
    const phase = phaseFor(order.kind, { kind: 'starting', reached: 'launch' });
    if (!phase) return `${order.key} stays where it is`;
    const { kind, note } = await statuses.move(order, phase, steps.signal);
    steps.note(note);
    switch (kind) {
      case 'moved':
        return `${order.key} moved`;
      case 'unchanged':
        return `${order.key} stays where it is`;
      case 'owed':
        return `${order.key} is moved later`;
      case 'refused':
        return `${order.key} was not moved`;
    }
  },
};

/** Who else works on the task by its comments; where they cannot be read, nobody, and a note. */
export async function othersOf(
  order: Pick<RunOrder, 'key' | 'kind' | 'sessionId'>,
  { records }: Pick<StartingOptions, 'records'>,
  steps: StartSteps,
): Promise<OthersRun[]> {
  try {
    return await records.others(order, steps.signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    steps.note(
      `Whether somebody else ${wordsOf[order.kind].verbs} ${order.key} is not known: ${errorLine(error)}`,
    );
    return [];
  }
}

/** What a run takes with it besides what is the same for all. May copy files into its folder. */
export type Furnish = (
  order: RunOrder,
  host: Host,
  kit: Equipment,
  options: StartingOptions,
  steps: StartSteps,
) => Promise<Pick<RunFiles, 'prompts' | 'turns'>>;

const kinds: Record<StartedKind, { prompts: readonly PromptName[]; furnish: Furnish }> = {
  analysis: { prompts: ['analysis', 'documents', 'review'], furnish: furnishAnalysis },
  implementation: { prompts: ['implementation'], furnish: furnishImplementation },
};

async function place(
  order: RunOrder,
  host: Host,
  known: Equipment | undefined,
  options: StartingOptions,
  steps: StartSteps,
): Promise<void> {
  const { settings } = options;
  const { kind, key, repository, base } = order;
  if (kind === 'handoff') throw new Error('a handoff is not started so');
  const { prompts, furnish } = kinds[kind];
  const at = { key, host, place: { name: '', host: host.name, directory: repository }, commit: base.commit };
  const onCheck = ({ detail }: StartCheck): void => steps.doing('launch', detail);
  const kit = known ?? (await equip({ ...at, prompts }, { ...options, onCheck }, steps));
  const files = {
    ...(await furnish(order, host, kit, options, steps)),
    perHost: settings.runs.perHost,
    ...(settings.ssh.configFile && { sshConfigFile: settings.ssh.configFile }),
  };
  await placeRun(host, order, files, steps.signal);
}

async function launch(
  order: RunOrder,
  host: Host,
  { terminals }: StartingOptions,
  steps: StartSteps,
): Promise<string> {
  const keeper = await terminals.on(host).catch((error: unknown): Terminals | undefined => {
    if (error instanceof NotKeptAlive) return undefined;
    throw error;
  });
  const { kind } = await launchRunner(host, keeper, order, steps.signal);
  return kind === 'started' ? `Runs on ${host.name}` : `Runs already on ${host.name}`;
}

async function reached(run: LedgerRun, step: StartStep, { ledger }: StartingOptions): Promise<LedgerRun> {
  const rank = (one: StartStep): number => startSteps.indexOf(one);
  const noted = await ledger.reviseRun(run.order.id, (before) =>
    before && rank(before.reached) < rank(step) ? { ...before, reached: step } : before,
  );
  if (noted?.abandoned) throw givenUp(run.order);
  return noted ?? { ...run, reached: step };
}
