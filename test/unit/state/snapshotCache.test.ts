import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptySnapshot } from '../../../src/model/task/task';
import { SnapshotCache, type CachedPicture } from '../../../src/state/snapshotCache';
import { issue, report } from '../model/examples';

const picture = (at: number, size = 1): CachedPicture => ({
  snapshot: { ...emptySnapshot, at },
  issues: Array.from({ length: size }, (_, n) => issue(`PAY-${n + 1}`)),
  branches: [['PAY-1', { docs: [] }]],
  reports: [report('laptop')],
});

describe('the picture of the last time', () => {
  let directory: string;
  let identity: string;
  let cache: SnapshotCache;
  const files = async () =>
    (await readdir(join(directory, 'snapshots')).catch(() => [])).map((name) => join(directory, 'snapshots', name)); // prettier-ignore
  const only = async (): Promise<string> => {
    const found = await files();
    assert.equal(found.length, 1);
    return found[0]!;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-cache-'));
    identity = 'https://jira.example\nproject = PAY';
    cache = new SnapshotCache(directory, () => identity);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('comes back as it was, for the next process', async () => {
    assert.equal(await cache.read(), undefined);
    await cache.write(picture(1));
    await cache.write(picture(2));
    assert.deepEqual(await new SnapshotCache(directory, () => identity).read(), picture(2));
  });

  it('is the one that was drawn last, however long each takes to write', async () => {
    await Promise.all([cache.write(picture(1, 20_000)), cache.write(picture(2))]);
    assert.equal((await cache.read())?.snapshot.at, 2);
  });

  it('is of one Jira and one query', async () => {
    await cache.write(picture(1));
    identity = 'https://jira.example\nproject = WEB';
    assert.equal(await cache.read(), undefined);
    await cache.write(picture(2));
    identity = 'https://jira.example\nproject = PAY';
    assert.equal((await cache.read())?.snapshot.at, 1);
  });

  it('goes where it belonged when it was drawn', async () => {
    const earlier = cache.write(picture(0, 500));
    const written = cache.write(picture(1));
    identity = 'https://other.example\nproject = PAY';
    await Promise.all([earlier, written]);
    assert.equal(await cache.read(), undefined);
  });

  const foreign: [what: string, content: string][] = [
    ['of another format', JSON.stringify({ format: 2, picture: picture(1) })],
    ['of no format', JSON.stringify(picture(1))],
    ['cut', '{"format":1,"picture":{'],
    ['of another shape', JSON.stringify({ format: 1, picture: { ...picture(1), branches: {} } })],
    ['without tasks', JSON.stringify({ format: 1, picture: { ...picture(1), snapshot: { jira: {} } } })],
    ['empty', ''],
    ['nothing', 'null'],
    ['without a picture', '{"format":1}'],
  ];
  for (const [what, content] of foreign)
    it(`is none if ${what}`, async () => {
      await cache.write(picture(1));
      await writeFile(await only(), content);
      assert.equal(await cache.read(), undefined);
      await cache.write(picture(2));
      assert.equal((await cache.read())?.snapshot.at, 2);
    });

  it('is whole at every moment', async () => {
    await cache.write(picture(0, 300));
    const path = await only();
    const done = new AbortController();
    const write = Promise.all(Array.from({ length: 30 }, (_, n) => cache.write(picture(n, 300))))
      .finally(() => done.abort()); // prettier-ignore
    let looks = 0;
    for (; !done.signal.aborted; looks++) JSON.parse(await readFile(path, 'utf8'));
    await write;
    assert.ok(looks > 1);
    assert.equal((await cache.read())?.snapshot.at, 29);
    assert.equal(await only(), path); // Nothing left beside it.
  });

  it('is for nobody else to read', async () => {
    await cache.write(picture(1));
    assert.equal((await stat(await only())).mode & 0o077, 0);
    assert.equal((await stat(join(directory, 'snapshots'))).mode & 0o077, 0);
  });

  it('is gone after signing out, with those of earlier queries and one that is being written', async () => {
    await cache.write(picture(1));
    identity = 'https://jira.example\nproject = WEB';
    const writing = cache.write(picture(2));
    await cache.forget();
    await writing;
    assert.deepEqual(await files(), []);
    await cache.forget();
    await cache.write(picture(3));
    assert.equal((await cache.read())?.snapshot.at, 3);
  });

  it('is removed a month after the last look at its query', async () => {
    await cache.write(picture(1));
    const old = new Date(Date.now() - 31 * 86_400_000);
    await utimes(await only(), old, old);
    identity = 'another';
    await cache.write(picture(2));
    await only();
    assert.equal((await cache.read())?.snapshot.at, 2);
  });

  it('is none where it cannot be kept, and nobody is troubled', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const nowhere = new SnapshotCache(file, () => identity);
    await nowhere.write(picture(1));
    assert.equal(await nowhere.read(), undefined);
    await nowhere.forget();
  });
});
