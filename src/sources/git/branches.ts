import type { Host } from '../../hosts/host';
import { errorLine, isCancelled } from '../../model/errors';
import { isBranchName, isFullId } from '../../model/names';
import type { Place } from '../../model/task/repository';
import type { BranchReading, TaskBranch } from '../../model/task/task';
import { docsReader } from './branchDocs';
import type { DocsReading } from './branchDocs';
import type { DocsSettings } from './docs';
import { gitError, gitScript, tryGitScript } from './git';
import { counterpart, groupByBranch, knownDistance, parseRefs, parseWorktrees, refFormat } from './refs';
import type { BranchRefs, Distance, Ref, Worktree } from './refs';

export interface WantedBranch {
  key: string;
  branch: string;
}

export interface BranchReader {
  /**
   * Reads the branches and documents of many tasks of one repository, by key: one round trip while no branch has moved,
   * one more for new heads, and one more where documents lie elsewhere or local branches have no upstream.
   * A failure of the repository or its host is the `error` of every reading; only cancellation throws.
   */
  read(
    host: Host,
    place: Place,
    wanted: readonly WantedBranch[],
    docs: DocsSettings,
    signal?: AbortSignal,
  ): Promise<Map<string, BranchReading>>;
  /** The documents of a task as they stand at one commit (full id), wherever the branch is by now. */
  docsAt(
    host: Host,
    place: Place,
    key: string,
    commit: string,
    docs: DocsSettings,
    signal?: AbortSignal,
  ): Promise<DocsReading>;
}

/** Remembers the documents of the `capacity` heads that were used last: those of a commit never change. */
export function createBranchReader(capacity = 5000): BranchReader {
  const readDocs = docsReader(capacity);
  return {
    async docsAt(host, place, key, commit, docs, signal) {
      const found = isFullId(commit)
        ? await readDocs(host, place, [{ key, commit }], docs, signal)
        : new Map<string, DocsReading>();
      return found.get(key) ?? { docs: [], error: 'There is no such commit in this repository.' };
    },

    async read(host, place, wanted, docs, signal) {
      const readings = new Map<string, BranchReading>();
      const valid = wanted.filter(({ key, branch }) => {
        const ok = isBranchName(branch);
        readings.set(key, ok ? { docs: [] } : { docs: [], error: 'The name of the branch is not usable.' });
        return ok;
      });
      if (valid.length === 0) return readings;
      try {
        const heads = await readHeads(host, place, valid, signal);
        for (const { key, branch } of valid) {
          const found = heads.branches.get(branch);
          if (found) readings.set(key, { branch: found, docs: [] });
          else if (heads.error) readings.set(key, { docs: [], error: heads.error });
        }
        const questions = valid.flatMap(({ key, branch }) => {
          const head = heads.branches.get(branch)?.head;
          return head ? [{ key, commit: head }] : [];
        });
        for (const [key, found] of await readDocs(host, place, questions, docs, signal))
          readings.set(key, { ...readings.get(key), ...found });
      } catch (error) {
        if (isCancelled(error) || signal?.aborted) throw error;
        for (const { key } of valid)
          readings.set(key, { docs: [], ...readings.get(key), error: errorLine(error) });
      }
      return readings;
    },
  };
}

// First all names, which is cheap, then the costly fields for the wanted ones only. stdin: one branch name a line.
// `refs/heads/-` cannot exist; without a pattern for-each-ref would list everything.
const headsScript = `format=$1; shift
"$@" rev-parse --git-common-dir >/dev/null || return
pwd
"$@" worktree list --porcelain || return
printf '\\0'
{ cat; echo; "$@" for-each-ref --format='%(refname)' refs/heads refs/remotes; } |
  awk '
    !refs && $0 == "" { refs = 1; next }
    !refs { wanted[$0]; next }
    { name = $0; sub(/^refs\\/(heads|remotes\\/[^\\/]*)\\//, "", name) }
    name in wanted' |
  tr '\\n' '\\0' |
  xargs -0 "$@" for-each-ref --format="$format" refs/heads/-
`;

interface Heads {
  branches: Map<string, TaskBranch>;
  /** Why some branches may be missing. */
  error?: string;
}

async function readHeads(
  host: Host,
  place: Place,
  wanted: readonly WantedBranch[],
  signal: AbortSignal | undefined,
): Promise<Heads> {
  const result = await tryGitScript(host, place, headsScript, {
    args: [refFormat],
    stdin: [...new Set(wanted.map(({ branch }) => branch)), ''].join('\n'),
    ...(signal ? { signal } : {}),
  });
  const text = result.stdout.toString('utf8');
  const end = text.indexOf('\0');
  if (end < 0) throw gitError(result, place);
  const [directory = '', ...porcelain] = text.slice(0, end).split('\n');
  const worktrees = parseWorktrees(porcelain.join('\n'));
  const groups = groupByBranch(parseRefs(text.slice(end + 1)));
  const distances = await readDistances(host, place, groups, signal);
  const branches = new Map<string, TaskBranch>();
  for (const [name, refs] of groups) {
    const head = newest(refs, distances.get(name));
    if (head)
      branches.set(name, { repository: place.name, host: place.host, directory, name, ...head, ...held() });

    function held(): Pick<TaskBranch, 'worktree'> {
      const tree = worktrees.find((tree) => tree.branch === `refs/heads/${name}` && isThere(tree));
      return tree ? { worktree: { directory: tree.directory, main: tree.main } } : {};
    }
  }
  return result.code === 0 ? { branches } : { branches, error: gitError(result, place).line };
}

const isThere = ({ prunable }: Worktree): boolean => prunable === undefined;

/**
 * The ref to read: the local branch, unless it only lacks commits that the remote has, since a person wants to see the
 * newest documents. `upstream` tells how the local branch stands in either case.
 */
function newest(
  refs: BranchRefs,
  distance: Distance | undefined,
): Pick<TaskBranch, 'ref' | 'head' | 'committedAt' | 'upstream'> | undefined {
  const { local } = refs;
  const remote = counterpart(refs);
  if (!local) return remote && head(remote);
  if (remote && distance)
    return {
      ...head(distance.behind > 0 && distance.ahead === 0 ? remote : local),
      upstream: { ref: remote.name, ahead: distance.ahead, behind: distance.behind },
    };
  return local.gone && local.upstream?.endsWith(local.name.slice('refs/heads'.length))
    ? { ...head(local), upstream: { ref: local.upstream, ahead: 0, behind: 0, gone: true } }
    : head(local);
}

const head = (ref: Ref): { ref: string; head: string; committedAt: number } => ({
  ref: ref.name,
  head: ref.commit,
  committedAt: ref.committedAt,
});

const maxCounted = 100;

/** How each local branch stands to its counterpart; commits are counted only where no upstream tells it. */
async function readDistances(
  host: Host,
  place: Place,
  groups: ReadonlyMap<string, BranchRefs>,
  signal: AbortSignal | undefined,
): Promise<Map<string, Distance>> {
  const distances = new Map<string, Distance>();
  const uncounted: { name: string; range: string }[] = [];
  for (const [name, refs] of groups) {
    const { local } = refs;
    const remote = counterpart(refs);
    if (!local || !remote) continue;
    const known = knownDistance(local, remote);
    if (known) distances.set(name, known);
    else uncounted.push({ name, range: `${local.commit}...${remote.commit}` });
  }
  if (uncounted.length === 0) return distances;
  const counted = uncounted.slice(0, maxCounted);
  const output = await gitScript(host, place, distanceScript, {
    stdin: counted.map(({ range }) => `${range}\n`).join(''),
    ...(signal ? { signal } : {}),
  });
  const lines = output.toString('latin1').split('\n');
  for (const [at, { name }] of counted.entries()) {
    const [ahead, behind] = (lines[at] ?? '').split('\t').map(Number);
    if (ahead !== undefined && behind !== undefined) distances.set(name, { ahead, behind });
  }
  return distances;
}

const distanceScript = `while read -r range; do
  "$@" rev-list --left-right --count "$range" -- </dev/null 2>/dev/null || echo
done
`;
