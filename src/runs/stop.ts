import type { Host } from '../hosts/host';

/** How asking a run to stop went; `ended`: it had come to its end before. */
export type StopOutcome = 'stopped' | 'ended' | 'running';

/**
 * Asks a run to stop, ends its Claude (exactly that process), and waits until neither lives and the run's file says so.
 * Throws `UserError` where there is no such run, and `HostError`.
 */
export function stopRunner(_host: Host, _runId: string, _signal?: AbortSignal): Promise<StopOutcome> {
  return Promise.reject(new Error('not there yet'));
}
