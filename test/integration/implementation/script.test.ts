import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerRun } from '../../../src/runs/answer';
import { Bed } from '../../bed/bed';
import { makeRunBed } from '../runs/runBed';
import { placePlan } from './scriptBed';

describe('the script of an implementation, with the real claude', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('builds a plan of four steps in one session, and goes on after the check of the third has failed', async () => {
    const parts = await makeRunBed(bed);
    const titles = ['Take parts', `it's "quoted" $(touch hacked) \`x\`; #1`, 'Sweep', 'é \\n %s'];
    const run = await placePlan(parts, {
      steps: titles,
      checks: [
        'test -s src/code.txt',
        'echo "the ground shakes"; test ! -e src/step-3.txt || test -e fixed.txt',
      ],
    });
    const { key, sessionId, directory } = run.order;
    await run.start();
    await run.ends('failed', 60_000);
    const failed = (await run.lines()).at(-2)!;
    assert.deepEqual([failed.step, failed.n, failed.reason, failed.code], ['check', 3, 'failed', 1]);
    assert.match(failed.text ?? '', /^echo 'the ground shakes'.*: the ground shakes$/);

    await answerRun(parts.host, run.order.id, { kind: 'fix', n: 3 });
    await run.start();
    await run.ends('complete', 60_000);
    assert.deepEqual(await run.story(), [
      'run started',
      'wait started',
      'wait done',
      ...[1, 2].flatMap((n) => part(n, ['check done'])),
      ...part(3, ['check failed']).slice(0, 4),
      'run failed',
      'run started',
      ...['check answered', ...part(0, ['check done'])]
        .map((line) => line.replace(/ 0$/, ''))
        .map((line) => `${line} 3`),
      ...part(4, ['check done']),
      'push started',
      'push done',
      'run complete',
    ]);
    const begun = (await run.lines()).filter(({ how }) => how);
    assert.deepEqual(
      begun.map(({ how, session }) => [how, session]),
      ['begin', 'resume', 'resume', 'resume', 'resume'].map((how) => [how, undefined]),
    );

    // All of it was one conversation, and each step is a commit that says so.
    const transcripts = await readdir(join(parts.account.home, '.claude/projects'), { recursive: true });
    assert.deepEqual(
      transcripts.filter((name) => name.endsWith('.jsonl')).map((name) => name.split('/').at(-1)),
      [`${sessionId}.jsonl`],
    );
    for (const n of [1, 2, 3, 4]) {
      const answers = (await readFile(join(run.folder, `step-${n}.jsonl`), 'utf8'))
        .split('\n')
        .filter(Boolean);
      for (const answer of answers) {
        const { session_id = sessionId } = JSON.parse(answer) as { session_id?: string };
        assert.equal(session_id, sessionId);
      }
    }
    assert.deepEqual(
      await run.subjects(),
      titles.map((title, at) => `${key}: Step ${at + 1}: ${title}`),
    );
    const message = await parts.repository.git(['log', '-1', '--format=%b', run.order.branch]);
    assert.equal(message, `Step: 4 of 4\nSession ID: ${sessionId}`);
    assert.equal(
      (await run.lines()).at(-1)?.commit,
      await parts.repository.git(['rev-parse', 'HEAD'], directory),
    );
    assert.deepEqual((await run.pushed()).paths, [
      'fixed.txt',
      ...[1, 2, 3, 4].map((n) => `src/step-${n}.txt`),
    ]);

    const fix = parts.stub.requests.find(({ prompt }) => prompt.includes(`Mend ${key}`))?.prompt ?? '';
    assert.match(
      fix,
      /BEGIN OUTPUT ([0-9a-f]{24}) -----[^]*the ground shakes\n\n\[exit status 1\]\n----- END OUTPUT \1 -----/,
    );
    assert.doesNotMatch(fix, /You were interrupted/);
  });
});

const part = (n: number, checks: string[]): string[] =>
  [
    'implement started',
    'implement done',
    'check started',
    ...checks,
    'commit started',
    'commit done',
    'push done',
  ].map((line) => `${line} ${n}`);
