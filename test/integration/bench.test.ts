import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { Bed } from '../bed/bed';
import { output } from '../bed/command';
import { writeCorpus } from '../bed/corpus';
import type { CorpusTranscript } from '../bed/corpus';
import type { Row } from '../bench/table';

describe('the benchmarks', () => {
  it('measure every scenario, and tell what they compared', async () => {
    const bench = [process.execPath, '--import=tsx', 'test/bench/index.ts'];
    const few = ['--count', '60', '--rounds', '1', '--times', '2', '--json'];
    const cwd = resolve(__dirname, '../..');
    const told = await output([...bench, ...few], { cwd });
    const { schema, count, rows } = JSON.parse(told) as { schema: number; count: number; rows: Row[] };
    assert.deepEqual({ schema, count }, { schema: 1, count: 60 });

    const expected = [
      /^first look at 60 transcripts, listSessions\(\) of \S+ 0\.3\.\d+$/,
      /^its peak memory/,
      /^first look against the floor, find, head and tail of [1-9]\d* bytes each$/,
      /^refresh, nothing changed, find -printf$/,
      /^refresh against a walk in Node, readdirSync and statSync$/,
      /^over ssh, 50 ms away: first look$/,
      /^over ssh: refresh, nothing changed/,
      /^its bytes for each unchanged transcript$/,
      /^memory kept for 60 sessions$/,
      /^joining 60 sessions and 200 tasks, at first: CPU time$/,
      /^the same again, nothing changed: CPU time$/,
    ];
    const names = rows.map(({ what, peer }) => (peer ? `${what}, ${peer.name}` : what));
    for (const row of expected)
      assert.ok(
        names.some((name) => row.test(name)),
        `${row} is not in\n${names.join('\n')}`,
      );
    for (const { what, ours, peer } of rows)
      assert.ok(
        Number.isFinite(ours) && Number.isFinite(peer?.value ?? 0),
        `${what}: ${ours}, ${peer?.value}`,
      );
    // Times are never asserted: the machine is anybody's. Distances are.
    const trips = rows.filter(({ what }) => what.endsWith('round trips'));
    assert.equal(trips.length, 2);
    for (const { what, ours } of trips) assert.ok(ours <= 2, `${what}: ${ours}`);
  });
});

describe('the corpus of the benchmarks', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  const now = Date.parse('2026-01-31T12:00:00Z');
  const largest = 300_000;
  const lines = async ({ file }: CorpusTranscript): Promise<string[]> =>
    (await readFile(file, 'utf8')).split('\n').filter(Boolean);

  it('is the same for the same seed, and another for another', async () => {
    const folders = [await bed.folder(), await bed.folder(), await bed.folder()] as const;
    const [once, again, other] = [1, 1, 2].map(
      (seed, i) => writeCorpus(folders[i]!, { count: 40, seed, now, largest }).transcripts,
    ) as [CorpusTranscript[], CorpusTranscript[], CorpusTranscript[]];
    for (const [i, transcript] of once.entries()) {
      const twin = again[i]!;
      assert.equal(relative(folders[0], transcript.file), relative(folders[1], twin.file));
      assert.deepEqual(await readFile(transcript.file), await readFile(twin.file));
    }
    assert.notEqual(once[0]!.id, other[0]!.id);
  });

  it('holds whole conversations, forks of them, and what is broken, each of the size and time that it says', async () => {
    const { transcripts } = writeCorpus(await bed.folder(), { count: 800, now, largest });
    const kinds = new Set<string>();
    for (const transcript of transcripts) {
      const { kind, file, size } = transcript;
      const found = await stat(file);
      assert.equal(found.size, size, file);
      assert.ok(found.mtimeMs <= now + 60_000 && found.mtimeMs >= now - 30 * 24 * 3600_000, file);
      if (kinds.has(kind)) continue;
      kinds.add(kind);
      const bad = (await lines(transcript)).filter((line) => !isObject(line)).length;
      assert.equal(bad, ['cut', 'corrupt', 'nulTail'].includes(kind) ? 1 : 0, `${kind}: ${file}`);
    }
    assert.deepEqual([...kinds].sort(), [
      'corrupt',
      'cut',
      'empty',
      'fork',
      'metadataOnly',
      'nulTail',
      'whole',
    ]);

    const fork = transcripts.find(({ kind }) => kind === 'fork')!;
    const original = transcripts.find(({ id }) => id === fork.forkedFrom)!;
    const uuids = await Promise.all([fork, original].map(async (one) => uuidsOf(await lines(one))));
    assert.ok(uuids[0]!.length > 2);
    assert.deepEqual(uuids[0], uuids[1]);
  });

  it('is a tree: the parent of every line stands before it', async () => {
    const { transcripts } = writeCorpus(await bed.folder(), { count: 20, now, largest });
    for (const transcript of transcripts.filter(({ kind }) => kind === 'whole')) {
      const tree = (await lines(transcript)).map((line) => JSON.parse(line) as Record<string, unknown>);
      const known = new Set<unknown>([null]);
      for (const { uuid, parentUuid } of tree) {
        if (uuid === undefined) continue;
        assert.ok(known.has(parentUuid), transcript.file);
        known.add(uuid);
      }
    }
  });
});

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === 'object';
  } catch {
    return false;
  }
}

const uuidsOf = (lines: string[]): unknown[] =>
  lines.map((line) => (JSON.parse(line) as { uuid?: string }).uuid).filter(Boolean);
