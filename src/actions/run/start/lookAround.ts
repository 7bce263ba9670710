import { errorLine, isCancelled, UserError } from '../../../model/errors';
import { isTrunk } from '../../../model/names';
import { liveIn } from '../../../model/session/liveness';
import type { HostReport } from '../../../model/session/transcript';
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
import type { Worktree } from '../../../sources/git/refs';
import { latest } from '../../session/resume/life';
import type { ReportSource } from '../../store';
import type { RunPlace } from './places';
import { liveQuestion } from './questions';
import type { StartCheck, StartSteps } from './steps';

export interface LookOptions {
  settings: Pick<Settings, 'branchPattern' | 'worktrees' | 'ssh'>;
  /** What lives on each host. */
  reports: readonly Pick<ReportSource, 'name' | 'report'>[];
  onCheck(check: StartCheck): void;
}

/** What a start finds of a host and its repository before it makes anything. */
export interface Surroundings {
  /** Top of the repository's working tree there. */
  repository: string;
  branch: string;
  branches: Branches;
  remote: string;
  /** The working tree that has the branch. */
  tree?: Worktree;
  /** Where the run's worktree is, or will be. */
  directory: string;
  /** How the run's own git will talk to the remote. */
  asked: { signal?: AbortSignal; sshConfigFile?: string };
}

/**
 * Looks at host, repository, remote and the branch of a run. Fetches; makes nothing else. Throws UserError with what to
 * do, also where the branch is one that no run may have.
 */
export async function lookAround(
  key: string,
  { host, place }: RunPlace,
  branch: string,
  { settings, onCheck }: LookOptions,
  steps: StartSteps,
): Promise<Surroundings> {
  const asked = {
    ...(steps.signal && { signal: steps.signal }),
    ...(settings.ssh.configFile && { sshConfigFile: settings.ssh.configFile }),
  };
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
  if (branch === branches.base.branch || isTrunk(branch))
    throw failed(onCheck, 'branch', new UserError(`${branch} is no branch of a task.`, 'Correct taskSessions.branchPattern.')); // prettier-ignore
  const tree = ground.worktrees.find((one) => one.branch === `refs/heads/${branch}`);
  return {
    repository: ground.directory,
    branch,
    branches,
    remote,
    ...(tree && { tree }),
    directory: tree && !tree.main && tree.prunable === undefined ? tree.directory : branches.target,
    asked,
  };
}

/** Tries whether a run may push the commit to the branch by itself. */
export async function checkPush(
  { host, place }: RunPlace,
  { remote, branch, asked }: Surroundings,
  commit: string,
  onCheck: LookOptions['onCheck'],
): Promise<void> {
  await checked(onCheck, 'push', () => tryPush(host, place, { remote, branch, commit, ...asked }));
  onCheck({ check: 'push', ok: true, detail: `${host.name} may push to ${remote} by itself` });
}

/** Throws where the branch is in the user's own working tree, which a run never touches. */
export function refuseCheckedOut(
  { host }: RunPlace,
  { tree, branch, repository }: Surroundings,
  onCheck: LookOptions['onCheck'],
): void {
  if (tree?.main) throw failed(onCheck, 'branch', checkedOut({ branch, repository, host: host.name }));
}

/**
 * Asks about each Claude that lives in the worktree that the run would take over, whoever started it. Throws the
 * question's words on a no; where it cannot be told, a failed check and a note say so.
 */
export async function askBesideLive(
  { host }: RunPlace,
  { tree, directory }: Surroundings,
  { reports, onCheck }: LookOptions,
  steps: StartSteps,
): Promise<void> {
  if (tree?.directory !== directory) return;
  const source = reports.find(({ name }) => name === host.name);
  const found = await (source && latest(source, steps.signal).catch(notTold));
  const why =
    found === undefined
      ? `${host.name} does not say`
      : found instanceof UserError
        ? found.message
        : unseen(found);
  if (why !== undefined) {
    const detail = `Whether Claude is live in ${directory} is not known: ${why}`;
    onCheck({ check: 'sessions', ok: false, detail, fix: 'Look there before you go on.' });
    steps.note(`${detail.replace(/\.$/, '')}.`);
  }
  if (found === undefined || found instanceof UserError) return;
  const lives = liveIn(directory, found);
  for (const one of lives) await steps.insist(liveQuestion(one, directory, host.name));
  if (why === undefined && lives.length === 0)
    onCheck({ check: 'sessions', ok: true, detail: `no Claude is live in ${directory}` });
}

function notTold(error: unknown): UserError {
  if (error instanceof UserError && !isCancelled(error)) return error;
  throw error;
}

/** Why not every live session of the host is known; undefined where all are. */
function unseen({ registryUnread, unread: [unread] = [] }: HostReport): string | undefined {
  if (registryUnread) return 'Claude’s list of live sessions cannot be read there';
  return unread === undefined ? undefined : `what process ${unread} holds cannot be read`;
}

/** The branch of a task by a pattern of the settings, whose name is `setting`. */
export function branchBy(key: string, pattern: string, setting = 'branchPattern'): string {
  const branch = branchFor(key, undefined, pattern);
  if (branch !== undefined) return branch;
  throw new UserError(`${key} has no usable branch name.`, `Correct taskSessions.${setting}.`);
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

/** Notes the check as failed; answers the error, to be thrown. */
export function failed(
  onCheck: LookOptions['onCheck'],
  check: StartCheck['check'],
  error: UserError,
): UserError {
  onCheck({ check, ok: false, detail: error.message, fix: error.next });
  return error;
}

/** Notes the check as failed where it throws what the user can act on. */
export async function checked<T>(
  onCheck: LookOptions['onCheck'],
  check: StartCheck['check'],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UserError ? failed(onCheck, check, error) : error;
  }
}
