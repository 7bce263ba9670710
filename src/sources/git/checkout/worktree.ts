import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { homedir } from 'node:os';
import { UserError } from '../../../model/errors';
import { isBranchName, isIssueKey } from '../../../model/names';
import { fillIn } from '../../../model/repository';
import { listWorktrees, readBranchRefs, readDistance } from './checkout';
import { counterpart } from '../refs';
import type { Worktree } from '../refs';
import { userGit } from './userGit';
import type { UserGit, UserGitOptions } from './userGit';

export interface OpenedWorktree {
  directory: string;
  /** False: the branch was already checked out there. */
  created: boolean;
  /** Commits that the remote has and the local branch lacks; `fastForward` can be offered if `ahead` is 0. */
  ahead: number;
  behind: number;
  /** Sentences that the user should read. */
  notes: string[];
}

/** Where the worktree of a task goes: `worktrees.directory` seen from the main working tree, then the key. */
export function worktreeDirectory(main: string, key: string, pattern: string): string {
  const filled = fillIn(pattern, { repository: basename(main), key });
  const home = filled === '~' || filled.startsWith('~/') ? join(homedir(), filled.slice(1)) : filled;
  const directory = resolve(main, pattern.includes('${key}') ? home : join(home, key));
  const inGit = `${join(main, '.git')}/`;
  if (!isAbsolute(directory) || directory === main || `${directory}/`.startsWith(inGit))
    throw new UserError(
      `A worktree cannot be made in ${directory}.`,
      'Correct taskSessions.worktrees.directory.',
    );
  return directory;
}

/**
 * The working tree that has `branch`: the one that is there, wherever it lies, else a new one in `pattern`'s place for the
 * task. Nothing is forced, nothing pruned; only the entry of a vanished worktree in the very place is cleared.
 */
export async function openWorktree(
  directory: string,
  branch: string,
  key: string,
  pattern: string,
  options: UserGitOptions = {},
): Promise<OpenedWorktree> {
  if (!isIssueKey(key) || !isBranchName(branch))
    throw new UserError('The name of the task or its branch is not usable.', 'Correct the record.');
  const git = userGit(directory, options);
  const trees = await listWorktrees(git);
  const main = trees[0];
  if (!main) throw new UserError(`Git lists no working tree in ${directory}.`, 'Run git worktree list.');
  const refs = await readBranchRefs(git, branch);
  const remote = counterpart(refs);
  const { ahead, behind } =
    refs.local && remote ? await readDistance(git, refs.local, remote) : { ahead: 0, behind: 0 };
  const opened = (where: string, created: boolean): OpenedWorktree => ({
    directory: where,
    created,
    ahead,
    behind,
    notes:
      created && existsSync(join(where, '.gitmodules'))
        ? ['Submodules are not checked out there yet: run git submodule update --init.']
        : [],
  });

  const holder = holderOf(trees, branch);
  if (holder && existsSync(holder.directory)) return opened(holder.directory, false);
  if (!refs.local && !remote)
    throw new UserError(`There is no branch ${branch}.`, 'Fetch, or start an analysis.');

  const root = main.bare ? join(dirname(main.directory), basename(main.directory, '.git')) : main.directory;
  const target = worktreeDirectory(root, key, pattern);
  await makeRoom(git, trees, target, branch);
  try {
    await (refs.local
      ? git('worktree', 'add', target, branch)
      : git('worktree', 'add', '--track', '-b', branch, target, remote?.name ?? ''));
  } catch (error) {
    // Another window may have made it at the same time; a failing hook leaves it made too.
    const made = holderOf(await listWorktrees(git), branch);
    if (!made || !existsSync(made.directory)) throw error;
    return opened(made.directory, samePath(made.directory, target));
  }
  return opened(target, true);
}

/** Clears git's memory of a worktree whose folder is gone. Refuses where the folder exists or the entry is locked. */
export async function forgetWorktree(
  directory: string,
  gone: string,
  options: UserGitOptions = {},
): Promise<void> {
  const git = userGit(directory, options);
  const tree = (await listWorktrees(git)).find((tree) => samePath(tree.directory, gone));
  if (!tree) return;
  if (existsSync(tree.directory))
    throw new UserError(
      `The folder ${tree.directory} is there again.`,
      'Open it, or remove the worktree by hand.',
    );
  refuseLocked(tree);
  await git('worktree', 'remove', tree.directory);
}

async function makeRoom(
  git: UserGit,
  trees: readonly Worktree[],
  target: string,
  branch: string,
): Promise<void> {
  // The branch is held by a vanished folder, or another branch's vanished worktree was in our place.
  for (const tree of trees) {
    const inPlace = samePath(tree.directory, target);
    if (tree.branch !== `refs/heads/${branch}` && !inPlace) continue;
    if (existsSync(tree.directory)) {
      throw new UserError(
        `${tree.directory} has ${tree.branch?.replace('refs/heads/', '') ?? 'a detached HEAD'} checked out instead of ${branch}.`,
        'Open it and switch there, or move it with git worktree move.',
      );
    }
    refuseLocked(tree);
    if (!inPlace)
      throw new UserError(
        `${branch} is still held by a worktree whose folder is gone: ${tree.directory}.`,
        `Bring the folder back, or run: git worktree remove ${tree.directory}`,
      );
    await git('worktree', 'remove', tree.directory);
  }
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new UserError(
      `${target} exists and is not a worktree of this repository.`,
      'Move it away, or set taskSessions.worktrees.directory.',
    );
}

function refuseLocked({ directory, locked }: Worktree): void {
  if (locked !== undefined)
    throw new UserError(
      `The worktree ${directory} is locked${locked ? ` (${locked})` : ''} and its folder is not there.`,
      'Attach its drive, or run git worktree unlock.',
    );
}

const holderOf = (trees: readonly Worktree[], branch: string): Worktree | undefined =>
  trees.find((tree) => tree.branch === `refs/heads/${branch}`);

/** Git lists real paths; ours may go over a symlink. */
function samePath(a: string, b: string): boolean {
  return realPath(a) === realPath(b);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
