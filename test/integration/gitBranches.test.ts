import assert from 'node:assert/strict';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createBranchReader } from '../../src/sources/git/branches';
import { Bed } from '../bed/bed';
import { makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { allDocs, defaults, localHost, placeOf } from './gitBed';
import type { CountingHost } from './gitBed';

const branchOfKey = (key: string): string => `task/${key}-analysis`;
const wanted = (...keys: string[]): { key: string; branch: string }[] =>
  keys.map((key) => ({ key, branch: branchOfKey(key) }));

describe('reading task branches', () => {
  const bed = new Bed();
  let repository: Repository;
  let host: CountingHost;
  before(async () => {
    const folder = await bed.folder('branches');
    repository = await makeRepository(folder, {
      name: 'plat form',
      tasks: [
        { key: 'PAY-1', docs: allDocs('PAY-1') },
        { key: 'PAY-2', docs: { 'task_desc.md': 'mine' } },
        {
          key: 'PAY-3',
          docs: {
            'notes/ünï \'"code/task_desc.md': 'deep',
            'notes/PAY-3 refunds/of the customer/task_desc.md': 'own',
            'a/critic.md': 'near',
            'a/b/critic.md': 'far',
            'docs/tasks/PAY-77/solution_options.md': 'of another task',
          },
        },
        { key: 'PAY-4', docs: { 'docs/tasks/PAY-4/readme.txt': 'x', 'step_by_step_impl_plan.md': 'root' } },
        { key: 'PAY-5', docs: allDocs('PAY-5'), branch: 'täsk/$(id);`id`\'"|>%s' },
        { key: 'PAY-6', docs: allDocs('PAY-6') },
      ],
      localOnly: ['PAY-2'],
    });
    host = await localHost(bed, folder);
  });
  after(() => bed.dispose());

  const read = (keys: { key: string; branch: string }[], docs = defaults.docs) =>
    createBranchReader().read(host, placeOf(repository.clone), keys, docs);

  it('finds a branch that only the remote has, with its documents in order', async () => {
    const reading = (await read(wanted('PAY-1'))).get('PAY-1');
    assert.equal(reading?.branch?.ref, 'refs/remotes/origin/task/PAY-1-analysis');
    assert.equal(
      reading?.branch?.head,
      await repository.git(['rev-parse', `origin/${branchOfKey('PAY-1')}`]),
    );
    assert.equal(reading?.branch?.directory, repository.clone);
    assert.equal(reading?.branch?.worktree, undefined);
    assert.equal(reading?.branch?.committedAt, await commitTime(branchOfKey('PAY-1')));
    assert.deepEqual(
      reading?.docs.map(({ path }) => path),
      defaults.docs.names.map((name) => `docs/tasks/PAY-1/${name}`),
    );
    assert.equal(
      reading?.docs[0]?.blob,
      await repository.git(['rev-parse', `origin/${branchOfKey('PAY-1')}:docs/tasks/PAY-1/task_desc.md`]),
    );
  });

  const commitTime = async (branch: string): Promise<number> =>
    1000 * Number(await repository.git(['log', '-1', '--format=%ct', `origin/${branch}`]));

  it('finds a branch that only this clone has', async () => {
    const reading = (await read(wanted('PAY-2'))).get('PAY-2');
    assert.equal(reading?.branch?.ref, 'refs/heads/task/PAY-2-analysis');
    assert.deepEqual(
      reading?.docs.map(({ name }) => name),
      ['task_desc.md'],
    );
  });

  it('finds documents elsewhere: the own folder first, then the shortest path, never another task’s', async () => {
    const reading = (await read(wanted('PAY-3'))).get('PAY-3');
    assert.deepEqual(
      reading?.docs.map(({ path }) => path),
      ['notes/PAY-3 refunds/of the customer/task_desc.md', 'a/critic.md'],
    );
  });

  it('reads paths that git puts in quotes', async () => {
    const docs = { ...defaults.docs, directory: 'notes/ünï \'"code' };
    const inDirectory = (await read(wanted('PAY-3'), docs)).get('PAY-3');
    assert.deepEqual(
      inDirectory?.docs.map(({ path }) => path),
      ['notes/ünï \'"code/task_desc.md'],
    );
    await repository.git(['switch', '-q', '--detach']);
    const odd = { 'o"d\\d/quo"te.md': 'x', 'ta\tb/quo"te.md': 'y' };
    await repository.commit(odd, 'Odd');
    await repository.git(['branch', 'odd']);
    await repository.git(['switch', '-q', repository.mainBranch]);
    const found = await read([{ key: 'PAY-9', branch: 'odd' }], { ...docs, names: ['quo"te.md'] });
    assert.deepEqual(
      found.get('PAY-9')?.docs.map(({ path }) => path),
      ['ta\tb/quo"te.md'],
    );
  });

  it('looks elsewhere too when the directory holds none of the documents', async () => {
    const reading = (await read(wanted('PAY-4'))).get('PAY-4');
    assert.deepEqual(
      reading?.docs.map(({ path }) => path),
      ['docs/tasks/PAY-4/step_by_step_impl_plan.md'],
    );
    const elsewhere = (await read(wanted('PAY-4'), { ...defaults.docs, directory: 'docs/tasks' })).get(
      'PAY-4',
    );
    assert.deepEqual(elsewhere?.docs, reading?.docs);
  });

  it('reads a branch whose name shells and git would stumble over', async () => {
    const reading = (await read([{ key: 'PAY-5', branch: 'täsk/$(id);`id`\'"|>%s' }])).get('PAY-5');
    assert.equal(reading?.docs.length, 5);
  });

  it('refuses names that are no branches, and reads the others', async () => {
    for (const branch of ['--upload-pack=x', 'refs/heads/x', '@{-1}', 'a..b', 'a\nb', 'x*', 'HEAD', '']) {
      const readings = await read([{ key: 'PAY-8', branch }, ...wanted('PAY-1')]);
      assert.match(readings.get('PAY-8')?.error ?? '', /not usable/, branch);
      assert.equal(readings.get('PAY-1')?.docs.length, 5);
    }
  });

  it('says nothing of a branch that does not exist', async () => {
    assert.deepEqual((await read(wanted('PAY-404'))).get('PAY-404'), { docs: [] });
    // `task` is the beginning of names, and `-` the placeholder of the script.
    assert.deepEqual((await read([{ key: 'PAY-1', branch: 'task' }])).get('PAY-1'), { docs: [] });
  });

  it('leaves out symlinks and directories with the name of a document', async () => {
    await repository.git(['switch', '-q', '-c', 'links', repository.mainBranch]);
    await repository.commit(
      { 'docs/tasks/PAY-7/critic.md/file': 'x', 'docs/tasks/PAY-7/task_desc.md': 'x' },
      'One',
    );
    await symlink('/etc/passwd', join(repository.clone, 'docs/tasks/PAY-7/solution_options.md'));
    await repository.git(['add', '--', 'docs']);
    await repository.git(['commit', '-q', '-m', 'Link']);
    await repository.git(['switch', '-q', repository.mainBranch]);
    const reading = (await read([{ key: 'PAY-7', branch: 'links' }])).get('PAY-7');
    assert.deepEqual(
      reading?.docs.map(({ name }) => name),
      ['task_desc.md'],
    );
  });

  it('tells how local and remote stand to each other, and reads the newer', async () => {
    const branch = branchOfKey('PAY-6');
    const origin = `refs/remotes/origin/${branch}`;
    const one = async () => (await read(wanted('PAY-6'))).get('PAY-6')?.branch;
    // Main as upstream is what `switch -c` makes, and no measure of the task's branch.
    await repository.git(['branch', '--no-track', branch, `origin/${branch}~1`]);
    await repository.git(['branch', '--set-upstream-to', 'origin/main', branch]);
    assert.deepEqual(pick(await one()), { ref: origin, upstream: { ref: origin, ahead: 0, behind: 1 } });
    await repository.git(['branch', '--set-upstream-to', `origin/${branch}`, branch]);
    assert.deepEqual(pick(await one()), { ref: origin, upstream: { ref: origin, ahead: 0, behind: 1 } });

    const tree = join(repository.clone, '../work tree');
    await repository.git(['worktree', 'add', '-q', tree, branch]);
    await repository.commit({ 'docs/tasks/PAY-6/critic.md': 'diverged' }, 'Diverge', tree);
    assert.deepEqual(pick(await one()), {
      ref: `refs/heads/${branch}`,
      upstream: { ref: origin, ahead: 1, behind: 1 },
    });
    assert.deepEqual((await one())?.worktree, { directory: tree, main: false });
    await repository.git(['reset', '-q', '--hard', `origin/${branch}`], tree);
    assert.deepEqual(pick(await one())?.upstream, { ref: origin, ahead: 0, behind: 0 });

    await rm(tree, { recursive: true });
    assert.equal((await one())?.worktree, undefined, 'a folder that is gone is no worktree');
    await repository.git(['update-ref', '-d', origin]);
    assert.deepEqual(pick(await one()), {
      ref: `refs/heads/${branch}`,
      upstream: { ref: origin, ahead: 0, behind: 0, gone: true },
    });
  });

  const pick = (branch: { ref: string; upstream?: unknown } | undefined) =>
    branch && { ref: branch.ref, upstream: branch.upstream };

  it('names the main working tree as such', async () => {
    await repository.git(['switch', '-q', branchOfKey('PAY-2')]);
    const reading = (await read(wanted('PAY-2'))).get('PAY-2');
    await repository.git(['switch', '-q', repository.mainBranch]);
    assert.deepEqual(reading?.branch?.worktree, { directory: repository.clone, main: true });
  });

  it('reads the documents of an older commit', async () => {
    const reader = createBranchReader();
    const first = await repository.git(['rev-parse', repository.mainBranch]);
    const place = placeOf(repository.clone);
    assert.deepEqual(await reader.docsAt(host, place, 'PAY-1', first, defaults.docs), { docs: [] });
    assert.match(
      (await reader.docsAt(host, place, 'PAY-1', 'main', defaults.docs)).error ?? '',
      /no such commit/,
    );
    const absent = await reader.docsAt(host, place, 'PAY-1', '0'.repeat(39) + '1', defaults.docs);
    assert.notEqual(absent.error, undefined);
  });

  it('says why a repository cannot be read, for each task', async () => {
    const cases = [
      ['/nonexistent/repository', /There is no directory .* on local/],
      ['/', /no git repository/],
      [repository.origin, /bare/],
    ] as const;
    for (const [directory, expected] of cases) {
      const readings = await createBranchReader().read(
        host,
        placeOf(directory),
        wanted('PAY-1', 'PAY-2'),
        defaults.docs,
      );
      for (const key of ['PAY-1', 'PAY-2']) assert.match(readings.get(key)?.error ?? '', expected, directory);
    }
  });

  it('ends at the user’s wish', async () => {
    const signal = AbortSignal.abort();
    await assert.rejects(
      createBranchReader().read(host, placeOf(repository.clone), wanted('PAY-1'), defaults.docs, signal),
    );
  });
});

describe('reading a hundred task branches', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('takes two round trips and a handful of processes, then one', async () => {
    const folder = await bed.folder('hundred');
    const keys = Array.from({ length: 100 }, (_, at) => `PAY-${at + 1}`);
    const repository = await makeRepository(folder, { tasks: [{ key: 'PAY-1', docs: allDocs('PAY-1') }] });
    await importBranches(repository, keys.slice(1));
    const host = await localHost(bed, folder);
    const reader = createBranchReader();
    const read = () => reader.read(host, placeOf(repository.clone), wanted(...keys), defaults.docs);

    const cold = await read();
    assert.ok([...cold.values()].every(({ docs }) => docs.length === 5));
    assert.equal(host.trips, 2);
    assert.ok((await host.processes()) <= 8);

    host.trips = 0;
    assert.deepEqual(await read(), cold);
    assert.equal(host.trips, 1);
    assert.ok((await host.processes()) <= 5);
  });

  async function importBranches(repository: Repository, keys: readonly string[]): Promise<void> {
    // All on one commit: the reader asks for each key's directory of its branch all the same.
    await repository.git(['switch', '-q', '-c', 'all']);
    await repository.commit(
      Object.fromEntries(
        keys.flatMap((key) =>
          Object.entries(allDocs(key)).map(([name, text]) => [`docs/tasks/${key}/${name}`, text]),
        ),
      ),
      'All',
    );
    for (const key of keys) await repository.git(['branch', branchOfKey(key)]);
  }
});
