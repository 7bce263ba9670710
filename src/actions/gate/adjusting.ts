import { UserError } from '../../model/errors';
import type { Settings } from '../../model/settings';
import { docsDirectoryFor } from '../../model/task/repository';
import type { Task } from '../../model/task/task';
import {
  commitAndPush,
  planCommit,
  type CommitPlan,
  type CommittedFiles,
} from '../../sources/git/checkout/commit';
import type { Checkouts } from '../checkouts';
import type { Continuing, Workplace, Workplaces } from '../session/continuing';

export type { CommitPlan, CommittedFiles };

export interface AdjustingOptions {
  settings: Pick<Settings, 'docs'>;
  checkouts: Pick<Checkouts, 'plan'>;
  continuing: Pick<Continuing, 'workplaces' | 'workplace'>;
  /** Of the user's own git. */
  env: NodeJS.ProcessEnv;
}

/** A person's own hand on the documents: the files in a working tree of this machine, their commit and their push. */
export class Adjusting {
  constructor(private readonly options: AdjustingOptions) {}

  /** Where the files can be edited. Throws UserError where the repository is on no disk of this machine. */
  workplaces(task: Task, signal?: AbortSignal): Promise<Workplaces> {
    return this.options.continuing.workplaces(task, signal);
  }

  /** Makes or finds that place. */
  workplace(
    task: Task,
    where: Workplace,
    signal?: AbortSignal,
  ): Promise<{ directory: string; notes: string[] }> {
    return this.options.continuing.workplace(task, where, signal);
  }

  /** What would be committed and pushed. Throws UserError where the branch is not checked out on this machine. */
  async plan(task: Task, signal?: AbortSignal): Promise<CommitPlan> {
    const { checkouts, env } = this.options;
    const checkout = await checkouts.plan(task, signal);
    const directory =
      checkout.kind === 'alreadyThere'
        ? checkout.root
        : checkout.kind === 'heldElsewhere' && !checkout.gone
          ? checkout.directory
          : undefined;
    if (directory === undefined)
      throw new UserError(
        `${checkout.branch} is not checked out on this machine.`,
        'Edit Documents opens a place that has it.',
      );
    const { branch } = checkout;
    const isWanted = (path: string): boolean => this.isDocument(task, path);
    return planCommit(directory, { branch, isWanted }, { env, ...(signal && { signal }) });
  }

  /** May be repeated: what an earlier try has committed is pushed. */
  commit(
    plan: CommitPlan,
    message: string,
    options: { signal?: AbortSignal; onProgress?: (line: string) => void } = {},
  ): Promise<CommittedFiles> {
    return commitAndPush(plan, message, { env: this.options.env, ...options });
  }

  /** In the documents' own folder, or a document by its name that lies elsewhere on the branch. */
  isDocument({ key, docs }: Pick<Task, 'key' | 'docs'>, path: string): boolean {
    const folder = docsDirectoryFor(key, this.options.settings.docs.directory);
    return (
      (folder !== undefined && folder !== '' && path.startsWith(`${folder}/`)) ||
      docs.some((doc) => doc.path === path)
    );
  }
}

/** What the commit says unless the person says otherwise. */
export const defaultMessage = ({ key }: Pick<Task, 'key'>): string => `${key}: Adjust documents`;
