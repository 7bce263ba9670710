import { UserError } from '../../model/errors';
import type { LedgerRun } from '../../model/run/order';
import type { Task } from '../../model/task/task';
import type { StartedRun, StartOptions } from './progress';

/** Starting the analysis of a task, and going on with one that was interrupted. */
export class Analyses {
  start(_task: Task, _options: StartOptions = {}): Promise<StartedRun> {
    return Promise.reject(new UserError('Not there yet.', ''));
  }

  /** From the first step that is not done: of the start, or of the run. */
  continue(_run: Pick<LedgerRun['order'], 'id' | 'host'>, _options: StartOptions = {}): Promise<StartedRun> {
    return Promise.reject(new UserError('Not there yet.', ''));
  }
}
