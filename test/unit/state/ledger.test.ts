import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '../../../src/state/ledger';
import { entry, id } from '../model/examples';

describe('the ledger', () => {
  let directory: string;
  let ledger: Ledger;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-ledger-'));
    ledger = new Ledger(directory, () => 7);
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is empty at first', async () => {
    assert.deepEqual(await ledger.read(), { entries: [], worktrees: [], owed: [] });
  });

  it('knows of each session on each host one thing, the newest of each field', async () => {
    await ledger.remember(entry({ key: 'PAY-1', directory: '/a', flags: ['--model', 'x'], createdAt: 1 }));
    await ledger.remember(entry({ host: 'devserver', evidence: 'seen' }));
    await ledger.remember(entry({ directory: '/b', createdAt: 9, lastUsedAt: 9 }));
    assert.deepEqual((await ledger.read()).entries, [
      entry({ host: 'devserver', evidence: 'seen', updatedAt: 7 }),
      entry({ key: 'PAY-1', directory: '/b', createdAt: 1, lastUsedAt: 9, updatedAt: 7 }),
    ]);
  });

  it('knows one task for each worktree', async () => {
    const worktree = { key: 'PAY-1', host: 'laptop', directory: '/w', createdAt: 1 };
    await ledger.rememberWorktree(worktree);
    await ledger.rememberWorktree({ ...worktree, host: 'devserver' });
    await ledger.rememberWorktree({ ...worktree, key: 'PAY-2' });
    assert.deepEqual(
      (await ledger.read()).worktrees.map(({ host, key }) => `${host} ${key}`),
      ['devserver PAY-1', 'laptop PAY-2'],
    );
  });

  it('is one for every window, and for nobody else', async () => {
    await Promise.all([1, 2, 3].map((n) => new Ledger(directory).remember(entry({ sessionId: id(n) }))));
    assert.equal((await ledger.read()).entries.length, 3);
    const place = join(directory, 'ledger');
    const modes = [place, ...(await readdir(place)).map((name) => join(place, name))].map(
      async (path) => (await stat(path)).mode & 0o077,
    );
    assert.deepEqual(new Set(await Promise.all(modes)), new Set([0]));
  });

  it('reads what an older version wrote, and goes back behind what it cannot read', async () => {
    await ledger.remember(entry({ key: 'PAY-1' }));
    const older = { entries: [{ sessionId: id(2), host: 'x', evidence: 'linked', createdAt: 1, later: true }], worktrees: [] }; // prettier-ignore
    const file = join(directory, 'ledger', 'g2.json');
    await writeFile(file, JSON.stringify({ ops: [], value: older }));
    assert.deepEqual((await ledger.read()).entries, [
      { sessionId: id(2), host: 'x', evidence: 'linked', createdAt: 1, flags: [], kind: 'other' },
    ]);
    await writeFile(file, '{');
    assert.equal((await ledger.read()).entries[0]?.key, 'PAY-1');
    assert.equal(await readFile(file, 'utf8'), '{'); // Looking never writes.
  });
});
