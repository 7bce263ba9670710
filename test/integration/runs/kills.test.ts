import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchRunner } from '../../../src/runs/launch';
import { analyst } from '../../bed/analyst';
import { Bed } from '../../bed/bed';
import { kill } from '../../bed/kill';
import { until } from '../../bed/until';
import { makeRunBed, type PlacedRun, type RunBed } from './runBed';

/** Who is killed, and when: at a line of the run's file; `asked`: when Claude then has asked the model. */
interface Blow {
  whom: 'runner' | 'claude' | 'tmux';
  at: string;
  asked?: true;
  /** Without a terminal, where Claude outlives its runner. */
  loose?: boolean;
}

/** Each step, and each way to go: with the terminal, with Claude, or alone while Claude and git go on. */
const blows: Blow[] = [
  { whom: 'runner', at: 'wait started', loose: true },
  { whom: 'tmux', at: 'wait done' },
  { whom: 'runner', at: 'analysis started' },
  { whom: 'runner', at: 'analysis started', asked: true, loose: true },
  { whom: 'claude', at: 'analysis started', asked: true },
  { whom: 'runner', at: 'documents started', asked: true, loose: true },
  { whom: 'claude', at: 'review started', asked: true },
  { whom: 'runner', at: 'review done', loose: true },
  { whom: 'runner', at: 'commit started', loose: true },
  { whom: 'tmux', at: 'commit done' },
  { whom: 'runner', at: 'push started', loose: true },
  { whom: 'runner', at: 'run complete' },
];

/** So many at once: they mostly wait. */
const lanes = 4;

describe('a run whose parts are killed', () => {
  const bed = new Bed();
  const outcomes = new Map<Blow, PromiseSettledResult<void>>();

  before(async function () {
    // All of it happens here.
    this.timeout(400_000);
    const left = blows.values();
    const lane = async (): Promise<void> => {
      for (const blow of left) {
        const [outcome] = await Promise.allSettled([survive(blow)]);
        outcomes.set(blow, outcome);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  });
  after(() => bed.dispose());

  for (const blow of blows)
    it(`goes on after the ${blow.whom} is killed at "${blow.at}"${blow.asked ? ', when the model was asked' : ''}${blow.loose ? ', without a terminal' : ''}`, () => {
      const outcome = outcomes.get(blow)!;
      if (outcome.status === 'rejected') throw outcome.reason;
    });

  async function survive(blow: Blow): Promise<void> {
    const parts = await makeRunBed(bed);
    // Each turn that a test can do without is a second saved.
    const critic = blow.at.startsWith('review');
    const isForgetful = blow.at.startsWith('documents');
    parts.stub.respond(analyst({ delayMs: 300, ...(isForgetful && { forgets: ['task_desc.md'] }) }));
    const run = await parts.place({ critic });
    const terminals = blow.loose ? undefined : parts.terminals;
    const start = (): Promise<unknown> => launchRunner(parts.host, terminals, run.order);
    await start();
    await strike(blow, run, parts);
    // A runner that lost its Claude, or its terminal, ends too.
    await until(() => isGone(run, 'runner'), { what: 'the runner has ended' });
    await start();
    await run.ends('complete');

    const story = await run.story();
    for (const step of ['wait', 'analysis', 'documents', ...(critic ? ['review'] : []), 'commit', 'push'])
      assert.equal(story.filter((line) => line === `${step} done`).length, 1, `${step}: ${story.join(', ')}`);
    assert.equal(story.filter((line) => line === 'run complete').length, 1);
    const { paths, commits } = await run.pushed();
    assert.deepEqual([paths.length, commits], [5, 1]);
    // A Claude that outlived its runner is waited for, not asked again.
    if (blow.whom === 'runner' && blow.loose)
      for (const verb of ['Analyze', 'Complete', 'Judge']) assert.ok(questions(parts, run, verb) <= 1, verb);
    const transcripts = await readdir(join(parts.account.home, '.claude/projects'), { recursive: true });
    assert.equal(transcripts.filter((name) => name.endsWith(`${run.order.sessionId}.jsonl`)).length, 1);
  }
});

async function strike({ whom, at, asked }: Blow, run: PlacedRun, parts: RunBed): Promise<void> {
  await until(async () => (await run.story()).includes(at), { what: at, intervalMs: 3 });
  const verb = { analysis: 'Analyze', documents: 'Complete', review: 'Judge' }[at.split(' ')[0] ?? ''] ?? '';
  if (asked) await until(() => questions(parts, run, verb) > 0, { what: 'the model is asked' });
  if (whom === 'tmux') {
    const { stdout } = await parts.tmux.run(['display-message', '-p', '#{pid}']);
    if (stdout.trim()) kill(Number(stdout));
    return;
  }
  const pid = await processOf(run, whom);
  if (pid > 0) kill(pid);
}

/** `PID …` as the run has noted it. */
async function processOf(run: PlacedRun, file: 'runner' | 'claude'): Promise<number> {
  return Number((await readFile(join(run.folder, file), 'utf8').catch(() => '')).split(' ')[0]);
}

async function isGone(run: PlacedRun, file: 'runner' | 'claude'): Promise<boolean> {
  const pid = await processOf(run, file);
  const stat = pid > 0 ? await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') : '';
  return stat === '' || /\) [ZX] /.test(stat);
}

/** How often the model was asked to do something, for this run. */
const questions = ({ stub }: RunBed, { order }: PlacedRun, verb: string): number =>
  stub.requests.filter(
    ({ prompt, isToolResult }) => !isToolResult && prompt.includes(`${verb} ${order.key}:`),
  ).length;
