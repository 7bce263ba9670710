import { UserError } from '../../../../model/errors';
import { judgeApproval } from '../../../../model/gate/approval';
import type { RunOrder } from '../../../../model/run/order';
import type { RecordClaim } from '../../../../model/record/record';
import type { Settings } from '../../../../model/settings';
import type { JiraAccount } from '../../../account';
import type { StartedTask } from '../order';

/** An approval that counts at this moment, and what the issue says besides. */
export interface StandingApproval {
  claim: RecordClaim & { commit: string };
  /** The session that wrote the documents, as far as the records tell. */
  analysis?: string;
}

/**
 * The newest approval of a task that counts, by its comments, status and changelog as Jira has them now, in full. Throws
 * UserError where there is none, with the reason.
 */
export async function standingApproval(
  { key, id }: StartedTask,
  { settings, account }: { settings: Settings; account: Pick<JiraAccount, 'jira'> },
  signal: AbortSignal | undefined,
): Promise<StandingApproval> {
  const jira = await account.jira(signal);
  const [claims, issue, transitions] = await Promise.all([
    jira.claims(key, signal),
    jira.status(key, signal),
    jira.statusChanges(key, signal),
  ]);
  if (id !== undefined && issue.id !== id)
    throw new UserError(`${key} names another issue today.`, 'Refresh, and look at the tree.');
  const judge = (claim: RecordClaim) =>
    judgeApproval(claim, { status: issue.status, transitions, claims }, settings);
  const claim = claims.findLast((one) => judge(one).counts);
  if (claim?.commit === undefined) throw unapproved(key, claims.findLast(isApproval), judge);
  const analysis = claims.findLast(({ title }) => title === 'AI Analysis Complete')?.sessionId;
  return { claim: { ...claim, commit: claim.commit }, ...(analysis !== undefined && { analysis }) };
}

/** Throws UserError where the approval by which a run was ordered is not the one that counts today. */
export async function refuseUnapproved(
  order: RunOrder,
  options: Parameters<typeof standingApproval>[1],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { key, issueId, implementation } = order;
  if (!implementation) return;
  const task = { key, ...(issueId !== undefined && { id: issueId }) };
  const { claim } = await standingApproval(task, options, signal);
  if (claim.commit !== implementation.commit)
    throw new UserError(
      `${key} was approved anew, at ${claim.commit.slice(0, 12)}.`,
      'Give this run up, and start the implementation again.',
    );
}

const isApproval = ({ title }: RecordClaim): boolean => title === 'Approved for Implementation';

function unapproved(
  key: string,
  newest: RecordClaim | undefined,
  judge: (claim: RecordClaim) => ReturnType<typeof judgeApproval>,
): UserError {
  const next = `Approve its documents: Approve for Implementation, or task-sessions approve ${key}.`;
  if (!newest) return new UserError(`${key} is not approved for implementation.`, next);
  const judgement = judge(newest);
  const why = judgement.counts ? '' : ` ${judgement.why}`;
  return new UserError(`The approval of ${key} by ${newest.author.name} does not count.${why}`, next);
}
