import { createHash } from 'node:crypto';
import type { TranscriptSummary } from '../../../model/session/transcript';
import type { ListedFile, Probe } from '../probe/probe';
import { blockSize } from '../probe/probeScript';
import { readTranscript } from './transcript';
import type { TranscriptReading } from './transcript';

/** A piece of a transcript to read, in blocks of \`blockSize\`. */
export interface Range {
  path: string;
  skip: number;
  count: number;
}

/** How the index asks its host. */
export interface TranscriptReader {
  /** The whole list, whatever the caller knows. */
  list(): Promise<Probe['transcripts']>;
  /** One buffer a range, empty for a file that cannot be read. */
  read(ranges: Range[]): Promise<Buffer[]>;
}

interface Entry {
  file: ListedFile;
  /** Blocks to read at each end: what sufficed the last time. */
  head: number;
  tail: number;
  /** Undefined until read. */
  summary?: TranscriptSummary;
}

/** Blocks that one look reads at each end: at first, at most, and of all files in one question. */
const firstLook = 4;
const lastLook = 256;
const blocksAtOnce = 4096;

/**
 * What is known of one host's transcripts. A file is read again only when its size or time has changed: the first and
 * last 16 KB, and more of it only while a fact is missing, up to 1 MB at each end.
 */
export class TranscriptIndex {
  private entries = new Map<string, Entry>();
  private digest = '';

  /** The newest \`limit\` transcripts are kept. */
  constructor(readonly limit = 20_000) {}

  /** What to tell the probe, so that it lists only what is new. */
  get known(): { digest: string; newest: string } | undefined {
    const newest = this.entries.values().next().value?.file.modified;
    return this.digest && newest ? { digest: this.digest, newest } : undefined;
  }

  /** Newest first. */
  get summaries(): TranscriptSummary[] {
    return [...this.entries.values()].flatMap(({ summary }) => summary ?? []);
  }

  /** Takes in what the probe listed, and reads what has changed. Answers how many files could not be read. */
  async update(listing: Probe['transcripts'], reader: TranscriptReader): Promise<number> {
    if (!this.merge(listing)) {
      // Something went away or had its time set back: no list of what is new can tell.
      this.replace(await reader.list());
    }
    return this.readMissing(reader);
  }

  /** False if the result is not what the host has. */
  private merge(listing: Probe['transcripts']): boolean {
    if (!listing || !this.known) {
      this.replace(listing);
      return true;
    }
    if (listing.digest === this.digest) return true;
    const files = new Map([...this.entries].map(([path, { file }]) => [path, file]));
    for (const file of listing.changed) files.set(file.path, file);
    const newest = newestFirst([...files.values()]).slice(0, this.limit);
    if (digestOf(newest) !== listing.digest) return false;
    this.keep(newest, listing.digest);
    return true;
  }

  private replace(listing: Probe['transcripts']): void {
    this.keep(newestFirst(listing?.changed ?? []), listing?.digest ?? '');
  }

  private keep(files: ListedFile[], digest: string): void {
    const before = this.entries;
    this.entries = new Map(
      files.map((file) => {
        const entry = before.get(file.path);
        if (entry?.file.line === file.line) return [file.path, entry];
        const { head = firstLook, tail = firstLook } = entry ?? {};
        return [file.path, { file, head, tail }];
      }),
    );
    this.digest = digest;
  }

  private async readMissing(reader: TranscriptReader): Promise<number> {
    let unreadable = 0;
    // Last in, first out: those that need more come next, then the newest.
    const waiting = [...this.entries.values()].filter(({ summary }) => summary === undefined).reverse();
    while (waiting.length > 0) {
      const batch = takeBatch(waiting);
      const ranges = batch.map(rangesOf);
      const buffers = (await reader.read(ranges.flat())).values();
      for (const [i, entry] of batch.entries()) {
        const [renamed, head, tail] = ranges[i]!.map(({ skip }) => ({
          offset: skip * blockSize,
          bytes: buffers.next().value ?? Buffer.alloc(0),
        }));
        const { file } = entry;
        if (!head || (file.size > 0 && head.bytes.length === 0)) {
          unreadable++;
          continue;
        }
        const modifiedAt = Math.round(Number(file.modified) * 1000);
        const reading = readTranscript({ ...file, modifiedAt }, head, tail, renamed?.bytes.toString());
        if (grow(entry, reading)) waiting.push(entry);
        else entry.summary = reading.summary;
      }
    }
    return unreadable;
  }
}

/** False if nothing is missing, or as much has been read as ever will be. */
function grow(entry: Entry, { lacksHead, lacksTail }: TranscriptReading): boolean {
  const { head, tail } = entry;
  if (lacksHead) entry.head = Math.min(head * 4, lastLook);
  if (lacksTail) entry.tail = Math.min(tail * 4, lastLook);
  return entry.head > head || entry.tail > tail;
}

function takeBatch(waiting: Entry[]): Entry[] {
  const batch: Entry[] = [];
  for (let blocks = 0; blocks < blocksAtOnce && waiting.length > 0;) {
    const entry = waiting.pop()!;
    batch.push(entry);
    blocks += entry.head + entry.tail;
  }
  return batch;
}

/** The side file with its title, then its head and its tail, or the whole of a small one. */
function rangesOf({ file: { path, size }, head, tail }: Entry): Range[] {
  const renamed = { path: `${path.slice(0, -'.jsonl'.length)}/custom-title.json`, skip: 0, count: 1 };
  const blocks = Math.ceil(size / blockSize);
  // One block more than its size: what was appended meanwhile is welcome.
  if (blocks <= head + tail) return [renamed, { path, skip: 0, count: blocks + 1 }];
  return [renamed, { path, skip: 0, count: head }, { path, skip: blocks - tail, count: tail + 1 }];
}

function newestFirst(files: ListedFile[]): ListedFile[] {
  return files.sort((a, b) => (a.line < b.line ? 1 : -1));
}

/** As the probe computes it. */
const digestOf = (files: ListedFile[]): string =>
  createHash('sha256')
    .update(files.map(({ line }) => `${line}\n`).join('') || '\n')
    .digest('hex');
