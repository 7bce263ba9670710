import { isCancelled, UserError } from '../../../../model/errors';
import { approvalDoubt, judgeApproval } from '../../../../model/gate/approval/approval';
import type { RunOrder } from '../../../../model/run/order';
import type { RecordClaim } from '../../../../model/record/record';
import type { Settings } from '../../../../model/settings';
import type { JiraAccount } from '../../../account';
import { readJudged } from '../../../gate/approval/approvalComment';
import { untold } from '../../../gate/approval/planning';
import type { StartedTask } from '../order';
import type { StartSteps } from '../steps';

/** An approval that counts at this moment, and what the issue says besides. */
export interface StandingApproval {
  claim: RecordClaim & { commit: string };
  /** The session that wrote the documents, as far as the records tell. */
  analysis?: string;
}

type Asking = { settings: Settings; account: Pick<JiraAccount, 'jira'> };

/** The newest approval of a task that counts, or why none does. Throws UserError where that cannot be told. */
async function approvalToday(
  { key, id }: StartedTask,
  { settings, account }: Asking,
  signal: AbortSignal | undefined,
): Promise<StandingApproval | UserError> {
  const jira = await account.jira(signal);
  const issue = await readJudged(jira, key, signal);
  const { claims } = issue;
  if (id !== undefined && issue.id !== id)
    throw new UserError(`${key} names another issue today.`, 'Refresh, and look at the tree.');
  const judge = (claim: RecordClaim) => judgeApproval(claim, issue, settings);
  const claim = claims.findLast((one) => judge(one).counts);
  const doubt = approvalDoubt(issue, settings);
  if (doubt !== undefined) {
    const { reason, next } = untold(key, doubt);
    throw new UserError(reason, next);
  }
  if (claim?.commit === undefined) return unapproved(key, claims.findLast(isApproval), judge);
  const analysis = claims.findLast(({ title }) => title === 'AI Analysis Complete')?.sessionId;
  return { claim: { ...claim, commit: claim.commit }, ...(analysis !== undefined && { analysis }) };
}

/**
 * The newest approval of a task that counts, by its comments, status and changelog as Jira has them now, in full. Throws
 * UserError where there is none, with the reason.
 */
export async function standingApproval(
  task: StartedTask,
  options: Asking,
  signal: AbortSignal | undefined,
): Promise<StandingApproval> {
  const approval = await approvalToday(task, options, signal);
  if (approval instanceof UserError) throw approval;
  return approval;
}

/** Throws UserError where the approval by which a run was ordered is not the one that counts today. */
export async function refuseUnapproved(
  order: RunOrder,
  options: Asking,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { key, implementation } = order;
  if (!implementation) return;
  const { claim } = await standingApproval(taskOf(order), options, signal);
  if (claim.commit !== implementation.commit)
    throw new UserError(
      `${key} was approved anew, at ${claim.commit.slice(0, 12)}.`,
      'Give this run up, and start the implementation again.',
    );
}

/**
 * Before a run that has begun goes on: what it was ordered by may have been taken back, or given anew, since. Then a
 * person decides; where Jira does not tell, it goes on, since it was approved when it began. Throws the question's words
 * on a no.
 */
export async function heedApproval(order: RunOrder, options: Asking, steps: StartSteps): Promise<void> {
  const { id, key, host, implementation } = order;
  if (!implementation) return;
  const insist = (fact: string): Promise<void> =>
    steps.insist({
      kind: 'ownRun',
      runId: id,
      host,
      summary: `${fact} Continue its implementation nevertheless?`,
      detail: `It goes on by what was approved at ${implementation.commit.slice(0, 12)}. Else have the documents approved, and start the implementation again.`,
      accept: 'Continue It',
    });
  steps.doing('launch', `Reading whether ${key} is still approved`);
  let today: StandingApproval | UserError;
  try {
    today = await approvalToday(taskOf(order), options, steps.signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    steps.note(`Whether ${key} is still approved is not known: ${error.line}`);
    return;
  }
  if (today instanceof UserError) await insist(today.message);
  else if (today.claim.commit !== implementation.commit)
    await insist(`${key} was approved anew, at ${today.claim.commit.slice(0, 12)}.`);
}

/** True where another commit than the run's has been approved since; false where Jira does not tell. */
export async function isApprovedAnew(
  order: RunOrder,
  options: Asking,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { implementation } = order;
  if (!implementation) return false;
  const today = await approvalToday(taskOf(order), options, signal).catch((error: unknown) => {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    return error;
  });
  return !(today instanceof UserError) && today.claim.commit !== implementation.commit;
}

const taskOf = ({ key, issueId }: RunOrder): StartedTask => ({
  key,
  ...(issueId !== undefined && { id: issueId }),
});

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
