import type { TranscriptSummary } from '../../../model/session/transcript';
import { readPicked } from './transcript';
import type { TranscriptFile } from './transcript';

/**
 * Reads a host's own look into a transcript: a first line `whole SIDE RENAMED` or `ends SIDE RENAMED`, then lines of the
 * file. Undefined for what the host could not read.
 */
export function readLook(file: TranscriptFile, body: Buffer): TranscriptSummary | undefined {
  const firstEnd = body.indexOf(10);
  const [, kind, side, renamed = ''] =
    /^(whole|ends) (\d+) ?([^]*)$/.exec(body.toString('utf8', 0, firstEnd)) ?? [];
  if (!kind) return undefined;
  const text = body.subarray(firstEnd + 1);
  const sideFiles = Number(side);
  if (kind === 'whole') return readPicked(file, { head: text, renamed, sideFiles });
  // An empty line stands between head and tail, and nowhere else.
  const headEnd = text[0] === 10 ? 0 : text.indexOf('\n\n') + 1;
  return readPicked(file, {
    head: text.subarray(0, headEnd),
    tail: text.subarray(headEnd + 1),
    renamed,
    sideFiles,
  });
}
