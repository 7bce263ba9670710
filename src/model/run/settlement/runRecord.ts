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
export type RunTelling = Pick<Run, 'state' | 'docs'> &
  Partial<Pick<Run, 'steps' | 'sessionId' | 'earlierSessions'>>;

/** Longer reasons would not read back (record/fields). */
const longestReason = 500;

/** The record of the session that a run is in, as the run stands. The critic's session has none of its own. */
export function runRecord(order: RunOrder, telling: RunTelling): SessionFields {
  const { state, docs, sessionId = order.sessionId, earlierSessions = [] } = telling;
  const names = docs.filter(isDocName);
  const commit = commitOf(telling);
  const step = stepOf(order, state);
  const trouble = troubleOf(state);
  return {
    title: titleOf(order.kind, state),
    ...placeOf(order, sessionId, earlierSessions.at(-1)),
    ...(commit !== undefined && { commit }),
    ...(names.length > 0 && { docs: names }),
    ...(step && { step }),
    ...(trouble && { reason: `${trouble.message} ${trouble.next}`.trim().slice(0, longestReason) }),
    status: statusOf(order.kind, state),
  };
}

/** Of the sessions that a run had to leave, oldest first: they stay as they are, and say where it went on. */
export function leftRecords(
  order: RunOrder,
  { sessionId = order.sessionId, earlierSessions = [] }: RunTelling,
): SessionFields[] {
  const all = [...earlierSessions, sessionId];
  return earlierSessions.map((left, index) => ({
    title: titleOf(order.kind, { kind: 'starting', reached: 'status' }),
    ...placeOf(order, left, all[index - 1]),
    status: wentOnIn(all[index + 1]!),
  }));
}

const wentOnIn = (sessionId: string): string => `Went on in session ${sessionId}`;

function placeOf(
  { host, directory, branch, continues }: RunOrder,
  sessionId: string,
  before: string | undefined,
): Omit<SessionFields, 'title'> {
  const from = before ?? continues;
  return {
    sessionId,
    ...(isHostName(host) && { host }),
    ...(isDirectory(directory) && { directory }),
    branch,
    ...(from !== undefined && { continues: from }),
  };
}

/** What came of it, or of the steps of its plan so far. */
const commitOf = ({ state, steps = [] }: RunTelling): string | undefined =>
  (state.kind === 'complete' ? state.commit : undefined) ??
  steps.findLast(({ n, commit }) => n !== undefined && commit !== undefined)?.commit;

function stepOf({ implementation }: RunOrder, state: RunState): SessionFields['step'] {
  if (!implementation) return undefined;
  const total = implementation.steps.length;
  if (state.kind === 'complete') return { current: total, total };
  const plan = 'plan' in state ? state.plan : undefined;
  return plan && { current: plan.current, total: plan.total };
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
    case 'failed': {
      const { message, told = message, next } = state.failure;
      return { message: told, next };
    }
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
