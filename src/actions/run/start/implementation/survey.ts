import { UserError } from '../../../../model/errors';
import { isTrunk } from '../../../../model/names';
import type { ImplementationOrder } from '../../../../model/run/order';
import { approvalFrom } from '../../../../model/gate/approval/approval';
import type { Settings } from '../../../../model/settings';
import type { Ledger } from '../../../../state/ledger';
import { lookAtCommit } from '../../../../runs/approved';
import { lookAtBranches, uncommittedIn, type Branches } from '../../../../runs/preflight';
import { docsReader } from '../../../../sources/git/branchDocs';
import {
  askBesideLive,
  branchBy,
  checked,
  checkPush,
  lookAround,
  refuseCheckedOut,
  type LookOptions,
  type Surroundings,
} from '../lookAround';
import type { Survey } from '../analysis/survey';
import type { RunPlace } from '../places';
import { begunQuestion, existsQuestion } from '../questions';
import type { StartSteps } from '../steps';
import type { StandingApproval } from './approval';

export interface ImplementationLook extends LookOptions {
  settings: LookOptions['settings'] & Pick<Settings, 'docs' | 'implementation'>;
  ledger: Pick<Ledger, 'read'>;
}

/**
 * Looks where the approved documents can be implemented, and whether they are still those of the task: on its branch as
 * the remote has it now. Throws UserError where they are not, or where there is no place for it.
 */
export async function surveyImplementation(
  key: string,
  at: RunPlace,
  { claim }: StandingApproval,
  options: ImplementationLook,
  steps: StartSteps,
): Promise<Survey & Pick<ImplementationOrder, 'documents'>> {
  const { settings, onCheck } = options;
  const own = settings.implementation.branchPattern;
  const recorded = claim.branch !== undefined && !isTrunk(claim.branch) ? claim.branch : undefined;
  const docsBranch = recorded ?? branchBy(key, settings.branchPattern);
  const branch = own === '' ? docsBranch : branchBy(key, own, 'implementation.branchPattern');
  const found = await lookAround(key, at, branch, options, steps);
  const docsBranches =
    branch === docsBranch
      ? found.branches
      : await checked(onCheck, 'branch', () =>
          lookAtBranches(at.host, at.place, {
            remote: found.remote,
            branch: docsBranch,
            target: found.branches.target,
            ...found.asked,
          }),
        );
  const documents = await checked(onCheck, 'approval', () =>
    standingDocuments(key, at, { claim, branch, docsBranch, docsBranches }, options, steps),
  );
  onCheck({
    check: 'approval',
    ok: true,
    detail: `${claim.commit.slice(0, 8)} approved by ${claim.author.name}`,
  });
  const { commit } = claim;
  const head = await checked(onCheck, 'branch', () => Promise.resolve(headOf(at, found)));
  onCheck({ check: 'branch', ok: true, detail: `${branch}, from the approved ${commit.slice(0, 8)} on` });
  await checkPush(at, found, head ?? commit, onCheck);
  if (head !== undefined) {
    await checked(onCheck, 'branch', () =>
      fitBranch(at, found, { commit, head, isExpected: branch === docsBranch }, options, steps),
    );
    await askBesideLive(at, found, options, steps);
  }
  const base = { branch: docsBranch, commit };
  const { repository, directory, remote } = found;
  return { repository, directory, branch, base, remote, existing: head !== undefined, documents };
}

/** The approved documents, if those on the branch are still the same. */
async function standingDocuments(
  key: string,
  { host, place }: RunPlace,
  approval: {
    claim: StandingApproval['claim'];
    branch: string;
    docsBranch: string;
    docsBranches: Branches;
  },
  { settings }: ImplementationLook,
  { signal }: StartSteps,
): Promise<ImplementationOrder['documents']> {
  const { claim, branch, docsBranch, docsBranches } = approval;
  const { commit } = claim;
  const again = 'Review Documents shows what is new; then Approve for Implementation again.';
  const short = commit.slice(0, 12);
  const { local, remote: there, ahead } = docsBranches;
  const head = there ?? local;
  switch (await lookAtCommit(host, place, { commit, head }, { signal })) {
    case 'missing':
      throw new UserError(
        `The approved commit ${short} is not in ${place.directory} on ${host.name}, also after a fetch.`,
        `Push it, or: ${again}`,
      );
    case 'beside':
      throw new UserError(`${docsBranch} does not hold the approved commit ${short} any more.`, again);
    case 'there':
    case 'within':
  }
  const read = docsReader(4);
  const documentsAt = async (one: string): Promise<{ path: string; blob: string }[]> => {
    const { docs, error } = (await read(host, place, [{ key, commit: one }], settings.docs, signal)).get(key) ?? { docs: [] }; // prettier-ignore
    if (error !== undefined) throw new UserError(`The documents of ${key} cannot be read.`, error);
    return docs.map(({ path, blob }) => ({ path, blob }));
  };
  // What lies on this host alone would be pushed with the work.
  const heads = [head, branch === docsBranch && ahead > 0 ? local : undefined].filter(
    (one) => one !== undefined,
  );
  for (const one of new Set(heads)) {
    const { stale, changed = [] } = approvalFrom(claim, await documentsAt(one), one);
    if (stale)
      throw new UserError(
        `The approval of ${key} is stale: ${changed.length > 0 ? `${changed.join(', ')} changed` : `${docsBranch} has moved`} since ${claim.author.name} approved ${short}.`,
        again,
      );
  }
  const documents = claim.documents ?? (await documentsAt(commit));
  if (documents.length === 0)
    throw new UserError(`The approved commit ${short} holds no documents of ${key}.`, again);
  return documents;
}

/** What the work goes on from; undefined where the branch is to be made. */
function headOf(
  { host }: RunPlace,
  { branch, branches, remote, repository }: Surroundings,
): string | undefined {
  const { local, remote: there, ahead, behind } = branches;
  if (behind > 0 && ahead > 0)
    throw new UserError(
      `${branch} in ${repository} on ${host.name} and on ${remote} each have commits that the other lacks.`,
      'Bring them together there (git pull), then start again.',
    );
  return behind > 0 ? there : (local ?? there);
}

/** Throws where the branch that is there cannot be worked on. */
async function fitBranch(
  at: RunPlace,
  found: Surroundings,
  { commit, head, isExpected }: { commit: string; head: string; isExpected: boolean },
  { onCheck, ledger }: ImplementationLook,
  steps: StartSteps,
): Promise<void> {
  const { host, place } = at;
  const { branch, branches, tree, asked } = found;
  refuseCheckedOut(at, found, onCheck);
  if ((await lookAtCommit(host, place, { commit, head }, steps)) !== 'within')
    throw new UserError(
      `${branch} is there already, and does not hold the approved commit ${commit.slice(0, 12)}.`,
      'Rename or remove that branch, or set taskSessions.implementation.branchPattern.',
    );
  const isThere = tree !== undefined && tree.prunable === undefined;
  if (isThere) {
    const [first, ...others] = await uncommittedIn(host, place, tree.directory, asked);
    if (first !== undefined)
      throw new UserError(
        `${tree.directory} on ${host.name} has ${branch} with changes that are not committed: ${first}${others.length > 0 ? ' and more' : ''}.`,
        'Commit or discard them there, then start again.',
      );
  }
  const { worktrees } = await ledger.read();
  const isOurs =
    !isThere || worktrees.some((one) => one.host === host.name && one.directory === tree.directory);
  if (isExpected && isOurs) {
    if (head !== commit) await steps.insist(begunQuestion(branch, found.directory));
    return;
  }
  const where = branches.local === undefined ? 'remote' : 'local';
  await steps.insist(existsQuestion(branch, where, host.name, tree?.directory));
}
