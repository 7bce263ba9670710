import { UserError } from '../../model/errors';
import type { Run } from '../../model/run/run';

/** Ending a run: cleanly, so that *Continue* can go on. */
export class Stopping {
  /** Resolves when neither runner nor Claude live, and the run's file says so. */
  stop(_run: Pick<Run, 'id' | 'host'>, _signal?: AbortSignal): Promise<void> {
    return Promise.reject(new UserError('Not there yet.', ''));
  }
}
