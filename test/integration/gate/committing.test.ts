import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UserError } from '../../../src/model/errors';
import { commitAndPush, planCommit, type CommitPlan } from '../../../src/sources/git/checkout/commit';
import { Bed } from '../../bed/bed';
import { gitEnvironment, makeRepository, type Repository } from '../../bed/git';

describe('committing documents', () => {
  const bed = new Bed();
  const branch = 'task/PAY-1-analysis';
  const folder = 'docs/tasks/PAY-1';
  let repository: Repository;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    const home = await bed.folder('commit');
    repository = await makeRepository(join(home, 'git'), {
      tasks: [{ key: 'PAY-1', docs: { 'task_desc.md': '# Old\n', 'critic.md': '# Critic\n' } }],
    });
    const { git } = repository;
    await git(['config', 'user.name', 'Dana Developer']);
    await git(['config', 'user.email', 'dana@example.com']);
    await git(['fetch', '--quiet']);
    await git(['switch', '--quiet', branch]);
    env = gitEnvironment(home);
  });
  after(() => bed.dispose());

  const write = (path: string, text: string): Promise<void> => writeFile(join(repository.clone, path), text);
  const plan = (): Promise<CommitPlan> =>
    planCommit(repository.clone, { branch, isWanted: (path) => path.startsWith(`${folder}/`) }, { env });
  const commit = async (message = 'PAY-1: Adjust documents') => commitAndPush(await plan(), message, { env });
  const upstream = (): Promise<string> => repository.git(['rev-parse', branch], repository.origin);

  it('takes the documents, new and removed ones too, and leaves all else as it is', async () => {
    const { git } = repository;
    await write(`${folder}/task_desc.md`, '# New\n');
    await write(`${folder}/[a]*.md`, 'odd\n');
    await rm(join(repository.clone, folder, 'critic.md'));
    await write('README.md', 'Changed and staged\n');
    await write('staged.txt', 'new\n');
    await write('loose.txt', 'x\n');
    await git(['add', 'README.md', 'staged.txt']);
    const { files, others, ahead, behind, remote } = await plan();
    assert.deepEqual(files.toSorted(), [
      `${folder}/[a]*.md`,
      `${folder}/critic.md`,
      `${folder}/task_desc.md`,
    ]);
    assert.deepEqual(others.toSorted(), ['README.md', 'loose.txt', 'staged.txt']);
    assert.deepEqual({ ahead, behind, remote }, { ahead: 0, behind: 0, remote: 'origin' });

    const message = '#1 "quoted" $(id)\n\n--amend';
    const done = await commit(message);
    assert.deepEqual(done, { commit: await git(['rev-parse', 'HEAD']), pushed: true });
    assert.equal(await upstream(), done.commit);
    assert.equal(await git(['log', '-1', '--format=%B%an']), `${message}\nDana Developer`);
    assert.deepEqual((await git(['show', '--name-status', '--format=', 'HEAD'])).split('\n'), [
      `A\t${folder}/[a]*.md`,
      `D\t${folder}/critic.md`,
      `M\t${folder}/task_desc.md`,
    ]);
    assert.deepEqual((await git(['status', '--porcelain'])).split('\n'), [
      'M  README.md',
      'A  staged.txt',
      '?? loose.txt',
    ]);
    assert.deepEqual(await commit(), { pushed: false });
  });

  it('pushes what was committed before it was killed, and never forces', async () => {
    const { git } = repository;
    await write(`${folder}/task_desc.md`, '# New\n');
    await git(['commit', '--quiet', '--all', '--message', 'PAY-1: Adjust documents']);
    const { files, ahead } = await plan();
    assert.deepEqual([files, ahead], [[], 1]);
    assert.deepEqual(await commit(), { pushed: true });
    assert.equal(await upstream(), await git(['rev-parse', 'HEAD']));

    const theirs = await repository.commitUpstream(branch, { 'other.md': 'theirs\n' }, 'Theirs');
    await git(['config', 'remote.origin.push', `+refs/heads/${branch}`]);
    await write(`${folder}/task_desc.md`, '# Newer\n');
    await assert.rejects(commit(), ({ message, next }: UserError) => {
      assert.match(message, /committed here, and origin did not take them.*commits that yours lacks/);
      assert.match(next, /git pull --rebase/);
      return true;
    });
    assert.equal(await upstream(), theirs);
    assert.equal(await git(['log', '-1', '--format=%s']), 'PAY-1: Adjust documents');
    await git(['pull', '--quiet', '--rebase']);
    assert.deepEqual(await commit(), { pushed: true });
  });

  it("runs the user's hooks, and says what they say", async () => {
    const hook = async (folder: string, name: string, says: string): Promise<void> => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, name), `#!/bin/sh\necho '${says}' >&2\nexit 1\n`);
      await chmod(join(folder, name), 0o755);
    };
    const hooks = join(repository.clone, '.git/hooks');
    await hook(hooks, 'pre-commit', 'No typos, please');
    await write(`${folder}/task_desc.md`, '# New\n');
    await assert.rejects(commit(), /No typos, please/);
    assert.equal((await plan()).files.length, 1);
    await rm(join(hooks, 'pre-commit'));
    await hook(join(repository.origin, 'hooks'), 'pre-receive', 'This branch is protected');
    await assert.rejects(commit(), /committed here, and not pushed: .*protected/);
    await rm(join(repository.origin, 'hooks/pre-receive'));
    assert.deepEqual(await commit(), { pushed: true });
  });

  it('refuses where another branch is checked out, or something is not finished', async () => {
    const { git } = repository;
    await git(['switch', '--quiet', 'main']);
    await assert.rejects(plan(), /has main checked out, not task\/PAY-1-analysis/);
    await git(['switch', '--quiet', branch]);
    await writeFile(join(repository.clone, '.git/MERGE_HEAD'), `${await git(['rev-parse', 'HEAD'])}\n`);
    await assert.rejects(plan(), /A merge is not finished/);
  });
});
