import { createHash } from 'node:crypto';
import type { Host } from '../../hosts/host';
import type { Place } from '../../model/task/repository';
import { maxFileBytes } from './documents';
import { gitScript, isFullId } from './git';

export type BlobReading =
  | { kind: 'blob'; content: Buffer }
  /** Never there, cleaned up (`git gc`), or not in this partial clone. */
  | { kind: 'missing' }
  | { kind: 'tooLarge' };

/**
 * A version of a file by git's id, whether or not a branch still holds it. One round trip. Throws `GitError` and
 * `HostError`.
 */
export async function readBlob(
  host: Host,
  place: Place,
  id: string,
  { signal, limit = maxFileBytes }: { signal?: AbortSignal | undefined; limit?: number } = {},
): Promise<BlobReading> {
  if (!isFullId(id)) return { kind: 'missing' };
  const output = await gitScript(host, place, blobScript, {
    args: [id, String(limit)],
    maxBytes: limit + 1024,
    ...(signal && { signal }),
  });
  const lineEnd = output.indexOf(0x0a);
  switch (output.toString('latin1', 0, lineEnd)) {
    case 'blob':
      return { kind: 'blob', content: output.subarray(lineEnd + 1) };
    case 'large':
      return { kind: 'tooLarge' };
    default:
      return { kind: 'missing' };
  }
}

const blobScript = `id=$1 limit=$2; shift 2
[ "$("$@" cat-file -t "$id" 2>/dev/null)" = blob ] || { echo missing; return 0; }
[ "$("$@" cat-file -s "$id")" -le "$limit" ] || { echo large; return 0; }
echo blob
"$@" cat-file blob "$id"
`;

/**
 * The hunks of a unified diff between two versions that are there, '' where they are the same. Neither the repository's
 * attributes nor its configuration have a part in it.
 */
export async function diffBlobs(
  host: Host,
  place: Place,
  before: string,
  after: string,
  signal?: AbortSignal,
): Promise<string> {
  const output = await gitScript(
    host,
    place,
    'before=$1 after=$2; shift 2; "$@" diff --no-ext-diff --no-textconv --no-color --text -U3 "$before" "$after"',
    { args: [before, after], maxBytes: 2 * maxFileBytes, ...(signal && { signal }) },
  );
  const text = output.toString('utf8');
  // Above the first hunk git can only name what it was given: ids.
  const start = text.search(/^@@/m);
  return start === -1 ? '' : text.slice(start);
}

/** Git's id of a content, by the hash that `like` was made with. */
export function blobId(content: Uint8Array, like: string): string {
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}
