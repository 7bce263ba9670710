/** One branch ref, as `for-each-ref` tells it. */
export interface Ref {
  /** Full: `refs/heads/…` or `refs/remotes/<remote>/…`. */
  name: string;
  commit: string;
  /** Epoch ms. */
  committedAt: number;
  /** Full name of the configured upstream, which need not exist. */
  upstream?: string;
  /** Against the upstream. */
  ahead: number;
  behind: number;
  gone: boolean;
}

/** The refs that one branch name stands for. */
export interface BranchRefs {
  local?: Ref;
  remotes: Ref[];
}

const fields = [
  'refname',
  'objecttype',
  'objectname',
  'committerdate:unix',
  'upstream',
  'upstream:track,nobracket',
];

/** For `for-each-ref --format`; fields end with NUL, records with NUL and newline. */
export const refFormat = fields.map((field) => `%(${field})%00`).join('');

/** Reads `refFormat`. Refs that are not commits are left out. */
export function parseRefs(text: string): Ref[] {
  const refs: Ref[] = [];
  const values = text.split('\0');
  for (let at = 0; at + fields.length <= values.length; at += fields.length) {
    const [name = '', type, commit = '', seconds, upstream = '', track = ''] = values.slice(
      at,
      at + fields.length,
    );
    if (type !== 'commit') continue;
    refs.push({
      name: name.trimStart(),
      commit,
      committedAt: Number(seconds) * 1000,
      ...(upstream ? { upstream } : {}),
      ahead: Number(/ahead (\d+)/.exec(track)?.[1] ?? 0),
      behind: Number(/behind (\d+)/.exec(track)?.[1] ?? 0),
      gone: track === 'gone',
    });
  }
  return refs;
}

/** Branch name of a ref; of a remote's ref without the remote (a remote whose name has a slash is not told apart). */
export function branchOf(ref: string): string | undefined {
  return /^refs\/(?:heads|remotes\/[^/]+)\/(.+)$/s.exec(ref)?.[1];
}

/** `origin` of `refs/remotes/origin/task/x`. */
export const remoteOf = (ref: string): string | undefined => /^refs\/remotes\/([^/]+)\//.exec(ref)?.[1];

export function groupByBranch(refs: readonly Ref[]): Map<string, BranchRefs> {
  const branches = new Map<string, BranchRefs>();
  for (const ref of refs) {
    const name = branchOf(ref.name);
    if (name === undefined) continue;
    const found = branches.get(name) ?? { remotes: [] };
    branches.set(name, found);
    if (ref.name.startsWith('refs/heads/')) found.local = ref;
    else found.remotes.push(ref);
  }
  return branches;
}

/**
 * The remote's ref that a branch is compared with: its upstream, else origin's, else the newest. Only refs of the same
 * branch name count: `git switch -c task/x origin/main` makes main the upstream, and that is not the task's branch.
 */
export function counterpart({ local, remotes }: BranchRefs): Ref | undefined {
  return (
    remotes.find(({ name }) => name === local?.upstream) ??
    remotes.find(({ name }) => remoteOf(name) === 'origin') ??
    remotes.toSorted((a, b) => b.committedAt - a.committedAt)[0]
  );
}

/** How a local branch stands to its counterpart. */
export interface Distance {
  ahead: number;
  behind: number;
}

/** What the refs alone tell; undefined where the commits have to be counted. */
export function knownDistance(local: Ref, remote: Ref): Distance | undefined {
  if (local.commit === remote.commit) return { ahead: 0, behind: 0 };
  return local.upstream === remote.name ? { ahead: local.ahead, behind: local.behind } : undefined;
}

export interface Worktree {
  directory: string;
  /** The first one listed: the repository's own working tree, or the bare repository. */
  main: boolean;
  /** Full ref; undefined when detached or bare. */
  branch?: string;
  bare: boolean;
  /** Why it may not be removed or pruned; '' when no reason was given. */
  locked?: string;
  /** Why git would prune it: mostly, that its folder is gone. */
  prunable?: string;
}

/** Reads `git worktree list --porcelain`; `separator` is NUL with its `-z` (git 2.36 and newer). */
export function parseWorktrees(text: string, separator = '\n'): Worktree[] {
  const trees: Worktree[] = [];
  for (const line of text.split(separator)) {
    const space = line.indexOf(' ');
    const word = space < 0 ? line : line.slice(0, space);
    const rest = space < 0 ? '' : line.slice(space + 1);
    const tree = trees.at(-1);
    if (word === 'worktree') trees.push({ directory: rest, main: trees.length === 0, bare: false });
    else if (!tree) continue;
    else if (word === 'branch') tree.branch = rest;
    else if (word === 'bare') tree.bare = true;
    else if (word === 'locked') tree.locked = rest;
    else if (word === 'prunable') tree.prunable = rest;
  }
  return trees;
}
