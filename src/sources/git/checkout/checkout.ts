import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../model/errors';
import { isBranchName, isFullId } from '../../../model/names';
import { GitError } from '../git';
import { counterpart, groupByBranch, knownDistance, parseRefs, parseWorktrees, refFormat } from '../refs';
import type { BranchRefs, Distance, Ref, Worktree } from '../refs';
import { operationInProgress, readStatus } from './status';
import type { Operation, TreeStatus } from './status';
import { userGit } from './userGit';
import type { UserGit, UserGitOptions } from './userGit';

/** What a checkout of `branch` in the working tree `root` would do, or why it cannot be done. */
export type CheckoutPlan = {
  root: string;
  branch: string;
  /** Sentences that the user should read beside the answer. */
  notes: string[];
} & (
  | { kind: 'alreadyThere'; remote?: string; ahead: number; behind: number }
  | { kind: 'switch' }
  /** Only a remote has it: a local branch is made that tracks `remote` (full ref). */
  | { kind: 'track'; remote: string }
  /** A switch, after which `fastForward` can be offered. */
  | { kind: 'behind'; by: number; remote: string }
  /** A switch to the local branch; nothing brings the two together but the user. */
  | { kind: 'diverged'; ahead: number; behind: number; remote: string }
  /** Refused: `files` are at most 200, `more` says how many others there are. */
  | { kind: 'dirty'; files: string[]; more: number }
  /** Refused: another working tree has it. `gone`: its folder is no more (`forgetWorktree`, unless locked). */
  | { kind: 'heldElsewhere'; directory: string; gone: boolean; locked?: string }
  /** Refused: a merge, rebase, … is not finished. */
  | { kind: 'busy'; operation: Operation }
  /** Refused: HEAD is detached with commits that no branch or tag holds. */
  | { kind: 'detached'; commit: string; commits: number }
  | { kind: 'missing' }
);

const maxFiles = 200;

/** Looks, and changes nothing. `directory` is anywhere in a working tree of this machine. Throws `GitError`. */
export async function planCheckout(
  directory: string,
  branch: string,
  options: UserGitOptions = {},
): Promise<CheckoutPlan> {
  if (!isBranchName(branch))
    throw new UserError('The name of the branch is not usable.', 'Correct it in the record.');
  const root = (await userGit(directory, options)('rev-parse', '--show-toplevel')).replace(/\n$/, '');
  const git = userGit(root, options);
  const [status, refs, worktrees, operation] = await Promise.all([
    readStatus(git),
    readBranchRefs(git, branch),
    listWorktrees(git),
    operationInProgress(git, root),
  ]);
  const plan = {
    root,
    branch,
    notes: existsSync(join(root, '.gitmodules'))
      ? ['Submodules are left as they are; run git submodule update where you need them.']
      : [],
  };
  const { local } = refs;
  const remote = counterpart(refs);
  const distance = local && remote && (await readDistance(git, local, remote));

  if (status.branch === branch)
    return {
      ...plan,
      kind: 'alreadyThere',
      ...(remote ? { remote: remote.name } : {}),
      ahead: distance?.ahead ?? 0,
      behind: distance?.behind ?? 0,
    };
  const target = local ?? remote;
  if (!target) return { ...plan, kind: 'missing' };
  const holder = worktrees.find((tree) => tree.branch === `refs/heads/${branch}`);
  if (holder) return { ...plan, ...heldBy(holder) };
  if (operation) return { ...plan, kind: 'busy', operation };
  const inTheWay = [...status.changed, ...(await overwritten(git, status, target.commit))];
  if (inTheWay.length > 0)
    return {
      ...plan,
      kind: 'dirty',
      files: inTheWay.slice(0, maxFiles),
      more: Math.max(0, inTheWay.length - maxFiles),
    };
  const loose = await looseCommits(git, status);
  if (loose > 0 && status.commit) return { ...plan, kind: 'detached', commit: status.commit, commits: loose };

  if (!local) return { ...plan, kind: 'track', remote: target.name };
  if (!remote || !distance || distance.behind === 0) return { ...plan, kind: 'switch' };
  return distance.ahead > 0
    ? { ...plan, kind: 'diverged', ...distance, remote: remote.name }
    : { ...plan, kind: 'behind', by: distance.behind, remote: remote.name };
}

/** True where `checkout` would do it. */
export function canCheckOut(plan: CheckoutPlan): boolean {
  return ['alreadyThere', 'switch', 'track', 'behind', 'diverged'].includes(plan.kind);
}

/**
 * Does what `plan` says, after looking once more: if the answer is another by now, nothing is done and the new plan comes
 * back for the user to read. Never stashes, resets or forces; hooks and filters of the repository run (`userGit`).
 */
export async function checkout(
  plan: CheckoutPlan,
  options: UserGitOptions = {},
): Promise<{ done: boolean; plan: CheckoutPlan; notes: string[] }> {
  const { root, branch } = plan;
  const now = await planCheckout(root, branch, options);
  if (now.kind === 'alreadyThere') return { done: true, plan: now, notes: now.notes };
  if (!canCheckOut(now) || now.kind !== plan.kind) return { done: false, plan: now, notes: now.notes };
  const git = userGit(root, options);
  try {
    await (now.kind === 'track'
      ? git('switch', '--no-guess', '--create', branch, '--track', now.remote)
      : git('switch', '--no-guess', branch));
  } catch (error) {
    // A post-checkout hook that fails makes git fail when the switch is already done.
    if ((await readStatus(git)).branch !== branch) throw error;
    const note = `The branch is checked out, but a hook of the repository failed: ${hookSaid(error)}`;
    return { done: true, plan: now, notes: [...now.notes, note] };
  }
  return { done: true, plan: now, notes: now.notes };
}

/** What git printed besides its own words on a switch that went well. */
function hookSaid(error: unknown): string {
  const text = error instanceof GitError && error.cause instanceof Error ? error.cause.message : '';
  const lines = text
    .split('\n')
    .filter((line) => line !== '' && !/^(?:Switched to|branch '|Your branch)/.test(line));
  return lines
    .join(' ')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .slice(0, 500);
}

/** Moves the checked-out `branch` forward to its remote's commits, or refuses; never a merge commit. */
export async function fastForward(
  directory: string,
  branch: string,
  options: UserGitOptions = {},
): Promise<void> {
  const plan = await planCheckout(directory, branch, options);
  if (plan.kind !== 'alreadyThere')
    throw new UserError(`${branch} is not checked out in ${plan.root}.`, 'Check it out first.');
  if (plan.ahead > 0 && plan.behind > 0)
    throw new UserError(
      `${branch} has ${plan.ahead} commits that ${plan.remote} lacks, and lacks ${plan.behind}.`,
      'Rebase or merge by hand.',
    );
  if (plan.remote === undefined || plan.behind === 0) return;
  await userGit(plan.root, options)('merge', '--ff-only', '--no-autostash', plan.remote);
}

/** The refs of one branch name, read from a checkout of this machine. */
export async function readBranchRefs(git: UserGit, branch: string): Promise<BranchRefs> {
  const text = await git(
    'for-each-ref',
    `--format=${refFormat}`,
    `refs/heads/${branch}`,
    `refs/remotes/*/${branch}`,
  );
  return groupByBranch(parseRefs(text)).get(branch) ?? { remotes: [] };
}

export const listWorktrees = async (git: UserGit): Promise<Worktree[]> =>
  parseWorktrees(await git('worktree', 'list', '--porcelain'));

/** How the local branch stands to the remote's. */
export async function readDistance(git: UserGit, local: Ref, remote: Ref): Promise<Distance> {
  const known = knownDistance(local, remote);
  if (known) return known;
  const text = await git('rev-list', '--left-right', '--count', `${local.commit}...${remote.commit}`, '--');
  const [ahead = 0, behind = 0] = text.trim().split('\t').map(Number);
  return { ahead, behind };
}

/** A folder without `.git` is no working tree any more. */
export const isThere = ({ directory }: Worktree): boolean => existsSync(join(directory, '.git'));

const heldBy = (
  tree: Worktree,
): { kind: 'heldElsewhere'; directory: string; gone: boolean; locked?: string } => ({
  kind: 'heldElsewhere',
  directory: tree.directory,
  gone: !isThere(tree),
  ...(tree.locked === undefined ? {} : { locked: tree.locked }),
});

/** Untracked files that the branch also has. Others stay where they are, as git itself does it. */
async function overwritten(git: UserGit, { untracked }: TreeStatus, commit: string): Promise<string[]> {
  // What is beyond the limit of one command line git refuses by itself.
  const asked = untracked.slice(0, 500);
  if (asked.length === 0 || !isFullId(commit)) return [];
  const text = await git('ls-tree', '-z', '--name-only', '--full-tree', commit, '--', ...asked);
  return text.split('\0').filter(Boolean);
}

/** Commits that only a detached HEAD holds. */
async function looseCommits(git: UserGit, { branch, commit }: TreeStatus): Promise<number> {
  if (branch !== undefined || !commit) return 0;
  return Number(await git('rev-list', '--count', 'HEAD', '--not', '--branches', '--remotes', '--tags'));
}
