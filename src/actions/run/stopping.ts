import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import type { Run } from '../../model/run/run';
import { stopRunner } from '../../runs/stop';
import { hostOfRun } from './runFolders';

/** Ending a run: cleanly, so that *Continue* can go on. */
export class Stopping {
  constructor(private readonly hosts: readonly Host[]) {}

  /**
   * Resolves when neither runner nor Claude live, and the run's file says so. Throws `UserError` where they do not end,
   * and `HostError` where the host does not answer: then nobody knows, and it may be repeated.
   */
  async stop(run: Pick<Run, 'id' | 'host'>, signal?: AbortSignal): Promise<void> {
    const host = hostOfRun(this.hosts, run);
    host.wake?.();
    const outcome = await stopRunner(host, run.id, signal);
    switch (outcome) {
      case 'stopped':
      case 'ended':
        return;
      case 'running':
        throw new UserError(
          `The run on ${host.name} was asked to stop and still works.`,
          'Wait a moment and refresh; it stops when its step is done.',
        );
    }
  }
}
