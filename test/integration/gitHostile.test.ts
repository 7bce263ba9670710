import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createBranchReader } from '../../src/sources/git/branches';
import { changeTimes, listDirectory, readFile } from '../../src/sources/git/objects/documents';
import { fetchOnce } from '../../src/sources/git/fetch';
import { findRepositories } from '../../src/sources/git/workspace';
import { Bed } from '../bed/bed';
import { run } from '../bed/command';
import { gitEnvironment, makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { allDocs, defaults, localHost, placeOf } from './gitBed';
import type { CountingHost } from './gitBed';

describe('a hostile repository', () => {
  const bed = new Bed();
  const branch = 'task/PAY-1-analysis';
  let folder: string;
  let marker: string;
  let evil: string;
  let repository: Repository;
  let host: CountingHost;

  before(async () => {
    folder = await bed.folder('hostile');
    marker = join(folder, 'it ran');
    evil = join(folder, 'evil');
    await writeFile(evil, `#!/bin/sh\necho "$0 $*" >>'${marker}'\nexit 1\n`);
    await chmod(evil, 0o755);
    repository = await makeRepository(folder, {
      tasks: [{ key: 'PAY-1', docs: allDocs('PAY-1'), later: [{ 'critic.md': 'second\n' }] }],
      files: { 'README.md': 'x', '.gitattributes': '* filter=evil diff=evil\n' },
    });
    host = await localHost(bed, folder);
    await repository.git(['branch', '--no-track', branch, `origin/${branch}~1`]);
    await poison(repository.clone);
    assert.ok(!existsSync(marker), 'nothing may have run while it was laid out');
  });
  after(() => bed.dispose());
  beforeEach(() => rm(marker, { force: true }));

  /** Every setting and hook that names a program, in the repository's own configuration. */
  async function poison(clone: string): Promise<void> {
    const hooks = join(folder, 'hooks');
    await mkdir(hooks, { recursive: true });
    for (const hook of [
      'post-checkout',
      'post-index-change',
      'reference-transaction',
      'fsmonitor-watchman',
      'pre-auto-gc',
    ])
      for (const directory of [hooks, join(clone, '.git/hooks')]) {
        await mkdir(directory, { recursive: true });
        await writeFile(join(directory, hook), `#!/bin/sh\nexec '${evil}' hook ${hook}\n`, { mode: 0o755 });
      }
    // A folder in the shape of a bare repository, which git would take for one.
    const bare = join(clone, 'docs/bare');
    await mkdir(join(bare, 'objects'), { recursive: true });
    await mkdir(join(bare, 'refs'), { recursive: true });
    await writeFile(join(bare, 'HEAD'), 'ref: refs/heads/main\n');
    await writeFile(
      join(bare, 'config'),
      `[core]\n\tbare = false\n\tworktree = ../..\n\tfsmonitor = ${evil}\n`,
    );
    const alternate = join(folder, 'alternate.git');
    await run(['git', 'init', '-q', '--bare', alternate], { env: gitEnvironment(folder) });
    await writeFile(join(clone, '.git/objects/info/alternates'), `${alternate}/objects\n`);
    await appendFile(
      join(clone, '.git/config'),
      `
[core]
	fsmonitor = ${evil}
	hooksPath = ${hooks}
	sshCommand = ${evil}
	gitProxy = ${evil}
	askPass = ${evil}
	pager = ${evil}
	editor = ${evil}
	alternateRefsCommand = ${evil}
[filter "evil"]
	clean = ${evil}
	smudge = ${evil}
	required = true
[diff]
	external = ${evil}
[diff "evil"]
	textconv = ${evil}
	command = ${evil}
[pager]
	log = ${evil}
	for-each-ref = ${evil}
	rev-list = ${evil}
	ls-tree = ${evil}
	cat-file = ${evil}
	worktree = ${evil}
	config = ${evil}
[alias]
	for-each-ref = !${evil}
	rev-parse = !${evil}
[log]
	showSignature = true
[gpg]
	program = ${evil}
[credential]
	helper = !${evil}
[remote "origin"]
	uploadpack = ${evil}
	promisor = true
	partialclonefilter = blob:none
[extensions]
	partialClone = origin
[core]
	repositoryFormatVersion = 1
[protocol "ext"]
	allow = always
[submodule]
	recurse = true
`,
    );
  }

  const ran = (): boolean => existsSync(marker);

  it('runs its programs when git is not guarded', async () => {
    const git = (...args: string[]) =>
      run(['git', ...args], { cwd: repository.clone, env: gitEnvironment(folder) });
    const lazily = ['cat-file', '-p', '1'.repeat(40)];
    for (const args of [['status'], ['fetch'], lazily, ['fetch', 'git://127.0.0.1:1/x']]) {
      await rm(marker, { force: true });
      await git(...args);
      assert.ok(ran(), `git ${args.join(' ')} is expected to show that the trap is armed`);
    }
  });

  it('runs nothing while branches and documents are read', async () => {
    const place = placeOf(repository.clone);
    const wanted = [{ key: 'PAY-1', branch }];
    const readings = await createBranchReader().read(host, place, wanted, defaults.docs);
    assert.equal(readings.get('PAY-1')?.error, undefined);
    assert.equal(readings.get('PAY-1')?.docs.length, 5);
    const elsewhere = await createBranchReader().read(host, place, wanted, {
      ...defaults.docs,
      directory: 'nowhere',
    });
    assert.equal(elsewhere.get('PAY-1')?.docs.length, 5);
    const head = readings.get('PAY-1')?.branch?.head ?? '';
    const path = 'docs/tasks/PAY-1/critic.md';
    assert.equal((await readFile(host, place, head, path)).kind, 'file');
    assert.equal((await listDirectory(host, place, head, 'docs/tasks/PAY-1'))?.length, 5);
    assert.equal((await changeTimes(host, place, head, [path])).size, 1);
    const { repositories } = await findRepositories(host, [
      repository.clone,
      join(repository.clone, 'docs/bare'),
    ]);
    assert.equal(repositories.length, 1);
    assert.ok(!ran());
  });

  it('runs nothing for objects that a partial clone lacks, and says so', async () => {
    const place = placeOf(repository.clone);
    const tree = await repository.git(['rev-parse', `origin/${branch}:docs`]);
    const blob = await repository.git(['rev-parse', `${branch}:README.md`]);
    await rm(marker, { force: true });
    const files = [tree, blob].map((object) =>
      join(repository.clone, '.git/objects', object.slice(0, 2), object.slice(2)),
    );
    for (const file of files) await rename(file, `${file}.away`);
    const readings = await createBranchReader().read(host, place, [{ key: 'PAY-1', branch }], defaults.docs);
    assert.match(readings.get('PAY-1')?.error ?? '', /lacks objects/);
    assert.notEqual(readings.get('PAY-1')?.branch, undefined);
    const file = await readFile(host, place, `refs/heads/${branch}`, 'README.md');
    assert.equal(file.kind, 'absent');
    assert.ok(!ran());
    await assert.rejects(repository.git(['cat-file', '-p', tree]));
    assert.ok(ran(), 'the same read without the guard');
    for (const file of files) await rename(`${file}.away`, file);
  });

  it('gets nothing run while fetching', async () => {
    const place = placeOf(repository.clone);
    const urls = ['ssh://127.0.0.1:1/x', 'git://127.0.0.1:1/x', `ext::${evil} %S`, '-oProxyCommand=x:y'];
    for (const url of urls) {
      await repository.git(['config', 'remote.origin.url', url]);
      await rm(marker, { force: true });
      await assert.rejects(fetchOnce(host, place));
      assert.ok(!ran(), url);
    }
    await repository.git(['config', 'remote.origin.url', repository.origin]);
    await repository.git(['config', `url.ext::${evil} %S.insteadOf`, repository.origin]);
    await rm(marker, { force: true });
    await assert.rejects(fetchOnce(host, place));
    await repository.git(['config', '--unset-all', `url.ext::${evil} %S.insteadOf`]);
    await repository.git(['config', 'remote.origin.vcs', 'evil']);
    await rm(marker, { force: true });
    await assert.rejects(fetchOnce(host, place));
    await repository.git(['config', '--unset-all', 'remote.origin.vcs']);
    const newest = await repository.commitUpstream(branch, { 'more.md': 'x' }, 'More');
    await rm(marker, { force: true });
    await fetchOnce(host, place);
    assert.ok(!ran());
    assert.equal(await repository.git(['rev-parse', `origin/${branch}`]), newest);
  });

  it('cannot show other content than the id says', async () => {
    const content = await repository.git(['rev-parse', `${branch}:docs/tasks/PAY-1/task_desc.md`]);
    const other = await repository.git(['rev-parse', `${branch}:docs/tasks/PAY-1/critic.md`]);
    await repository.git(['-c', 'core.hooksPath=/dev/null', 'replace', content, other]);
    const file = await readFile(
      host,
      placeOf(repository.clone),
      `refs/heads/${branch}`,
      'docs/tasks/PAY-1/task_desc.md',
    );
    assert.equal(file.kind === 'file' && file.content.toString(), '# PAY-1 task_desc.md\n');
  });
});
