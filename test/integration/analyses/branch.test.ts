import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../../src/hosts/host';
import type { UserError } from '../../../src/model/errors';
import { openBranch, removeBranch, reopenBranch, type BranchOrder } from '../../../src/runs/branch';
import {
  chooseRemote,
  groundTrouble,
  lookAtBranches,
  lookAtGround,
  tryPush,
} from '../../../src/runs/preflight';
import { Bed } from '../../bed/bed';
import { makeRepository, type Repository } from '../../bed/git';
import { localHost, placeOf } from '../gitBed';

describe('the branch of a run', () => {
  const branch = 'task/PAY-1-analysis';
  let bed: Bed;
  let folder: string;
  let repository: Repository;
  let host: Host;
  let order: BranchOrder;

  const makeOrder = async (): Promise<BranchOrder> => ({
    id: randomUUID(),
    host: 'local',
    repository: repository.clone,
    directory: join(folder, 'platform.worktrees/PAY-1'),
    branch,
    remote: 'origin',
    base: { branch: 'main', commit: await repository.git(['rev-parse', 'origin/main']) },
  });

  beforeEach(async () => {
    bed = new Bed();
    folder = await bed.folder('branch');
    repository = await makeRepository(folder, { tasks: [] });
    host = await localHost(bed, join(folder, 'home'));
    order = await makeOrder();
  });
  afterEach(() => bed.dispose());

  const said = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'done',
      (error: UserError) => error.line,
    );
  const isUntouched = async (): Promise<void> =>
    assert.deepEqual(
      [await repository.git(['status', '--porcelain']), await repository.git(['branch', '--show-current'])],
      ['', 'main'],
    );

  it('is made from the base in a worktree of its own, and found again', async () => {
    assert.deepEqual(await openBranch(host, order), { kind: 'open', made: true, madeTree: true });
    assert.deepEqual(await openBranch(host, order), { kind: 'open', made: true, madeTree: false });
    assert.equal(await repository.git(['branch', '--show-current'], order.directory), branch);
    assert.equal(await repository.git(['rev-parse', 'HEAD'], order.directory), order.base.commit);
    await isUntouched();
  });

  it('is finished where it was interrupted after the branch, and where the folder went', async () => {
    await openBranch(host, order);
    await repository.git(['worktree', 'remove', order.directory]);
    assert.deepEqual(await openBranch(host, order), { kind: 'open', made: true, madeTree: true });
    await rm(order.directory, { recursive: true });
    assert.deepEqual(await openBranch(host, order), { kind: 'open', made: true, madeTree: true });
  });

  it('gets its worktree again where that was taken away, unless it is gone itself', async () => {
    await openBranch(host, order);
    await rm(order.directory, { recursive: true });
    await reopenBranch(host, order);
    await reopenBranch(host, order);
    assert.equal(await repository.git(['branch', '--show-current'], order.directory), branch);
    await repository.git(['worktree', 'remove', order.directory]);
    await repository.git(['branch', '--quiet', '-D', branch]);
    await reopenBranch(host, order);
    assert.equal(existsSync(order.directory), false);
  });

  it('is made by one of two that come at once; the other sees it', async () => {
    const other = await makeOrder();
    const opened = await Promise.all([openBranch(host, order), openBranch(host, other)]);
    assert.deepEqual(opened.map(({ kind }) => kind).toSorted(), ['exists', 'open']);
  });

  it('of somebody else is used only if that was accepted, with its commits', async () => {
    await repository.git(['branch', branch, 'main']);
    assert.deepEqual(await openBranch(host, order), { kind: 'exists' });
    assert.equal(existsSync(order.directory), false);
    assert.deepEqual(await openBranch(host, order, { existing: true }), {
      kind: 'open',
      made: false,
      madeTree: true,
    });
  });

  it('that the user works on is left to them', async () => {
    await repository.git(['switch', '--quiet', '--create', branch]);
    assert.match(
      await said(openBranch(host, order, { existing: true })),
      /checked out in .*, where you work/,
    );
  });

  it('is not made over somebody’s files', async () => {
    await mkdir(order.directory, { recursive: true });
    await writeFile(join(order.directory, 'notes.txt'), 'mine');
    assert.match(await said(openBranch(host, order)), /the folder is not empty/);
  });

  it('runs no hook', async () => {
    const hook = join(repository.clone, '.git/hooks/post-checkout');
    await writeFile(hook, `#!/bin/sh\ntouch '${join(folder, 'ran')}'\n`);
    await chmod(hook, 0o755);
    await openBranch(host, order);
    assert.equal(existsSync(join(folder, 'ran')), false);
  });

  describe('taken back', () => {
    it('goes with its worktree', async () => {
      await openBranch(host, order);
      assert.deepEqual(await removeBranch(host, order), { kept: false });
      assert.equal(existsSync(order.directory), false);
      assert.equal(await repository.git(['branch', '--list', branch]), '');
      await isUntouched();
    });

    it('stays where something was written or committed', async () => {
      await openBranch(host, order);
      await writeFile(join(order.directory, 'notes.txt'), 'mine');
      assert.deepEqual(await removeBranch(host, order), { kept: true });
      await repository.commit({ 'notes.txt': 'mine' }, 'Note', order.directory);
      assert.deepEqual(await removeBranch(host, order), { kept: true });
      assert.equal(await repository.git(['log', '-1', '--format=%s', branch]), 'Note');
    });

    it('stays where it was there before', async () => {
      await repository.git(['branch', branch, 'main']);
      await openBranch(host, order, { existing: true });
      await removeBranch(host, order);
      assert.equal(existsSync(order.directory), true);
    });
  });

  describe('looked at before', () => {
    const target = (): string => join(folder, 'platform.worktrees/PAY-1');
    const look = () => lookAtBranches(host, placeOf(repository.clone), { remote: 'origin', branch, target: target() }); // prettier-ignore

    it('tells the ground', async () => {
      const ground = await lookAtGround(host, placeOf(repository.clone));
      assert.deepEqual(
        [ground.directory, ground.identity, chooseRemote(ground, placeOf(repository.clone))],
        [repository.clone, 'Dana Developer <dana@example.com>', 'origin'],
      );
      assert.equal(groundTrouble(ground, 'local'), undefined);
      assert.match(groundTrouble({ ...ground, freeKb: 2048 }, 'local')?.message ?? '', /Only 2 MB/);
    });

    it('has the remote’s default branch, asked where it is not known', async () => {
      assert.deepEqual(await look(), { base: order.base, ahead: 0, behind: 0, target: target() });
      await repository.git(['remote', 'set-head', 'origin', '--delete']);
      assert.deepEqual((await look()).base, order.base);
    });

    it('has the default branch that the remote has now, whatever it was when it was cloned', async () => {
      await repository.git(['branch', '--quiet', '--copy', 'main', 'trunk'], repository.origin);
      await repository.git(['symbolic-ref', 'HEAD', 'refs/heads/trunk'], repository.origin);
      await repository.git(['fetch', '--quiet']);
      assert.equal((await look()).base.branch, 'trunk');
      // What it was before is good enough where nobody can be asked; the push will say why.
      await repository.git(['remote', 'set-url', 'origin', join(folder, 'nowhere.git')]);
      assert.equal((await look()).base.branch, 'main');
    });

    it('says what to do where the clone takes one branch only, or there is none yet', async () => {
      await repository.git(['remote', 'set-branches', 'origin', 'main']);
      await repository.git(['push', '--quiet', 'origin', `main:refs/heads/${branch}`]);
      await repository.git(['update-ref', '-d', `refs/remotes/origin/${branch}`]);
      assert.match(
        await said(look()),
        /lacks task\/PAY-1-analysis, which origin has.*set-branches origin '\*'/,
      );
      await repository.git(['update-ref', '-d', 'refs/remotes/origin/main']);
      assert.match(await said(look()), /lacks main, which origin has.*set-branches origin '\*'/);
      await repository.git(['remote', 'set-head', 'origin', '--delete']);
      await repository.git(['symbolic-ref', 'HEAD', 'refs/heads/none'], repository.origin);
      assert.match(await said(look()), /origin names no default branch.*Push a first commit/);
    });

    it('tells a branch that the remote has, and not one that is gone there', async () => {
      await repository.git(['push', '--quiet', 'origin', `main:refs/heads/${branch}`]);
      await repository.git(['fetch', '--quiet']);
      assert.equal((await look()).remote, order.base.commit);
      await repository.git(['branch', '--quiet', '-D', branch], repository.origin);
      assert.equal((await look()).remote, undefined);
    });

    for (const [what, env, agent] of [
      ['of this machine’s own counts', {}, '/agent'],
      ['that came with an ssh connection does not count', { SSH_CONNECTION: '::1 1 ::1 2' }, ''],
    ] as const)
      it(`pushes as a detached run will: an agent ${what}`, async () => {
        const seen = join(folder, 'seen');
        // Stands in git's way, and tells what it was given.
        const own = await localHost(bed, join(folder, 'other'), { SSH_AUTH_SOCK: '/agent', ...env });
        await writeFile(
          join(folder, 'other/bin/git'),
          `#!/bin/sh\necho "$SSH_AUTH_SOCK|$GIT_TERMINAL_PROMPT|$GIT_SSH_COMMAND" >'${seen}'\n`,
        );
        await tryPush(own, placeOf(repository.clone), {
          remote: 'origin',
          branch,
          commit: order.base.commit,
        });
        const [sock, prompt, ssh] = (await readFile(seen, 'utf8')).trim().split('|');
        assert.deepEqual([sock, prompt], [agent, '0']);
        assert.match(ssh ?? '', /^ssh .*-o BatchMode=yes/);
      });

    it('tries the push without doing it, and says what stands in its way', async () => {
      const trying = () =>
        tryPush(host, placeOf(repository.clone), { remote: 'origin', branch, commit: order.base.commit });
      await trying();
      assert.equal(await repository.git(['branch', '--list', branch], repository.origin), '');
      await repository.git(['push', '--quiet', 'origin', `main:refs/heads/${branch}`]);
      await repository.commitUpstream(branch, { 'a.txt': 'a' }, 'Ahead');
      assert.match(await said(trying()), /commits that this repository lacks/);
      await repository.git(['remote', 'set-url', 'origin', join(folder, 'nowhere.git')]);
      assert.match(await said(trying()), /could not push to origin: Git failed/);
    });
  });
});
