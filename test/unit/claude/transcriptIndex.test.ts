import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { TranscriptIndex } from '../../../src/sources/claude/transcripts/transcriptIndex';
import type { Range } from '../../../src/sources/claude/transcripts/transcriptIndex';
import type { ListedFile, Probe } from '../../../src/sources/claude/probe/probe';
import { answer, attachment, begin, jsonl, user } from './lines';

/** A host's project folders in memory, listed and read as the scripts do. */
class Projects {
  readonly files = new Map<string, { bytes: Buffer; modified: number }>();
  lists = 0;
  ranges: Range[] = [];
  reads = 0;
  private clock = 1_700_000_000;

  constructor(private readonly limit = 20_000) {}

  write(number: number, bytes: Buffer): string {
    const path = `./-srv/5f1d9b2e-7c44-4c1b-9a1e-${String(number).padStart(12, '0')}.jsonl`;
    this.files.set(path, { bytes, modified: ++this.clock });
    return path;
  }

  listing(known: TranscriptIndex['known']): Probe['transcripts'] {
    const files: ListedFile[] = [...this.files]
      .map(([path, { bytes, modified }]) => ({
        path,
        size: bytes.length,
        modified: String(modified),
        line: `${modified} ${bytes.length} ${path}`,
      }))
      .sort((a, b) => (a.line < b.line ? 1 : -1))
      .slice(0, this.limit);
    const digest = createHash('sha256')
      .update(`${files.map(({ line }) => line).join('\n')}\n`)
      .digest('hex');
    const changed =
      digest === known?.digest ? [] : files.filter(({ modified }) => modified >= (known?.newest ?? '0'));
    return { digest, changed };
  }

  async refresh(index: TranscriptIndex): Promise<number> {
    this.ranges = [];
    this.reads = 0;
    this.lists = 0;
    return index.update(this.listing(index.known), {
      list: async () => {
        this.lists++;
        return this.listing(undefined);
      },
      read: async (ranges) => {
        this.reads++;
        this.ranges.push(...ranges);
        return ranges.map(({ path, skip, count }) =>
          (this.files.get(path)?.bytes ?? Buffer.alloc(0)).subarray(skip * 4096, (skip + count) * 4096),
        );
      },
    });
  }

  get readPaths(): string[] {
    return [...new Set(this.ranges.map(({ path }) => path).filter((path) => path.endsWith('.jsonl')))];
  }
}

describe('the index of transcripts', () => {
  const talk = (text: string): Buffer => jsonl(user(text), answer(100));
  const titles = (index: TranscriptIndex): (string | undefined)[] =>
    index.summaries.map(({ title }) => title);
  beforeEach(begin);

  it('reads what is new and nothing twice', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    projects.write(1, talk('one'));
    projects.write(2, talk('two'));
    await projects.refresh(index);
    assert.deepEqual(titles(index), ['two', 'one']);
    await projects.refresh(index);
    assert.equal(projects.reads, 0);
    const grown = projects.write(1, talk('one, and more'));
    await projects.refresh(index);
    assert.deepEqual(
      [titles(index), projects.readPaths, projects.lists],
      [['one, and more', 'two'], [grown], 0],
    );
  });

  it('asks for the whole list when a transcript has gone, and reads none again', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    const gone = projects.write(1, talk('one'));
    projects.write(2, talk('two'));
    await projects.refresh(index);
    projects.files.delete(gone);
    await projects.refresh(index);
    assert.deepEqual([titles(index), projects.lists, projects.reads], [['two'], 1, 0]);
  });

  it('lists everything each time where the host has no digest', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    const file = projects.write(1, talk('one'));
    const noDigest = () => ({ digest: '', changed: projects.listing(undefined)!.changed });
    const reader = { list: async () => noDigest(), read: async () => [Buffer.alloc(0), talk('one')] };
    await index.update(noDigest(), reader);
    assert.equal(index.known, undefined);
    projects.files.delete(file);
    await index.update(noDigest(), reader);
    assert.deepEqual(index.summaries, []);
  });

  it('keeps the newest so many', async () => {
    const projects = new Projects(3);
    const index = new TranscriptIndex(3);
    for (const number of [1, 2, 3, 4]) projects.write(number, talk(`n${number}`));
    await projects.refresh(index);
    projects.write(5, talk('n5'));
    await projects.refresh(index);
    assert.deepEqual([titles(index), projects.lists], [['n5', 'n4', 'n3'], 0]);
  });

  it('reads both ends of a large one, and more only while a fact is missing', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    const easy = projects.write(1, jsonl(user('easy'), attachment(300_000), answer(100)));
    const hard = projects.write(
      2,
      jsonl(
        user('h'.repeat(40_000)),
        attachment(900_000),
        answer(100),
        user([{ type: 'tool_result', content: 'r'.repeat(200_000) }]),
      ),
    );
    await projects.refresh(index);
    const blocks = (of: string): number[] =>
      projects.ranges.filter(({ path }) => path === of).map(({ count }) => count);
    assert.deepEqual(blocks(easy), [4, 5]);
    assert.deepEqual(blocks(hard), [4, 5, 16, 17, 16, 65]);
    assert.deepEqual(
      index.summaries.map(({ context, firstPrompt }) => [context?.usedTokens, firstPrompt?.length]),
      [
        [100, 300],
        [100, 4],
      ],
    );
  });

  it('reads as much as sufficed the last time when a transcript has grown', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    const long = jsonl(user('h'.repeat(40_000)), attachment(300_000), answer(100));
    projects.write(1, long);
    await projects.refresh(index);
    assert.equal(projects.reads, 2);
    projects.write(1, Buffer.concat([long, jsonl(user('more'))]));
    await projects.refresh(index);
    assert.equal(projects.reads, 1);
  });

  it('gives up growing at last', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    projects.write(1, jsonl(user('a'), attachment(9_000_000), user('b')));
    await projects.refresh(index);
    assert.equal(Math.max(...projects.ranges.map(({ count }) => count)), 257);
    assert.equal(index.summaries[0]?.title, 'a');
  });

  it('tries again what could not be read', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    projects.write(1, talk('one'));
    const listing = projects.listing(undefined);
    const failing = {
      list: async () => listing,
      read: async (ranges: Range[]) => ranges.map(() => Buffer.alloc(0)),
    };
    assert.equal(await index.update(listing, failing), 1);
    assert.deepEqual(index.summaries, []);
    assert.equal(await projects.refresh(index), 0);
    assert.deepEqual(titles(index), ['one']);
  });
});
