import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkout, fastForward, planCheckout } from '../../src/sources/git/checkout/checkout';
import type { CheckoutPlan } from '../../src/sources/git/checkout/checkout';
import { forgetWorktree, openWorktree, worktreeDirectory } from '../../src/sources/git/checkout/worktree';
import { Bed } from '../bed/bed';
import { gitEnvironment, makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { defaults } from './gitBed';

const branch = 'task/PAY-1-analysis';
const origin = `refs/remotes/origin/${branch}`;
const pattern = defaults.worktrees.directory;

interface Scene {
  bed: Bed;
  repository: Repository;
  clone: string;
  options: { env: NodeJS.ProcessEnv };
}

async function makeScene(): Promise<Scene> {
  const bed = new Bed();
  const folder = await bed.folder('checkout');
  const repository = await makeRepository(folder, {
    name: 'plat form',
    tasks: [{ key: 'PAY-1', docs: { 'task_desc.md': 'one\n' }, later: [{ 'critic.md': 'two\n' }] }],
  });
  // Nobody's EDITOR and GIT_* may stop simple-git or lead it elsewhere.
  const env = { ...gitEnvironment(folder), EDITOR: 'vi', GIT_ASKPASS: '/x', GIT_DIR: '/nowhere' };
  return { bed, repository, clone: repository.clone, options: { env } };
}

describe('checking a task branch out', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await makeScene();
  });
  afterEach(() => scene.bed.dispose());

  const plan = (wanted = branch): Promise<CheckoutPlan> => planCheckout(scene.clone, wanted, scene.options);
  const current = (folder?: string): Promise<string> =>
    scene.repository.git(['rev-parse', '--abbrev-ref', 'HEAD'], folder);

  it('makes a tracking branch of what only the remote has', async () => {
    const planned = await plan();
    assert.deepEqual(planned, { root: scene.clone, branch, notes: [], kind: 'track', remote: origin });
    assert.equal((await checkout(planned, scene.options)).done, true);
    assert.equal(await current(), branch);
    assert.equal(await scene.repository.git(['rev-parse', '--abbrev-ref', '@{u}']), `origin/${branch}`);
    const there = await plan();
    assert.deepEqual(there, {
      root: scene.clone,
      branch,
      notes: [],
      kind: 'alreadyThere',
      remote: origin,
      ahead: 0,
      behind: 0,
    });
    assert.equal((await checkout(there, scene.options)).done, true);
  });

  it('tracks origin’s among several remotes, from a folder below', async () => {
    await scene.repository.git(['remote', 'add', 'fork', scene.repository.origin]);
    await scene.repository.git(['fetch', '-q', 'fork']);
    await mkdir(join(scene.clone, 'a/b'), { recursive: true });
    const planned = await planCheckout(join(scene.clone, 'a/b'), branch, scene.options);
    assert.equal(planned.root, scene.clone);
    assert.equal(planned.kind === 'track' && planned.remote, origin);
    await checkout(planned, scene.options);
    assert.equal(await scene.repository.git(['rev-parse', '--abbrev-ref', '@{u}']), `origin/${branch}`);
  });

  it('switches to a local branch, even where a tag and a file have its name', async () => {
    await scene.repository.git(['branch', 'critic.md', origin]);
    await scene.repository.git(['tag', 'critic.md', 'main']);
    await writeFile(join(scene.clone, 'critic.md'), 'untracked');
    const planned = await plan('critic.md');
    assert.equal(planned.kind, 'switch');
    assert.equal((await checkout(planned, scene.options)).done, true);
    assert.equal(await scene.repository.git(['symbolic-ref', 'HEAD']), 'refs/heads/critic.md');
  });

  it('refuses a changed tree, and lists the files', async () => {
    await writeFile(join(scene.clone, 'README.md'), 'changed\n');
    await writeFile(join(scene.clone, 'new ünï.md'), 'staged\n');
    await writeFile(join(scene.clone, 'stray'), 'not in the way\n');
    await scene.repository.git(['add', '--', 'new ünï.md']);
    const planned = await plan();
    assert.deepEqual(planned.kind === 'dirty' && planned.files, ['README.md', 'new ünï.md']);
    const result = await checkout(planned, scene.options);
    assert.equal(result.done, false);
    assert.equal(await current(), 'main');
    assert.equal(readFileSync(join(scene.clone, 'README.md'), 'utf8'), 'changed\n');
  });

  it('names so many files and counts the others', async () => {
    const many = Array.from({ length: 203 }, (_, at) => `f${at}`);
    for (const name of many) await writeFile(join(scene.clone, name), 'x');
    await scene.repository.git(['add', '--', ...many]);
    const planned = await plan();
    assert.equal(planned.kind === 'dirty' && planned.files.length + planned.more, 203);
    assert.equal(planned.kind === 'dirty' && planned.more, 3);
  });

  it('takes untracked files along, unless the branch has them', async () => {
    await writeFile(join(scene.clone, 'stray'), 'x');
    assert.equal((await plan()).kind, 'track');
    const path = 'docs/tasks/PAY-1/critic.md';
    await mkdir(join(scene.clone, 'docs/tasks/PAY-1'), { recursive: true });
    await writeFile(join(scene.clone, path), 'my own');
    const planned = await plan();
    assert.deepEqual(planned.kind === 'dirty' && planned.files, [path]);
  });

  it('does not take a merely touched file for a change', async () => {
    await writeFile(join(scene.clone, 'README.md'), readFileSync(join(scene.clone, 'README.md')));
    assert.equal((await plan()).kind, 'track');
  });

  it('acts on what is so now, not on what was planned', async () => {
    const planned = await plan();
    await writeFile(join(scene.clone, 'README.md'), 'changed meanwhile\n');
    const result = await checkout(planned, scene.options);
    assert.equal(result.done, false);
    assert.equal(result.plan.kind, 'dirty');
    await scene.repository.git(['restore', 'README.md']);
    await scene.repository.git(['branch', '--no-track', branch, `origin/${branch}~1`]);
    assert.equal((await checkout(planned, scene.options)).plan.kind, 'behind');
    assert.equal(await current(), 'main');
  });

  it('says who holds the branch, and whether that folder is there', async () => {
    const other = join(scene.clone, '../other');
    await scene.repository.git(['worktree', 'add', '-q', other, branch]);
    const planned = await plan();
    assert.deepEqual(planned.kind === 'heldElsewhere' && [planned.directory, planned.gone], [other, false]);
    assert.equal((await checkout(planned, scene.options)).done, false);
    await assert.rejects(forgetWorktree(scene.clone, other, scene.options), /there again/);
    await scene.repository.git(['worktree', 'lock', '--reason', 'on a stick', other]);
    await rm(other, { recursive: true });
    const gone = await plan();
    assert.deepEqual(gone.kind === 'heldElsewhere' && [gone.gone, gone.locked], [true, 'on a stick']);
    await assert.rejects(forgetWorktree(scene.clone, other, scene.options), /on a stick/);
    await scene.repository.git(['worktree', 'unlock', other]);
    await forgetWorktree(scene.clone, other, scene.options);
    assert.equal((await plan()).kind, 'switch');
  });

  it('says that the branch is behind, switches, and fast-forwards only when asked', async () => {
    await scene.repository.git(['branch', '--track', branch, `origin/${branch}`]);
    const upstream = await scene.repository.commitUpstream(branch, { 'more.md': 'x' }, 'More');
    await scene.repository.git(['fetch', '-q']);
    const planned = await plan();
    assert.deepEqual(planned.kind === 'behind' && [planned.by, planned.remote], [1, origin]);
    const before = await scene.repository.git(['rev-parse', branch]);
    assert.equal((await checkout(planned, scene.options)).done, true);
    assert.equal(await scene.repository.git(['rev-parse', 'HEAD']), before);
    await fastForward(scene.clone, branch, scene.options);
    assert.equal(await scene.repository.git(['rev-parse', 'HEAD']), upstream);
    await fastForward(scene.clone, branch, scene.options);
  });

  it('says that both went their ways, switches, and never merges or resets', async () => {
    await scene.repository.git(['switch', '-q', '-c', branch, `origin/${branch}`]);
    const mine = await scene.repository.commit({ 'mine.md': 'x' }, 'Mine');
    await scene.repository.git(['switch', '-q', 'main']);
    await scene.repository.commitUpstream(branch, { 'theirs.md': 'x' }, 'Theirs');
    await scene.repository.git(['fetch', '-q']);
    const planned = await plan();
    assert.deepEqual(planned.kind === 'diverged' && [planned.ahead, planned.behind], [1, 1]);
    assert.equal((await checkout(planned, scene.options)).done, true);
    assert.equal(await scene.repository.git(['rev-parse', 'HEAD']), mine);
    await assert.rejects(fastForward(scene.clone, branch, scene.options), /lacks/);
    assert.equal(await scene.repository.git(['rev-parse', 'HEAD']), mine);
  });

  it('does not fast-forward what is not checked out, nor over changes', async () => {
    await scene.repository.git(['branch', '--track', branch, `origin/${branch}`]);
    await assert.rejects(fastForward(scene.clone, branch, scene.options), /not checked out/);
    await scene.repository.git(['switch', '-q', branch]);
    const docs = 'docs/tasks/PAY-1/task_desc.md';
    await scene.repository.commitUpstream(branch, { [docs]: 'theirs\n' }, 'Theirs');
    await scene.repository.git(['fetch', '-q']);
    await writeFile(join(scene.clone, docs), 'my own\n');
    await scene.repository.git(['config', 'merge.autostash', 'true']);
    await assert.rejects(fastForward(scene.clone, branch, scene.options), /overwritten/);
    assert.equal(readFileSync(join(scene.clone, docs), 'utf8'), 'my own\n');
  });

  it('says that there is no such branch, and refuses names that are none', async () => {
    assert.equal((await plan('nope')).kind, 'missing');
    await assert.rejects(plan('--orphan'), /not usable/);
  });

  it('does not disturb an unfinished merge, rebase or cherry-pick', async () => {
    const { git, commit } = scene.repository;
    await git(['switch', '-q', '-c', 'side']);
    await commit({ 'README.md': 'side\n' }, 'Side');
    await git(['switch', '-q', 'main']);
    await commit({ 'README.md': 'main\n' }, 'Main');
    for (const [args, operation] of [
      [['merge', 'side'], 'merge'],
      [['rebase', 'side'], 'rebase'],
      [['cherry-pick', 'side'], 'cherry-pick'],
    ] as const) {
      await assert.rejects(git([...args]));
      const planned = await plan();
      assert.equal(planned.kind === 'busy' && planned.operation, operation);
      assert.equal((await checkout(planned, scene.options)).done, false);
      await git([args[0], '--abort']);
    }
  });

  it('does not leave commits behind that only a detached HEAD has', async () => {
    await scene.repository.git(['switch', '-q', '--detach']);
    assert.equal((await plan()).kind, 'track');
    const loose = await scene.repository.commit({ 'loose.md': 'x' }, 'Loose');
    const planned = await plan();
    assert.deepEqual(planned.kind === 'detached' && [planned.commit, planned.commits], [loose, 1]);
    assert.equal((await checkout(planned, scene.options)).done, false);
    await scene.repository.git(['tag', 'kept']);
    assert.equal((await plan()).kind, 'track');
  });

  it('speaks of submodules', async () => {
    await scene.repository.commit({ '.gitmodules': '' }, 'Submodules');
    assert.match((await plan()).notes.join(), /git submodule update/);
  });

  it('lets the user’s own hooks run, and tells of one that fails', async () => {
    const hook = join(scene.clone, '.git/hooks/post-checkout');
    await mkdir(join(scene.clone, '.git/hooks'), { recursive: true });
    await writeFile(hook, '#!/bin/sh\ntouch hooked\necho "no coffee" >&2\nexit 3\n', { mode: 0o755 });
    const result = await checkout(await plan(), scene.options);
    assert.equal(result.done, true);
    assert.match(result.notes.join(), /no coffee/);
    assert.ok(existsSync(join(scene.clone, 'hooked')));
  });

  it('says so where there is no repository or no folder', async () => {
    await assert.rejects(planCheckout('/', branch, scene.options), /no git repository/);
    await assert.rejects(planCheckout('/nonexistent', branch, scene.options), /no directory/);
  });

  it('ends at the user’s wish', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(planCheckout(scene.clone, branch, { ...scene.options, signal }), {
      name: 'CancelledError',
    });
  });
});

describe('opening a task branch in a worktree', () => {
  let scene: Scene;
  let target: string;
  beforeEach(async () => {
    scene = await makeScene();
    target = join(scene.clone, '../plat form.worktrees/PAY-1');
  });
  afterEach(() => scene.bed.dispose());

  const open = (from = scene.clone) => openWorktree(from, branch, 'PAY-1', pattern, scene.options);
  const git: Repository['git'] = (args, folder) => scene.repository.git(args, folder);

  it('makes it beside the repository, tracking the remote, and reuses it', async () => {
    await writeFile(join(scene.clone, 'README.md'), 'dirty\n');
    assert.deepEqual(await open(), { directory: target, created: true, ahead: 0, behind: 0, notes: [] });
    assert.equal(await git(['rev-parse', '--abbrev-ref', '@{u}'], target), `origin/${branch}`);
    assert.deepEqual(await open(), { directory: target, created: false, ahead: 0, behind: 0, notes: [] });
    // From inside the worktree the place is still seen from the main working tree.
    assert.equal((await open(target)).directory, target);
    assert.equal(readFileSync(join(scene.clone, 'README.md'), 'utf8'), 'dirty\n');
  });

  it('says how far the local branch is behind', async () => {
    await git(['branch', '--no-track', branch, `origin/${branch}~1`]);
    assert.deepEqual([(await open()).behind, (await open()).ahead], [1, 0]);
  });

  it('returns the folder that has the branch, be it the repository itself', async () => {
    await git(['switch', '-q', branch]);
    assert.deepEqual(await open(), {
      directory: scene.clone,
      created: false,
      ahead: 0,
      behind: 0,
      notes: [],
    });
    await git(['switch', '-q', 'main']);
    const other = join(scene.clone, '../other');
    await git(['worktree', 'add', '-q', other, branch]);
    assert.equal((await open()).directory, other);
  });

  it('makes it again when its folder was deleted, but not when it is locked', async () => {
    await open();
    await git(['worktree', 'lock', target]);
    await rm(target, { recursive: true });
    await assert.rejects(open(), /locked/);
    await git(['worktree', 'unlock', target]);
    assert.equal((await open()).created, true);
    assert.equal(await git(['rev-parse', '--abbrev-ref', 'HEAD'], target), branch);
  });

  it('clears nothing that is not in its place', async () => {
    const other = join(scene.clone, '../other');
    await git(['worktree', 'add', '-q', other, branch]);
    await rm(other, { recursive: true });
    await assert.rejects(open(), /folder is gone/);
    await forgetWorktree(scene.clone, other, scene.options);
    assert.equal((await open()).created, true);
  });

  it('does not touch a folder that is in the way', async () => {
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'mine'), 'x');
    await assert.rejects(open(), /not a worktree/);
    assert.ok(existsSync(join(target, 'mine')));
    await rm(target, { recursive: true });
    await git(['worktree', 'add', '-q', '-b', 'another', target]);
    await assert.rejects(open(), /another/);
  });

  it('is made once by two at the same time', async () => {
    const all = await Promise.all([open(), open(), open(), open()]);
    for (const { directory } of all) assert.equal(directory, target);
    assert.ok(existsSync(join(target, 'README.md')));
  });

  it('says that there is no branch', async () => {
    await assert.rejects(openWorktree(scene.clone, 'nope', 'PAY-1', pattern, scene.options), /no branch/);
    await assert.rejects(openWorktree(scene.clone, '-x', 'PAY-1', pattern, scene.options), /not usable/);
    await assert.rejects(openWorktree(scene.clone, branch, '../x', pattern, scene.options), /not usable/);
  });

  const places = [
    ['../${repository}.worktrees', '/src/platform.worktrees/PAY-1'],
    ['/trees/${key}/${repository}', '/trees/PAY-1/platform'],
    ['.trees', '/src/platform/.trees/PAY-1'],
    ['~/trees', join(process.env['HOME'] ?? '', 'trees/PAY-1')],
  ] as const;
  for (const [pattern, expected] of places)
    it(`goes to ${expected} for ${pattern}`, () =>
      assert.equal(worktreeDirectory('/src/platform', 'PAY-1', pattern), expected));
  for (const pattern of ['.git/x', '../platform/.git/${key}', '../${key}/../platform'])
    it(`goes nowhere for ${pattern}`, () =>
      assert.throws(() => worktreeDirectory('/src/platform', 'PAY-1', pattern), /cannot be made/));
});
