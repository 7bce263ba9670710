import type { LedgerRun, StartStep } from './order';
import type { RunFailure } from './failure/failure';
import { failureOf } from './failure/failureOf';
import type { PlanPosition, Run, RunLine, RunReading, RunState } from './run';
import { runSession } from './sessions';
import { isAtWork } from './standing';
import { stepStates, todoStates } from './steps/stepStates';
import { currentLines, isEnded, planOf, stepOf } from './steps/steps';

/** A run as its host tells it. `host` is our name of that host, `ours` what our ledger has of it. */
export function runOf(reading: RunReading, host: string, ours?: LedgerRun): Run {
  const { order, lines, logs, lineCount, settledLines } = reading;
  const state = stateOf(reading, ours?.reached);
  return {
    ...orderPart(order),
    ...runSession(order, lines),
    host,
    mine: ours !== undefined,
    state,
    steps: stepStates(reading, isAtWork(state)),
    docs: [...new Set(lines.flatMap(({ state, names }) => (state === 'done' ? (names ?? []) : [])))],
    settled: settledLines >= lineCount,
    lines: lineCount,
    logs: logs
      .toSorted((a, b) => a.changedAt - b.changedAt)
      .map(({ path }) => path.slice(path.lastIndexOf('/') + 1)),
  };
}

/** A run of ours of which no host tells: its start was interrupted, or is under way. */
export const pendingRun = ({ order, reached }: LedgerRun): Run => ({
  ...orderPart(order),
  host: order.host,
  mine: true,
  state: { kind: 'starting', reached },
  steps: todoStates(order),
  docs: [],
  settled: true,
  lines: 0,
  logs: [],
});

type OrderPart = Pick<
  Run,
  | 'id'
  | 'kind'
  | 'key'
  | 'jira'
  | 'sessionId'
  | 'reviewId'
  | 'directory'
  | 'branch'
  | 'startedBy'
  | 'createdAt'
>;

function orderPart(order: RunReading['order']): OrderPart {
  const { id, kind, key, jira, sessionId, reviewId, directory, branch, createdAt } = order;
  return {
    id,
    kind,
    key,
    ...(jira !== undefined && { jira }),
    sessionId,
    ...(reviewId !== undefined && { reviewId }),
    directory,
    branch,
    startedBy: order.startedBy.name,
    createdAt,
  };
}

/** The last start of the run counts: one that failed and was continued works again. */
export function stateOf(reading: RunReading, reached: StartStep = 'record'): RunState {
  const { order, lines: all, logs } = reading;
  const lines = currentLines(all);
  const last = lines.at(-1);
  // Placed, and not launched yet.
  if (!last) return { kind: 'starting', reached };
  const at = stepOf(lines, order, all);
  const { step } = at;
  const position = planOf(at, order, all);
  const plan: { plan?: PlanPosition } = position ? { plan: position } : {};
  const end = lines.findLast((line) => line.step === 'run');
  if (end && isEnded(end))
    switch (end.state) {
      case 'complete': {
        const commit = end.commit ?? all.findLast((line) => line.commit !== undefined)?.commit;
        return { kind: 'complete', at: end.at, ...(commit !== undefined && { commit }) };
      }
      case 'stopped':
        return { kind: 'stopped', step, at: end.at, ...plan };
      case 'started':
      case 'missing':
      case 'done':
      case 'answered':
      case 'failed':
        return { kind: 'failed', step, at: end.at, failure: failureOf(reading) ?? unknownFailure, ...plan };
    }
  if (reading.alive === false)
    return { kind: 'interrupted', step, since: last.at, rebooted: reading.rebooted ?? false, ...plan };
  if (step === 'wait') return { kind: 'queued', since: last.at };
  const isHere = (one: { step: RunLine['step']; n?: number }): boolean => one.step === step && one.n === at.n;
  const retry = logs.find(isHere)?.retry;
  const since = lines.findLast((line) => isHere(line) && line.state === 'started')?.at ?? last.at;
  return { kind: 'running', step, since, ...(retry && { retry }), ...plan };
}

/** When it came to stand as it stands; undefined before it is launched. */
export function changedAt({ state }: Pick<Run, 'state'>): number | undefined {
  switch (state.kind) {
    case 'starting':
      return undefined;
    case 'queued':
    case 'running':
    case 'interrupted':
      return state.since;
    case 'stopped':
    case 'failed':
    case 'complete':
      return state.at;
  }
}

const unknownFailure: RunFailure = {
  kind: 'unknown',
  message: 'It failed.',
  next: 'Look at the log of the run.',
};
