import type { Person } from '../../../src/model/record/record';
import { runOrderSchema, type RunOrder } from '../../../src/model/run/order';
import type { IssueDetail } from '../../../src/model/task/issue';

export const order = (changes: Partial<RunOrder> = {}): RunOrder => ({
  ...runOrderSchema.parse({
    schema: 1,
    id: 'b3a1f2c4-0000-4000-8000-000000000001',
    kind: 'analysis',
    key: 'PAY-1',
    startedBy: { id: 'dana', name: 'Dana Developer' },
    host: 'here',
    sessionId: '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01',
    reviewId: '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a02',
    repository: '/srv/pay',
    directory: '/srv/pay.worktrees/PAY-1',
    branch: 'task/PAY-1-analysis',
    base: { branch: 'main', commit: '0123456789abcdef0123456789abcdef01234567' },
    remote: 'origin',
    docs: { directory: 'docs/tasks/PAY-1', names: ['task_desc.md', 'plan.md', 'critic.md'] },
    flags: [],
    createdAt: 0,
  }),
  ...changes,
});

export const person = (name: string): Person => ({ id: name, name });

export const detail = (changes: Partial<IssueDetail> = {}): IssueDetail => ({
  key: 'PAY-1',
  url: 'https://jira.example.com/browse/PAY-1',
  summary: 'Large uploads fail',
  status: 'To Do',
  labels: [],
  created: Date.UTC(2026, 10, 2),
  updated: Date.UTC(2026, 10, 2),
  description: 'Uploads of more than 100 MB end with a time-out.',
  comments: [],
  ...changes,
});

/** A comment of ours in wiki markup, and what somebody has added. */
export const recordDocument = (words = ''): string =>
  [
    '*AI Analysis Complete*',
    '',
    'Session ID: 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01',
    '',
    'Host: devserver',
    '',
    'Branch: task/PAY-1-analysis',
    ...(words === '' ? [] : ['', words]),
  ].join('\n');
