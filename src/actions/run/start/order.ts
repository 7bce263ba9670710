import { randomUUID } from 'node:crypto';
import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { runFolder } from '../../../model/run/folder';
import { shortId } from '../../../model/names';
import { runOrderSchema, type LedgerRun, type RunOrder } from '../../../model/run/order';
import type { RunReading } from '../../../model/run/run';
import type { Settings } from '../../../model/settings';
import { docsDirectoryFor } from '../../../model/task/repository';
import type { Task } from '../../../model/task/task';
import { sessionFlags, turnArgv, type TurnKind } from '../../../runs/turn';
import { locateTranscript } from '../../../sources/claude/launch/preflight';
import { jiraHost } from '../../../sources/jira/connection';
import type { JiraAccount } from '../../account';
import type { Equipment, EquipmentOptions } from './equipment';
import type { LookOptions } from './lookAround';
import type { PlacesOptions, RunPlace } from './places';
import type { StartSteps } from './steps';

export interface PrepareOptions extends PlacesOptions, EquipmentOptions {
  settings: Settings & LookOptions['settings'];
  reports: LookOptions['reports'];
  account: Pick<JiraAccount, 'jira' | 'state'>;
  /** Name of the host that the person wants. */
  wanted: string | undefined;
  /** Looks at one repository one after another: two fetches at once trip over git's locks. */
  inTurn<T>(place: RunPlace, work: () => Promise<T>): Promise<T>;
  now(): number;
}

/** A run that could begin now. */
export interface PreparedRun {
  run: RunOrder;
  host: Host;
  kit: Equipment;
  /** Its branch is there already, and to be worked on. */
  existing: boolean;
}

/** `id`: Jira's own, where it is known. */
export type StartedTask = Pick<Task, 'key'> & Partial<Pick<Task, 'id'>>;

/** Looks at everything, asks, and decides the run's order. Makes nothing but a fetch. Throws UserError. */
export type Prepare = (task: StartedTask, options: PrepareOptions, steps: StartSteps) => Promise<PreparedRun>;

type Decided = Pick<
  RunOrder,
  'kind' | 'sessionId' | 'repository' | 'directory' | 'branch' | 'base' | 'remote'
> &
  Partial<Pick<RunOrder, 'reviewId' | 'continues' | 'implementation'>>;

/** The order of a run, out of what was decided for it and what is the same for all. Throws UserError where it is unfit. */
export async function orderOf(
  { key, id }: StartedTask,
  decided: Decided,
  { host, kit }: { host: Host; kit: Equipment },
  { settings, account, now }: Pick<PrepareOptions, 'settings' | 'account' | 'now'>,
  signal: AbortSignal | undefined,
): Promise<RunOrder> {
  const docs = docsDirectoryFor(key, settings.docs.directory);
  if (docs === undefined)
    throw new UserError(
      `The documents of ${key} have no usable directory.`,
      'Correct taskSessions.docs.directory.',
    );
  const jira = jiraHost(account.state.url);
  const { user } = (await account.jira(signal)).connection;
  const run = checkedOrder({
    schema: 1,
    id: randomUUID(),
    key,
    ...(id !== undefined && { issueId: id }),
    summary: kit.issue.summary.slice(0, 500),
    ...(jira !== undefined && { jira }),
    startedBy: { id: user.id.slice(0, 300), name: user.name.slice(0, 300) },
    host: host.name,
    ...decided,
    docs: { directory: docs, names: settings.docs.names },
    flags: sessionFlags(settings.claude),
    createdAt: now(),
  });
  // What Claude cannot be told is refused here, before anything is said of the run.
  argvOf(run.implementation ? 'implement' : 'analysis', run, kit, settings);
  return run;
}

/** Claude's argv for a kind of turn of the run. Throws UserError where Claude cannot be held to its order. */
export const argvOf = (
  kind: TurnKind,
  order: RunOrder,
  { home, claudePath, configDir }: Pick<Equipment, 'home' | 'claudePath' | 'configDir'>,
  { claude }: Pick<Settings, 'claude'>,
): string[] =>
  turnArgv({
    kind,
    order,
    claude,
    runDirectory: runFolder(home, order.id),
    claudePath,
    ...(configDir !== undefined && { configDir }),
  });

/** As the host and every later program will read it: an order that does not read back would be a run of nobody. */
function checkedOrder(order: RunOrder): RunOrder {
  const { data, error } = runOrderSchema.safeParse(order);
  if (data) return data;
  const field = error.issues[0]?.path.join('.') ?? '';
  throw new UserError(
    `The ${order.kind} of ${order.key} cannot be ordered: ${field} is unfit.`,
    field.startsWith('docs')
      ? 'Correct taskSessions.docs.'
      : 'Look at the name and place of its branch, host and remote.',
  );
}

/** So many session ids of which the host has no transcript. */
export async function freeIds(
  host: Host,
  { configDir }: Pick<Equipment, 'configDir'>,
  count: number,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const options = { ...(configDir !== undefined && { configDir }), ...(signal && { signal }) };
  const free = async (): Promise<string> => {
    for (;;) {
      const id = randomUUID();
      if ((await locateTranscript(host, id, options)).length === 0) return id;
    }
  };
  return Promise.all(Array.from({ length: count }, free));
}

export type RunRef = Pick<RunOrder, 'id' | 'host'>;

/** A run of somebody else, as its folder on a host of ours tells it. */
export function theirs(reading: RunReading | undefined, { id }: RunRef, host: Host): LedgerRun {
  if (!reading)
    throw new UserError(`There is no run ${shortId(id)} on ${host.name}.`, 'Refresh, and look at the tree.');
  const { order, settledLines } = reading;
  return {
    order: { ...order, host: host.name },
    reached: 'status',
    settledLines,
    createdAt: order.createdAt,
  };
}
