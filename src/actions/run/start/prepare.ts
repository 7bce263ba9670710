import { randomUUID } from 'node:crypto';
import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import type { RunOrder } from '../../../model/run/order';
import type { Settings } from '../../../model/settings';
import { docsDirectoryFor } from '../../../model/task/repository';
import type { Task } from '../../../model/task/task';
import { sessionFlags } from '../../../runs/turn';
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

/** Looks at everything, asks, and decides the run's order. Makes nothing but a fetch. Throws UserError. */
export async function prepare(
  { key }: Pick<Task, 'key'>,
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
  const run: RunOrder = {
    schema: 1,
    id: randomUUID(),
    kind: 'analysis',
    key,
    summary: kit.issue.summary.slice(0, 500),
    ...(jira !== undefined && { jira }),
    startedBy: { id: user.id.slice(0, 300), name: user.name.slice(0, 300) },
    host: host.name,
    sessionId,
    ...(settings.runs.critic && { reviewId }),
    ...places,
    docs: { directory: docs, names: settings.docs.names },
    flags: sessionFlags(settings.claude),
    createdAt: now(),
  };
  return { run, host, kit, existing };
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
