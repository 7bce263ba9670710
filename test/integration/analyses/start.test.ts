import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { App } from '../../../src/app';
import type { StartOptions, StartProgress, StartQuestion } from '../../../src/actions/run/progress';
import { UserError } from '../../../src/model/errors';
import { runsFolder } from '../../../src/model/run/folder';
import type { LedgerRun } from '../../../src/model/run/order';
import { stateOf } from '../../../src/model/run/progress';
import { readRun } from '../../../src/sources/runFiles/readRun';
import { Bed } from '../../bed/bed';
import { hold } from '../../bed/hold';
import { until } from '../../bed/until';
import { openApp } from './startApp';
import { branchOf, makeStartBed, type StartBed } from './startBed';

const docs = ['critic.md', 'solution_options.md', 'step_by_step_impl_plan.md', 'task_desc.md', 'task_test_designs.md']; // prettier-ignore

for (const host of ['laptop', 'devserver'] as const)
  describe(`an analysis that is started on the ${host}`, () => {
    const keys = Array.from({ length: 16 }, (_, index) => `PAY-${index + 1}`);
    const bed = new Bed();
    let world: StartBed;
    let app: App;
    /** Each test has a task of its own. */
    let key: string;
    let progress: StartProgress[];
    let questions: StartQuestion[];
    const clone = (): string => (host === 'laptop' ? world.repository.clone : world.remoteClone);
    const next = (): string => keys.shift()!;

    before(async () => {
      world = await makeStartBed(bed, { remote: host === 'devserver', keys });
      // The critic is looked at there, and in acceptance.
      const critic = host === 'devserver';
      app = await bed.add(openApp(await world.person('dana', { runs: { critic } })));
    });
    beforeEach(() => {
      world.analyst.after = undefined;
      world.jira.faults.clear();
      key = next();
      progress = [];
      questions = [];
    });
    after(() => bed.dispose());

    const start = (options: StartOptions = {}, by = app, of = key) =>
      by.analyses.start(by.tasks.get(of), {
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
        { what: 'the run has ended' },
      );
    const runs = async (): Promise<LedgerRun[]> =>
      (await app.ledger.read()).runs.filter(({ order, abandoned }) => order.key === key && !abandoned);
    const nothingIsLeft = async (): Promise<void> => {
      assert.deepEqual([await runs(), world.records(key)], [[], []]);
      assert.equal(await world.repository.git(['branch', '--list', branchOf(key)], clone()), '');
      const { entries, owed, runs: all } = await app.ledger.read();
      assert.deepEqual(
        [entries.filter((one) => one.key === key), owed.filter((one) => one.issueKey === key)],
        [[], []],
      );
      for (const { order } of all)
        if (order.key === key) assert.equal(existsSync(join(order.directory, '.git')), false);
    };

    it('writes the documents on a pushed branch, and leaves the checkout alone', async () => {
      const { run, notes } = await start();
      assert.deepEqual([notes, questions], [[], []]);
      assert.deepEqual(
        progress.filter(({ state }) => state === 'done').map(({ step }) => step),
        ['preflight', 'branch', 'record', 'launch', 'status'],
      );
      assert.deepEqual(
        world.records(key).map(({ title, sessionId, branch }) => [title, sessionId, branch]),
        [['AI Analysis Started', run.order.sessionId, branchOf(key)]],
      );
      assert.equal(world.jira.state.issue(key).status.name, 'AI Analysis');
      const state = await ended(run);
      assert.equal(state.kind, 'complete', JSON.stringify(state));
      const pushed = await world.pushed(branchOf(key));
      assert.deepEqual(pushed.map((path) => path.replace(`docs/tasks/${key}/`, '')).toSorted(), docs);
      assert.equal(await world.repository.git(['status', '--porcelain'], clone()), '');
      assert.equal(await world.repository.git(['branch', '--show-current'], clone()), 'main');
      const { entries, worktrees } = await app.ledger.read();
      assert.deepEqual(
        entries
          .filter((one) => one.key === key)
          .map(({ sessionId, evidence, branch }) => [sessionId, evidence, branch]),
        [[run.order.sessionId, 'started', branchOf(key)]],
      );
      assert.ok(worktrees.some(({ directory }) => directory === run.order.directory));
    });

    it('cancelled before it is launched, leaves nothing; later, it is gone on with', async () => {
      for (const step of ['preflight', 'branch', 'record', 'launch'] as const) {
        const abort = new AbortController();
        const cancelAt = (at: StartProgress): void => {
          if (at.step === step) abort.abort();
        };
        assert.match(await said(start({ signal: abort.signal, onProgress: cancelAt })), /Cancel/, step);
        await nothingIsLeft();
      }
      const abort = new AbortController();
      const cancelAt = ({ step }: StartProgress): void => {
        if (step === 'status') abort.abort();
      };
      assert.match(await said(start({ signal: abort.signal, onProgress: cancelAt })), /Cancel/);
      const [run] = await runs();
      await app.analyses.continue(run!.order);
      assert.equal((await ended(run!)).kind, 'complete');
      assert.equal(world.jira.state.issue(key).status.name, 'AI Analysis');
    });

    // What follows is the same on every host.
    if (host === 'devserver') return;

    it('answers one that works already as it is, and forgets it only when it has ended', async () => {
      const { released, release } = hold();
      world.analyst.after = released;
      const first = await start();
      const second = await start();
      assert.equal(second.run.order.id, first.run.order.id);
      assert.equal((await runs()).length, 1);
      assert.match(await said(app.analyses.discard(first.run.order, { forget: true })), /That run works/);
      release();
      assert.equal((await ended(first.run)).kind, 'complete');
      assert.match(await said(app.analyses.discard(first.run.order)), /That run was launched/);
      world.jira.state.deny(key, 'browse');
      await app.store.refresh();
      await app.settling.settleOwn();
      assert.ok((await app.settling.owed()).some(({ issueKey }) => issueKey === key));
      assert.deepEqual(await app.analyses.discard(first.run.order, { forget: true }), []);
      assert.deepEqual([await runs(), await app.settling.owed()], [[], []]);
      world.jira.state.allow(key, 'browse');
      await app.store.refresh();
    });

    it('is three at once, where three tasks are started', async () => {
      const three = [key, next(), next()];
      const started = await Promise.all(three.map((one) => start({}, app, one)));
      for (const { run } of started) assert.equal((await ended(run)).kind, 'complete');
      for (const one of three) assert.equal((await world.pushed(branchOf(one))).length, 5, one);
    });

    it('asks before it works on a branch that is there; and has no critic where none is wanted', async () => {
      const lean = await bed.add(openApp(await world.person('dana', { docs: { names: ['task_desc.md'] } })));
      await world.repository.git(['push', '--quiet', 'origin', `main:refs/heads/${branchOf(key)}`]);
      assert.match(await said(start({}, lean)), /exists already on the remote/);
      assert.deepEqual([await runs(), world.records(key)], [[], []]);
      const { run } = await start({ ask: () => Promise.resolve(true) }, lean);
      assert.deepEqual([run.existing, run.order.reviewId], [true, undefined]);
      assert.equal((await ended(run)).kind, 'complete');
    });

    it('is refused where Claude could not be held to its documents, before anything is said', async () => {
      const person = await world.person('dana', { docs: { directory: '.vscode/${key}' } });
      const unfit = await bed.add(openApp(person));
      assert.match(await said(start({}, unfit)), /Claude cannot be held to writing in/);
      await nothingIsLeft();
    });

    it('is refused where another is recorded, and withdrawn where that was first', async () => {
      const pat = await bed.add(openApp(await world.person('pat')));
      const { released, release } = hold();
      world.analyst.after = released;
      const { run } = await start({}, pat);
      assert.match(await said(start()), /Pat Manager already started an analysis of PAY-/);
      assert.deepEqual(await runs(), []);
      assert.equal(world.records(key).length, 1);
      release();
      assert.equal((await ended(run, pat)).kind, 'complete');
    });

    it('goes on without Jira, once the issue was read, and owes the rest', async () => {
      world.jira.faults.add({ kind: 'status', status: 503 }, { path: /\/(comment|transitions)/ });
      const { run, notes } = await start();
      assert.ok(notes.length > 0);
      assert.equal((await ended(run)).kind, 'complete');
      assert.deepEqual(world.records(key), []);
      assert.ok((await app.ledger.read()).owed.some(({ issueKey }) => issueKey === key));
    });

    it('cancelled while Jira is silent, keeps its record known until that can be taken back', async () => {
      const abort = new AbortController();
      const cancelAt = ({ step }: StartProgress): void => {
        if (step !== 'launch') return;
        world.jira.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
        abort.abort();
      };
      assert.match(await said(start({ signal: abort.signal, onProgress: cancelAt })), /Cancel/);
      const [run] = await runs();
      assert.equal(world.records(key)[0]?.sessionId, run?.order.sessionId);
      assert.match(await said(app.analyses.discard(run!.order)), /The record on PAY-\d+ was not withdrawn/);
      world.jira.faults.clear();
      assert.match(await said(start()), /was not started to the end/);
      await app.analyses.discard(run!.order);
      await nothingIsLeft();
      assert.match(await said(app.analyses.continue(run!.order)), /given up/);
    });

    it('that is given up at its launch, works for nobody; and is begun again by who wants it after all', async () => {
      const giveUp = ({ step, state }: StartProgress): void => {
        if (step !== 'launch' || state !== 'doing') return;
        const run = runs().then(([one]) => one!.order.id);
        void run.then((id) => app.ledger.reviseRun(id, (before) => before && { ...before, withdrawn: true }));
      };
      assert.match(await said(start({ onProgress: giveUp })), /given up/);
      const [run] = await runs();
      const reading = await readRun(app.terminals.host(host), run!.order.id);
      assert.notEqual(reading && stateOf(reading).kind, 'running');
      await app.analyses.continue(run!.order);
      assert.equal((await ended(run!)).kind, 'complete');
    });

    it('whose folder is gone, says so on the issue when it is forgotten', async () => {
      const { run } = await start();
      await ended(run);
      await rm(join(world.home, runsFolder, run.order.id), { recursive: true });
      assert.deepEqual(await app.analyses.discard(run.order, { forget: true }), []);
      const [record] = world.records(key);
      assert.deepEqual([record?.title, record?.sessionId], ['AI Analysis Failed', run.order.sessionId]);
      assert.match(record?.reason ?? '', /^It was given up; nothing of it is to be found on laptop/);
      assert.deepEqual(
        [await runs(), (await app.ledger.read()).owed.filter(({ issueKey }) => issueKey === key)],
        [[], []],
      );
    });

    it('whose host is none any more, can be given up', async () => {
      const order = { ...(await app.ledger.read()).runs[0]!.order, id: randomUUID(), key, host: 'scrapped' };
      await app.ledger.reviseRun(order.id, () => ({
        order,
        reached: 'record',
        settledLines: 0,
        createdAt: 1,
      }));
      assert.match((await app.analyses.discard(order)).join(), /on scrapped, which is none of your hosts/);
      assert.deepEqual(await runs(), []);
    });
  });
