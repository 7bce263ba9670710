import { errorLine, UserError } from '../errors';
import type { SourceState } from './task';

/** What a source said in an earlier run: its age, and no failure of then. */
export function earlier(state: SourceState | undefined): SourceState {
  return state?.asOf === undefined ? {} : { asOf: state.asOf, earlier: true };
}

/** What to show of a failure: what happened, and what to do. */
export function failure(error: unknown): { error: string; next?: string } {
  if (error instanceof UserError) return { error: error.message, next: error.next };
  return { error: errorLine(error) };
}
