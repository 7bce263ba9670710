import { UserError } from '../../../model/errors';
import { displayText } from '../../../util/displayText';
import { counterpart } from '../refs';
import { GitError } from '../git';
import { readBranchRefs, readDistance } from './checkout';
import { operationInProgress, readStatus } from './status';
import { userGit, type UserGit, type UserGitOptions } from './userGit';

/** What a commit of some files of a working tree would take, and what a push would bring. */
export interface CommitPlan {
  root: string;
  branch: string;
  /** Paths that would be committed. */
  files: string[];
  /** Paths with other changes, which stay as they are. */
  others: string[];
  /** Commits that the remote's branch lacks; where it has no such branch, those that no remote has. */
  ahead: number;
  /** Commits that are missing here, as last fetched. */
  behind: number;
  /** `origin`. */
  remote?: string;
}

export interface CommittedFiles {
  /** Of the new commit; none where there was nothing to commit. */
  commit?: string;
  /** False where the remote had all of it already. */
  pushed: boolean;
}

/** Looks, and changes nothing. `directory` is anywhere in a working tree of this machine. Throws UserError. */
export async function planCommit(
  directory: string,
  { branch, isWanted }: { branch: string; isWanted(path: string): boolean },
  options: UserGitOptions = {},
): Promise<CommitPlan> {
  const root = (await userGit(directory, options)('rev-parse', '--show-toplevel')).replace(/\n$/, '');
  const git = userGit(root, options);
  const [status, refs, operation] = await Promise.all([
    readStatus(git),
    readBranchRefs(git, branch),
    operationInProgress(git, root),
  ]);
  if (status.branch !== branch)
    throw new UserError(
      `${root} has ${status.branch ?? 'no branch'} checked out, not ${branch}.`,
      'Edit Documents opens a place that has it.',
    );
  if (operation)
    throw new UserError(`A ${operation} is not finished in ${root}.`, 'Finish or abort it first.');
  const all = [...status.changed, ...status.untracked];
  const theirs = counterpart(refs);
  const { ahead, behind } =
    theirs && refs.local
      ? await readDistance(git, refs.local, theirs)
      : { ahead: Number(await git('rev-list', '--count', 'HEAD', '--not', '--remotes')), behind: 0 };
  const remote = await remoteOf(git, branch);
  return {
    root,
    branch,
    files: all.filter(isWanted),
    others: all.filter((path) => !isWanted(path)),
    ahead,
    behind,
    ...(remote !== undefined && { remote }),
  };
}

/**
 * Commits exactly the files of the plan and pushes the branch, with the user's own git: identity, hooks and signing are
 * theirs. What else is changed or staged stays so. Never forces. May be repeated: what was committed before is pushed.
 * Throws UserError; a commit that was made stays.
 */
export async function commitAndPush(
  { root, branch, files, remote }: CommitPlan,
  message: string,
  options: UserGitOptions & { onProgress?: (line: string) => void } = {},
): Promise<CommittedFiles> {
  const git = userGit(root, options);
  let commit: string | undefined;
  if (files.length > 0) {
    if (message.trim() === '') throw new UserError('The commit has no message.', 'Write one.');
    options.onProgress?.('committing');
    await git('--literal-pathspecs', 'add', '--all', '--', ...files);
    await git('--literal-pathspecs', 'commit', '--quiet', '--only', `--message=${message}`, '--', ...files);
    commit = (await git('rev-parse', '--verify', 'HEAD')).trim();
  }
  const done = { ...(commit !== undefined && { commit }) };
  if (remote === undefined)
    throw new UserError(
      `${commit === undefined ? 'Nothing was pushed' : 'It is committed, and not pushed'}: ${root} has no remote.`,
      'Add one with git remote add.',
    );
  const before = counterpart(await readBranchRefs(git, branch))?.commit;
  if (before !== undefined && before === (await git('rev-parse', '--verify', 'HEAD')).trim())
    return { ...done, pushed: false };
  options.onProgress?.(`pushing to ${remote}`);
  try {
    const ref = `refs/heads/${branch}`;
    const upstream = (await git('for-each-ref', '--format=%(upstream)', ref)).trim();
    await git('push', '--quiet', ...(upstream === '' ? ['--set-upstream'] : []), remote, `${ref}:${ref}`);
  } catch (error) {
    throw refusedPush(error, { root, branch, remote });
  }
  return { ...done, pushed: true };
}

/** The branch's own remote, else `origin`, else the only one. */
async function remoteOf(git: UserGit, branch: string): Promise<string | undefined> {
  const configured = (
    await git('for-each-ref', '--format=%(push:remotename)', `refs/heads/${branch}`)
  ).trim();
  const remotes = (await git('remote')).split('\n').filter(Boolean);
  if (remotes.includes(configured)) return configured;
  return remotes.find((name) => name === 'origin') ?? (remotes.length === 1 ? remotes[0] : undefined);
}

function refusedPush(
  error: unknown,
  { root, branch, remote }: { root: string; branch: string; remote: string },
): unknown {
  if (!(error instanceof GitError)) return error;
  const said = error.cause instanceof Error ? error.cause.message : error.message;
  if (/non-fast-forward|fetch first|stale info|cannot lock ref/.test(said))
    return new UserError(
      `The documents are committed here, and ${remote} did not take them: its ${branch} has commits that yours lacks.`,
      `Look at them first. Then, in ${root}: "git pull --rebase" puts your commit on top of them; and commit and push again.`,
      { cause: error },
    );
  const line =
    said.split('\n').find((one) => /remote rejected|remote:|fatal:|error:|denied/i.test(one)) ??
    error.message;
  return new UserError(
    `The documents are committed here, and not pushed: ${displayText(line)}`,
    error.next ||
      `Correct that, and do it again: it pushes what is committed. In ${root}, git push says more.`,
    { cause: error },
  );
}
