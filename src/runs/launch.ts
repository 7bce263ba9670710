import type { Host } from '../hosts/host';
import type { Terminals } from '../hosts/terminals';
import type { RunOrder } from '../model/run/order';

/** `running`: it lives already, here or by somebody else's start; nothing was started. */
export interface Launched {
  kind: 'started' | 'running';
}

/**
 * Starts the runner of a run that was placed, detached from us: in a terminal, or where nothing keeps terminals alive
 * by itself. May be repeated: of several at once one runs, and it goes on where the last one was. Takes back a stop.
 */
export function launchRunner(
  _host: Host,
  _terminals: Terminals | undefined,
  _order: Pick<RunOrder, 'id' | 'key'>,
  _signal?: AbortSignal,
): Promise<Launched> {
  return Promise.reject(new Error('not there yet'));
}
