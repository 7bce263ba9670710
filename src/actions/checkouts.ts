import { unlessAborted, UserError } from '../model/errors';
import type { Repository } from '../model/task/repository';
import type { Settings } from '../model/settings';
import type { Task } from '../model/task/task';
import {
  canCheckOut,
  checkout,
  fastForward,
  planCheckout,
  type CheckoutPlan,
} from '../sources/git/checkout/checkout';
import type { UserGitOptions } from '../sources/git/checkout/userGit';
import { openWorktree, type OpenedWorktree } from '../sources/git/checkout/worktree';
import type { Fetcher, FetchState } from '../sources/git/fetch';
import type { Ledger } from '../state/ledger';
import type { Repositories } from './repositories';

export type { CheckoutPlan, OpenedWorktree };
export { canCheckOut };

/** Several repositories could be meant: the caller asks, `Repositories.choose` remembers. */
export class RepositoryChoiceNeeded extends UserError {
  constructor(
    readonly key: string,
    readonly choices: readonly Repository[],
  ) {
    super(
      `Several repositories could hold the branch of ${key}: ${choices.map((one) => one.name).join(', ')}.`,
      'Name its project in taskSessions.repositories.',
    );
  }
}

/** Brings a task branch into a working tree of this machine. Never stashes, resets or forces. */
export class Checkouts {
  constructor(
    private readonly repositories: Repositories,
    private readonly fetcher: Fetcher,
    private readonly ledger: Ledger,
    private readonly settings: Settings,
    private readonly env: NodeJS.ProcessEnv,
    /** Host and port of the Jira that has the tasks. */
    private readonly jira: () => string | undefined,
  ) {}

  /** What a checkout would do; a branch that is not known yet is fetched first. Changes no working tree. */
  async plan(task: Task, signal?: AbortSignal): Promise<CheckoutPlan> {
    const branch = branchOf(task);
    const directory = await this.directory(task);
    const plan = await planCheckout(directory, branch, this.options(signal));
    if (plan.kind !== 'missing') return plan;
    const { error } = await this.fetch(task);
    const after = await planCheckout(directory, branch, this.options(signal));
    return error === undefined
      ? after
      : { ...after, notes: [...after.notes, `It was not fetched: ${error}`] };
  }

  /** Does what the plan says if it still holds; else the new plan comes back undone. */
  checkOut(plan: CheckoutPlan, signal?: AbortSignal): ReturnType<typeof checkout> {
    return checkout(plan, this.options(signal));
  }

  fastForward(plan: CheckoutPlan, signal?: AbortSignal): Promise<void> {
    return fastForward(plan.root, plan.branch, this.options(signal));
  }

  /** A worktree of the task's branch, made or found; remembered, so that sessions in it belong to the task. */
  async worktree(task: Task, signal?: AbortSignal): Promise<OpenedWorktree> {
    const branch = branchOf(task);
    const directory = await this.directory(task);
    if (!task.checkout) await this.fetch(task);
    const opened = await openWorktree(
      directory,
      branch,
      task.key,
      this.settings.worktrees.directory,
      this.options(signal),
    );
    if (opened.created) {
      const host = (await this.local(task)).host;
      const jira = this.jira();
      await this.ledger.rememberWorktree({
        key: task.key,
        ...(jira !== undefined && { jira }),
        host,
        directory: opened.directory,
        createdAt: Date.now(),
      });
    }
    return opened;
  }

  /**
   * Fetches every place of these tasks' repositories now. Answers what failed, one line each. Cancelled, nobody waits
   * any more; a fetch that others may wait for goes on.
   */
  async fetchAll(keys: readonly string[], signal?: AbortSignal): Promise<string[]> {
    const places = await this.repositories.places(keys);
    const states = await Promise.all(
      places.map(async (place) => {
        const host = this.repositories.host(place.host);
        return host && { place, state: await unlessAborted(this.fetcher.fetchNow(host, place), signal) };
      }),
    );
    return states.flatMap((one) =>
      one?.state.error ? [`${one.place.name} on ${one.place.host}: ${one.state.error}`] : [],
    );
  }

  /** Fetches in the background whatever is due, without waiting. */
  async fetchDue(keys: readonly string[]): Promise<void> {
    for (const place of await this.repositories.places(keys)) {
      const host = this.repositories.host(place.host);
      if (host) this.fetcher.request(host, place);
    }
  }

  private async fetch(task: Task): Promise<Pick<FetchState, 'error'>> {
    const { host, directory, name } = await this.local(task);
    const machine = this.repositories.host(host);
    return machine ? this.fetcher.fetchNow(machine, { name, host, directory }) : {};
  }

  private async directory(task: Task): Promise<string> {
    return (await this.local(task)).directory;
  }

  /** The place on this machine. */
  private async local(task: Task): Promise<{ host: string; directory: string; name: string }> {
    const answer = await this.repositories.repository(task.key);
    switch (answer.kind) {
      case 'none':
        throw new UserError(answer.reason, answer.next);
      case 'ambiguous':
        throw new RepositoryChoiceNeeded(task.key, answer.choices);
      case 'found': {
        const place = answer.places.find((one) => this.repositories.host(one.host)?.local);
        if (place) return place;
        const elsewhere = answer.places[0];
        throw new UserError(
          `The repository ${answer.name} is not on this machine${elsewhere ? `, but on ${elsewhere.host} in ${elsewhere.directory}` : ''}.`,
          'Clone it here and open its folder; or work there, with Open Shell or in a Remote-SSH window of that machine.',
        );
      }
    }
  }

  private options(signal?: AbortSignal): UserGitOptions {
    return { env: this.env, ...(signal && { signal }) };
  }
}

function branchOf(task: Task): string {
  const name = task.checkout?.name ?? task.branch;
  if (name === undefined)
    throw new UserError(`${task.key} has no usable branch name.`, 'Correct taskSessions.branchPattern.');
  return name;
}
