import type { LedgerRun, StartStep } from './order';
import { failureOf, type RunFailure } from './failure';
import type { Run, RunReading, RunState, RunStepState } from './run';
import { currentLines, isEnded, stepOf, stepsOf } from './steps';

/** A run as its host tells it. `host` is our name of that host, `ours` what our ledger has of it. */
export function runOf(reading: RunReading, host: string, ours?: LedgerRun): Run {
  const { order, lines, logs, lineCount, settledLines } = reading;
  return {
    ...orderPart(order),
    host,
    mine: ours !== undefined,
    state: stateOf(reading, ours?.reached),
    steps: stepStates(reading),
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
  steps: stepsOf(order).map((step) => ({ step, state: 'todo' })),
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
  const lines = currentLines(reading.lines);
  const last = lines.at(-1);
  // Placed, and not launched yet.
  if (!last) return { kind: 'starting', reached };
  const step = stepOf(lines, reading.order);
  const end = lines.findLast(({ step }) => step === 'run');
  if (end && isEnded(end))
    switch (end.state) {
      case 'complete': {
        const commit = end.commit ?? reading.lines.findLast((line) => line.commit !== undefined)?.commit;
        return { kind: 'complete', at: end.at, ...(commit !== undefined && { commit }) };
      }
      case 'stopped':
        return { kind: 'stopped', step, at: end.at };
      case 'started':
      case 'missing':
      case 'done':
      case 'failed':
        return { kind: 'failed', step, at: end.at, failure: failureOf(reading) ?? unknownFailure };
    }
  if (reading.alive === false)
    return { kind: 'interrupted', step, since: last.at, rebooted: reading.rebooted ?? false };
  if (step === 'wait') return { kind: 'queued', since: last.at };
  const retry = reading.logs.find((log) => log.step === step)?.retry;
  const since = lines.findLast((line) => line.step === step && line.state === 'started')?.at ?? last.at;
  return { kind: 'running', step, since, ...(retry && { retry }) };
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

/** What is done stays done over restarts; what was being done when the run ended is to do again. */
function stepStates(reading: RunReading): RunStepState[] {
  const { kind } = stateOf(reading);
  const works = kind === 'running' || kind === 'queued';
  const current = stepOf(currentLines(reading.lines), reading.order);
  return stepsOf(reading.order).map((step) => {
    const of = reading.lines.filter((line) => line.step === step);
    const last = of.findLast(({ state }) => state === 'done') ?? of.at(-1);
    if (!last) return { step, state: 'todo' };
    if (last.state === 'done') return { step, state: 'done', at: last.at };
    if (works) return { step, state: step === current ? 'doing' : 'todo', at: last.at };
    return { step, state: last.state === 'failed' ? 'failed' : 'todo', at: last.at };
  });
}
