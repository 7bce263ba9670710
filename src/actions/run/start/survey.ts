import { plural } from '../../../model/describe';
import { errorLine, UserError } from '../../../model/errors';
import { isTrunk } from '../../../model/names';
import type { Settings } from '../../../model/settings';
import { branchFor } from '../../../model/task/repository';
import { checkedOut } from '../../../runs/branch';
import {
  chooseRemote,
  groundTrouble,
  lookAtBranches,
  lookAtGround,
  tryPush,
  type Branches,
  type Ground,
} from '../../../runs/preflight';
import { rootOf, worktreeDirectory } from '../../../sources/git/checkout/worktree';
import { fetchOnce } from '../../../sources/git/fetch';
import type { RunPlace } from './places';
import { existsQuestion } from './questions';
import type { StartCheck, StartSteps } from './steps';

/** What a start finds out of a host and its repository before it makes anything. */
export interface Survey {
  /** Top of the repository's working tree there. */
  repository: string;
  /** Where the run's worktree is, or will be. */
  directory: string;
  branch: string;
  base: Branches['base'];
  remote: string;
  /** The branch is there already, and the person said to work on it. */
  existing: boolean;
}

export interface SurveyOptions {
  settings: Pick<Settings, 'branchPattern' | 'worktrees' | 'ssh'>;
  onCheck(check: StartCheck): void;
}

/**
 * Looks at host, repository, remote and branch, and asks whether to work on a branch that is there already. Fetches;
 * makes nothing else. Throws UserError with what to do.
 */
export async function survey(
  key: string,
  { host, place }: RunPlace,
  { settings, onCheck }: SurveyOptions,
  steps: StartSteps,
): Promise<Survey> {
  const asked = {
    ...(steps.signal && { signal: steps.signal }),
    ...(settings.ssh.configFile && { sshConfigFile: settings.ssh.configFile }),
  };
  const branch = branchName(key, settings.branchPattern);
  const ground = await checked(onCheck, 'repository', () => lookAtGround(host, place, asked));
  onCheck({ check: 'host', ok: true, detail: `${host.name} answers` });
  onCheck({ check: 'repository', ok: true, detail: ground.directory });
  const trouble = groundTrouble(ground, host.name);
  if (trouble) throw failed(onCheck, ground.identity === undefined ? 'identity' : 'disk', trouble);
  onCheck({ check: 'identity', ok: true, detail: `commits as ${ground.identity}` });

  const remote = chooseRemote(ground, place);
  await checked(onCheck, 'fetch', () => fetchPatiently(() => fetchOnce(host, place, asked)));
  onCheck({ check: 'fetch', ok: true, detail: `${remote} fetched` });
  const target = freeDirectory(ground, branch, key, settings.worktrees.directory);
  const branches = await checked(onCheck, 'branch', () =>
    lookAtBranches(host, place, { remote, branch, target, ...asked }),
  );
  const { base, local, remote: there } = branches;
  if (branch === base.branch || isTrunk(branch))
    throw failed(onCheck, 'branch', new UserError(`${branch} is no branch of a task.`, 'Correct taskSessions.branchPattern.')); // prettier-ignore
  onCheck({
    check: 'branch',
    ok: true,
    detail: `${branch} from ${base.branch} at ${base.commit.slice(0, 8)}`,
  });
  await checked(onCheck, 'push', () =>
    tryPush(host, place, { remote, branch, commit: local ?? there ?? base.commit, ...asked }),
  );
  onCheck({ check: 'push', ok: true, detail: `${host.name} may push to ${remote} by itself` });

  const found = { repository: ground.directory, branch, base, remote };
  const existing = local !== undefined || there !== undefined;
  if (!existing) return { ...found, directory: branches.target, existing };
  const tree = ground.worktrees.find((one) => one.branch === `refs/heads/${branch}`);
  if (tree?.main)
    throw failed(onCheck, 'branch', checkedOut({ branch, repository: ground.directory, host: host.name }));
  if (branches.behind > 0)
    throw failed(
      onCheck,
      'branch',
      new UserError(
        `${branch} in ${ground.directory} on ${host.name} lacks ${plural(branches.behind, 'commit')} of ${remote}.`,
        'Bring it up to date there (git pull), then start again.',
      ),
    );
  await steps.insist(
    existsQuestion(branch, local === undefined ? 'remote' : 'local', host.name, tree?.directory),
  );
  return {
    ...found,
    directory: tree && tree.prunable === undefined ? tree.directory : branches.target,
    existing,
  };
}

function branchName(key: string, pattern: string): string {
  const branch = branchFor(key, undefined, pattern);
  if (branch !== undefined) return branch;
  throw new UserError(`${key} has no usable branch name.`, 'Correct taskSessions.branchPattern.');
}

/** The task's place among the worktrees; beside it where another branch of the task has that already. */
function freeDirectory({ worktrees, home }: Ground, branch: string, key: string, pattern: string): string {
  const [main] = worktrees;
  if (!main) throw new UserError('Git lists no working tree here.', 'Run git worktree list.');
  const first = worktreeDirectory(rootOf(main), key, pattern, home);
  const isTaken = (directory: string): boolean =>
    worktrees.some((one) => one.directory === directory && one.branch !== `refs/heads/${branch}`);
  return (
    [first, ...Array.from({ length: 8 }, (_, index) => `${first}-${index + 2}`)].find(
      (one) => !isTaken(one),
    ) ?? first
  );
}

/** Another program may fetch at this very moment: git's locks then refuse, once. */
async function fetchPatiently(fetch: () => Promise<void>): Promise<void> {
  try {
    await fetch();
  } catch (error) {
    if (!/cannot lock ref|\.lock'|unable to update/i.test(errorLine(error))) throw error;
    await fetch();
  }
}

const failed = (
  onCheck: SurveyOptions['onCheck'],
  check: StartCheck['check'],
  error: UserError,
): UserError => {
  onCheck({ check, ok: false, detail: error.message, fix: error.next });
  return error;
};

/** Notes the check as failed where it throws what the user can act on. */
export async function checked<T>(
  onCheck: SurveyOptions['onCheck'],
  check: StartCheck['check'],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UserError ? failed(onCheck, check, error) : error;
  }
}
