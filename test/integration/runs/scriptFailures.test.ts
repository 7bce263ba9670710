import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, symlink, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchRunner } from '../../../src/runs/launch';
import { Bed } from '../../bed/bed';
import { startTui } from '../../bed/claude';
import { until } from '../../bed/until';
import { makeRunBed, type PlacedRun, type PlaceOptions, type RunBed } from './runBed';

describe('a run that does not go smoothly', () => {
  const bed = new Bed();
  let parts: RunBed;

  before(async () => {
    parts = await makeRunBed(bed);
  });
  afterEach(() => {
    for (const knob of Object.keys(parts.knobs)) delete parts.knobs[knob as keyof typeof parts.knobs];
  });
  after(() => bed.dispose());

  async function launch(options?: PlaceOptions): Promise<PlacedRun> {
    const run = await parts.place(options);
    await relaunch(run);
    return run;
  }
  const relaunch = async (run: PlacedRun): Promise<void> => {
    assert.deepEqual(await launchRunner(parts.host, parts.terminals, run.order), { kind: 'started' });
  };
  const failure = async (run: PlacedRun): Promise<unknown> => {
    await run.ends('failed');
    const { step, reason, code, names } = (await run.lines()).at(-2)!;
    return { step, reason, ...(code !== undefined && { code }), ...(names && { names }) };
  };

  it('asks once more for documents that are missing', async () => {
    parts.knobs.forgets = ['task_desc.md', 'task_test_designs.md'];
    const run = await launch({ critic: false });
    await run.ends('complete');
    const said = (await run.lines()).filter(({ step }) => step === 'documents');
    assert.deepEqual(
      said.map(({ state, names }) => [state, names?.length]),
      [
        ['missing', 2],
        ['started', undefined],
        ['done', 5],
      ],
    );
    const asked = parts.stub.requests.findLast(({ prompt }) => prompt.startsWith('Complete'))?.prompt ?? '';
    assert.match(asked, /task_desc\.md/);
    assert.doesNotMatch(asked, /solution_options\.md/);
    assert.equal((await run.pushed()).paths.length, 5);
  });

  it('fails where they stay missing, and goes on when they are there', async () => {
    parts.knobs.refuses = ['critic.md', 'task_desc.md'];
    const run = await launch();
    assert.deepEqual(await failure(run), { step: 'documents', reason: 'missing', names: ['task_desc.md'] });
    parts.knobs.refuses = [];
    await relaunch(run);
    await run.ends('complete');
    assert.deepEqual((await run.pushed()).commits, 1);
    assert.equal((await run.story()).filter((line) => line === 'analysis started').length, 1);
  });

  it('publishes no link and no empty file', async () => {
    parts.knobs.refuses = ['task_desc.md', 'solution_options.md'];
    const run = await parts.place({ critic: false });
    const docs = join(run.order.directory, run.order.docs.directory);
    await mkdir(docs, { recursive: true });
    await symlink('/etc/hostname', join(docs, 'task_desc.md'));
    await writeFile(join(docs, 'solution_options.md'), '');
    await relaunch(run);
    assert.deepEqual(await failure(run), {
      step: 'documents',
      reason: 'missing',
      names: ['task_desc.md', 'solution_options.md'],
    });
  });

  it('publishes nothing from a folder that leads out of the worktree', async () => {
    const run = await parts.place({ critic: false });
    const elsewhere = await bed.folder('out');
    for (const name of run.order.docs.names) await writeFile(join(elsewhere, name), 'secret');
    await mkdir(join(run.order.directory, 'docs'), { recursive: true });
    await symlink(elsewhere, join(run.order.directory, 'docs/tasks'));
    await mkdir(join(elsewhere, run.order.key));
    for (const name of run.order.docs.names) await writeFile(join(elsewhere, run.order.key, name), 'secret');
    parts.knobs.refuses = run.order.docs.names;
    await relaunch(run);
    assert.deepEqual(await failure(run), {
      step: 'documents',
      reason: 'missing',
      names: run.order.docs.names,
    });
  });

  it('shows the critic the documents and nothing else', async () => {
    const run = await launch();
    await run.says('review started');
    await run.ends('complete');
    assert.deepEqual((await readdir(join(run.folder, 'review'))).sort(), run.order.docs.names.toSorted());
    const judging = parts.stub.requests.filter(({ prompt }) => prompt.startsWith(`Judge ${run.order.key}`));
    assert.ok(judging.length > 0);
    assert.ok(!JSON.stringify(judging.map(({ body }) => body.messages)).includes('Analyze'));
  });

  it('tells what Claude says of the API, the budget and the turns', async () => {
    parts.knobs.error = 'creditTooLow';
    const credit = await launch({ critic: false });
    assert.deepEqual(await failure(credit), { step: 'analysis', reason: 'api_error', code: 1 });
    assert.match((await credit.lines()).at(-1)?.text ?? '', /Credit balance is too low/);
    parts.knobs.error = undefined;
    await relaunch(credit);
    await credit.ends('complete');

    const turns = await launch({ critic: false, claude: { maxTurns: 1 } });
    assert.deepEqual(await failure(turns), { step: 'analysis', reason: 'max_turns', code: 1 });
    const budget = await launch({ critic: false, claude: { maxBudgetUsd: 0.000001 } });
    assert.deepEqual(await failure(budget), { step: 'analysis', reason: 'budget_exhausted', code: 1 });
  });

  it('tells that there is no Claude', async () => {
    const run = await launch({ claudePath: '/nowhere/claude' });
    assert.deepEqual(await failure(run), { step: 'analysis', reason: 'noClaude', code: 127 });
  });

  it('does not begin while another process holds the session', async () => {
    const run = await parts.place({ critic: false });
    const { sessionId, directory } = run.order;
    const args = ['--session-id', sessionId];
    const tui = await startTui(parts.account, parts.tmux, {
      name: 'other',
      cwd: directory,
      args,
      socket: 'users',
    });
    await until(async () => (await tui.screen()).includes('trust'), { what: 'claude is there' });
    await relaunch(run);
    assert.deepEqual(await failure(run), { step: 'analysis', reason: 'busy' });
    await parts.tmux.run(['kill-server'], { socket: 'users' });
    await relaunch(run);
    await run.ends('complete');
  });

  it('tells that the worktree is gone', async () => {
    const run = await parts.place({ critic: false });
    await rm(run.order.directory, { recursive: true });
    await relaunch(run);
    assert.deepEqual(await failure(run), { step: 'analysis', reason: 'directory' });
  });

  it('commits only the documents, on the branch only, and runs no hook', async () => {
    const run = await parts.place({ critic: false });
    const { directory, branch } = run.order;
    await writeFile(join(directory, 'notes.txt'), 'mine');
    await parts.repository.git(['add', 'notes.txt'], directory);
    for (const hook of ['pre-commit', 'commit-msg', 'pre-push', 'post-commit'])
      await writeFile(
        join(parts.repository.clone, '.git/hooks', hook),
        `#!/bin/sh\ntouch '${directory}/hooked'\nexit 1\n`,
        { mode: 0o755 },
      );
    await relaunch(run);
    await run.ends('complete');
    assert.equal((await run.pushed()).paths.length, 5);
    assert.ok(!existsSync(join(directory, 'hooked')));
    assert.equal(await parts.repository.git(['diff', '--cached', '--name-only'], directory), 'notes.txt');
    const message = await parts.repository.git(['log', '-1', '--format=%B', branch]);
    assert.equal(message, `${run.order.key}: Analysis documents\n\nSession ID: ${run.order.sessionId}`);
    assert.equal(await parts.repository.git(['config', `branch.${branch}.remote`]), 'origin');
    await rm(join(parts.repository.clone, '.git/hooks'), { recursive: true });
    await parts.repository.git(['reset', '--quiet'], directory);
    await parts.repository.git(['switch', '--quiet', '--detach'], directory);

    const strayed = await parts.place({ critic: false });
    await parts.repository.git(['switch', '--quiet', '--create', 'elsewhere'], strayed.order.directory);
    await relaunch(strayed);
    assert.deepEqual(await failure(strayed), { step: 'commit', reason: 'branch' });
  });

  it('tells that the push was rejected, and goes on when that is mended', async () => {
    const run = await parts.place({ critic: false });
    const { directory, branch } = run.order;
    const { git } = parts.repository;
    await git(['push', '--quiet', 'origin', branch]);
    await parts.repository.commitUpstream(branch, { 'theirs.md': 'theirs' }, 'Theirs');
    await relaunch(run);
    assert.deepEqual(await failure(run), { step: 'push', reason: 'rejected' });
    await git(['pull', '--quiet', '--rebase', 'origin', branch], directory);
    await relaunch(run);
    await run.ends('complete');
    const { paths, commits } = await run.pushed();
    assert.deepEqual([paths.length, commits], [6, 2]);
    assert.equal((await run.lines()).at(-1)?.commit, await git(['rev-parse', 'HEAD'], directory));
  });

  it('tells a remote that refuses from one that is not there', async () => {
    const { git, origin } = parts.repository;
    const hook = join(origin, 'hooks/pre-receive');
    await writeFile(hook, '#!/bin/sh\necho "You may not."\nexit 1\n', { mode: 0o755 });
    const denied = await launch({ critic: false });
    assert.deepEqual(await failure(denied), { step: 'push', reason: 'denied' });
    await rm(hook);
    await git(['config', 'remote.origin.pushurl', join(origin, 'nowhere')]);
    const gone = await launch({ critic: false });
    assert.deepEqual(await failure(gone), { step: 'push', reason: 'git' });
    await git(['config', '--unset', 'remote.origin.pushurl']);
    for (const run of [denied, gone]) {
      await relaunch(run);
      await run.ends('complete');
    }
  });

  it('leaves the secrets of an address out of what it says', async () => {
    const { git } = parts.repository;
    await git(['config', 'remote.origin.pushurl', 'https://dana:tok3n@127.0.0.1:1/x.git']);
    const run = await launch({ critic: false });
    await run.says('push started');
    await until(
      async () =>
        existsSync(join(run.folder, 'said')) && (await readFile(join(run.folder, 'said'), 'utf8')) !== '',
      {
        what: 'the push fails',
      },
    );
    await git(['config', '--unset', 'remote.origin.pushurl']);
    // Where only the network failed it tries again by itself.
    await run.ends('complete');
    assert.ok(!(await readFile(join(run.folder, 'run.jsonl'), 'utf8')).includes('tok3n'));
  });
});
