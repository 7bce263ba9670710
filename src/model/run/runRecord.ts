import type { SessionFields } from '../record/linkRecord';
import { isDirectory, isDocName } from '../record/fields';
import { isHostName } from '../names';
import type { RecordTitle } from '../record/record';
import type { Phase } from '../task/task';
import type { RunKind, RunOrder } from './order';
import type { Run, RunState } from './run';

/** What a record tells of a run. */
export type RunTelling = Pick<Run, 'state' | 'docs'>;

/** Longer reasons would not read back (record/fields). */
const longestReason = 500;

/** The record of a run's session as the run stands. The critic's session has none of its own. */
export function runRecord(order: RunOrder, { state, docs }: RunTelling): SessionFields {
  const { sessionId, host, directory, branch, continues } = order;
  const names = docs.filter(isDocName);
  const commit = state.kind === 'complete' ? state.commit : undefined;
  const reason = reasonOf(state);
  return {
    title: titleOf(order.kind, state),
    sessionId,
    ...(isHostName(host) && { host }),
    ...(isDirectory(directory) && { directory }),
    branch,
    ...(commit !== undefined && { commit }),
    ...(names.length > 0 && { docs: names }),
    ...(continues !== undefined && { continues }),
    ...(reason !== undefined && { reason: reason.slice(0, longestReason) }),
    status: statusOf(order.kind, state),
  };
}

/** Two states that people are told of in the same words. */
export const sayTheSame = (kind: RunKind, a: RunState, b: RunState): boolean =>
  titleOf(kind, a) === titleOf(kind, b) && statusOf(kind, a) === statusOf(kind, b);

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
      return 'Stopped';
    case 'failed':
      return 'Failed';
    case 'complete':
      return kind === 'analysis' ? 'Awaiting Developer Review' : 'Complete';
  }
}

function reasonOf(state: RunState): string | undefined {
  switch (state.kind) {
    case 'failed':
      return `${state.failure.message} ${state.failure.next}`.trim();
    case 'interrupted':
      return `${state.rebooted ? 'The host was started anew' : 'The run was killed'} while it worked. Continue it: what is done stays done.`;
    case 'stopped':
      return 'Somebody stopped it. Continue it, or take the conversation over.';
    case 'starting':
    case 'queued':
    case 'running':
    case 'complete':
      return undefined;
  }
}

/** Where a run's state puts its task; failures move nothing. */
export function phaseFor(kind: RunKind, state: RunState): Phase | undefined {
  if (kind === 'handoff') return undefined;
  switch (state.kind) {
    case 'starting':
    case 'queued':
    case 'running':
      return kind === 'analysis' ? 'analyzing' : 'implementing';
    case 'complete':
      return kind === 'analysis' ? 'awaitingReview' : 'inReview';
    case 'interrupted':
    case 'stopped':
    case 'failed':
      return undefined;
  }
}
