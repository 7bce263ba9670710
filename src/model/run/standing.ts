import type { Session } from '../session/session';
import type { Snapshot } from '../task/task';
import type { Run, RunState } from './run';

/** A runner lives, as far as is known. */
export const isAtWork = ({ kind }: RunState): boolean => kind === 'running' || kind === 'queued';

/** Its runner lives, as far as is known. */
export const isLiveRun = ({ state }: Pick<Run, 'state'>): boolean => isAtWork(state);

/** It has not come to its end, and nobody works on it: *Continue Run* goes on. */
export const isStalled = ({ state: { kind } }: Pick<Run, 'state'>): boolean =>
  kind === 'starting' || kind === 'interrupted' || kind === 'stopped' || kind === 'failed';

/** The run that a session works for now. */
export const liveRunOf = (
  { runs = [] }: Pick<Snapshot, 'runs'>,
  { id, host }: Pick<Session, 'id' | 'host'>,
): Run | undefined =>
  runs.find((run) => isLiveRun(run) && run.host === host && (run.sessionId === id || run.reviewId === id));
