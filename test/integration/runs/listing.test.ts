import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Bed } from '../../bed/bed';
import { end } from '../../bed/command';
import { makeWorld, type World } from '../cliBed';
import { lineText, processNote, writeRun, type Written } from './runFolders';

interface Told {
  phase: string;
  failed?: true;
  needsYou?: { reason: string; runId?: string };
  runs?: { id: string; createdAt: string; state: Record<string, unknown>; steps: unknown[] }[];
}

describe('command line: runs', function () {
  this.timeout(60_000);
  const bed = new Bed();
  let world: World;
  let failed: Written;
  let running: Written;

  before(async () => {
    world = await makeWorld(bed, { issues: ['PAY-1', 'PAY-2', 'PAY-3'] });
    const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' });
    await bed.add({ dispose: () => end(sleeper) });
    const stop = ['push failed', { reason: 'denied', text: 'no \u001b[31mright\u202e' }] as const;
    failed = await writeRun(world.home, {
      files: { 'run.jsonl': lineText('run started', 'commit done', [...stop], 'run failed') },
    });
    running = await writeRun(world.home, {
      order: { key: 'PAY-2' },
      files: {
        runner: await processNote(sleeper.pid!),
        'run.jsonl': lineText('run started', 'wait done', 'analysis started'),
      },
    });
  });
  after(() => bed.dispose());

  it('stand under their tasks', async () => {
    const { stdout } = await world.cli(['tasks']);
    assert.match(stdout, /^Analyzing {2}2$/m);
    assert.match(stdout, /^ {2}PAY-1 +failed/m);
    assert.match(stdout, /^ {6}× analysis · failed: The remote refuses the push: no \S*right\S*\. · laptop {2}[0-9a-f]{8}$/m);
    assert.match(stdout, /^ {2}PAY-2 +analysis running/m);
    assert.match(stdout, /^ {6}◐ analysis · writing documents · \d+ y · laptop/m);
    assert.ok(!stdout.includes('\u202e') && !stdout.includes('\u001b[31m'));
  }); // prettier-ignore

  it('are shown with their steps and what to do', async () => {
    const { stdout } = await world.cli(['show', 'PAY-1']);
    assert.match(stdout, /^ {2}Runs\n {4}× analysis · failed: /m);
    assert.match(stdout, /^ {6}· waiting for a place .* ✓ commit {2}× push$/m);
    assert.match(stdout, /^ {6}Give the host's account the right to push/m);
  });

  it('are in the JSON of their task', async () => {
    const { tasks } = await world.json<{ tasks: Told[] }>(['tasks']);
    const [one, two, three] = tasks;
    assert.deepEqual([one!.phase, one!.failed, two!.phase, three!.phase], ['analyzing', true, 'analyzing', 'backlog']);
    // Somebody else's: the ledger knows nothing of it.
    assert.equal(one!.needsYou, undefined);
    assert.equal(one!.runs![0]!.id, failed.order.id);
    assert.deepEqual(two!.runs![0]!.state, { kind: 'running', step: 'analysis', since: '2023-11-14T22:13:22.000Z' });
    assert.equal(two!.runs![0]!.createdAt, '2023-11-14T22:13:20.000Z');
    assert.deepEqual(two!.runs![0]!.steps.slice(0, 2), [
      { step: 'wait', state: 'done', at: '2023-11-14T22:13:21.000Z' },
      { step: 'analysis', state: 'doing', at: '2023-11-14T22:13:22.000Z' },
    ]);
    assert.equal(running.order.id, two!.runs![0]!.id);
    assert.equal(three!.runs, undefined);
  }); // prettier-ignore
});
