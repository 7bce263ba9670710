import type { Host } from '../hosts/host';
import { quote } from '../hosts/quoting';
import { UserError } from '../model/errors';
import { isAbsolutePath, isBranchName, isFullId } from '../model/names';
import { normalizeRemote, type Place } from '../model/task/repository';
import { firstComplaint, gitError, GitError, gitScript, tryGitScript } from '../sources/git/git';
import { parseWorktrees, type Worktree } from '../sources/git/refs';
import { detachedGit, detachedSetup } from './detached';

/** A repository as it lies on the host of a run. */
export interface Ground {
  /** The account's home. */
  home: string;
  /** Top of the working tree that was named. */
  directory: string;
  /** `Name <address>` for commits; undefined where the account has not said who it is. */
  identity?: string;
  remotes: { name: string; url: string }[];
  /** Its working trees, the repository's own first. */
  worktrees: Worktree[];
  /** Kibibytes that are left for the worktree and for the run's own files, the lesser of the two. */
  freeKb?: number;
}

/** Less than this is too little for a worktree and a run's logs. */
const leastKb = 100 * 1024;

const groundScript = `
top=$("$@" rev-parse --show-toplevel) || return
identity=$("$@" -c user.useConfigOnly=true var GIT_COMMITTER_IDENT 2>/dev/null) || identity=
free() { df -Pk "$1" 2>/dev/null | awk 'NR == 2 { print $4 }'; }
printf '%s\\0' "$HOME" "$top" "\${identity% * *}" "$(free "$top/..")" "$(free "$HOME")"
"$@" remote | while IFS= read -r remote; do
  printf '%s %s\\n' "$remote" "$("$@" config --get "remote.$remote.url" </dev/null)"
done
printf '\\0'
"$@" worktree list --porcelain
`;

type Ask = { signal?: AbortSignal | undefined };
const asking = ({ signal }: Ask): { signal?: AbortSignal } => (signal ? { signal } : {});

/** Looks at the repository where a run is to work. Throws `GitError` and `HostError`. */
export async function lookAtGround(host: Host, place: Place, options: Ask = {}): Promise<Ground> {
  const text = (await gitScript(host, place, groundScript, asking(options))).toString();
  const [home = '', directory = '', identity = '', here = '', there = '', remotes = '', ...trees] =
    text.split('\0');
  if (!isAbsolutePath(home) || !isAbsolutePath(directory))
    throw new UserError(
      `The home or the repository on ${host.name} has a path that cannot be used.`,
      'Use a path without control characters.',
    );
  const free = [here, there].filter(Boolean).map(Number).filter(Number.isFinite);
  return {
    home,
    directory,
    ...(identity && { identity }),
    remotes: remotes.split('\n').flatMap((line) => {
      const [name = '', ...url] = line.split(' ');
      return isRemoteName(name) ? [{ name, url: url.join(' ') }] : [];
    }),
    worktrees: parseWorktrees(trees.join('\0')),
    ...(free.length > 0 && { freeKb: Math.min(...free) }),
  };
}

/** As `RunOrder.remote` takes it. */
const isRemoteName = (name: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(name);

/** What keeps a run from working there, with the next step. */
export function groundTrouble({ identity, freeKb, directory }: Ground, host: string): UserError | undefined {
  if (identity === undefined)
    return new UserError(
      `Git on ${host} does not know who commits in ${directory}.`,
      'Set it there: git config --global user.name "…", and user.email.',
    );
  if (freeKb !== undefined && freeKb < leastKb)
    return new UserError(
      `Only ${Math.floor(freeKb / 1024)} MB are free on ${host}.`,
      'Make room there: a run needs a worktree and its logs.',
    );
  return undefined;
}

/** The remote that the branch goes to: the configured one, else `origin`, else the only one. */
export function chooseRemote({ remotes, directory }: Ground, place: Place): string {
  const wanted = place.remote === undefined ? undefined : normalizeRemote(place.remote);
  const [only, ...others] = remotes;
  const found =
    remotes.find(({ url }) => wanted !== undefined && normalizeRemote(url) === wanted) ??
    remotes.find(({ name }) => name === 'origin') ??
    (others.length === 0 ? only : undefined);
  if (found) return found.name;
  throw new UserError(
    remotes.length === 0
      ? `${directory} on ${place.host} has no remote to push to.`
      : `${directory} on ${place.host} has several remotes, and none is called origin.`,
    remotes.length === 0
      ? 'Add one there: git remote add origin ADDRESS.'
      : 'Name its address as "remote" in taskSessions.repositories.',
  );
}

/** What the remote and the branches are, after a fetch. */
export interface Branches {
  /** The remote's default branch, as it was just fetched. */
  base: { branch: string; commit: string };
  /** The commit of the task's branch in the repository and on the remote, where it exists. */
  local?: string;
  remote?: string;
  /** Commits that each has and the other lacks, where both exist. */
  ahead: number;
  behind: number;
  /** Where `target` really lies, its links followed as far as it exists. */
  target: string;
}

const branchesScript = `
remote=$1; branch=$2; target=$3; head=$4; shift 4
commit() { ref=$1; shift; "$@" rev-parse --verify --quiet "$ref^{commit}"; }
[ -n "$head" ] || head=$("$@" symbolic-ref --quiet "refs/remotes/$remote/HEAD")
head=\${head#refs/remotes/"$remote"/}
base=$(commit "refs/remotes/$remote/$head" "$@")
local=$(commit "refs/heads/$branch" "$@")
there=$(commit "refs/remotes/$remote/$branch" "$@")
count=
[ -z "$local" ] || [ -z "$there" ] || count=$("$@" rev-list --left-right --count "$local...$there" --)
rest=
while [ ! -d "$target" ]; do rest=/\${target##*/}$rest; target=\${target%/*}; [ -n "$target" ] || target=/; done
target=$(cd -- "$target" && pwd -P) || return
printf '%s\\0' "$head" "$base" "$local" "$there" "$count" "\${target%/}$rest"
`;

/**
 * The remote's default branch and the task's branch, as the last fetch brought them. The remote itself is asked which is
 * its default branch, and whether it still has the other. Throws `UserError`, `GitError` and `HostError`.
 */
export async function lookAtBranches(
  host: Host,
  place: Place,
  { remote, branch, target, ...options }: Ask & { remote: string; branch: string; target: string } & Detached,
): Promise<Branches> {
  const look = async (head: string): Promise<string[]> => {
    const args = [remote, branch, target, head];
    return (await gitScript(host, place, branchesScript, { args, ...asking(options) }))
      .toString()
      .split('\0');
  };
  let [head = '', base = '', local = '', there = '', count = '', real = ''] = await look('');
  const answer = await askRemote(host, place, { remote, branch, ...options }).catch((error: unknown) => {
    // What is known is good enough to go on with: whether a run reaches the remote, its push says better.
    if (error instanceof GitError && base !== '' && there === '') return undefined;
    throw error;
  });
  // A clone keeps the default branch of the day on which it was made.
  if (answer && answer.head !== '' && answer.head !== head)
    [head = '', base = '', local = '', there = '', count = '', real = ''] = await look(answer.head);
  if (answer && answer.commit === undefined) there = '';
  if (!isBranchName(head))
    throw new UserError(
      `${remote} names no default branch to ${place.directory} on ${host.name}.`,
      `Push a first commit there; else set it: git remote set-head ${remote} BRANCH`,
    );
  const lacking = isFullId(base) ? (answer?.commit !== undefined && there === '' ? branch : undefined) : head;
  if (lacking !== undefined)
    throw new UserError(
      `${place.directory} on ${host.name} lacks ${lacking}, which ${remote} has.`,
      `Fetch it; a clone of one branch takes all after: git remote set-branches ${remote} '*'`,
    );
  const [ahead = 0, behind = 0] = there === '' ? [] : count.trim().split('\t').map(Number);
  return {
    base: { branch: head, commit: base },
    ...(local !== '' && { local }),
    ...(there !== '' && { remote: there }),
    ahead,
    behind,
    target: real,
  };
}

const treeScript = `
tree=$1; shift
"$@" -C "$tree" status --porcelain --untracked-files=normal --ignore-submodules=untracked --no-renames | head -n 20
`;

/** Paths in a working tree that are not committed, at most 20: nothing is to be mixed with them. Throws as above. */
export async function uncommittedIn(
  host: Host,
  place: Place,
  directory: string,
  options: Ask = {},
): Promise<string[]> {
  const output = await gitScript(host, place, treeScript, {
    args: [directory],
    guard: detachedGit,
    timeoutMs: 60_000,
    ...asking(options),
  });
  return output
    .toString()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [line.slice(3)]));
}

/** How the run will talk to the remote. */
export interface Detached {
  /** `ssh.configFile`, for repositories on this machine. */
  sshConfigFile?: string;
}

const sshOf = (host: Host, { sshConfigFile = '' }: Detached): string =>
  host.local && sshConfigFile ? quote(['ssh', '-F', sshConfigFile]) : '';

/** Until a remote that does not answer is given up. */
const networkMs = 60_000;

async function askRemote(
  host: Host,
  place: Place,
  { remote, branch, ...options }: Ask & Detached & { remote: string; branch: string },
): Promise<{ head: string; commit?: string }> {
  const body = `${detachedSetup(host)}
remote=$2; branch=$3; shift 3
"$@" ls-remote --symref -- "$remote" HEAD "refs/heads/$branch"`;
  const args = [sshOf(host, options), remote, branch];
  const result = await tryGitScript(host, place, body, {
    args,
    guard: detachedGit,
    timeoutMs: networkMs,
    ...asking(options),
  });
  if (result.code !== 0) throw gitError(result, place);
  const lines = result.stdout.toString().split('\n');
  const head = lines.map((line) => /^ref: refs\/heads\/(.+)\tHEAD$/.exec(line)?.[1]).find(Boolean) ?? '';
  const commit = lines.find((line) => line.endsWith(`\trefs/heads/${branch}`))?.split('\t')[0];
  return { head, ...(commit !== undefined && { commit }) };
}

/**
 * Tries to push `commit` to the branch, without doing it, as the detached run will: with nobody to ask, and without an
 * agent that came with this connection. Throws `GitError` that says what to do.
 */
export async function tryPush(
  host: Host,
  place: Place,
  { remote, branch, commit, ...options }: Ask & Detached & { remote: string; branch: string; commit: string },
): Promise<void> {
  const body = `${detachedSetup(host)}
remote=$2; branch=$3; commit=$4; shift 4
"$@" push --dry-run --porcelain --no-verify -- "$remote" "$commit:refs/heads/$branch"`;
  const args = [sshOf(host, options), remote, branch, commit];
  const result = await tryGitScript(host, place, body, {
    args,
    guard: detachedGit,
    timeoutMs: networkMs,
    ...asking(options),
  });
  if (result.code !== 0) throw pushError(result, { host, place, remote, branch });
}

function pushError(
  result: { code: number; stdout: Buffer; stderr: string },
  { host, place, remote, branch }: { host: Host; place: Place; remote: string; branch: string },
): GitError {
  const said = `${result.stderr}\n${result.stdout.toString()}`;
  const what = `A run on ${host.name} could not push to ${remote}`;
  if (/^!.*\[(?:rejected|remote rejected)\]/m.test(said))
    return new GitError(
      'failed',
      `${what}: ${branch} there has commits that this repository lacks, or may not be written.`,
      `Bring the branch up to date in ${place.directory}, or ask who may push to it.`,
    );
  if (/denied|authentication|could not read (?:Username|Password)|publickey|403|401/i.test(said))
    return new GitError(
      'failed',
      `${what} without you: ${firstComplaint(result.stderr)}.`,
      `A detached run has no forwarded ssh agent and no prompt. Give ${host.name} a deploy key or a credential helper of its own.`,
    );
  const error = gitError(result, place);
  return new GitError(error.kind, `${what}: ${error.message}`, error.next);
}
