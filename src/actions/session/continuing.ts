import { boundSessions } from '../../model/describe';
import { UserError } from '../../model/errors';
import type { Session } from '../../model/session/session';
import type { Settings } from '../../model/settings';
import type { Task } from '../../model/task/task';
import { worktreeDirectory } from '../../sources/git/checkout/worktree';
import type { Ledger } from '../../state/ledger';
import { canCheckOut, type CheckoutPlan, type Checkouts } from '../checkouts';
import type { Publication, Publishing } from '../issue/publishing';
import type { StartPlan } from './resume/plan';
import type { PlanOptions } from './resume/planner';
import type { Sessions } from './sessions';
import { lastSeen } from '../../model/session/listing';

export interface ContinuingOptions {
  checkouts: Pick<Checkouts, 'plan' | 'checkOut' | 'worktree'>;
  sessions: Pick<Sessions, 'planFromDocuments'>;
  publishing: Pick<Publishing, 'publish'>;
  ledger: Pick<Ledger, 'read'>;
  settings: Pick<Settings, 'worktrees'>;
}

/** In a worktree of its own, or in the clone of this machine, where the branch is checked out for it. */
export type Workplace = 'worktree' | 'clone';

/** Where a new session can work, before anything is changed. */
export interface Workplaces {
  checkout: CheckoutPlan;
  /** The clone could be switched to the branch; false where it has it already, or must not be touched. */
  isChoice: boolean;
  /** Where the worktree is or would be. */
  worktree: string;
}

export interface Continuation {
  plan: StartPlan;
  /** Sentences that the user should read. */
  notes: string[];
}

/**
 * Going on from the documents of a task on this machine, where the conversation that wrote them is somebody else's or
 * gone: a new session, which continues the old one in ledger and record.
 */
export class Continuing {
  constructor(private readonly options: ContinuingOptions) {}

  /** Fetches a branch that is not known yet; changes no working tree. */
  async workplaces(task: Task, signal?: AbortSignal): Promise<Workplaces> {
    needDocuments(task);
    const checkout = await this.options.checkouts.plan(task, signal);
    const { root } = checkout;
    const worktree =
      checkout.kind === 'heldElsewhere' && !checkout.gone
        ? checkout.directory
        : checkout.kind === 'alreadyThere'
          ? root
          : worktreeDirectory(root, task.key, this.options.settings.worktrees.directory);
    return {
      checkout,
      isChoice: canCheckOut(checkout) && checkout.kind !== 'alreadyThere',
      worktree,
    };
  }

  /** Makes the workplace and plans the session in it. Throws UserError where the clone cannot be switched. */
  async prepare(
    task: Task,
    where: Workplace,
    continues: Session | undefined,
    options: Pick<PlanOptions, 'signal' | 'onCheck'> = {},
  ): Promise<Continuation> {
    const { directory, notes } = await this.workplace(task, where, options.signal);
    return { plan: await this.plan(task, directory, continues, options), notes };
  }

  /** Makes the workplace only. Throws UserError where the clone cannot be switched. */
  workplace(
    task: Task,
    where: Workplace,
    signal?: AbortSignal,
  ): Promise<{ directory: string; notes: string[] }> {
    needDocuments(task);
    return where === 'worktree' ? this.worktree(task, signal) : this.clone(task, signal);
  }

  /** The session as it would start in `directory`, which need not be there yet. */
  plan(
    task: Task,
    directory: string,
    continues: Session | undefined,
    options: Pick<PlanOptions, 'signal' | 'onCheck'> = {},
  ): Promise<StartPlan> {
    return this.options.sessions.planFromDocuments(task, directory, continues, options);
  }

  /** True where a record of ours names the session that is continued: then the issue should tell how it went on. */
  async isExpected(key: string, continues: Pick<Session, 'id'> | undefined): Promise<boolean> {
    if (!continues) return false;
    const { entries, runs } = await this.options.ledger.read();
    return (
      entries.some((one) => one.sessionId === continues.id && one.published?.issueKey === key) ||
      runs.some(({ order }) => order.sessionId === continues.id && order.key === key)
    );
  }

  /** Writes the record of the new session, with `Continues:`. As `Publishing.publish`. */
  record({ session }: StartPlan, key: string, signal?: AbortSignal): Promise<Publication> {
    return this.options.publishing.publish(session, { key }, signal);
  }

  private async worktree(task: Task, signal?: AbortSignal): Promise<{ directory: string; notes: string[] }> {
    const { directory, notes, behind } = await this.options.checkouts.worktree(task, signal);
    return {
      directory,
      notes: [...notes, ...(behind > 0 ? [`${directory} is behind its remote: pull there.`] : [])],
    };
  }

  private async clone(task: Task, signal?: AbortSignal): Promise<{ directory: string; notes: string[] }> {
    const { checkouts } = this.options;
    const plan = await checkouts.plan(task, signal);
    const {
      done,
      plan: after,
      notes,
    } = canCheckOut(plan) ? await checkouts.checkOut(plan, signal) : { done: false, plan, notes: plan.notes };
    if (!done)
      throw new UserError(
        `${after.branch} cannot be checked out in ${after.root} as it is (${after.kind}).`,
        'Use a worktree, or make the working tree clean first.',
      );
    return { directory: after.root, notes };
  }
}

/** The session that the documents are of, as far as the task tells: the newest that belongs to it. */
export const predecessorOf = (task: Task): Session | undefined =>
  boundSessions(task)
    .filter((one) => one.role !== 'review')
    .toSorted((a, b) => lastSeen(b) - lastSeen(a))[0];

function needDocuments({ key, docs }: Task): void {
  if (docs.length === 0)
    throw new UserError(
      `${key} has no documents on its branch.`,
      'Fetch Task Branches, or start an analysis.',
    );
}
