import assert from 'node:assert/strict';
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeTimes, listDirectory, readFile, stat } from '../../src/sources/git/objects/documents';
import { findRepositories } from '../../src/sources/git/workspace';
import { Bed } from '../bed/bed';
import { output } from '../bed/command';
import { gitEnvironment, makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { localHost, placeOf } from './gitBed';
import type { CountingHost } from './gitBed';

describe('reading files of a commit', () => {
  const bed = new Bed();
  const branch = 'task/PAY-1-analysis';
  const folderOfDocs = 'docs/tasks/PAY-1';
  const startedAt = Date.UTC(2026, 10, 2, 9);
  let folder: string;
  let repository: Repository;
  let host: CountingHost;
  let head: string;

  before(async () => {
    folder = await bed.folder('documents');
    repository = await makeRepository(folder, {
      name: 'plat form',
      startedAt,
      tasks: [
        {
          key: 'PAY-1',
          docs: {
            'task_desc.md': '# Task\n[plan](sub%20dir/pl%C3%A4n.md)\n',
            [`${folderOfDocs}/sub dir/plän.md`]: 'linked\n',
            [`${folderOfDocs}/li\nne "quoted".md`]: 'odd\n',
            [`${folderOfDocs}/empty.md`]: '',
            [`${folderOfDocs}/-n`]: 'option\n',
            [`${folderOfDocs}/[a]*.md`]: 'pattern\n',
          },
          later: [{ 'critic.md': 'second\n' }],
        },
      ],
    });
    await repository.git(['switch', '-q', branch]);
    await symlink('/etc/passwd', join(repository.clone, 'link'));
    await symlink(folderOfDocs, join(repository.clone, 'linked docs'));
    await repository.git(['add', '--', 'link', 'linked docs']);
    await repository.git(['commit', '-q', '-m', 'Links']);
    head = await repository.git(['rev-parse', 'HEAD']);
    await repository.git(['switch', '-q', 'main']);
    host = await localHost(bed, folder);
  });
  after(() => bed.dispose());

  const read = (path: string, at = head) => readFile(host, placeOf(repository.clone), at, path);
  const text = async (path: string, at = head): Promise<string> => {
    const file = await read(path, at);
    return file.kind === 'file' ? file.content.toString() : file.kind;
  };

  it('reads a file that is not checked out, in one round trip', async () => {
    host.trips = 0;
    assert.match(await text(`${folderOfDocs}/task_desc.md`), /^# Task\n/);
    assert.equal(host.trips, 1);
    assert.match(await text(`${folderOfDocs}/task_desc.md`, `refs/remotes/origin/${branch}`), /^# Task\n/);
  });

  const files = [
    [`${folderOfDocs}/sub dir/plän.md`, 'linked\n'],
    [`./docs//tasks/PAY-1/./critic.md`, 'second\n'],
    [`${folderOfDocs}/empty.md`, ''],
    [`${folderOfDocs}/-n`, 'option\n'],
    [`${folderOfDocs}/[a]*.md`, 'pattern\n'],
    ['README.md', '# Platform\n'],
    ['nowhere.md', 'missing'],
    [`${folderOfDocs}/[a-z]*.md`, 'missing'],
    [`${folderOfDocs}/sub dir`, 'notFile'],
    ['', 'notFile'],
    ['link', 'notFile'],
    ['linked docs/critic.md', 'missing'],
    ['docs/../README.md', 'missing'],
    ['../outside', 'missing'],
  ] as const;
  for (const [path, expected] of files)
    it(`answers ${JSON.stringify(expected)} for ${JSON.stringify(path)}`, async () =>
      assert.equal(await text(path), expected));

  it('names what is no file', async () => {
    const kinds = await Promise.all(
      ['link', 'docs', '', 'README.md'].map((path) => stat(host, placeOf(repository.clone), head, path)),
    );
    assert.deepEqual(
      kinds.map((entry) => entry?.kind),
      ['symlink', 'directory', 'directory', 'file'],
    );
    assert.equal(kinds[3]?.size, '# Platform\n'.length);
  });

  it('takes nothing for a commit that is no full id or branch ref', async () => {
    for (const at of ['HEAD', 'main', head.slice(0, 10), '--help', `${head}^`, 'refs/heads/../x', ''])
      assert.equal(await text('README.md', at), 'missing', at);
    await assert.rejects(read('README.md', '1'.repeat(40)));
  });

  it('reads bytes as they are, up to the limit', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 256));
    await repository.git(['switch', '-q', '-c', 'binary']);
    await writeFile(join(repository.clone, 'image.png'), bytes);
    const at = await repository.commit({ 'beside.md': 'x' }, 'Beside');
    await repository.git(['add', '--', 'image.png']);
    await repository.git(['commit', '-q', '--amend', '--no-edit']);
    const commit = await repository.git(['rev-parse', 'HEAD']);
    await repository.git(['switch', '-q', 'main']);
    assert.notEqual(commit, at);
    const whole = await read('image.png', commit);
    assert.deepEqual(whole.kind === 'file' && whole.content, bytes);
    const place = placeOf(repository.clone);
    const limited = await readFile(host, place, commit, 'image.png', { limit: 69_999 });
    assert.equal(limited.kind, 'tooLarge');
  });

  it('lists directories', async () => {
    const list = async (path: string) =>
      (await listDirectory(host, placeOf(repository.clone), head, path))?.map(({ path }) => path);
    assert.deepEqual(await list(''), ['README.md', 'docs', 'link', 'linked docs']);
    assert.deepEqual(await list('docs/'), ['docs/tasks']);
    assert.ok((await list(folderOfDocs))?.includes(`${folderOfDocs}/li\nne "quoted".md`));
    assert.deepEqual(await list(`${folderOfDocs}/sub dir`), [`${folderOfDocs}/sub dir/plän.md`]);
    assert.equal(await list('README.md'), undefined);
    assert.equal(await list('nowhere'), undefined);
    assert.equal(await list('linked docs'), undefined);
  });

  it('tells when each file changed last', async () => {
    const paths = ['task_desc.md', 'critic.md', '[a]*.md', 'c*.md'].map((name) => `${folderOfDocs}/${name}`);
    paths.push('nowhere', 'README.md');
    const times = await changeTimes(host, placeOf(repository.clone), head, paths);
    const hour = 3_600_000;
    assert.deepEqual(
      paths.map((path) => times.get(path)),
      [2, 3, 2, undefined, undefined, 1].map((hours) => hours && startedAt + hours * hour),
    );
  });

  describe('of the workspace', () => {
    it('finds each repository once, with its remotes, and minds folders without one', async () => {
      const worktree = join(folder, 'a worktree');
      await repository.git(['worktree', 'add', '-q', worktree, '-b', 'w', 'main']);
      await repository.git(['remote', 'add', 'fork', 'git@example.com:fork/platform.git']);
      const other = join(folder, 'other');
      await output(['git', 'init', '-q', other], { env: gitEnvironment(folder) });
      const below = join(repository.clone, '.git/..');
      const { repositories, problems } = await findRepositories(host, [
        repository.clone,
        worktree,
        below,
        other,
        '/',
        join(folder, 'nowhere'),
      ]);
      assert.deepEqual(
        repositories.map(({ directory, remotes, folders }) => ({ directory, remotes, n: folders.length })),
        [
          {
            directory: repository.clone,
            remotes: [repository.origin, 'git@example.com:fork/platform.git'],
            n: 3,
          },
          { directory: other, remotes: [], n: 1 },
        ],
      );
      assert.equal(problems.length, 1);
      assert.match(problems[0]?.error ?? '', /no directory/);
    });
  });
});
