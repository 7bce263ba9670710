import type { RunOrder } from '../../model/run/order';
import type { RunState } from '../../model/run/run';
import type { Outcome } from './outcome';

/** Another session that somebody works in on the same issue, as its record says. */
export interface OthersRun {
  sessionId: string;
  /** Who wrote that, by Jira's word. */
  by: string;
  /** It is our own account. */
  mine: boolean;
  /** When its record was written first, by Jira's clock: epoch ms. */
  at: number;
  host?: string;
  /** Its record stood there before ours; true while we have none. */
  earlier: boolean;
}

/** Records of runs on their issues: one comment per session and author, edited in place as the run goes on. */
export class RunRecords {
  /** For the start: writes that the run begins, unless a record of ours says more of it already. */
  begin(_order: RunOrder, _state: RunState, _signal?: AbortSignal): Promise<Outcome> {
    return Promise.resolve({ kind: 'unchanged' });
  }

  /** Takes our record of the run back, also an owed one. Throws UserError where that is not possible. */
  withdraw(_order: RunOrder, _signal?: AbortSignal): Promise<{ kind: 'withdrawn' | 'none' }> {
    return Promise.resolve({ kind: 'none' });
  }

  /** Unfinished runs of other sessions on the issue, earliest first, read fresh. Throws JiraError where it cannot be read. */
  others(_order: Pick<RunOrder, 'key' | 'kind' | 'sessionId'>, _signal?: AbortSignal): Promise<OthersRun[]> {
    return Promise.resolve([]);
  }
}
