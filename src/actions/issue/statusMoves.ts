import type { RunOrder } from '../../model/run/order';
import type { Phase } from '../../model/task/task';
import type { Outcome } from './outcome';

/** What came of moving an issue. */
export type Move = Omit<Outcome, 'kind'> & { kind: 'moved' | 'unchanged' | 'owed' | 'refused' };

/** Moves issues to the status of a phase: forward only, and never against what a person did. */
export class StatusMoves {
  /** Never throws but for cancelling. */
  move(_order: RunOrder, _phase: Phase, _signal?: AbortSignal): Promise<Move> {
    return Promise.resolve({ kind: 'unchanged' });
  }
}
