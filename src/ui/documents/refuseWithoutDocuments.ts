import { UserError } from '../../model/errors';
import type { Task } from '../../model/task/task';

/** Throws UserError where there is nothing to open or to review. */
export function refuseWithoutDocuments({ key, docs, branchError }: Task): void {
  if (docs.length === 0)
    throw new UserError(
      `${key} has no documents on its branch.`,
      branchError ?? 'Fetch Task Branches asks the remotes.',
    );
}
