import { UserError } from '../../model/errors';
import type { Settlement } from './progress';

/** Turns what runs say into records, index, status and messages; repeatable without harm. */
export class Settling {
  /** Every run that its file says more of than Jira was told (of one task, if named), whoever started it; and what is owed. */
  settle(_options: { key?: string; signal?: AbortSignal } = {}): Promise<Settlement[]> {
    return Promise.reject(new UserError('Not there yet.', ''));
  }

  /** The same for the runs that we started, as the last snapshot shows them. For after a refresh: quiet where nothing is to do. */
  settleOwn(_signal?: AbortSignal): Promise<Settlement[]> {
    return Promise.resolve([]);
  }
}
