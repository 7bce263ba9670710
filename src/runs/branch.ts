import type { Host } from '../hosts/host';
import { UserError } from '../model/errors';
import { runsFolder } from '../model/run/folder';
import type { RunOrder } from '../model/run/order';
import type { Place } from '../model/task/repository';
import { firstComplaint, gitError, reading, tryGitScript, type Guard } from '../sources/git/git';

/** Which worktree and branch a run needs, out of its order. */
export type BranchOrder = Pick<
  RunOrder,
  'id' | 'host' | 'repository' | 'directory' | 'branch' | 'base' | 'remote'
>;

export type OpenedBranch =
  /** `made`: this run made the branch; now, or before it was interrupted. `madeTree`: the worktree was made now. */
  | { kind: 'open'; made: boolean; madeTree: boolean }
  /** Somebody has made the branch meanwhile. */
  | { kind: 'exists' };

/** A checkout may smudge files (git-lfs) and fetch what a partial clone lacks; hooks do not run. */
const making: Guard = {
  config: reading.config,
  env: {
    GIT_ALLOW_PROTOCOL: 'https:ssh:file',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  },
};

/** A large checkout takes long, and cutting it off leaves half a tree. */
const checkoutMs = 30 * 60_000;
const exists = 81;
const occupied = 82;
const halfMade = 83;
const usersOwn = 84;
const unwritable = 85;

// The branch's first reflog line names the run, in one step with its creation: so a run that was interrupted at any
// point knows its own branch again, and of two that come at once one has made it.
const functions = `
made() {
  ref=$1; mark=$2; shift 2
  [ "$("$@" -c log.showSignature=false log --walk-reflogs --no-patch --format=%gs "$ref" -- 2>/dev/null | tail -n 1)" = "$mark" ]
}
holder() {
  ref=$1; shift
  "$@" worktree list --porcelain | while IFS= read -r line; do
    case $line in
      'worktree '*) tree=\${line#worktree } ;;
      "branch $ref") printf '%s' "$tree"; break ;;
    esac
  done
}
making() {
  tree=$1; shift
  "$@" worktree list --porcelain | awk -v tree="worktree $tree" '
    /^worktree / { ours = ($0 == tree) } ours && $0 == "locked initializing" { found = 1 } END { exit !found }'
}
`;

const openScript = `${functions}
directory=$1; branch=$2; commit=$3; mark=$4; existing=$5; shift 5
there=
[ -z "$existing" ] || there=$("$@" rev-parse --verify --quiet "$existing^{commit}")
# Where only the remote has it, it begins from there.
commit=\${there:-$commit}
# Takes what the remote has besides, where that loses nothing; where each has something, the push will say so.
forward() {
  [ -n "$there" ] && [ -z "$("$@" rev-list --max-count=1 "$name" "^$there" --)" ] || return 0
  [ "$there" = "$("$@" rev-parse --verify "$name")" ] || "$@" -C "$directory" merge --ff-only --quiet "$there" >&2
}
name=refs/heads/$branch
if ! "$@" rev-parse --verify --quiet "$name^{commit}" >/dev/null; then
  # An empty old value: it must not exist.
  "$@" update-ref --create-reflog -m "$mark" "$name" "$commit" '' 2>/dev/null ||
    "$@" rev-parse --verify --quiet "$name^{commit}" >/dev/null ||
    "$@" update-ref --create-reflog -m "$mark" "$name" "$commit" '' || return
fi
if made "$name" "$mark" "$@"; then echo made; elif [ -z "$existing" ]; then return ${exists}; fi
tries=0
while making "$directory" "$@"; do
  tries=$((tries + 1)); [ $tries -lt 60 ] || return ${halfMade}
  sleep 1
done
held=$(holder "$name" "$@")
if [ -n "$held" ] && [ -e "$held/.git" ]; then
  [ ! -d "$held/.git" ] || return ${usersOwn}
  [ "$(cd -- "$held" && pwd -P)" = "$directory" ] || { printf '%s' "$held" >&2; return ${occupied}; }
  forward "$@"
  return
fi
if [ -d "$directory" ] && [ -n "$(ls -A "$directory")" ]; then printf '%s' "$directory" >&2; return ${occupied}; fi
mkdir -p "\${directory%/*}" && [ -w "\${directory%/*}" ] || return ${unwritable}
# Git's memory of a worktree in this very place whose folder is gone.
if [ ! -e "$directory/.git" ] && "$@" worktree list --porcelain | grep -Fxq "worktree $directory"; then
  rmdir "$directory" 2>/dev/null
  "$@" worktree remove "$directory" || return
fi
"$@" worktree add --quiet "$directory" "$branch" >&2 || return
echo tree
forward "$@"
`;

/**
 * Makes the run's branch from its base in a worktree of its own, or finds what this run has made already. A branch of
 * somebody else is used only if `existing`. May be repeated; nothing is forced, reset or deleted, and no other working
 * tree is touched. Throws `UserError` and `HostError`.
 */
export async function openBranch(
  host: Host,
  order: BranchOrder,
  { existing = false, signal }: { existing?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<OpenedBranch> {
  return open(host, order, openScript, { existing, signal });
}

async function open(
  host: Host,
  order: BranchOrder,
  script: string,
  { existing, signal }: { existing: boolean; signal: AbortSignal | undefined },
): Promise<OpenedBranch> {
  const { directory, branch, base, remote } = order;
  const place = placeOf(order);
  const result = await tryGitScript(host, place, script, {
    args: [directory, branch, base.commit, markOf(order), existing ? `refs/remotes/${remote}/${branch}` : ''],
    guard: making,
    timeoutMs: checkoutMs,
    ...(signal && { signal }),
  });
  const words = result.stdout.toString().split('\n');
  const where = firstComplaint(result.stderr);
  switch (result.code) {
    case 0:
      return { kind: 'open', made: words.includes('made'), madeTree: words.includes('tree') };
    case exists:
      return { kind: 'exists' };
    case occupied:
      throw new UserError(
        `A worktree for ${branch} cannot be made in ${directory} on ${order.host}: ${where === directory ? 'the folder is not empty' : `the branch is checked out in ${where}`}.`,
        'Move it away, or set taskSessions.worktrees.directory.',
      );
    case unwritable:
      throw new UserError(
        `A worktree cannot be made in ${directory} on ${order.host}${where && `: ${where}`}.`,
        'Make its parent folder writable, or set taskSessions.worktrees.directory.',
      );
    case usersOwn:
      throw checkedOut(order);
    case halfMade:
      throw new UserError(
        `The worktree ${directory} on ${order.host} is half made.`,
        `Wait if git still makes it; else run there: git worktree remove --force --force ${directory}`,
      );
    default:
      throw gitError(result, place);
  }
}

// A branch that is gone took the work with it: then the run says itself that its directory is gone. What was not
// committed is gone in any case; the run is told, before the folder is there again, so that it does that step anew.
const reopenScript = `
if [ -e "$1/.git" ] || ! (ref=refs/heads/$2; shift 5; "$@" rev-parse --verify --quiet "$ref^{commit}" >/dev/null); then return 0; fi
folder=$HOME/${runsFolder}/\${4##* }
[ ! -d "$folder" ] || : >"$folder/remade" || return
${openScript}`;

/**
 * Makes the worktree of a run again whose folder somebody took away, where its branch is still there. What was not
 * committed in it is lost, and is done again. Throws as `openBranch`.
 */
export async function reopenBranch(host: Host, order: BranchOrder, signal?: AbortSignal): Promise<void> {
  await open(host, order, reopenScript, { existing: true, signal });
}

/** The branch is in the user's own working tree, which a run never touches. */
export const checkedOut = ({
  branch,
  repository,
  host,
}: Pick<BranchOrder, 'branch' | 'repository' | 'host'>): UserError =>
  new UserError(
    `${branch} is checked out in ${repository} on ${host}, where you work.`,
    'Switch that checkout to another branch, then start again.',
  );

const removeScript = `${functions}
directory=$1; branch=$2; commit=$3; mark=$4; shift 4
name=refs/heads/$branch
made "$name" "$mark" "$@" || return 0
[ "$("$@" rev-parse --verify --quiet "$name^{commit}")" = "$commit" ] || { echo kept; return 0; }
held=$(holder "$name" "$@")
if [ -n "$held" ]; then
  [ "$(cd -- "$held" && pwd -P)" = "$directory" ] || { echo kept; return 0; }
  "$@" worktree remove "$held" 2>/dev/null || { echo kept; return 0; }
fi
# Its commit is the default branch's, so nothing is lost; the old value guards against one that came this moment.
"$@" update-ref -d "$name" "$commit" 2>/dev/null || echo kept
`;

/**
 * Takes back what `openBranch` made for this run: only a clean worktree, and a branch on which nothing was committed.
 * Answers whether something stayed.
 */
export async function removeBranch(
  host: Host,
  order: BranchOrder,
  signal?: AbortSignal,
): Promise<{ kept: boolean }> {
  const place = placeOf(order);
  const { directory, branch, base } = order;
  const result = await tryGitScript(host, place, removeScript, {
    args: [directory, branch, base.commit, markOf(order)],
    guard: reading,
    timeoutMs: 60_000,
    ...(signal && { signal }),
  });
  if (result.code !== 0) throw gitError(result, place);
  return { kept: result.stdout.toString().includes('kept') };
}

const markOf = ({ id }: BranchOrder): string => `task-sessions run ${id}`;

const placeOf = ({ host, repository }: BranchOrder): Place => ({ name: '', host, directory: repository });
