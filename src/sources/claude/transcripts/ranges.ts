import { blockSize } from '../probe/probeScript';
import type { ListedFile } from './listing';
import { readTranscript } from './transcript';
import type { TranscriptFile, TranscriptReading } from './transcript';
import type { TranscriptSummary } from '../../../model/session/transcript';

/** A piece of a transcript to read, in blocks of `blockSize`. */
export interface Range {
  path: string;
  skip: number;
  count: number;
}

/** One buffer a range, empty for a file that cannot be read. */
export type ReadRanges = (ranges: Range[]) => Promise<Buffer[]>;

/** A transcript, and how many blocks of it to read at each end. */
export interface Ends {
  file: ListedFile;
  head: number;
  tail: number;
}

/** Blocks that one look reads at each end: at first, at most, and of all files in one question. */
export const firstLook = 4;
const lastLook = 256;
const blocksAtOnce = 4096;

/**
 * Reads transcripts from a host that cannot look into them itself: the first and last 16 KB of each, and more only while a
 * fact is missing, up to 1 MB at each end. Leaves in `Ends` what sufficed. `found` is given undefined for what cannot be
 * read.
 */
export async function readByRanges<Each extends Ends>(
  files: readonly Each[],
  read: ReadRanges,
  found: (each: Each, summary: TranscriptSummary | undefined) => void,
): Promise<void> {
  // Last in, first out: those that need more come next, then the newest.
  const waiting = files.toReversed();
  while (waiting.length > 0) {
    const batch = takeBatch(waiting);
    const ranges = batch.map(rangesOf);
    const buffers = (await read(ranges.flat())).values();
    for (const [i, each] of batch.entries()) {
      const [renamed, head, tail] = ranges[i]!.map(({ skip }) => ({
        offset: skip * blockSize,
        bytes: buffers.next().value ?? Buffer.alloc(0),
      }));
      const { file } = each;
      if (!head || (file.size > 0 && head.bytes.length === 0)) {
        found(each, undefined);
        continue;
      }
      const reading = readTranscript(fileOf(file), head, tail, renamed?.bytes.toString());
      if (grow(each, reading)) waiting.push(each);
      else found(each, reading.summary);
    }
  }
}

export const fileOf = ({ path, size, modified }: ListedFile): TranscriptFile => ({
  path,
  size,
  modifiedAt: Math.round(Number(modified) * 1000),
});

/** False if nothing is missing, or as much has been read as ever will be. */
function grow(ends: Ends, { lacksHead, lacksTail }: TranscriptReading): boolean {
  const { head, tail } = ends;
  if (lacksHead) ends.head = Math.min(head * 4, lastLook);
  if (lacksTail) ends.tail = Math.min(tail * 4, lastLook);
  return ends.head > head || ends.tail > tail;
}

function takeBatch<Each extends Ends>(waiting: Each[]): Each[] {
  const batch: Each[] = [];
  for (let blocks = 0; blocks < blocksAtOnce && waiting.length > 0;) {
    const each = waiting.pop()!;
    batch.push(each);
    blocks += each.head + each.tail;
  }
  return batch;
}

/** The side file with its title, then its head and its tail, or the whole of a small one. */
function rangesOf({ file: { path, size }, head, tail }: Ends): Range[] {
  const renamed = { path: `${path.slice(0, -'.jsonl'.length)}/custom-title.json`, skip: 0, count: 1 };
  const blocks = Math.ceil(size / blockSize);
  // One block more than its size: what was appended meanwhile is welcome.
  if (blocks <= head + tail) return [renamed, { path, skip: 0, count: blocks + 1 }];
  return [renamed, { path, skip: 0, count: head }, { path, skip: blocks - tail, count: tail + 1 }];
}
