import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { UserGit } from './userGit';

/** The state of a working tree. */
export interface TreeStatus {
  /** Undefined before the first commit. */
  commit?: string;
  /** Undefined when HEAD is detached. */
  branch?: string;
  /** Tracked files that differ from HEAD or from the index, or are unmerged. */
  changed: string[];
  untracked: string[];
}

export async function readStatus(git: UserGit): Promise<TreeStatus> {
  return parseStatus(
    await git(
      '--no-optional-locks',
      'status',
      '--porcelain=v2',
      '-z',
      '--branch',
      '--untracked-files=all',
      '--no-renames',
    ),
  );
}

/** Reads `git status --porcelain=v2 -z --branch --no-renames`. */
export function parseStatus(text: string): TreeStatus {
  const status: TreeStatus = { changed: [], untracked: [] };
  for (const line of text.split('\0')) {
    if (line.startsWith('# branch.oid ') && !line.endsWith('(initial)')) status.commit = line.slice(13);
    else if (line.startsWith('# branch.head ') && !line.endsWith('(detached)'))
      status.branch = line.slice(14);
    else if (line.startsWith('? ')) status.untracked.push(line.slice(2));
    else if (line.startsWith('1 ') || line.startsWith('u ')) {
      const fields = line.split(' ');
      // A submodule with nothing but untracked files in it is not touched by a switch.
      if (fields[2] === 'S..U') continue;
      status.changed.push(fields.slice(line.startsWith('u ') ? 10 : 8).join(' '));
    }
  }
  return status;
}

const operations = {
  MERGE_HEAD: 'merge',
  'rebase-merge': 'rebase',
  'rebase-apply': 'rebase',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
  BISECT_LOG: 'bisect',
} as const;

/** Something that git has begun in this working tree and not finished. */
export type Operation = (typeof operations)[keyof typeof operations];

export async function operationInProgress(git: UserGit, directory: string): Promise<Operation | undefined> {
  const names = Object.keys(operations) as (keyof typeof operations)[];
  const paths = (await git('rev-parse', ...names.flatMap((name) => ['--git-path', name]))).split('\n');
  const at = names.findIndex((_, index) => existsSync(resolve(directory, paths[index] ?? '')));
  const name = names[at];
  return name && operations[name];
}
