import { existsSync } from 'node:fs';
import { simpleGit } from 'simple-git';
import { CancelledError } from '../../../model/errors';
import { GitError, gitError } from '../git';

export interface UserGitOptions {
  signal?: AbortSignal;
  /** Default: this process's. */
  env?: NodeJS.ProcessEnv;
}

export type UserGit = (...args: string[]) => Promise<string>;

const configPaths = ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM'];
// simple-git refuses what could name a program; the rest of GIT_* would lead git to another repository.
const refused = /^(?:GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|SSH_ASKPASS|LANGUAGE)$/i;
// A large checkout is silent for long, and killing it leaves a half-written tree and a lock.
const silentMs = 30 * 60_000;

/**
 * Git for what the user asked to do to a checkout of this machine, as in their own terminal: unlike under `reading`, the
 * repository's hooks and filters run (git-lfs and husky work by them, and VS Code's git runs them too). Hence only for
 * verbs, and only in a trusted workspace. Failures are `GitError`s with git's own complaint.
 */
export function userGit(directory: string, { signal, env = process.env }: UserGitOptions = {}): UserGit {
  const place = { name: '', host: 'this machine', directory };
  if (!existsSync(directory)) throw gitError({ code: 96, stderr: '' }, place);
  const kept = Object.entries(env).filter(([name]) => configPaths.includes(name) || !refused.test(name));
  const git = simpleGit({
    baseDir: directory,
    timeout: { block: silentMs },
    allowEnvironment: [...configPaths, 'GIT_TERMINAL_PROMPT'],
    unsafe: { allowUnsafeConfigPaths: true },
    // By itself simple-git takes a failure that prints nothing for a success.
    errors: (error, { exitCode, stdErr, stdOut }) =>
      exitCode === 0 ? error : Buffer.concat([...stdErr, ...stdOut, Buffer.from(`\nexit code ${exitCode}`)]),
    ...(signal ? { abort: signal } : {}),
  }).env({ ...Object.fromEntries(kept), LANGUAGE: 'en', GIT_TERMINAL_PROMPT: '0' });
  return async (...args) => {
    if (signal?.aborted) throw new CancelledError();
    try {
      return await git.raw(args);
    } catch (error) {
      if (signal?.aborted) throw new CancelledError();
      const stderr = error instanceof Error ? error.message : String(error);
      const failure = gitError({ code: /ENOENT/.test(stderr) ? 127 : 128, stderr }, place);
      throw new GitError(failure.kind, failure.message, failure.next, { cause: error });
    }
  };
}
