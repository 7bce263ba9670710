import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assemble } from '../../../src/model/assemble';
import { runOf } from '../../../src/model/run/progress';
import type { Run } from '../../../src/model/run/run';
import { settingsSchema } from '../../../src/model/settings';
import { launchRunner } from '../../../src/runs/launch';
import { ClaudeSource } from '../../../src/sources/claude/hostReport';
import { readRun } from '../../../src/sources/runFiles/readRun';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { until } from '../../bed/until';
import { makeRunBed, type PlacedRun, type RunBed } from './runBed';

describe('what is read of real runs, over ssh', () => {
  const bed = new Bed();
  let parts: RunBed;
  let source: ClaudeSource;

  const fresh = async ({ order }: PlacedRun): Promise<Run> => {
    const reading = await readRun(parts.host, order.id);
    return runOf(reading!, parts.host.name);
  };
  const stands = (run: PlacedRun, kind: Run['state']['kind']): Promise<Run> =>
    until(async () => [await fresh(run)].find(({ state }) => state.kind === kind), {
      what: `the run is ${kind}`,
    });
  const launch = (run: PlacedRun) => launchRunner(parts.host, parts.terminals, run.order);

  before(async () => {
    parts = await makeRunBed(bed, 'bash');
    source = new ClaudeSource(parts.host, { log: silentLog });
  });
  after(() => bed.dispose());

  it('is each step, and at the end the documents, the commit and the sessions', async () => {
    parts.knobs.hang = true;
    const run = await parts.place();
    assert.deepEqual((await fresh(run)).state, { kind: 'starting', reached: 'record' });
    await launch(run);
    await run.says('analysis started');
    const working = await stands(run, 'running');
    assert.equal(working.state.kind === 'running' && working.state.step, 'analysis');
    await run.says('analysis started');
    await until(async () => (await readRun(parts.host, run.order.id))?.claudeAlive, { what: 'Claude works' });

    // It hangs: the run is stopped by its runner's end, and goes on where it was.
    const [pid] = (await readFile(join(run.folder, 'runner'), 'utf8')).split(' ');
    process.kill(Number(pid), 'SIGKILL');
    const killed = await stands(run, 'interrupted');
    assert.ok(killed.state.kind === 'interrupted' && !killed.state.rebooted);
    const [claude] = (await readFile(join(run.folder, 'claude'), 'utf8')).split(' ');
    process.kill(Number(claude), 'SIGKILL');
    parts.knobs.hang = false;
    await launch(run);
    await run.ends('complete');

    const { runs, ...report } = await source.report();
    const [complete] = runs!.map((reading) => runOf(reading, parts.host.name));
    assert.ok(complete?.state.kind === 'complete');
    assert.match(complete.state.commit ?? '', /^[0-9a-f]{40}$/);
    assert.deepEqual(complete.docs.toSorted(), run.order.docs.names.toSorted());
    assert.ok(complete.steps.every(({ state }) => state === 'done'));
    assert.deepEqual(complete.logs.toSorted(), ['analysis.jsonl', 'review.jsonl']);
    assert.equal(complete.settled, false);
    const [reading] = runs!;
    for (const { result } of reading!.logs) assert.deepEqual([result?.isError, result?.denied], [false, undefined]);

    const { sessions } = assemble({
      at: Date.now(),
      settings: settingsSchema.parse({}),
      jira: { signedIn: true },
      issues: [],
      hosts: [{ state: { name: parts.host.name, local: false }, names: [], report: { ...report, runs: runs! } }],
      branchNames: new Map(),
      branches: new Map(),
      ledger: { entries: [], worktrees: [] },
    });
    const { key, sessionId, reviewId } = run.order;
    assert.deepEqual(
      new Map(sessions.map((one) => [one.id, [one.key, one.evidence, one.kind, one.role]])),
      new Map([
        [sessionId, [key, 'run', 'analysis', undefined]],
        [reviewId!, [key, 'run', 'analysis', 'review']],
      ]),
    );
  }); // prettier-ignore

  const failures = async (run: PlacedRun): Promise<number> =>
    (await run.story()).filter((line) => line === 'run failed').length;
  const failure = async (run: PlacedRun): Promise<unknown> => {
    const before = await failures(run);
    await launch(run);
    await until(async () => (await failures(run)) > before, { what: 'the run fails' });
    const { state } = await fresh(run);
    return state.kind === 'failed' && [state.step, state.failure.kind];
  };

  it('is why it failed', async () => {
    const run = await parts.place({ critic: false });
    for (const [error, kind] of [
      ['overloaded', 'apiDown'],
      ['rateLimited', 'apiDown'],
      ['unauthorized', 'notSignedIn'],
      ['creditTooLow', 'credit'],
      ['promptTooLong', 'promptTooLong'],
    ] as const) {
      parts.knobs.error = error;
      assert.deepEqual(await failure(run), ['analysis', kind]);
    }
    parts.knobs.error = undefined;
    parts.knobs.refuses = ['task_desc.md'];
    assert.deepEqual(await failure(run), ['documents', 'documents']);
    parts.knobs.refuses = [];
    await launch(run);
    await run.ends('complete');
    assert.equal((await fresh(run)).state.kind, 'complete');
  });

  it('is what it was not allowed, and what was used up', async () => {
    const denied = await parts.place({ critic: false });
    parts.knobs.refuses = ['task_desc.md'];
    parts.knobs.tries = [{ name: 'Write', input: { file_path: join(denied.folder, 'x'), content: 'x' } }];
    assert.deepEqual(await failure(denied), ['documents', 'permission']);
    parts.knobs.refuses = [];
    parts.knobs.tries = [];
    const short = await parts.place({ critic: false, claude: { maxTurns: 1 } });
    assert.deepEqual(await failure(short), ['analysis', 'maxTurns']);
  });
});
