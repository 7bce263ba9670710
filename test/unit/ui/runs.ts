import type { Run } from '../../../src/model/run/run';
import { id } from '../model/examples';

/** A run to start a test from; it takes the fields that the test is about. */
export const run = (fields: Partial<Run> = {}): Run => ({
  id: id(0xa1),
  kind: 'analysis',
  key: 'PAY-1',
  host: 'laptop',
  sessionId: id(1),
  directory: '/srv/platform.worktrees/PAY-1',
  branch: 'task/PAY-1-analysis',
  startedBy: 'Dana',
  mine: true,
  createdAt: 0,
  state: { kind: 'running', step: 'analysis', since: 0 },
  steps: [
    { step: 'wait', state: 'done', at: 0 },
    { step: 'analysis', state: 'doing', at: 0 },
    { step: 'push', state: 'todo' },
  ],
  docs: [],
  settled: false,
  lines: 3,
  logs: [],
  ...fields,
});

const at = 0;
export const states = {
  starting: { kind: 'starting', reached: 'branch' },
  queued: { kind: 'queued', since: at },
  running: { kind: 'running', step: 'analysis', since: at },
  interrupted: { kind: 'interrupted', step: 'analysis', since: at, rebooted: false },
  stopped: { kind: 'stopped', step: 'analysis', at },
  failed: {
    kind: 'failed',
    step: 'push',
    at,
    failure: { kind: 'pushRejected', message: 'The push was rejected.', next: 'Fetch, then continue.' },
  },
  complete: { kind: 'complete', at },
} as const satisfies Record<Run['state']['kind'], Run['state']>;
