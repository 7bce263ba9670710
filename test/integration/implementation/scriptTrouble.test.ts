import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchRunner } from '../../../src/runs/launch';
import { Bed } from '../../bed/bed';
import { makeRunBed, type RunBed } from '../runs/runBed';
import { placePlan, setKnob } from './scriptBed';

describe('an implementation that does not go smoothly', () => {
  const bed = new Bed();
  let parts: RunBed;

  before(async () => {
    parts = await makeRunBed(bed);
  });
  after(() => bed.dispose());

  it('works through the plan where the remote refuses, and must be through at the end', async () => {
    const run = await placePlan(parts, { fake: true });
    const { directory, branch } = run.order;
    const { git } = parts.repository;
    await git(['push', '--quiet', 'origin', branch]);
    await parts.repository.commitUpstream(branch, { 'theirs.txt': 'theirs' }, 'Theirs');
    await run.start();
    await run.ends('failed');
    const story = await run.story();
    assert.deepEqual(story.slice(-4), ['commit done 2', 'push started', 'push failed', 'run failed']);
    assert.ok(!story.some((line) => line.startsWith('push done')));
    assert.equal((await run.lines()).at(-2)?.reason, 'rejected');
    await git(['pull', '--quiet', '--rebase', 'origin', branch], directory);
    await run.start();
    await run.ends('complete');
    assert.equal((await run.asked()).length, 2);
    assert.equal((await run.pushed()).commits, 3);
  });

  it('takes in what became of the documents meanwhile', async () => {
    const run = await placePlan(parts, { fake: true, steps: 1 });
    const { branch, docs } = run.order;
    await parts.repository.git(['push', '--quiet', 'origin', branch]);
    const ticked = `${docs.directory}/it's a plan.md`;
    await parts.repository.commitUpstream(branch, { [ticked]: '- [x] done\n' }, 'Tick');
    await run.start();
    await run.ends('complete');
    assert.deepEqual(await run.pushed(), { paths: [ticked, 'src/step-1.txt'], commits: 3 });
    const head = await parts.repository.git(['rev-parse', branch]);
    assert.equal((await run.lines()).at(-1)?.commit, head);
  });

  it('is not complete where nothing was changed in any step', async () => {
    const run = await placePlan(parts, { fake: true });
    await setKnob(parts, run, 'idle');
    await run.start();
    await run.ends('failed');
    const { step, n, reason } = (await run.lines()).at(-2)!;
    assert.deepEqual([step, n, reason], ['implement', undefined, 'nothing']);
  });

  it('is worked on by one of two who start it at once', async () => {
    const run = await placePlan(parts, { fake: true });
    await setKnob(parts, run, 'slow', '0.3');
    const start = (): Promise<unknown> => launchRunner(parts.host, undefined, run.order);
    await Promise.all([start(), start(), run.start()]);
    await run.ends('complete');
    assert.equal((await run.story()).filter((line) => line === 'run started').length, 1);
    assert.equal((await run.asked()).length, 2);
    assert.equal((await run.subjects()).length, 2);
  });

  it('commits what a step has changed, taken away and made, on its branch only, and goes on where there was nothing', async () => {
    const run = await placePlan(parts, {
      fake: true,
      // What a check leaves behind belongs to the step, too; what is ignored does not.
      checks: ['rm -f src/code.txt src/step-2.txt; touch made.txt ignored.log'],
    });
    const { directory, branch } = run.order;
    const { git } = parts.repository;
    await writeFile(join(directory, '.gitignore'), '*.log\n');
    await writeFile(join(parts.repository.clone, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 1\n', {
      mode: 0o755,
    });
    await run.start();
    await run.ends('complete');
    await rm(join(parts.repository.clone, '.git/hooks/pre-commit'));
    const commits = (await run.lines()).filter(({ step, state }) => step === 'commit' && state === 'done');
    assert.deepEqual(
      commits.map(({ n, commit }) => [n, commit !== undefined]),
      [
        [1, true],
        [2, false],
      ],
    );
    assert.deepEqual((await git(['show', '--format=', '--name-status', branch], directory)).split('\n'), [
      'A\t.gitignore',
      'A\tmade.txt',
      'D\tsrc/code.txt',
      'A\tsrc/step-1.txt',
    ]);

    const scaffold =
      'test -e sub || (git init -q sub && cd sub && git -c user.name=x -c user.email=x commit -q --allow-empty -m x && echo x >x)';
    const nested = await placePlan(parts, { fake: true, steps: 1, checks: [scaffold] });
    await nested.start();
    for (const time of [1, 2]) {
      await nested.ends('failed');
      assert.match(
        (await nested.lines()).at(-2)?.text ?? '',
        /^sub is a repository of its own: remove its \.git/,
      );
      assert.equal((await nested.story()).filter((line) => line === 'run failed').length, time);
      if (time === 2) await rm(join(nested.order.directory, 'sub/.git'), { recursive: true });
      await nested.start();
    }
    await nested.ends('complete');
    assert.deepEqual((await nested.pushed()).paths, ['src/step-1.txt', 'sub/x']);

    const strayed = await placePlan(parts, { fake: true });
    await git(['switch', '--quiet', '--create', 'elsewhere'], strayed.order.directory);
    await strayed.start();
    await strayed.ends('failed');
    const failed = (await strayed.lines()).at(-2)!;
    assert.deepEqual([failed.step, failed.n, failed.reason], ['commit', 1, 'branch']);
  });

  for (const where of ['busybox', 'fish'] as const)
    it(`works ${where === 'fish' ? 'over ssh behind fish' : 'with busybox alone, without setsid and perl'}, and gives checks nothing to type and no secrets`, async () => {
      const there = await makeRunBed(bed, where);
      const checks = ['cat; env; id', `echo "it's" '$HOME' \\\\ !; test ! -e src/step-2.txt`];
      const run = await placePlan(there, { fake: true, checks });
      if (where === 'busybox') await rm(join(there.account.home, '../bin/setsid'));
      await run.start();
      await run.ends('failed');
      const said = await readFile(join(run.folder, 'check-2.log'), 'utf8');
      assert.match(said, /PATH=[^]*uid=[^]*\n\$ echo [^\n]*\nit's \$HOME \\{1,2} !\n\n\[exit status 1\]/);
      assert.doesNotMatch(said, /JIRA|VSCODE|CLAUDE_CODE_CHILD/);
      assert.ok(!existsSync(join(run.order.directory, 'hacked')));
    });
});
