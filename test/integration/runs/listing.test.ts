import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { Bed } from '../../bed/bed';
import { end } from '../../bed/command';
import { makeWorld, type World } from '../cliBed';
import { id } from '../../unit/model/examples';
import { lineText, processNote, writeRun, type Written } from './runFolders';

interface Told {
  phase: string;
  failed?: true;
  needsYou?: { reason: string; runId?: string };
  runs?: { id: string; createdAt: string; state: Record<string, unknown>; steps: unknown[] }[];
}

describe('command line: runs', () => {
  const bed = new Bed();
  let world: World;
  let failed: Written;
  let running: Written;

  before(async () => {
    world = await makeWorld(bed, { issues: ['PAY-1', 'PAY-2', 'PAY-3', 'PAY-4'] });
    const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' });
    await bed.add({ dispose: () => end(sleeper) });
    const stop = ['push failed', { reason: 'denied', text: 'no \u001b[31mright\u202e' }] as const;
    failed = await writeRun(world.home, {
      files: { 'run.jsonl': lineText('run started', 'commit done', [...stop], 'run failed') },
    });
    await writeRun(world.home, {
      order: {
        kind: 'implementation',
        key: 'PAY-4',
        implementation: {
          commit: 'a'.repeat(40),
          approvedBy: 'Pat',
          approvedAt: 0,
          documents: [],
          steps: [{ title: 'Add \u202ethe entity' }, { title: 'Store it' }, { title: 'Show it' }],
          checks: ['npm test'],
          spares: [id(7)],
        },
      },
      files: {
        'run.jsonl': lineText(
          'run started',
          ['check done', { n: 1, reason: 'skipped' }],
          ['commit done', { n: 1, commit: 'c'.repeat(40) }],
          ['implement started', { n: 2, how: 'begin', session: id(7), reason: 'missing' }],
          ['implement done', { n: 2 }],
          ['check failed', { n: 2, code: 1, reason: 'failed', text: 'npm test: 3 failing' }],
          'run failed',
        ),
      },
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

  it('of implementations are shown with the steps of their plan', async () => {
    const { stdout } = await world.cli(['show', 'PAY-4']);
    const shown = stdout.slice(stdout.indexOf('  Runs\n')).split('\n').slice(1, 8);
    assert.match(shown[0]!, /^ {4}× implementation · failed: The check of step 2 failed \(exit status 1\): npm test: 3 failing\. · laptop/);
    assert.deepEqual(shown.slice(1, 6), [
      '      · Waiting for a place',
      '      ✓ Step 1: Add the entity  check skipped · cccccccc',
      '      × Step 2: Store it  check failed',
      '      · Step 3: Show it',
      '      · Push',
    ]);
    assert.match(shown[6]!, /task-sessions continue \w{8} --fix .* --skip /);
    const { task } = await world.json<{ task: Told & { runs: { sessionId: string; earlierSessions: string[] }[] } }>(['show', 'PAY-4']);
    const [run] = task.runs;
    assert.deepEqual(run!.state['plan'], { current: 2, total: 3, title: 'Store it' });
    assert.deepEqual(run!.steps[1], { step: 'implement', n: 1, title: 'Add the entity', state: 'done', commit: 'c'.repeat(40), skipped: true, at: '2023-11-14T22:13:22.000Z' });
    assert.equal(run!.sessionId, id(7));
    assert.equal(run!.earlierSessions.length, 1);
  }); // prettier-ignore

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
