import type { Host } from '../../hosts/host';
import { hostNamed } from '../../hosts/hosts';
import { UserError } from '../../model/errors';
import { parseSessionId } from '../../model/names';
import type { Run, RunReading } from '../../model/run/run';
import { claimMessage, markSettled } from '../../runs/mark';
import { readRun } from '../../sources/runFiles/readRun';

/** The folders of runs on their hosts, as settling uses them. `host` is our name of it. */
export interface RunFolders {
  /** The run as it stands now; undefined where its folder is gone. Throws UserError, HostError. */
  read(host: string, runId: string, signal?: AbortSignal): Promise<RunReading | undefined>;
  /** Notes that Jira was told of so many lines. */
  markSettled(host: string, runId: string, lines: number, by: string, signal?: AbortSignal): Promise<void>;
  /** True for the first who asks by that name. */
  claim(host: string, runId: string, name: string, signal?: AbortSignal): Promise<boolean>;
}

/** The host of a run. Throws UserError where it is none of ours, or the id could lead out of the folder of runs. */
export function hostOfRun(hosts: readonly Host[], { id, host }: Pick<Run, 'id' | 'host'>): Host {
  if (parseSessionId(id) === undefined)
    throw new UserError(`"${id.slice(0, 80)}" is no run.`, 'Refresh, and look at the tree.');
  return hostNamed(hosts, host);
}

export function runFolders(hosts: readonly Host[]): RunFolders {
  const named = (name: string): Host => hostNamed(hosts, name);
  return {
    read: async (host, runId, signal) => readRun(named(host), runId, signal),
    markSettled: async (host, runId, lines, by, signal) => markSettled(named(host), runId, lines, by, signal),
    claim: async (host, runId, name, signal) => claimMessage(named(host), runId, name, signal),
  };
}
