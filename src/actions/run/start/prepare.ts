import { randomUUID } from 'node:crypto';
import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { criticName } from '../../../model/run/documents';
import { runFolder } from '../../../model/run/folder';
import { runOrderSchema, type RunOrder } from '../../../model/run/order';
import type { Settings } from '../../../model/settings';
import { docsDirectoryFor } from '../../../model/task/repository';
import type { Task } from '../../../model/task/task';
import { sessionFlags, turnArgv } from '../../../runs/turn';
import { locateTranscript } from '../../../sources/claude/launch/preflight';
import { jiraHost } from '../../../sources/jira/connection';
import type { JiraAccount } from '../../account';
import { equip, type Equipment, type EquipmentOptions } from './equipment';
import { choosePlace, type PlacesOptions, type RunPlace } from './places';
import type { StartSteps } from './steps';
import { survey } from './survey';

export interface PrepareOptions extends PlacesOptions, EquipmentOptions {
  settings: Settings;
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
  /** Its branch is there already, and the person said to work on it. */
  existing: boolean;
}

/** `id`: Jira's own, where it is known. */
export type StartedTask = Pick<Task, 'key'> & Partial<Pick<Task, 'id'>>;

/** Looks at everything, asks, and decides the run's order. Makes nothing but a fetch. Throws UserError. */
export async function prepare(
  { key, id }: StartedTask,
  options: PrepareOptions,
  steps: StartSteps,
): Promise<PreparedRun> {
  const { settings, account, wanted, inTurn, now, onCheck } = options;
  const docs = docsDirectoryFor(key, settings.docs.directory);
  if (docs === undefined)
    throw new UserError(
      `The documents of ${key} have no usable directory.`,
      'Correct taskSessions.docs.directory.',
    );
  const at = await choosePlace(options, key, wanted);
  const { host } = at;
  steps.doing('preflight', `Asking ${host.name}`);
  const found = await inTurn(at, () => survey(key, at, { settings, onCheck }, steps));
  const { existing, ...places } = found;
  const kit = await equip({ key, ...at, commit: found.base.commit }, options, steps);
  const jira = jiraHost(account.state.url);
  const { user } = (await account.jira(steps.signal)).connection;
  const [sessionId, reviewId] = await freeIds(host, kit, steps.signal);
  const reviews = settings.runs.critic && settings.docs.names.includes(criticName);
  const run = checkedOrder({
    schema: 1,
    id: randomUUID(),
    kind: 'analysis',
    key,
    ...(id !== undefined && { issueId: id }),
    summary: kit.issue.summary.slice(0, 500),
    ...(jira !== undefined && { jira }),
    startedBy: { id: user.id.slice(0, 300), name: user.name.slice(0, 300) },
    host: host.name,
    sessionId,
    ...(reviews && { reviewId }),
    ...places,
    docs: { directory: docs, names: settings.docs.names },
    flags: sessionFlags(settings.claude),
    createdAt: now(),
  });
  // What Claude cannot be told is refused here, before anything is said of the run.
  turnArgv({
    kind: 'analysis',
    order: run,
    claude: settings.claude,
    runDirectory: runFolder(kit.home, run.id),
    ...kit,
  });
  return { run, host, kit, existing };
}

/** As the host and every later program will read it: an order that does not read back would be a run of nobody. */
function checkedOrder(order: RunOrder): RunOrder {
  const { data, error } = runOrderSchema.safeParse(order);
  if (data) return data;
  const field = error.issues[0]?.path.join('.') ?? '';
  throw new UserError(
    `The analysis of ${order.key} cannot be ordered: ${field} is unfit.`,
    field.startsWith('docs')
      ? 'Correct taskSessions.docs.'
      : 'Look at the name and place of its branch, host and remote.',
  );
}

/** Two ids of which the host has no transcript. */
async function freeIds(
  host: Host,
  { configDir }: Equipment,
  signal: AbortSignal | undefined,
): Promise<[string, string]> {
  const options = { ...(configDir !== undefined && { configDir }), ...(signal && { signal }) };
  const free = async (): Promise<string> => {
    for (;;) {
      const id = randomUUID();
      if ((await locateTranscript(host, id, options)).length === 0) return id;
    }
  };
  return Promise.all([free(), free()]);
}
