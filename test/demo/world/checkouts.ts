import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from '../../bed/command';
import { gitEnvironment } from '../../bed/git';

/** Tasks whose sessions ran in a worktree of their own, by host. */
export interface Worktrees {
  laptop: readonly string[];
  devserver: readonly string[];
}

const branchName = (key: string): string => `task/${key}-analysis`;

/** Where the worktree of a task lies beside its clone. */
export const worktreeOf = (clone: string, key: string): string => join(`${clone}.worktrees`, key);

/**
 * The developer's clone, on main: most task branches only on the remote, PAY-478 in a worktree and two commits ahead,
 * PAY-461 one behind, PAY-490 not pushed at all.
 */
export async function makeLaptopClone(
  origin: string,
  clone: string,
  worktrees: readonly string[],
  now: number,
): Promise<void> {
  await makeClone(origin, clone, worktrees);
  await gitIn(clone)([
    'branch',
    '--quiet',
    '--track',
    branchName('PAY-461'),
    `origin/${branchName('PAY-461')}`,
  ]);
  await gitIn(clone)([
    'branch',
    '--quiet',
    '--force',
    branchName('PAY-461'),
    `origin/${branchName('PAY-461')}~1`,
  ]);
  await gitIn(clone)(['branch', '--quiet', '--no-track', branchName('PAY-490'), 'main']);

  const ahead = worktreeOf(clone, 'PAY-478');
  const changes: [string, string, number][] = [
    ['services/vault/tokenClient.ts', 'Resolve old tokens too', 7],
    ['services/vault/flags.ts', 'Move checkout behind a flag', 6.2],
  ];
  for (const [path, message, hoursAgo] of changes) {
    await mkdir(join(ahead, path, '..'), { recursive: true });
    await writeFile(join(ahead, path), `// ${message}\nexport {};\n`);
    const git = gitIn(ahead, now - hoursAgo * 3_600_000);
    await git(['add', '--', path]);
    await git(['commit', '--quiet', '--message', `PAY-478 ${message}`]);
  }
}

/** A clone on main with a worktree for each of `tasks`. */
export async function makeClone(origin: string, clone: string, tasks: readonly string[]): Promise<void> {
  await mkdir(join(clone, '..'), { recursive: true });
  await output(['git', 'clone', '--quiet', '--', origin, clone], { env: gitEnvironment(origin) });
  const git = gitIn(clone);
  const pushed = (await git(['branch', '--remotes', '--format=%(refname:short)'])).split('\n');
  for (const key of tasks) {
    const branch = branchName(key);
    // An analysis that came to nothing has pushed nothing.
    const from = pushed.includes(`origin/${branch}`) ? ['--track'] : ['--no-track'];
    const start = pushed.includes(`origin/${branch}`) ? `origin/${branch}` : 'origin/main';
    await git(['worktree', 'add', '--quiet', ...from, '-b', branch, worktreeOf(clone, key), start]);
  }
}

/** Checks a task's branch out as a person would, and answers how to take that back. */
export async function visitBranch(clone: string, key: string): Promise<() => Promise<void>> {
  const git = gitIn(clone);
  const branch = branchName(key);
  const had = (await git(['branch', '--list', '--', branch])).trim() !== '';
  await git(['switch', '--quiet', branch]);
  return async () => {
    await git(['switch', '--quiet', 'main']);
    if (!had) await git(['branch', '--quiet', '-D', branch]);
  };
}

const gitIn =
  (directory: string, at = Date.now()) =>
  (args: readonly string[]): Promise<string> => {
    const date = `${Math.floor(at / 1000)} +0000`;
    const env = { ...gitEnvironment(directory), GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return output(['git', ...args], { cwd: directory, env });
  };
