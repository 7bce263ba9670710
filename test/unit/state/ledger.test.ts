import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OwedRecord } from '../../../src/model/binding/ledger';
import { Ledger } from '../../../src/state/ledger';
import { seenKept } from '../../../src/state/ledgerFile';
import { entry, id } from '../model/examples';

describe('the ledger', () => {
  let directory: string;
  let ledger: Ledger;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-ledger-'));
    ledger = new Ledger(directory, { now: () => 7 });
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is empty at first', async () => {
    assert.deepEqual(await ledger.read(), {
      entries: [],
      worktrees: [],
      owed: [],
      runs: [],
      accepted: [],
      reviews: [],
      pullRequests: [],
    });
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

  it('takes no word back because a session was merely seen again', async () => {
    await ledger.remember(entry({ evidence: 'linked', key: 'PAY-1' }));
    await ledger.remember(entry({ evidence: 'seen', lastUsedAt: 9 }));
    const [known] = (await ledger.read()).entries;
    assert.deepEqual([known?.evidence, known?.key, known?.lastUsedAt], ['linked', 'PAY-1', 9]);
    await ledger.restore({ sessionId: id(1), host: 'laptop' }, entry({ evidence: 'seen' }));
    assert.deepEqual((await ledger.read()).entries, [entry({ evidence: 'seen' })]);
    await ledger.restore({ sessionId: id(1), host: 'laptop' }, undefined);
    assert.deepEqual((await ledger.read()).entries, []);
  });

  it('keeps the name that the user gave, and the comment that we wrote, until they are taken back', async () => {
    const published = { issueKey: 'PAY-1', commentId: '100', at: 3 };
    await ledger.rename(id(1), 'laptop', 'Mine');
    await ledger.remember(entry({ key: 'PAY-1' }));
    await ledger.notePublished(id(1), 'laptop', published);
    assert.deepEqual((await ledger.read()).entries, [
      entry({ key: 'PAY-1', name: 'Mine', published, createdAt: 7, updatedAt: 7 }),
    ]);
    await ledger.rename(id(1), 'laptop', undefined);
    await ledger.notePublished(id(1), 'laptop', undefined);
    assert.deepEqual((await ledger.read()).entries, [entry({ key: 'PAY-1', createdAt: 7, updatedAt: 7 })]);
  });

  describe('owes', () => {
    const write = (fields: Partial<OwedRecord> = {}): OwedRecord => ({
      id: '0190c5a4-0000-7000-8000-000000000001',
      kind: 'record',
      issueKey: 'PAY-1',
      sessionId: id(1),
      fields: { title: 'AI Analysis Started', sessionId: id(1) },
      createdAt: 1,
      attempts: 0,
      ...fields,
    });
    const other = '0190c5a4-0000-7000-8000-000000000002';

    it('a write until it is paid, however often each is said', async () => {
      for (const _ of [1, 2]) await ledger.owe(write());
      await ledger.owe(write({ id: other, issueKey: 'PAY-2' }));
      await ledger.failedToPay(other, 'x'.repeat(1000));
      assert.deepEqual((await ledger.read()).owed, [
        write(),
        write({ id: other, issueKey: 'PAY-2', attempts: 1, triedAt: 7, lastError: 'x'.repeat(500) }),
      ]);
      await ledger.failedToPay(other, 'No.', { refused: true });
      await ledger.failedToPay(other, 'Down.');
      const [, after] = (await ledger.read()).owed;
      assert.deepEqual([after?.attempts, after?.refused, after?.lastError], [3, undefined, 'Down.']);
      for (const _ of [1, 2]) await ledger.paid(other);
      await ledger.failedToPay(other, 'too late');
      assert.deepEqual((await ledger.read()).owed, [write()]);
    });

    it('one write for each session on each issue, the newest', async () => {
      await ledger.owe(write());
      await ledger.owe(write({ id: other, createdAt: 2 }));
      assert.deepEqual((await ledger.read()).owed, [write({ id: other, createdAt: 2 })]);
    });
  });

  it('keeps what people decided for ever, and of what was merely seen the newest', async () => {
    const count = seenKept + 50;
    const entries = Array.from({ length: count }, (_, n) => entry({ sessionId: id(n), evidence: 'seen', createdAt: n })); // prettier-ignore
    for (const n of [0, 1, 2]) entries[n]!.evidence = (['started', 'linked', 'unlinked'] as const)[n]!;
    entries[3]!.name = 'Mine';
    await writeGeneration(1, { ops: [], value: { entries, worktrees: [] } });
    await ledger.remember(entry({ sessionId: id(count), evidence: 'seen', createdAt: count }));
    const kept = new Set((await ledger.read()).entries.map((one) => one.sessionId));
    assert.equal(kept.size, seenKept + 4);
    for (const n of [0, 1, 2, 3, 51 + 4, count]) assert.ok(kept.has(id(n)), String(n));
    assert.ok(!kept.has(id(4)));
  });

  describe('of a later version', () => {
    const later = {
      sessionId: id(2),
      host: 'laptop',
      evidence: 'adopted',
      kind: 'review',
      key: 'PAY-2',
      mood: 'good',
      createdAt: 1,
    };
    const strange = { what: 'a row without any of our fields' };

    it('keeps the words and rows that this one does not know, through every change', async () => {
      const value = { entries: [later, strange], worktrees: [strange], owed: [strange], plans: { a: 1 } };
      await writeGeneration(1, { version: 2, ops: [], value });
      assert.deepEqual((await ledger.read()).entries, [
        entry({ sessionId: id(2), evidence: 'seen', key: 'PAY-2', createdAt: 1 }),
      ]);
      assert.equal((await ledger.condition()).unread, 3);
      await ledger.remember(entry());
      await ledger.remember(entry({ sessionId: id(2), evidence: 'seen', lastUsedAt: 3 }));
      const written = await readGeneration(3);
      assert.deepEqual(written.value.plans, { a: 1 });
      assert.deepEqual(written.value.worktrees, [strange]);
      assert.deepEqual(written.value.owed, [strange]);
      assert.deepEqual(written.value.entries[0], strange);
      const { evidence, mood } = written.value.entries[2] as typeof later;
      assert.deepEqual([evidence, mood], ['adopted', 'good']);
    });

    it('is read as far as we can and not written, where its file says so', async () => {
      await ledger.remember(entry());
      const value = { entries: [{ ...later, evidence: 'linked' }], worktrees: [], owed: [] };
      await writeGeneration(2, { version: 3, ops: [], value });
      assert.equal((await ledger.read()).entries[0]?.key, 'PAY-2');
      assert.equal((await ledger.condition()).newer, true);
      await assert.rejects(ledger.remember(entry()), { name: 'UserError' });
      assert.equal((await readGeneration(2)).version, 3);
    });
  });

  it('reads back whole, cut at any byte, and sets the cut file aside', async () => {
    await ledger.remember(entry({ key: 'PAY-1' }));
    const before = await ledger.read();
    await ledger.rename(id(1), 'laptop', 'Größe');
    const file = join(directory, 'ledger', 'g2.json');
    const whole = await readFile(file);
    for (let length = 0; length < whole.length; length++) {
      await writeFile(file, whole.subarray(0, length));
      assert.deepEqual(await new Ledger(directory).read(), before, `cut at ${length}`);
    }
    // The next number after the damaged one; and all that was readable is in it.
    await new Ledger(directory, { now: () => 8 }).rename(id(1), 'laptop', 'Again');
    assert.deepEqual((await ledger.read()).entries, [{ ...before.entries[0], name: 'Again', updatedAt: 8 }]);
    const { aside, damaged, lost } = await ledger.condition();
    assert.deepEqual([aside.length, damaged, lost], [1, 0, false]);
    assert.deepEqual(await readFile(aside[0]!), whole.subarray(0, -1));
  });

  const path = (number: number) => join(directory, 'ledger', `g${number}.json`);
  async function writeGeneration(number: number, content: unknown): Promise<void> {
    await mkdir(join(directory, 'ledger'), { recursive: true });
    await writeFile(path(number), JSON.stringify(content));
  }
  const readGeneration = async (number: number) =>
    JSON.parse(await readFile(path(number), 'utf8')) as {
      version: number;
      value: { entries: unknown[]; worktrees: unknown; owed: unknown; plans: unknown };
    };
});
