import type { Host } from '../../../hosts/host';
import { isBranchName, isFullId } from '../../../model/names';
import type { Place } from '../../../model/task/repository';
import { parseTreeLine } from '../docs';
import { gitScript } from '../git';
import { branchOf } from '../refs';

export type EntryKind = 'file' | 'directory' | 'symlink' | 'submodule';

/** Something on a commit. */
export interface Entry {
  /** Inside the repository, '' for its root. */
  path: string;
  kind: EntryKind;
  /** Git's id of the blob or tree. */
  object: string;
  /** Bytes of a file; undefined where this clone lacks its content. */
  size?: number;
}

export type FileReading =
  | { kind: 'file'; entry: Entry; content: Buffer }
  | { kind: 'missing' }
  /** A directory, a submodule, or a symlink, which is never followed: its target need not be on the branch. */
  | { kind: 'notFile'; entry: Entry }
  | { kind: 'tooLarge'; entry: Entry; limit: number }
  /** The path is on the branch, its content is not in this clone (partial clone). */
  | { kind: 'absent'; entry: Entry };

export const maxFileBytes = 10 << 20;
const maxEntries = 5000;

/**
 * What is at `path` on a commit, and its content if it is a file of at most `limit` bytes. `at` is a full commit id or a
 * full ref (`TaskBranch.ref`). One round trip. Throws `GitError` and `HostError`.
 */
export async function readFile(
  host: Host,
  place: Place,
  at: string,
  path: string,
  { signal, limit = maxFileBytes }: { signal?: AbortSignal; limit?: number } = {},
): Promise<FileReading> {
  const entry = await findEntry(host, place, at, path, limit, signal);
  if (!entry) return { kind: 'missing' };
  const { content, ...found } = entry;
  if (found.kind !== 'file') return { kind: 'notFile', entry: found };
  if (found.size === undefined) return { kind: 'absent', entry: found };
  return found.size > limit
    ? { kind: 'tooLarge', entry: found, limit }
    : { kind: 'file', entry: found, content };
}

/** What is at `path` on a commit, or undefined. */
export async function stat(
  host: Host,
  place: Place,
  at: string,
  path: string,
  signal?: AbortSignal,
): Promise<Entry | undefined> {
  const found = await findEntry(host, place, at, path, -1, signal);
  if (!found) return undefined;
  const { content: _, ...entry } = found;
  return entry;
}

// Prints the entry's line, its size and a newline, then the content of a file that is small enough. The id comes from
// the tree, so neither symlinks nor filters (`--filters`, `--textconv`) have a part in it.
const fileScript = `at=$1 path=$2 limit=$3; shift 3
entry=$("$@" ls-tree --full-tree "$at" -- "$path") || return
[ -n "$entry" ] || return 0
printf '%s\\n' "$entry"
object=\${entry%%	*}
object=\${object##* }
case $entry in 100*) size=$("$@" cat-file -s "$object" 2>/dev/null) ;; *) size= ;; esac
echo "$size"
[ -n "$size" ] && [ "$size" -le "$limit" ] || return 0
"$@" cat-file blob "$object"
`;

async function findEntry(
  host: Host,
  place: Place,
  at: string,
  path: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<(Entry & { content: Buffer }) | undefined> {
  const plain = plainPath(path);
  if (!isRevision(at) || plain === undefined) return undefined;
  if (plain === '') return { path: '', kind: 'directory', object: '', content: Buffer.alloc(0) };
  const output = await gitScript(host, place, fileScript, {
    args: [at, plain, String(limit)],
    maxBytes: Math.max(limit, 0) + (1 << 20),
    ...(signal ? { signal } : {}),
  });
  if (output.length === 0) return undefined;
  // The line holds no newline of its own: git quotes those.
  const first = output.indexOf(0x0a);
  const second = output.indexOf(0x0a, first + 1);
  const entry = toEntry(output.toString('utf8', 0, first), output.toString('latin1', first + 1, second));
  return entry && { ...entry, content: output.subarray(second + 1) };
}

/** The entries of a directory on a commit, at most 5,000; undefined where there is none. */
export async function listDirectory(
  host: Host,
  place: Place,
  at: string,
  path: string,
  signal?: AbortSignal,
): Promise<Entry[] | undefined> {
  const plain = plainPath(path);
  if (!isRevision(at) || plain === undefined) return undefined;
  const output = await gitScript(host, place, directoryScript, {
    args: [at, plain],
    ...(signal ? { signal } : {}),
  });
  if (output.length === 0) return undefined;
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => {
      const entry = toEntry(line, '');
      return entry ? [{ ...entry, path: plain ? `${plain}/${entry.path}` : entry.path }] : [];
    });
}

// An empty line first tells an empty directory from none.
const directoryScript = `at=$1 path=$2; shift 2
kind=$("$@" cat-file -t "$at:$path" 2>/dev/null)
[ "$kind" = tree ] || return 0
echo
"$@" ls-tree --full-tree "$at:$path" | head -n ${maxEntries}
`;

/** Epoch ms of the last commit that changed each path, walking back from `at`; one process a path, so not for listings. */
export async function changeTimes(
  host: Host,
  place: Place,
  at: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  const wanted = paths.filter((path) => plainPath(path) === path && path !== '').slice(0, 100);
  if (!isRevision(at) || wanted.length === 0) return times;
  const output = await gitScript(host, place, timesScript, {
    args: [at],
    stdin: wanted.map((path) => `${path}\n`).join(''),
    ...(signal ? { signal } : {}),
  });
  const lines = output.toString('latin1').split('\n');
  for (const [index, path] of wanted.entries()) {
    const seconds = Number(/^\d+/.exec(lines[index] ?? '')?.[0]);
    if (seconds > 0) times.set(path, seconds * 1000);
  }
  return times;
}

const timesScript = `at=$1; shift
while IFS= read -r path; do
  found=$("$@" rev-list --timestamp --max-count=1 "$at" -- "$path" </dev/null) || return
  echo "$found"
done
`;

function toEntry(line: string, size: string): Entry | undefined {
  const tree = parseTreeLine(line);
  if (!tree) return undefined;
  return {
    path: tree.path,
    kind: kindOf(tree.mode),
    object: tree.object,
    ...(/^\d+$/.test(size) ? { size: Number(size) } : {}),
  };
}

function kindOf(mode: string): EntryKind {
  if (mode === '120000') return 'symlink';
  if (mode === '160000') return 'submodule';
  return mode.startsWith('100') ? 'file' : 'directory';
}

/** A full commit id, or the full ref of a branch. */
const isRevision = (at: string): boolean => isFullId(at) || isBranchName(branchOf(at) ?? '');

/** Without empty and `.` parts; undefined where it would leave the repository or hold control characters. */
function plainPath(path: string): string | undefined {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.includes('..') || /\p{Cc}/u.test(path) || path.length > 4096 ? undefined : parts.join('/');
}
