import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';
import type { StartProgress } from '../../../src/actions/run/progress';
import { Ledger } from '../../../src/state/ledger';
import { Bed } from '../../bed/bed';
import { hold } from '../../bed/hold';
import { until } from '../../bed/until';
import type { Person } from './startApp';
import { branchOf, makeStartBed, type StartBed } from './startBed';

type Told = Partial<StartProgress> & { run?: string; reached?: string; error?: string };

/** Where the program is killed: when it tells this, so many milliseconds later. */
interface Cut {
  at: string;
  is(line: Told): boolean;
  afterMs?: number;
}

const cut = (step: string, state: string, afterMs = 0, detail = /./): Cut => ({
  at: `${step} ${state}${afterMs > 0 ? ` + ${afterMs} ms` : ''}${detail.source === '.' ? '' : ` (${detail.source})`}`,
  is: (line) => line.step === step && line.state === state && detail.test(line.detail ?? ''),
  afterMs,
});

const cuts: readonly Cut[] = [
  cut('preflight', 'doing', 0, /fetched/),
  cut('preflight', 'done'),
  cut('branch', 'doing', 90),
  cut('branch', 'done'),
  cut('record', 'doing', 90),
  cut('record', 'done'),
  cut('launch', 'doing', 60),
  cut('launch', 'doing', 200),
  cut('launch', 'done'),
  cut('status', 'doing', 20),
  cut('status', 'done'),
];

describe('a start that is killed', function () {
  this.timeout(400_000);
  const keys = cuts.map((_, index) => `PAY-${index + 1}`);
  let bed: Bed;
  let world: StartBed;
  let person: Person;
  const childFile = resolve('dist/test/startChild.js');

  before(async () => {
    // As one file it starts in no time.
    await build({
      entryPoints: [join(__dirname, 'startChild.ts')],
      outfile: childFile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      external: ['node-pty'],
      // The prompts lie beside the sources.
      define: { __dirname: JSON.stringify(resolve('src')) },
    });
    bed = new Bed();
    world = await makeStartBed(bed, { keys });
    person = await world.person('dana', { runs: { perHost: 4, critic: false } });
  });
  after(() => bed.dispose());

  /** Starts, or goes on with what an earlier program left; killed where `cut` says. */
  async function program(key: string, at?: Cut): Promise<Told[]> {
    const file = join(world.folder, `${key}.json`);
    await writeFile(file, JSON.stringify({ person, key }));
    const child = spawn(process.execPath, [childFile, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const told: Told[] = [];
    let isKilled = false;
    const late = AbortSignal.timeout(90_000);
    late.addEventListener('abort', () => child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout })) {
      const one = JSON.parse(line) as Told;
      told.push(one);
      if (isKilled || !at?.is(one)) continue;
      isKilled = true;
      // Not a wait for anything: the moment of the kill is what differs.
      await delay(at.afterMs);
      child.kill('SIGKILL');
    }
    await exited;
    assert.ok(!late.aborted, `${key} hangs${at ? ` (${at.at})` : ''}: ${JSON.stringify(told)}`);
    if (at) assert.ok(isKilled, `${at.at} was never told: ${JSON.stringify(told)}`);
    return told;
  }

  it('at any step, is gone on with by another program: one run, comment, branch, worktree and session', async () => {
    // A slow machine would find the first runs complete; who starts then wants another.
    const { released, release } = hold();
    world.analyst.after = released;
    // Several at once, so that the programs also meet in the repository and in the ledger.
    const work = [...cuts.entries()];
    const one = async (): Promise<void> => {
      for (let next = work.shift(); next; next = work.shift()) {
        const [index, at] = next;
        const key = keys[index]!;
        await program(key, at);
        const last = (await program(key)).at(-1);
        assert.equal(last?.reached, 'status', `${at.at}: ${JSON.stringify(last)}`);
      }
    };
    await Promise.all([one(), one()]);
    release();

    const { runs } = await new Ledger(join(world.folder, 'dana/task-sessions')).read();
    const worktrees = await world.repository.git(['worktree', 'list', '--porcelain']);
    for (const [index, { at }] of cuts.entries()) {
      const key = keys[index]!;
      const ours = runs.filter(({ order, abandoned }) => order.key === key && !abandoned);
      assert.equal(ours.length, 1, `runs, ${at}`);
      const { sessionId, directory, base } = ours[0]!.order;
      await until(async () => (await world.pushed(branchOf(key))).length === 5, {
        what: `the documents are pushed, ${at}`,
      });
      const commits = await world.repository.git(['rev-list', '--count', `${base.commit}..${branchOf(key)}`], world.repository.origin); // prettier-ignore
      assert.equal(commits, '1', `commits, ${at}`);
      const records = world.records(key);
      assert.deepEqual(
        records.map((record) => record.sessionId),
        [sessionId],
        `records, ${at}`,
      );
      assert.equal(worktrees.split('\n').filter((line) => line === `worktree ${directory}`).length, 1, at);
      assert.equal(world.jira.state.issue(key).status.name, 'AI Analysis', at);
      const slug = directory.replaceAll(/[^A-Za-z0-9]/g, '-');
      const transcripts = await readdir(join(world.home, '.claude/projects', slug));
      assert.deepEqual(
        transcripts.filter((name) => name.endsWith('.jsonl')),
        [`${sessionId}.jsonl`],
        `sessions, ${at}`,
      );
    }
    const made = await world.repository.git(['branch', '--list', 'task/*', '--format=%(refname:short)']);
    assert.deepEqual(made.split('\n').toSorted(), keys.map(branchOf).toSorted());
  });
});
