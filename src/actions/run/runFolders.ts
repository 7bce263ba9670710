import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import type { RunReading } from '../../model/run/run';
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

export function runFolders(hosts: readonly Host[]): RunFolders {
  const named = (name: string): Host => {
    const host = hosts.find((one) => one.name === name);
    if (!host)
      throw new UserError(
        `There is no host ${name} in your configuration.`,
        'Add it to hosts, or settle elsewhere.',
      );
    return host;
  };
  return {
    read: async (host, runId, signal) => readRun(named(host), runId, signal),
    markSettled: async (host, runId, lines, by, signal) => markSettled(named(host), runId, lines, by, signal),
    claim: async (host, runId, name, signal) => claimMessage(named(host), runId, name, signal),
  };
}
