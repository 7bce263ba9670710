import type { SessionFields } from '../../record/linkRecord';
import { isDirectory, isDocName } from '../../record/fields';
import { isHostName } from '../../names';
import { stoppedStatus, type RecordTitle } from '../../record/record';
import { causeOfRun } from '../../phase/causes';
import { phaseOfCause } from '../../phase/machine';
import type { Phase } from '../../task/task';
import type { RunFailure } from '../failure/failure';
import type { RunKind, RunOrder } from '../order';
import type { Run, RunState } from '../run';

/** What a record tells of a run. */
export type RunTelling = Pick<Run, 'state' | 'docs'>;

/** Longer reasons would not read back (record/fields). */
const longestReason = 500;

/** The record of a run's session as the run stands. The critic's session has none of its own. */
export function runRecord(order: RunOrder, { state, docs }: RunTelling): SessionFields {
  const { sessionId, host, directory, branch, continues } = order;
  const names = docs.filter(isDocName);
  const commit = state.kind === 'complete' ? state.commit : undefined;
  const trouble = troubleOf(state);
  return {
    title: titleOf(order.kind, state),
    sessionId,
    ...(isHostName(host) && { host }),
    ...(isDirectory(directory) && { directory }),
    branch,
    ...(commit !== undefined && { commit }),
    ...(names.length > 0 && { docs: names }),
    ...(continues !== undefined && { continues }),
    ...(trouble && { reason: `${trouble.message} ${trouble.next}`.trim().slice(0, longestReason) }),
    status: statusOf(order.kind, state),
  };
}

export function titleOf(kind: RunKind, state: RunState): RecordTitle {
  if (kind === 'handoff') return 'AI Handoff';
  const what = kind === 'analysis' ? 'AI Analysis' : 'AI Implementation';
  switch (state.kind) {
    case 'starting':
    case 'queued':
    case 'running':
      return `${what} Started`;
    case 'interrupted':
    case 'stopped':
    case 'failed':
      return `${what} Failed`;
    case 'complete':
      return `${what} Complete`;
  }
}

/** In plain words, as the record's last line. */
export function statusOf(kind: RunKind, state: RunState): string {
  switch (state.kind) {
    case 'starting':
      return 'Starting';
    case 'queued':
      return 'Waiting for a place';
    case 'running':
      return 'Running';
    case 'interrupted':
      return 'Interrupted';
    case 'stopped':
      return stoppedStatus;
    case 'failed':
      return 'Failed';
    case 'complete':
      return kind === 'analysis' ? 'Awaiting Developer Review' : 'Complete';
  }
}

/** Why a run did not come to its end, and what to do; undefined where it may still, or has. */
export function troubleOf(state: RunState): Pick<RunFailure, 'message' | 'next'> | undefined {
  switch (state.kind) {
    case 'failed':
      return state.failure;
    case 'interrupted':
      return {
        message: state.rebooted
          ? 'The host was started anew while it worked.'
          : 'The run was killed while it worked.',
        next: 'Continue the run: what is done stays done.',
      };
    case 'stopped':
      return { message: 'Somebody stopped it.', next: 'Continue the run, or take the conversation over.' };
    case 'starting':
    case 'queued':
    case 'running':
    case 'complete':
      return undefined;
  }
}

/** Where a run's state puts its task; failures move nothing. */
export function phaseFor(kind: RunKind, state: RunState): Phase | undefined {
  if (state.kind === 'interrupted' || state.kind === 'stopped' || state.kind === 'failed') return undefined;
  const cause = causeOfRun(kind, state);
  return cause && phaseOfCause(cause);
}
