import { existsSync, mkdirSync, readdirSync, realpathSync, rmdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { homedir } from 'node:os';
import { UserError } from '../../../model/errors';
import { isBranchName, isIssueKey } from '../../../model/names';
import { fillIn } from '../../../model/task/repository';
import { isThere, listWorktrees, readBranchRefs, readDistance } from './checkout';
import { GitError } from '../git';
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

/** Where the worktree of a task goes: `worktrees.directory` seen from the main working tree, then the key. `account`: its home. */
export function worktreeDirectory(main: string, key: string, pattern: string, account = homedir()): string {
  const filled = fillIn(pattern, { repository: basename(main), key });
  const home = filled === '~' || filled.startsWith('~/') ? join(account, filled.slice(1)) : filled;
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
  // Another window may be making it at this moment, and git's own commands stumble over a half-made worktree.
  for (let attempt = 1; ; attempt++) {
    const patience = attempt < 30;
    try {
      const opened = await openOnce(git, branch, key, pattern, patience);
      if (opened) return opened;
    } catch (error) {
      if (!patience || !(error instanceof GitError && /failed to read/.test(error.message))) throw error;
    }
    await delay(100, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** Undefined, if `patience`, while somebody else seems to be making it. */
async function openOnce(
  git: UserGit,
  branch: string,
  key: string,
  pattern: string,
  patience: boolean,
): Promise<OpenedWorktree | undefined> {
  const trees = await listWorktrees(git);
  const main = trees[0];
  if (!main) throw new UserError('Git lists no working tree here.', 'Run git worktree list.');
  if (patience && trees.some(isBeingMade)) return undefined;
  const refs = await readBranchRefs(git, branch);
  const remote = counterpart(refs);
  const distance =
    refs.local && remote ? await readDistance(git, refs.local, remote) : { ahead: 0, behind: 0 };
  const holder = holderOf(trees, branch);
  if (holder && isThere(holder))
    return { directory: holder.directory, created: false, notes: [], ...distance };
  if (!refs.local && !remote)
    throw new UserError(`There is no branch ${branch}.`, 'Fetch, or start an analysis.');

  const target = worktreeDirectory(rootOf(main), key, pattern);
  await makeRoom(git, trees, target, branch);
  // Making the folder decides who makes the worktree. One that is empty for long was left by somebody who died.
  if (!makeFolder(target) && patience) return undefined;
  try {
    await (refs.local
      ? git('worktree', 'add', target, branch)
      : git('worktree', 'add', '--track', '-b', branch, target, remote?.name ?? ''));
  } catch (error) {
    // A post-checkout hook that fails makes git fail when everything is there.
    const made = holderOf(await listWorktrees(git), branch);
    if (!made || !isThere(made) || isBeingMade(made)) {
      removeIfEmpty(target);
      throw error;
    }
  }
  const notes = existsSync(join(target, '.gitmodules'))
    ? ['Submodules are not checked out there yet: run git submodule update --init.']
    : [];
  return { directory: target, created: true, notes, ...distance };
}

/** What worktrees are placed beside: a bare repository counts as the working tree that it might have. */
export const rootOf = ({ bare, directory }: Worktree): string =>
  bare ? join(dirname(directory), basename(directory, '.git')) : directory;

/** Git locks a worktree with this reason until its files are there. */
const isBeingMade = ({ locked }: Worktree): boolean => locked === 'initializing';

/** False if it exists already. */
function makeFolder(directory: string): boolean {
  mkdirSync(dirname(directory), { recursive: true });
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new UserError(
      `A worktree cannot be made in ${directory}.`,
      'Check who may write there, or set taskSessions.worktrees.directory.',
      { cause: error },
    );
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Not empty, or gone: either way not ours any more.
  }
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
  if (isThere(tree))
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
  // The branch is held by a vanished folder, or another branch's worktree is or was in our place.
  for (const tree of trees) {
    const inPlace = samePath(tree.directory, target);
    if (tree.branch !== `refs/heads/${branch}` && !inPlace) continue;
    if (isThere(tree))
      throw new UserError(
        `${tree.directory} has ${tree.branch?.replace('refs/heads/', '') ?? 'a detached HEAD'} checked out instead of ${branch}.`,
        'Open it and switch there, or move it with git worktree move.',
      );
    refuseLocked(tree);
    if (!inPlace)
      throw new UserError(
        `${branch} is still held by a worktree whose folder is gone: ${tree.directory}.`,
        `Bring the folder back, or run: git worktree remove ${tree.directory}`,
      );
    removeIfEmpty(tree.directory);
    await git('worktree', 'remove', tree.directory);
  }
  if (!existsSync(target) || readdirSync(target).length === 0) return;
  // Git lists a worktree before it puts anything into its folder, so what is still not listed is somebody else's.
  if ((await listWorktrees(git)).some((tree) => samePath(tree.directory, target))) return;
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
