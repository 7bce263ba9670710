import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../../../src/app';
import type { StartOptions, StartProgress, StartQuestion } from '../../../src/actions/run/progress';
import { UserError } from '../../../src/model/errors';
import type { LedgerRun } from '../../../src/model/run/order';
import { stateOf } from '../../../src/model/run/progress';
import { readRun } from '../../../src/sources/runFiles/readRun';
import { Bed } from '../../bed/bed';
import { until } from '../../bed/until';
import { openApp } from './startApp';
import { branchOf, makeStartBed, type StartBed } from './startBed';

const docs = ['critic.md', 'solution_options.md', 'step_by_step_impl_plan.md', 'task_desc.md', 'task_test_designs.md']; // prettier-ignore

for (const host of ['laptop', 'devserver'] as const)
  describe(`an analysis that is started on the ${host}`, function () {
    // Real runs, on a machine that does other things too.
    this.timeout(120_000);
    let bed: Bed;
    let world: StartBed;
    let app: App;
    let progress: StartProgress[];
    let questions: StartQuestion[];
    const clone = (): string => (host === 'laptop' ? world.repository.clone : world.remoteClone);

    beforeEach(async () => {
      bed = new Bed();
      world = await makeStartBed(bed, { remote: host === 'devserver' });
      app = await bed.add(openApp(await world.person()));
      progress = [];
      questions = [];
    });
    afterEach(() => bed.dispose());

    const start = (key = 'PAY-1', options: StartOptions = {}, by = app) =>
      by.analyses.start(by.tasks.get(key), {
        host,
        onProgress: (line) => progress.push(line),
        ask: (question) => {
          questions.push(question);
          return Promise.resolve(false);
        },
        ...options,
      });
    const said = (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'done',
        (error: unknown) => (error instanceof UserError ? error.line : String(error)),
      );
    const ended = (run: LedgerRun, by = app) =>
      until(
        async () => {
          const reading = await readRun(by.terminals.host(host), run.order.id);
          const state = reading && stateOf(reading);
          return state && !['starting', 'queued', 'running'].includes(state.kind) ? state : undefined;
        },
        { what: 'the run has ended', timeoutMs: 60_000 },
      );
    const runs = async (): Promise<LedgerRun[]> => (await app.ledger.read()).runs;

    it('writes the documents on a pushed branch, and leaves the checkout alone', async () => {
      const { run, notes } = await start();
      assert.deepEqual([notes, questions], [[], []]);
      assert.deepEqual(
        progress.filter(({ state }) => state === 'done').map(({ step }) => step),
        ['preflight', 'branch', 'record', 'launch', 'status'],
      );
      assert.deepEqual(world.records('PAY-1').map(({ title, sessionId, branch }) => [title, sessionId, branch]), [
        ['AI Analysis Started', run.order.sessionId, branchOf('PAY-1')],
      ]); // prettier-ignore
      assert.equal(world.jira.state.issue('PAY-1').status.name, 'AI Analysis');
      const state = await ended(run);
      assert.equal(state.kind, 'complete', JSON.stringify(state));
      assert.deepEqual(
        (await world.pushed(branchOf('PAY-1')))
          .map((path) => path.replace('docs/tasks/PAY-1/', ''))
          .toSorted(),
        docs,
      );
      assert.equal(await world.repository.git(['status', '--porcelain'], clone()), '');
      assert.equal(await world.repository.git(['branch', '--show-current'], clone()), 'main');
      const { entries, worktrees } = await app.ledger.read();
      assert.deepEqual(
        entries.map(({ sessionId, evidence, key, branch }) => [sessionId, evidence, key, branch]),
        [[run.order.sessionId, 'started', 'PAY-1', branchOf('PAY-1')]],
      );
      assert.deepEqual(worktrees.map(({ directory }) => directory), [run.order.directory]); // prettier-ignore
    });

    it('answers one that works already as it is', async () => {
      world.analyst.delayMs = 3000;
      const first = await start();
      const second = await start();
      assert.equal(second.run.order.id, first.run.order.id);
      assert.equal((await runs()).length, 1);
      assert.equal((await ended(first.run)).kind, 'complete');
    });

    it('is three at once, where three tasks are started', async () => {
      const started = await Promise.all(['PAY-1', 'PAY-2', 'PAY-3'].map((key) => start(key)));
      for (const { run } of started) assert.equal((await ended(run)).kind, 'complete');
      for (const key of ['PAY-1', 'PAY-2', 'PAY-3'])
        assert.equal((await world.pushed(branchOf(key))).length, 5, key);
    });

    it('asks before it works on a branch that is there', async () => {
      await world.repository.git(['push', '--quiet', 'origin', `main:refs/heads/${branchOf('PAY-1')}`]);
      assert.match(await said(start()), /exists already on the remote/);
      assert.deepEqual([await runs(), world.records('PAY-1')], [[], []]);
      const { run } = await start('PAY-1', { ask: () => Promise.resolve(true) });
      assert.equal(run.existing, true);
      assert.equal((await ended(run)).kind, 'complete');
    });

    it('is refused where another is recorded, and withdrawn where that was first', async () => {
      const pat = await bed.add(openApp(await world.person('pat')));
      world.analyst.delayMs = 1000;
      const { run } = await start('PAY-1', {}, pat);
      assert.match(await said(start()), /Pat Manager already started an analysis of PAY-1/);
      assert.deepEqual(await runs(), []);
      assert.equal(world.records('PAY-1').length, 1);
      assert.equal((await ended(run, pat)).kind, 'complete');
    });

    it('goes on without Jira, once the issue was read, and owes the rest', async () => {
      const clear = world.jira.faults.add(
        { kind: 'status', status: 503 },
        { path: /\/(comment|transitions)/ },
      );
      const { run, notes } = await start();
      assert.ok(notes.length > 0);
      assert.equal((await ended(run)).kind, 'complete');
      clear();
      assert.deepEqual(world.records('PAY-1'), []);
      assert.ok((await app.ledger.read()).owed.length > 0);
    });

    it('leaves nothing where it is cancelled before it has begun', async () => {
      const abort = new AbortController();
      const answer = await said(start('PAY-1', { signal: abort.signal, onProgress: () => abort.abort() }));
      assert.match(answer, /Cancel/);
      assert.deepEqual([await runs(), world.records('PAY-1')], [[], []]);
    });

    for (const step of ['branch', 'record', 'launch', 'status'] as const)
      it(`cancelled at its step ${step}, is continued or discarded`, async () => {
        const abort = new AbortController();
        const cancelAt = (at: StartProgress): void => {
          if (at.step === step) abort.abort();
        };
        assert.match(await said(start('PAY-1', { signal: abort.signal, onProgress: cancelAt })), /Cancel/);
        const [run] = await runs();
        assert.ok(run);
        assert.match(await said(start()), /was not started to the end|^done$/);
        if (step === 'status' || step === 'launch') {
          await app.analyses.continue(run.order);
          assert.equal((await ended(run)).kind, 'complete');
        } else {
          await app.analyses.discard(run.order);
          assert.equal(existsSync(join(run.order.directory, '.git')), false);
          assert.equal(await world.repository.git(['branch', '--list', branchOf('PAY-1')], clone()), '');
          assert.deepEqual(world.records('PAY-1'), []);
          assert.match(await said(app.analyses.continue(run.order)), /given up/);
        }
      });
  });
