import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createFetcher, fetchOnce } from '../../src/sources/git/fetch';
import { Bed } from '../bed/bed';
import { makeRepository } from '../bed/git';
import type { Repository } from '../bed/git';
import { localHost, placeOf } from './gitBed';
import type { CountingHost } from './gitBed';

describe('fetching quietly', () => {
  const branch = 'task/PAY-1-analysis';
  let bed: Bed;
  let repository: Repository;
  let host: CountingHost;
  beforeEach(async () => {
    bed = new Bed();
    const folder = await bed.folder('fetch');
    repository = await makeRepository(folder, {
      name: 'plat form',
      tasks: [{ key: 'PAY-1', docs: { 'task_desc.md': 'x' } }],
    });
    host = await localHost(bed, folder);
  });
  afterEach(() => bed.dispose());

  const remoteHead = (ref = `refs/remotes/origin/${branch}`): Promise<string> =>
    repository.git(['rev-parse', ref]);

  it('brings what others pushed, and touches nothing but refs/remotes', async () => {
    await repository.git(['switch', '-q', branch]);
    const before = await repository.git(['rev-parse', 'HEAD']);
    const pushed = await repository.commitUpstream(branch, { 'more.md': 'x' }, 'More');
    await fetchOnce(host, placeOf(repository.clone));
    assert.equal(await remoteHead(), pushed);
    assert.equal(await repository.git(['rev-parse', 'HEAD']), before);
    assert.ok(!existsSync(join(repository.clone, '.git/FETCH_HEAD')));
  });

  it('brings no tags', async () => {
    const pushed = await repository.commitUpstream(branch, { 'more.md': 'x' }, 'More');
    await repository.git(['--git-dir', repository.origin, 'tag', 'release', pushed], repository.origin);
    await fetchOnce(host, placeOf(repository.clone));
    assert.equal(await repository.git(['tag', '--list']), '');
  });

  it('leaves a mirror’s refspec alone, which would move local branches', async () => {
    await repository.git(['branch', branch, `origin/${branch}`]);
    const before = await repository.git(['rev-parse', branch]);
    await repository.git(['config', 'remote.origin.fetch', '+refs/heads/*:refs/heads/*']);
    await repository.commitUpstream(branch, { 'more.md': 'x' }, 'More');
    await fetchOnce(host, placeOf(repository.clone));
    assert.equal(await repository.git(['rev-parse', branch]), before);
  });

  it('keeps to a narrow refspec, and fetches the other remotes when one fails', async () => {
    await repository.git(['remote', 'add', 'aaa-gone', join(repository.clone, 'nowhere')]);
    const main = await remoteHead('refs/remotes/origin/main');
    await repository.git([
      'config',
      'remote.origin.fetch',
      `+refs/heads/${branch}:refs/remotes/origin/${branch}`,
    ]);
    const pushed = await repository.commitUpstream(branch, { 'more.md': 'x' }, 'More');
    await repository.commitUpstream('main', { 'more.md': 'x' }, 'More');
    await assert.rejects(fetchOnce(host, placeOf(repository.clone)), /nowhere/);
    assert.equal(await remoteHead(), pushed);
    assert.equal(await remoteHead('refs/remotes/origin/main'), main);
  });

  it('uses no group that has a remote’s name', async () => {
    await repository.git(['remote', 'add', 'one', repository.origin]);
    await repository.git(['config', 'remotes.one', 'origin one']);
    await fetchOnce(host, placeOf(repository.clone));
    await assert.rejects(remoteHead(`refs/remotes/one/${branch}`));
  });

  it('keeps a failure as state, and recovers', async () => {
    const fetcher = await bed.add(createFetcher());
    const place = placeOf(repository.clone);
    await rename(repository.origin, `${repository.origin}.away`);
    const failed = await fetcher.fetchNow(host, place);
    assert.equal(failed.failures, 1);
    assert.match(failed.error ?? '', /origin\.git/);
    await rename(`${repository.origin}.away`, repository.origin);
    const fetched = await fetcher.fetchNow(host, place);
    assert.deepEqual([fetched.failures, fetched.error], [0, undefined]);
  });
});
