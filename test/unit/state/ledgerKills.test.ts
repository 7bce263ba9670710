import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { Ledger } from '../../../src/state/ledger';

const kills = 60;
const writers = 3;

describe('the ledger among processes that are killed at any moment', function () {
  this.timeout(60_000);
  let directory: string;
  let program: string;
  const running = new Set<ChildProcess>();

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-ledger-'));
    program = join(directory, 'writer.cjs');
    // Bundled, so that a writer starts in a moment.
    await build({ entryPoints: [join(__dirname, 'writer.ts')], bundle: true, platform: 'node', outfile: program, logLevel: 'silent' }); // prettier-ignore
  });

  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });

  /** A writer's committed keys are added to `committed`; it is killed while it writes the one after the `last`. */
  async function writeAndDie(name: string, last: number, committed: Set<string>): Promise<void> {
    const child = spawn(process.execPath, [program, directory, name], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    const ended = once(child, 'exit');
    let written = 0;
    for await (const key of createInterface({ input: child.stdout })) {
      committed.add(key);
      written++;
      // Anywhere in the next write, which takes a millisecond or a few.
      if (written === last) setTimeout(() => child.kill('SIGKILL'), Math.random() * 4);
    }
    const [code, signal] = (await ended) as [number | null, string | null];
    running.delete(child);
    assert.deepEqual([code, signal], [null, 'SIGKILL']);
  }

  it('loses no committed key and is never damaged', async () => {
    const committed = new Set<string>();
    const lane = async (writer: number): Promise<void> => {
      for (let round = 0; round < kills / writers; round++)
        await writeAndDie(`w${writer}r${round}`, 1 + Math.floor(Math.random() * 6), committed);
    };
    await Promise.all(Array.from({ length: writers }, (_, writer) => lane(writer)));

    const { entries } = await new Ledger(directory).read();
    const kept = new Set(entries.map((entry) => entry.sessionId));
    assert.ok(committed.size >= kills);
    assert.deepEqual([...committed].filter((key) => !kept.has(key)), []); // prettier-ignore
    assert.equal(kept.size, entries.length);
    // A writer may die between its commit and its word of it, and no more than that.
    assert.ok(kept.size <= committed.size + kills, `${kept.size} kept of ${committed.size}`);

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
