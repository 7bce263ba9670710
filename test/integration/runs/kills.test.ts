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

const blows: Blow[] = [
  { whom: 'runner', at: 'run started' },
  { whom: 'runner', at: 'wait started', loose: true },
  { whom: 'tmux', at: 'wait done' },
  { whom: 'runner', at: 'analysis started' },
  { whom: 'runner', at: 'analysis started', loose: true },
  { whom: 'runner', at: 'analysis started', asked: true, loose: true },
  { whom: 'claude', at: 'analysis started' },
  { whom: 'claude', at: 'analysis started', asked: true },
  { whom: 'tmux', at: 'analysis started', asked: true },
  { whom: 'runner', at: 'analysis done', loose: true },
  { whom: 'runner', at: 'documents missing' },
  { whom: 'runner', at: 'documents started', asked: true, loose: true },
  { whom: 'claude', at: 'review started', asked: true },
  { whom: 'runner', at: 'review started', loose: true },
  { whom: 'runner', at: 'documents done' },
  { whom: 'runner', at: 'commit started' },
  { whom: 'runner', at: 'commit started', loose: true },
  { whom: 'tmux', at: 'commit done' },
  { whom: 'runner', at: 'push started', loose: true },
  { whom: 'runner', at: 'push done', loose: true },
  { whom: 'runner', at: 'run complete' },
];

describe('a run whose parts are killed', function () {
  this.timeout(240_000);
  const bed = new Bed();
  let parts: RunBed;

  before(async () => {
    parts = await makeRunBed(bed);
  });
  after(() => bed.dispose());

  /** `PID …` as the run has noted it. */
  async function processOf(run: PlacedRun, file: 'runner' | 'claude'): Promise<number> {
    return Number((await readFile(join(run.folder, file), 'utf8').catch(() => '')).split(' ')[0]);
  }

  /** How often the model was asked to do something, for this run. */
  const questions = (run: PlacedRun, verb = ''): number =>
    parts.stub.requests.filter(
      ({ prompt, isToolResult }) => !isToolResult && prompt.includes(`${verb} ${run.order.key}:`),
    ).length;

  async function strike({ whom, at, asked }: Blow, run: PlacedRun): Promise<void> {
    await until(async () => (await run.story()).includes(at), { what: at, timeoutMs: 60_000, intervalMs: 3 });
    const verb =
      { analysis: 'Analyze', documents: 'Complete', review: 'Judge' }[at.split(' ')[0] ?? ''] ?? '';
    if (asked) await until(() => questions(run, verb) > 0, { what: 'the model is asked' });
    if (whom === 'tmux') {
      const { stdout } = await parts.tmux.run(['display-message', '-p', '#{pid}']);
      if (stdout.trim()) kill(Number(stdout));
      return;
    }
    const pid = await processOf(run, whom);
    if (pid > 0) kill(pid);
  }

  async function isGone(run: PlacedRun, file: 'runner' | 'claude'): Promise<boolean> {
    const pid = await processOf(run, file);
    const stat = pid > 0 ? await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') : '';
    return stat === '' || /\) [ZX] /.test(stat);
  }

  for (const blow of blows)
    it(`goes on after the ${blow.whom} is killed at "${blow.at}"${blow.asked ? ', when the model was asked' : ''}${blow.loose ? ', without a terminal' : ''}`, async () => {
      // Each turn that a test can do without is a second saved.
      const [critic, forgetful] = [
        blow.at.startsWith('review'),
        blow.at.startsWith('documents m') || blow.at.startsWith('documents s'),
      ];
      parts.stub.respond(analyst({ delayMs: 300, ...(forgetful && { forgets: ['task_desc.md'] }) }));
      const run = await parts.place({ critic });
      const terminals = blow.loose ? undefined : parts.terminals;
      const start = (): Promise<unknown> => launchRunner(parts.host, terminals, run.order);
      await start();
      await strike(blow, run);
      // A runner that lost its Claude, or its terminal, ends too.
      await until(() => isGone(run, 'runner'), { what: 'the runner has ended', timeoutMs: 30_000 });
      await start();
      await run.ends('complete', 60_000);

      const story = await run.story();
      for (const step of ['wait', 'analysis', 'documents', ...(critic ? ['review'] : []), 'commit', 'push'])
        assert.equal(
          story.filter((line) => line === `${step} done`).length,
          1,
          `${step}: ${story.join(', ')}`,
        );
      assert.equal(story.filter((line) => line === 'run complete').length, 1);
      const { paths, commits } = await run.pushed();
      assert.deepEqual([paths.length, commits], [5, 1]);
      // A Claude that outlived its runner is waited for, not asked again.
      if (blow.whom === 'runner' && blow.loose)
        for (const verb of ['Analyze', 'Complete', 'Judge']) assert.ok(questions(run, verb) <= 1, verb);
      const transcripts = await transcriptsOf(run.order.sessionId);
      assert.equal(transcripts.length, 1);
    });

  async function transcriptsOf(sessionId: string): Promise<string[]> {
    const projects = join(parts.account.home, '.claude/projects');
    const names = await readdir(projects, { recursive: true });
    return names.filter((name) => name.endsWith(`${sessionId}.jsonl`));
  }
});
