import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerRun } from '../../../src/runs/answer';
import { launchRunner } from '../../../src/runs/launch';
import { analyst } from '../../bed/analyst';
import { Bed } from '../../bed/bed';
import { kill } from '../../bed/kill';
import { until } from '../../bed/until';
import { makeRunBed, type Line, type RunBed } from '../runs/runBed';
import { placePlan, setKnob, type PlacedPlan } from './scriptBed';

/** Who is killed, and at which line of the run's file. */
interface Blow {
  whom: 'runner' | 'claude' | 'check' | 'tmux';
  at: string;
  /** With the real claude, when it has asked the model; else a fake, where only the script is looked at. */
  real?: true;
  /** Without a terminal, where what was started outlives the runner. */
  loose?: boolean;
}

/** Every line, and each way to go. Step 2 fails its check once, and is mended by Claude. */
const blows: Blow[] = [
  { whom: 'runner', at: 'wait started', loose: true },
  { whom: 'tmux', at: 'wait done' },
  { whom: 'claude', at: 'implement started 1', real: true },
  { whom: 'runner', at: 'implement started 1', loose: true },
  { whom: 'tmux', at: 'implement done 1' },
  { whom: 'runner', at: 'check started 1', loose: true },
  { whom: 'check', at: 'check started 1' },
  { whom: 'runner', at: 'check done 1' },
  { whom: 'runner', at: 'commit started 1', loose: true },
  { whom: 'tmux', at: 'commit done 1' },
  { whom: 'runner', at: 'push done 1', loose: true },
  { whom: 'runner', at: 'implement started 2', real: true, loose: true },
  { whom: 'claude', at: 'implement started 2', real: true },
  { whom: 'tmux', at: 'implement started 2', real: true },
  { whom: 'runner', at: 'check answered 2', loose: true },
  { whom: 'tmux', at: 'check answered 2' },
  { whom: 'runner', at: 'push started', loose: true },
  { whom: 'tmux', at: 'push done' },
];

/** So many at once: they mostly wait. */
const lanes = 4;

describe('an implementation whose parts are killed', () => {
  const bed = new Bed();
  const outcomes = new Map<Blow, PromiseSettledResult<void>>();
  const resumes = { asked: 0, worked: 0, real: 0 };

  before(async function () {
    // All of it happens here.
    this.timeout(400_000);
    const left = blows.values();
    const lane = async (): Promise<void> => {
      // A tmux server is killed for all who are in it.
      const parts = await makeRunBed(bed);
      for (const blow of left) {
        const [outcome] = await Promise.allSettled([survive(parts, blow)]);
        outcomes.set(blow, outcome);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  });
  after(() => bed.dispose());

  for (const blow of blows)
    it(`goes on after the ${blow.whom} is killed at "${blow.at}"${blow.real ? ', with the real claude' : ''}${blow.loose ? ', without a terminal' : ''}`, () => {
      const outcome = outcomes.get(blow)!;
      if (outcome.status === 'rejected') throw outcome.reason;
    });

  it('resumes its session at the first try, nearly always', function () {
    const { asked, worked, real } = resumes;
    // The figure is to be seen where all goes well, too.
    this.test!.title += `: resumes: ${worked} of ${asked} at the first try, ${real} with the real claude`;
    assert.ok(asked > 20 && worked >= 0.95 * asked, `${worked} of ${asked}`);
  });

  async function survive(parts: RunBed, blow: Blow): Promise<void> {
    parts.stub.respond(analyst({ delayMs: 300 }));
    const run = await placePlan(parts, {
      fake: !blow.real,
      steps: 2,
      checks: [`${blow.whom === 'check' ? 'sleep 1; ' : ''}test ! -e src/step-2.txt || test -e fixed.txt`],
    });
    if (!blow.real && blow.at.startsWith('implement')) await setKnob(parts, run, 'slow', '0.3');
    const struck = strike(blow, run, parts);
    struck.catch(() => undefined);
    for (let starts = 1; ; starts++) {
      await launchRunner(parts.host, blow.loose ? undefined : parts.terminals, run.order);
      await until(() => isGone(run, 'runner'), { what: 'the runner has ended' });
      const lines = await run.lines();
      if (lines.at(-1)?.state === 'complete') break;
      assert.ok(starts < 5, `it does not come to its end: ${(await run.story()).join(', ')}`);
      const [failed] = lines.slice(-2);
      if (failed?.step === 'check' && failed.n === 2)
        await answerRun(parts.host, run.order.id, { kind: 'fix', n: 2 });
    }
    await struck;
    judge(await run.lines(), blow);
    const { key } = run.order;
    assert.deepEqual(
      await run.subjects(),
      [1, 2].map((n) => `${key}: Step ${n}: Part ${n}`),
    );
    assert.equal((await run.pushed()).commits, 2);
    // One that outlived its runner was waited for, not asked again.
    if (!blow.real && blow.loose && blow.whom === 'runner') assert.equal((await run.asked()).length, 3);
  }

  function judge(lines: readonly Line[], { real }: Blow): void {
    const are = (step: string, state: string): (number | undefined)[] =>
      lines.filter((line) => line.step === step && line.state === state).map(({ n }) => n);
    assert.deepEqual(
      [are('check', 'done'), are('commit', 'done')],
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.deepEqual([are('implement', 'done'), are('check', 'answered')], [[1, 2, 2], [2]]);
    // All in one session, which was begun once, if a kill did not keep it from being there at all.
    const turns = lines.filter(({ how }) => how !== undefined);
    assert.ok(turns.every(({ session }) => session === undefined));
    for (const turn of turns.filter(({ how }) => how === 'resume')) {
      const next = lines.slice(lines.indexOf(turn) + 1).find(({ step }) => step === 'implement');
      // What a kill cut off has shown nothing.
      if (next?.state === 'started' || next?.reason === 'killed') continue;
      resumes.asked += 1;
      if (next?.state !== 'done') continue;
      resumes.worked += 1;
      if (real) resumes.real += 1;
    }
  }
});

async function strike({ whom, at, real }: Blow, run: PlacedPlan, parts: RunBed): Promise<void> {
  await until(async () => (await run.story()).includes(at), { what: at, intervalMs: 3 });
  if (real) {
    const step = at.split(' ')[2];
    const asked = (): boolean =>
      parts.stub.requests.some(({ prompt }) => prompt.includes(`Build ${step} of ${run.order.key}`));
    await until(asked, { what: 'the model is asked' });
  }
  if (whom === 'tmux') {
    const { stdout } = await parts.tmux.run(['display-message', '-p', '#{pid}']);
    if (stdout.trim()) kill(Number(stdout));
    return;
  }
  const find = (): Promise<number> => processOf(run, whom);
  kill(await until(find, { what: `there is a ${whom}`, intervalMs: 3 }));
}

/** `PID …` as the run has noted it; of a check in its lock. */
async function processOf(run: PlacedPlan, whom: 'runner' | 'claude' | 'check'): Promise<number> {
  const names = await readdir(run.folder);
  const file = whom === 'check' ? (names.find((name) => name.startsWith('.check.g')) ?? '') : whom;
  return Number((await readFile(join(run.folder, file), 'utf8').catch(() => '')).split(' ')[0]);
}

async function isGone(run: PlacedPlan, whom: 'runner' | 'claude'): Promise<boolean> {
  const pid = await processOf(run, whom);
  const stat = pid > 0 ? await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') : '';
  return stat === '' || /\) [ZX] /.test(stat);
}
