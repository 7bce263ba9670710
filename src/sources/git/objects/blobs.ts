import { createHash } from 'node:crypto';
import type { Host } from '../../../hosts/host';
import type { Place } from '../../../model/task/repository';
import { maxFileBytes } from './documents';
import { gitScript } from '../git';
import { isFullId } from '../../../model/names';

/** By its id, or as it stands on a commit. */
export type Version = { blob: string } | { commit: string; path: string };

export type BlobReading =
  /** `id` is git's. */
  | { kind: 'blob'; id: string; content: Buffer }
  /** Never there, cleaned up (`git gc`), or not in this partial clone. */
  | { kind: 'missing' }
  | { kind: 'tooLarge' };

/**
 * A version of a file, whether or not a branch still holds it. One round trip. Throws `GitError` and `HostError`.
 */
export async function readBlob(
  host: Host,
  place: Place,
  version: Version,
  { signal, limit = maxFileBytes }: { signal?: AbortSignal | undefined; limit?: number } = {},
): Promise<BlobReading> {
  if (!isFullId('blob' in version ? version.blob : version.commit)) return { kind: 'missing' };
  const output = await gitScript(host, place, blobScript, {
    args: ['blob' in version ? version.blob : `${version.commit}:${version.path}`, String(limit)],
    maxBytes: limit + 1024,
    ...(signal && { signal }),
  });
  const lineEnd = output.indexOf(0x0a);
  const answer = output.toString('latin1', 0, lineEnd);
  if (answer === 'large') return { kind: 'tooLarge' };
  return isFullId(answer)
    ? { kind: 'blob', id: answer, content: output.subarray(lineEnd + 1) }
    : { kind: 'missing' };
}

const blobScript = `name=$1 limit=$2; shift 2
[ "$("$@" cat-file -t "$name" 2>/dev/null)" = blob ] || { echo missing; return 0; }
[ "$("$@" cat-file -s "$name")" -le "$limit" ] || { echo large; return 0; }
"$@" rev-parse --verify "$name" && "$@" cat-file blob "$name"
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
