import { UserError } from '../model/errors';
import { plural } from '../model/describe';
import { forgePages, type ForgePages, type PullRequestPage } from '../model/links/forge';
import type { PullRequestNote } from '../model/gate/pullRequest';
import type { Settings } from '../model/settings';
import { branchFor } from '../model/task/repository';
import type { Task } from '../model/task/task';
import { chooseRemote, lookAtBranches, lookAtGround } from '../runs/preflight';
import type { Fetcher } from '../sources/git/fetch';
import type { Ledger } from '../state/ledger';
import type { IssueWriter } from './issue/issueWriter';
import type { Move } from './issue/statusMoves';
import type { PullRequestLinks } from './owed/pullRequestLinks';
import { placesFor, type PlacesOptions, type RunPlace } from './run/start/places';

export interface PullRequestsOptions extends Pick<PlacesOptions, 'repositories'> {
  settings: Pick<Settings, 'repositories' | 'ssh' | 'implementation'>;
  fetcher: Pick<Fetcher, 'fetchNow'>;
  ledger: Pick<Ledger, 'read' | 'notePullRequest'>;
  now?(): number;
}

/** What a pull request of a task would be of. */
export interface PullRequestPlan {
  key: string;
  branch: string;
  /** The remote's default branch. */
  base: string;
  /** Head of the branch on the remote, full id. */
  commit: string;
  /** Where it is made. */
  compare: string;
  /** Pages of the repository, to know its pull requests by. */
  pages: ForgePages;
  /** Working tree of this machine that has the branch checked out. */
  checkedOutIn?: string;
  /** It was opened before, and is known. */
  opened?: PullRequestNote;
  warnings: string[];
}

/** What became of the link and of the phase. */
export interface LinkedPullRequest {
  url: string;
  /** `Pull request #12`; absent while only the page where it is made is known. */
  name?: string;
  status: Move['kind'];
  /** What Jira did not take, one line each, with the next step. */
  problems: string[];
}

type Of = Pick<Task, 'key' | 'id' | 'branch' | 'checkout' | 'runs'>;

/** Takes a task's branch to its git host, and its link to the issue. */
export class PullRequests {
  private readonly now: () => number;

  constructor(
    private readonly options: PullRequestsOptions,
    private readonly links: Pick<PullRequestLinks, 'put'>,
    private readonly writer: Pick<IssueWriter, 'jiraHost'>,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** Fetches, and looks whether there is something to open. Throws UserError where there is not. */
  async plan(task: Of, signal?: AbortSignal): Promise<PullRequestPlan> {
    const { settings, fetcher } = this.options;
    const { key } = task;
    const { host, place } = await this.placeOf(task);
    const { error } = await fetcher.fetchNow(host, place);
    const asked = {
      ...(signal && { signal }),
      ...(settings.ssh.configFile && { sshConfigFile: settings.ssh.configFile }),
    };
    const ground = await lookAtGround(host, place, asked);
    const remote = chooseRemote(ground, place);
    const look = (branch: string) =>
      lookAtBranches(host, place, { remote, branch, target: ground.directory, ...asked });
    const [wanted = '', ...others] = branchesOf(task, settings);
    let branch = wanted;
    let found = await look(branch);
    // Where nothing has begun on a branch for the implementation, it was made on the task's own.
    for (const other of found.local === undefined && found.remote === undefined ? others : []) {
      branch = other;
      found = await look(branch);
    }
    const { base, remote: commit, ahead } = found;
    if (branch === base.branch)
      throw new UserError(`${branch} is the branch that ${key} would be merged into.`, 'Correct taskSessions.branchPattern.'); // prettier-ignore
    if (commit === undefined)
      throw new UserError(
        `${branch} is not on ${remote}${found.local === undefined ? ', nor on ' + host.name : ''}.`,
        found.local === undefined ? 'Start an implementation, or push your branch.' : `Push it: git push ${remote} ${branch}`,
      ); // prettier-ignore
    if (commit === base.commit)
      throw new UserError(`${branch} holds nothing that ${base.branch} does not have.`, 'Commit and push the work first.'); // prettier-ignore
    const url = ground.remotes.find(({ name }) => name === remote)?.url ?? '';
    const pages = forgePages(url, settings.repositories[place.name]?.forge);
    const compare = pages?.compare(branch, base.branch);
    if (!pages || compare === undefined)
      throw new UserError(
        `Nobody knows what kind of git host ${remote} of ${place.name} is.`,
        'Set "forge" of the repository in taskSessions.repositories (github, gitlab, bitbucket, gitea).',
      );
    const tree = host.local
      ? ground.worktrees.find((one) => one.branch === `refs/heads/${branch}` && one.prunable === undefined)
      : undefined;
    const opened = await this.noted(key, branch);
    return {
      key,
      branch,
      base: base.branch,
      commit,
      compare,
      pages,
      ...(tree && { checkedOutIn: tree.directory }),
      ...(opened?.name !== undefined && { opened }),
      warnings: [
        ...(error === undefined ? [] : [`It was not fetched: ${error}`]),
        ...(ahead > 0 ? [`Not pushed yet: ${plural(ahead, 'commit')} of ${branch} on ${host.name}.`] : []),
      ],
    };
  }

  /**
   * Puts the link on the issue, one for the branch, edited in place, and moves the issue to the status of `inReview`.
   * What Jira does not take is told, and owed where it may take it later; to repeat it changes nothing that is there.
   */
  async link(
    task: Of,
    plan: PullRequestPlan,
    page?: PullRequestPage,
    signal?: AbortSignal,
  ): Promise<LinkedPullRequest> {
    const { ledger } = this.options;
    const { key, branch } = plan;
    const { url, name } = page ?? plan.opened ?? { url: plan.compare, name: undefined };
    const jira = this.writer.jiraHost();
    await ledger.notePullRequest({
      ...(jira !== undefined && { jira }),
      key,
      branch,
      url,
      ...(name !== undefined && { name }),
      at: this.now(),
    });
    const { status, problems } = await this.links.put(
      { key, issueId: task.id, branch, base: plan.base },
      signal,
    );
    return { url, ...(name !== undefined && { name }), status, problems };
  }

  private async noted(key: string, branch: string): Promise<PullRequestNote | undefined> {
    const here = this.writer.jiraHost();
    const { pullRequests } = await this.options.ledger.read();
    return pullRequests.findLast(
      (note) => note.key === key && note.branch === branch && (note.jira === undefined || note.jira === here),
    );
  }

  /** Where the implementation worked, else where the branch was read, else the nearest. */
  private async placeOf(task: Of): Promise<RunPlace> {
    const places = await placesFor(this.options, task.key);
    const run = task.runs?.find(({ kind }) => kind === 'implementation');
    const on = (name: string | undefined) => places.find(({ host }) => host.name === name);
    const found = on(run?.host) ?? on(task.checkout?.host) ?? places[0];
    if (found) return found;
    throw new UserError(
      `The repository of ${task.key} is on no host of yours.`,
      'Set its directory in taskSessions.repositories, or on a host.',
    );
  }
}

/** Branches that may hold the work, the likeliest first. */
function branchesOf(
  { key, branch, runs }: Of,
  { implementation }: Pick<Settings, 'implementation'>,
): string[] {
  const run = runs?.find(({ kind }) => kind === 'implementation')?.branch;
  const named = implementation.branchPattern && branchFor(key, undefined, implementation.branchPattern);
  const all = [run, named, branch].filter((one) => one !== undefined && one !== '');
  if (all.length === 0)
    throw new UserError(`${key} has no usable branch name.`, 'Correct taskSessions.branchPattern.');
  return [...new Set(all as string[])];
}
