import type { TranscriptSummary } from '../../../model/session/transcript';
import { headTime } from './beginning';
import { Facts } from './facts';
import type { TranscriptNames } from './facts';
import { lineObjects } from './lines';

/** Some bytes of a transcript. */
export interface Slice {
  offset: number;
  bytes: Buffer;
}

export interface TranscriptFile {
  path: string;
  size: number;
  /** Epoch ms. */
  modifiedAt: number;
}

/** What is known from the slices at hand, and on which side of the gap between them a fact may still lie. */
export interface TranscriptReading {
  summary: TranscriptSummary;
  lacksHead: boolean;
  lacksTail: boolean;
}

/**
 * Reads a transcript from its head and, unless the head is all of it, its tail; `renamed` is the content of the file
 * `custom-title.json` beside it, which a person's rename leaves there. The format is Claude's own and changes
 * with any release: every line and field may be missing, cut, or of a kind that nobody knows yet, and never is that an
 * error.
 */
export function readTranscript(
  file: TranscriptFile,
  head: Slice,
  tail?: Slice,
  renamed = '',
): TranscriptReading {
  const facts = new Facts();
  const headEnd = head.offset + head.bytes.length;
  facts.headAt = headTime(head.bytes);
  facts.take(lineObjects(head.bytes, { cutStart: false, cutEnd: headEnd < file.size }));
  facts.atTail = true;
  if (tail) facts.take(lineObjects(tail.bytes, { cutStart: true, cutEnd: false }));
  const gap = tail !== undefined && headEnd < tail.offset;
  facts.end(renamed, gap);
  return {
    summary: facts.summary(nameOf(file), { whole: !tail, sideFiles: 0 }),
    lacksHead: gap && !facts.firstInHead,
    lacksTail: gap && (facts.contextOnBranch() === undefined || !facts.knowsModel),
  };
}

/** Whole lines that its host picked out of a transcript; without `tail` they are all of it. */
export interface PickedLines {
  head: Buffer;
  tail?: Buffer;
  renamed: string;
  sideFiles: number;
}

/** As `readTranscript`, from the lines that matter. */
export function readPicked(
  file: TranscriptFile,
  { head, tail, renamed, sideFiles }: PickedLines,
): TranscriptSummary {
  const facts = new Facts();
  facts.headAt = headTime(head);
  facts.take(lineObjects(head, { cutStart: false, cutEnd: false }));
  facts.atTail = true;
  if (tail) facts.take(lineObjects(tail, { cutStart: false, cutEnd: false }));
  facts.end(renamed, tail !== undefined);
  return facts.summary(nameOf(file), { whole: !tail, sideFiles });
}

export function nameOf({ path, size, modifiedAt }: TranscriptFile): TranscriptNames {
  const fileId = path.slice(path.lastIndexOf('/') + 1, -'.jsonl'.length);
  return { id: fileId.toLowerCase(), fileId, path, size, modifiedAt };
}
