import { plural } from '../../../../model/describe';
import { UserError } from '../../../../model/errors';
import type { RunOrder } from '../../../../model/run/order';
import {
  askBesideLive,
  branchBy,
  checkPush,
  failed,
  lookAround,
  refuseCheckedOut,
  type LookOptions,
} from '../lookAround';
import type { RunPlace } from '../places';
import { existsQuestion } from '../questions';
import type { StartSteps } from '../steps';

/** Where a run is to work. */
export interface Survey extends Pick<RunOrder, 'repository' | 'directory' | 'branch' | 'base' | 'remote'> {
  /** The branch is there already, and to be worked on. */
  existing: boolean;
}

/** Looks where an analysis can work; asks whether to work on a branch that is there already. Throws UserError. */
export async function survey(
  key: string,
  at: RunPlace,
  options: LookOptions,
  steps: StartSteps,
): Promise<Survey> {
  const { host } = at;
  const { onCheck, settings } = options;
  const found = await lookAround(key, at, branchBy(key, settings.branchPattern), options, steps);
  const { branch, branches, repository, directory, remote, tree } = found;
  const { base, local, remote: there } = branches;
  onCheck({
    check: 'branch',
    ok: true,
    detail: `${branch} from ${base.branch} at ${base.commit.slice(0, 8)}`,
  });
  await checkPush(at, found, local ?? there ?? base.commit, onCheck);

  const places = { repository, directory, branch, base, remote };
  const existing = local !== undefined || there !== undefined;
  if (!existing) return { ...places, existing };
  refuseCheckedOut(at, found, onCheck);
  if (branches.behind > 0)
    throw failed(
      onCheck,
      'branch',
      new UserError(
        `${branch} in ${repository} on ${host.name} lacks ${plural(branches.behind, 'commit')} of ${remote}.`,
        'Bring it up to date there (git pull), then start again.',
      ),
    );
  await steps.insist(
    existsQuestion(branch, local === undefined ? 'remote' : 'local', host.name, tree?.directory),
  );
  await askBesideLive(at, found, options, steps);
  return { ...places, existing };
}
