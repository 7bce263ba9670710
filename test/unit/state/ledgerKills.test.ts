import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { Ledger } from '../../../src/state/ledger';

const kills = 300;
const writers = 4;

/** What a writer said, by the word it said it with. */
type Said = Record<'remembered' | 'renamed' | 'owed' | 'paid', Set<string>>;

describe('the ledger among processes that are killed at any moment', function () {
  this.timeout(120_000);
  let directory: string;
  let program: string;
  const running = new Set<ChildProcess>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-ledger-'));
    program = join(directory, 'writer.cjs');
    // Bundled, so that a writer starts in a moment.
    await build({ entryPoints: [join(__dirname, 'writer.ts')], bundle: true, minify: true, platform: 'node', outfile: program, logLevel: 'silent' }); // prettier-ignore
  });

  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  /** Adds to `said` what a writer has committed; it is killed while it is at the change after the `last`. */
  async function writeAndDie(name: string, last: number, said: Said): Promise<void> {
    const child = spawn(process.execPath, [program, directory, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    const ended = once(child, 'exit');
    let changes = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      const [word = '', id = ''] = line.split(' ');
      said[word as keyof Said].add(id);
      changes++;
      // Anywhere in the next change, which takes a few milliseconds.
      if (changes === last) setTimeout(() => child.kill('SIGKILL'), Math.random() * 8);
    }
    const [code, signal] = (await ended) as [number | null, string | null];
    running.delete(child);
    assert.deepEqual([code, signal], [null, 'SIGKILL']);
  }

  it('loses nothing that was committed, takes nothing back, and is never damaged', async () => {
    const said: Said = { remembered: new Set(), renamed: new Set(), owed: new Set(), paid: new Set() };
    const lane = async (writer: number): Promise<void> => {
      for (let round = 0; round < kills / writers; round++)
        await writeAndDie(`w${writer}r${round}`, 1 + Math.floor(Math.random() * 6), said);
    };
    await Promise.all(Array.from({ length: writers }, (_, writer) => lane(writer)));

    const { entries, owed } = await new Ledger(directory).read();
    const named = new Map(entries.map((entry) => [entry.sessionId, entry.name]));
    const owes = new Set(owed.map(({ id }) => id));
    const lost = {
      remembered: [...said.remembered].filter((id) => !named.has(id)),
      renamed: [...said.renamed].filter((id) => named.get(id) !== id.replace(/-(\d+)$/, ' $1')),
      paid: [...said.paid].filter((id) => owes.has(id)),
    };
    assert.deepEqual(lost, { remembered: [], renamed: [], paid: [] });
    assert.equal(named.size, entries.length);
    assert.equal(owes.size, owed.length);
    // A writer may die between its commit and its word of it, and no more than that.
    const unpaid = [...said.owed].filter((id) => !said.paid.has(id));
    const missing = unpaid.filter((id) => !owes.has(id));
    const unsaid = [named.size - said.remembered.size, owes.size - (unpaid.length - missing.length), missing.length]; // prettier-ignore
    assert.ok(said.remembered.size >= kills && said.paid.size > kills / 4);
    assert.ok(unsaid.reduce((sum, count) => sum + count) <= kills, String(unsaid));

    const { aside, damaged, unread, lost: isLost } = await new Ledger(directory).condition();
    assert.deepEqual({ aside, damaged, unread, isLost }, { aside: [], damaged: 0, unread: 0, isLost: false });
    const place = join(directory, 'ledger');
    for (const name of await readdir(place))
      if (name.endsWith('.json')) JSON.parse(await readFile(join(place, name), 'utf8'));
  });

  it('removes what the killed left behind, once it is old', async () => {
    const place = join(directory, 'ledger');
    const names = async (ending: string) => (await readdir(place)).filter((name) => name.endsWith(ending));
    const left = (await names('.tmp')).length;
    const long = new Date(Date.now() - 120_000);
    for (const name of await names('.tmp')) await utimes(join(place, name), long, long);
    await new Ledger(directory).remember({ sessionId: 'last', host: 'x', evidence: 'seen', flags: [], kind: 'other', createdAt: 1 }); // prettier-ignore
    assert.deepEqual(await names('.tmp'), [], `of ${left}`);
    assert.equal((await names('.json')).length, 4);
  });
});
