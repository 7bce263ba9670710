import type { LedgerRun, RunOrder } from '../../../../src/model/run/order';
import { runOf } from '../../../../src/model/run/progress';
import type { Run, RunLine, RunReading, TurnLog } from '../../../../src/model/run/run';
import { clock, id } from '../examples';

/** The nth run; its session has the same number. */
export const runId = (n: number): string => `${n.toString(16).padStart(8, '0')}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`;

export const order = (fields: Partial<RunOrder> = {}): RunOrder => ({
  schema: 1,
  id: runId(1),
  kind: 'analysis',
  key: 'PAY-1',
  jira: 'jira.example',
  startedBy: { id: 'pat', name: 'Pat' },
  host: 'devserver',
  sessionId: id(1),
  reviewId: id(2),
  repository: '/srv/platform',
  directory: '/srv/platform.worktrees/PAY-1',
  branch: 'task/PAY-1-analysis',
  base: { branch: 'main', commit: 'a'.repeat(40) },
  remote: 'origin',
  docs: { directory: 'docs/tasks/PAY-1', names: ['task_desc.md', 'critic.md'] },
  flags: [],
  createdAt: clock,
  ...fields,
});

/** `analysis started`, and what else it says; a second after the other. */
export const lines = (...said: (string | [said: string, fields: Partial<RunLine>])[]): RunLine[] =>
  said.map((one, n) => {
    const [text, fields] = typeof one === 'string' ? [one, {}] : one;
    const [step, state] = text.split(' ') as [RunLine['step'], RunLine['state']];
    return { at: clock + n * 1000, step, state, ...fields };
  });

export const reading = (said: RunLine[], fields: Partial<RunReading> = {}): RunReading => ({
  order: order(),
  lines: said,
  lineCount: said.length,
  alive: true,
  logs: [],
  settledLines: 0,
  ...fields,
});

export const log = (step: TurnLog['step'], fields: Partial<TurnLog> = {}): TurnLog => ({
  step,
  path: `/home/dev/.local/state/task-sessions/runs/${runId(1)}/${step}.jsonl`,
  size: 10,
  changedAt: clock,
  ...fields,
});

export const ledgerRun = (fields: Partial<LedgerRun> = {}): LedgerRun => ({
  order: order(),
  reached: 'status',
  settledLines: 0,
  createdAt: clock,
  ...fields,
});

export const run = (state: Run['state'], fields: Partial<Run> = {}): Run => ({
  ...runOf(reading([]), 'devserver', ledgerRun()),
  settled: false,
  state,
  ...fields,
});
