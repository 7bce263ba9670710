import assert from 'node:assert/strict';
import { TranscriptIndex } from '../../../src/sources/claude/transcripts/transcriptIndex';
import type { TranscriptReader } from '../../../src/sources/claude/transcripts/transcriptIndex';
import type { Listing } from '../../../src/sources/claude/transcripts/listing';
import type { Range } from '../../../src/sources/claude/transcripts/ranges';
import { answer, attachment, begin, jsonl, user } from './lines';

interface File {
  bytes: Buffer;
  modified: number;
  /** As nothing sets it back. */
  changed: number;
}

/** A host's project folders in memory, listed and read as the scripts do. */
class Projects {
  readonly files = new Map<string, File>();
  lists = 0;
  ranges: Range[] = [];
  reads = 0;
  /** Rows that a look was asked for, beyond those of the probe. */
  looks: string[] = [];
  private clock = 1_700_000_000;

  constructor(
    private readonly limit = 20_000,
    /** Transcripts of which one answer tells; 0 for a host that cannot look. */
    private readonly budget = 0,
  ) {}

  write(number: number, bytes: Buffer, modified?: number): string {
    const path = `./-srv/5f1d9b2e-7c44-4c1b-9a1e-${String(number).padStart(12, '0')}.jsonl`;
    const changed = ++this.clock;
    this.files.set(path, { bytes, modified: modified ?? changed, changed });
    return path;
  }

  /** From now on its clock shows an earlier time. */
  setClockBack(): void {
    this.clock -= 100_000;
  }

  listing(known = '0:0:0:0'): Listing {
    const files = [...this.files].map(([path, { bytes, modified, changed }]) => ({
      path,
      size: bytes.length,
      modified: String(modified),
      line: `${modified} ${bytes.length} ${path}`,
      changed,
    }));
    const sum = (of: (file: (typeof files)[number]) => number): number =>
      files.reduce((total, file) => total + of(file), 0);
    const newest = Math.max(0, ...files.map(({ changed }) => changed));
    const bytes = sum(({ size }) => size);
    const folders = [...new Set(files.map(({ path }) => path.split('/')[1]))]
      .toSorted((a = '', b = '') => a.localeCompare(b))
      .join('+');
    const state = `${files.length}:${newest}:${bytes}:${sum(({ changed }) => changed)}:${folders}`;
    const since = Number(known.split(':')[1]);
    const changed = files
      .filter((file) => state !== known && file.changed >= since)
      .sort((a, b) => (a.line < b.line ? 1 : -1))
      .slice(0, this.limit);
    return {
      state,
      total: files.length,
      bytes,
      folders,
      looked: this.budget > 0 && changed.length > 0,
      changed,
    };
  }

  look(path: string): Buffer {
    const file = this.files.get(path);
    return file ? Buffer.concat([Buffer.from('whole 0 \n'), file.bytes]) : Buffer.from('unread\n');
  }

  async refresh(index: TranscriptIndex): Promise<void> {
    this.ranges = [];
    this.looks = [];
    this.reads = 0;
    this.lists = 0;
    const listing = this.listing(index.known);
    index.listed(listing);
    for (const [row, { path }] of listing.changed.slice(0, this.budget).entries())
      index.looked(row, this.look(path));
    await index.update(listing, this.reader);
  }

  readonly reader: TranscriptReader = {
    list: async () => {
      this.lists++;
      return this.listing();
    },
    look: async (files, taker) => {
      this.looks.push(...files.map(({ path }) => path));
      for (const [row, { path }] of files.slice(0, this.budget).entries()) taker.looked(row, this.look(path));
    },
    read: async (ranges) => {
      this.reads++;
      this.ranges.push(...ranges);
      return ranges.map(({ path, skip, count }) =>
        (this.files.get(path)?.bytes ?? Buffer.alloc(0)).subarray(skip * 4096, (skip + count) * 4096),
      );
    },
  };

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

  it('sees what moved, and what was restored with an old time', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    const old = projects.write(1, talk('one'));
    projects.write(2, talk('two'));
    await projects.refresh(index);
    projects.write(2, talk('older'), 1_600_000_000);
    await projects.refresh(index);
    assert.deepEqual([titles(index), projects.lists], [['one', 'older'], 0]);
    // A move: the same times and size in another place.
    const file = projects.files.get(old)!;
    projects.files.delete(old);
    projects.write(3, file.bytes, file.modified);
    await projects.refresh(index);
    assert.deepEqual([titles(index), index.summaries.length, projects.lists], [['one', 'older'], 2, 1]);
  });

  it('sees what grew after the clock there was set back', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    projects.write(1, talk('one'));
    projects.write(2, talk('two'));
    await projects.refresh(index);
    projects.setClockBack();
    projects.write(1, talk('one, and more'), 1_600_000_000);
    await projects.refresh(index);
    assert.deepEqual(titles(index), ['two', 'one, and more']);
    await projects.refresh(index);
    assert.deepEqual([projects.lists, projects.reads], [0, 0]);
  });

  it('sees that a folder was renamed', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    const path = projects.write(1, talk('one'));
    const other = projects.write(2, talk('two'));
    await projects.refresh(index);
    projects.files.set(path.replace('-srv', '-new'), projects.files.get(path)!);
    projects.files.delete(path);
    await projects.refresh(index);
    assert.deepEqual(
      index.summaries.map((summary) => summary.path),
      [other, path.replace('-srv', '-new')],
    );
  });

  it('gives the same array while nothing changes', async () => {
    const projects = new Projects();
    const index = new TranscriptIndex();
    projects.write(1, talk('one'));
    await projects.refresh(index);
    const before = index.summaries;
    await projects.refresh(index);
    assert.equal(index.summaries, before);
  });

  it('has its host look, and look on where one answer did not tell of all', async () => {
    const projects = new Projects(20_000, 2);
    const index = new TranscriptIndex();
    for (const number of [1, 2, 3, 4, 5]) projects.write(number, talk(`n${number}`));
    await projects.refresh(index);
    assert.deepEqual(titles(index), ['n5', 'n4', 'n3', 'n2', 'n1']);
    assert.deepEqual([projects.looks.length, projects.reads], [3 + 1, 0]);
    const grown = projects.write(2, talk('more'));
    await projects.refresh(index);
    assert.deepEqual([titles(index)[0], projects.looks, projects.readPaths], ['more', [], []]);
    assert.equal(index.summaries[0]?.path, grown);
  });

  it('puts the last directory that is there last', async () => {
    const projects = new Projects(20_000, 9);
    const index = new TranscriptIndex();
    projects.write(1, jsonl(user('a', { cwd: '/a' }), user('b', { cwd: '/b' }), user('c', { cwd: '/c' })));
    const listing = projects.listing();
    index.listed(listing);
    index.looked(0, projects.look(listing.changed[0]!.path));
    index.gone(['/c', '/elsewhere']);
    await index.update(listing, projects.reader);
    assert.deepEqual(index.summaries[0]?.directories, ['/a', '/c', '/b']);
  });

  it('keeps the newest so many', async () => {
    const projects = new Projects(3);
    const index = new TranscriptIndex(3);
    for (const number of [1, 2, 3, 4]) projects.write(number, talk(`n${number}`));
    await projects.refresh(index);
    projects.write(5, talk('n5'));
    await projects.refresh(index);
    assert.deepEqual([titles(index), projects.lists], [['n5', 'n4', 'n3'], 0]);
    projects.files.delete(projects.listing().changed[0]!.path);
    await projects.refresh(index);
    assert.deepEqual([titles(index), projects.lists], [['n4', 'n3', 'n2'], 1]);
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

  it('has a row for what cannot be read, and tries again when that has changed', async () => {
    for (const budget of [0, 9]) {
      const projects = new Projects(20_000, budget);
      const index = new TranscriptIndex();
      const path = projects.write(1, talk('one'));
      const listing = projects.listing();
      const file = projects.files.get(path)!;
      projects.files.delete(path);
      index.listed(listing);
      await index.update(listing, projects.reader);
      assert.deepEqual(
        index.summaries.map(({ id, size, unread, hasConversation }) => [id, size, unread, hasConversation]),
        [['5f1d9b2e-7c44-4c1b-9a1e-000000000001', file.bytes.length, true, false]],
      );
      // As after chmod.
      projects.write(1, file.bytes, file.modified);
      await projects.refresh(index);
      assert.deepEqual(titles(index), ['one']);
    }
  });
});
