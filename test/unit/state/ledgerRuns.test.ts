import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerRun } from '../../../src/model/run/order';
import { Ledger } from '../../../src/state/ledger';
import { id } from '../model/examples';

describe('runs in the ledger', () => {
  let directory: string;
  let ledger: Ledger;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-ledger-'));
    ledger = new Ledger(directory, { now: () => 7 });
  });
  afterEach(() => rm(directory, { recursive: true }));

  const run = (n: number, key = 'PAY-1'): LedgerRun => ({
    order: {
      schema: 1,
      id: id(n),
      kind: 'analysis',
      key,
      startedBy: { id: 'dana', name: 'Dana' },
      host: 'laptop',
      sessionId: id(n + 1000),
      repository: '/srv/platform',
      directory: '/srv/platform.worktrees/PAY-1',
      branch: 'task/PAY-1-analysis',
      base: { branch: 'main', commit: '1'.repeat(40) },
      remote: 'origin',
      docs: { directory: 'docs', names: ['task_desc.md'] },
      flags: [],
      createdAt: n,
    },
    reached: 'preflight',
    settledLines: 0,
    createdAt: n,
  });
  const begin = (one: LedgerRun) =>
    ledger.beginRun(one, ({ order, abandoned }) => order.key === one.order.key && !abandoned);
  const kept = async () => (await ledger.read()).runs.map(({ order }) => order.id);

  it('of twenty that begin at once for one task, one does, and all learn which', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => begin(run(index + 1))));
    assert.deepEqual(await kept(), [answers[0]?.order.id]);
    assert.equal(new Set(answers.map(({ order }) => order.id)).size, 1);
  });

  it('begin anew where the one before was given up, and beside those of other tasks', async () => {
    await begin(run(1));
    await begin(run(2, 'PAY-2'));
    await ledger.reviseRun(id(1), (before) => before && { ...before, abandoned: true });
    assert.equal((await begin(run(3))).order.id, id(3));
    assert.deepEqual((await kept()).toSorted(), [id(1), id(2), id(3)].toSorted());
  });

  it('that began once are not put in again', async () => {
    await begin(run(1));
    await ledger.reviseRun(id(1), (before) => before && { ...before, reached: 'branch' });
    assert.equal((await begin(run(1))).reached, 'branch');
  });
});
