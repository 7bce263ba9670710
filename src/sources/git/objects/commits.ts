import type { Host } from '../../../hosts/host';
import type { Place } from '../../../model/task/repository';
import { displayText } from '../../../util/displayText';
import { gitScript } from '../git';
import { isFullId } from '../../../model/names';

/** One commit for a person to read. Author and subject are anybody's words, one line each. */
export interface CommitLine {
  commit: string;
  author: string;
  /** Epoch ms. */
  at: number;
  subject: string;
}

export interface CommitRange {
  /** Full ids, or full names of refs. */
  from: string;
  to: string;
}

const isRevision = (text: string): boolean => isFullId(text) || /^refs\/[^\s~^:?*[\\]+$/.test(text);

// An encoding of the repository's choice would make other words of the same bytes.
const listScript = `range=$1; most=$2; shift 2
"$@" rev-list --count "$range" -- || return
"$@" rev-list --max-count="$most" --encoding=UTF-8 --format='%H%x00%ct%x00%an%x00%s' "$range" --
`;

/** The newest commits that `to` has and `from` has not, and how many there are. Throws `GitError` and `HostError`. */
export async function listCommits(
  host: Host,
  place: Place,
  { from, to }: CommitRange,
  { most = 5, signal }: { most?: number; signal?: AbortSignal | undefined } = {},
): Promise<{ commits: CommitLine[]; total: number }> {
  if (!isRevision(from) || !isRevision(to)) throw new Error('Not a range of commits.');
  const output = await gitScript(host, place, listScript, {
    args: [`${from}..${to}`, String(most)],
    timeoutMs: 20_000,
    ...(signal && { signal }),
  });
  const [count = '', ...lines] = output.toString('utf8').split('\n');
  const commits = lines.flatMap((line): CommitLine[] => {
    const [commit = '', seconds, author = '', subject = ''] = line.split('\0');
    return isFullId(commit)
      ? [
          {
            commit,
            author: displayText(author),
            at: Number(seconds) * 1000,
            subject: displayText(subject),
          },
        ]
      : [];
  });
  return { commits, total: Number(count) };
}

const similarScript = `prefix=$1; shift
"$@" rev-parse --disambiguate="$prefix" | head -n 100 | "$@" cat-file --batch-check='%(objectname) %(objecttype)'
`;

/** Full ids of all commits here that begin so. Throws `GitError` and `HostError`. */
export async function commitsLike(
  host: Host,
  place: Place,
  prefix: string,
  signal?: AbortSignal,
): Promise<string[]> {
  if (!/^[0-9a-f]{4,64}$/.test(prefix)) throw new Error('Not the beginning of an id.');
  const output = await gitScript(host, place, similarScript, {
    args: [prefix],
    timeoutMs: 20_000,
    ...(signal && { signal }),
  });
  return output
    .toString('latin1')
    .split('\n')
    .flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, -' commit'.length)] : []));
}

// Hashed as they lie there: filters, which are programs of the repository's choice, do not run.
const uncommittedScript = `while IFS= read -r path; do
  committed=$("$@" rev-parse --verify --quiet "HEAD:$path" </dev/null)
  if [ -f "$path" ] && [ ! -L "$path" ]; then
    [ "$("$@" hash-object --no-filters -- "$path" </dev/null)" = "$committed" ] || printf '%s\\n' "$path"
  elif [ -n "$committed" ]; then
    printf '%s\\n' "$path"
  fi
done
`;

/**
 * Which of these files in a working tree differ from its own HEAD. Such as git changes on checkout (line ends, filters)
 * count as different too. Throws `GitError` and `HostError`.
 */
export async function uncommitted(
  host: Host,
  directory: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const asked = paths.filter((path) => !path.includes('\n'));
  const place: Place = { name: '', host: host.name, directory };
  const output = await gitScript(host, place, uncommittedScript, {
    stdin: asked.map((path) => `${path}\n`).join(''),
    timeoutMs: 20_000,
    ...(signal && { signal }),
  });
  return output.toString('utf8').split('\n').filter(Boolean);
}
