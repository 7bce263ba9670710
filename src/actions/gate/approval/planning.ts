import { plural } from '../../../model/describe';
import { approvalDoubt, isProof, judgeApproval, mayApprove } from '../../../model/gate/approval/approval';
import type { PlannedDocument } from '../../../model/gate/approval/approvalPlan';
import type { PlannedMove } from '../../../model/gate/approval/plannedMove';
import { shortId } from '../../../model/names';
import type { Settings } from '../../../model/settings';
import type { Approval, Task, TaskDoc } from '../../../model/task/task';
import type { JiraUser } from '../../../sources/jira/connection';
import { obstacle } from '../../issue/personalMove';
import type { JudgedIssue } from './approvalComment';
import type { Refusal, RemoteBranch } from './remoteBranch';

/** Who asks about which issue. */
export interface Asked {
  issue: JudgedIssue;
  user: JiraUser;
  settings: Settings;
  /** As the snapshot has it. */
  known: Task | undefined;
}

/** An approval of nothing would be one of whatever comes. */
export const refusedDocuments = ({
  branch,
  docs,
}: Pick<RemoteBranch, 'branch' | 'docs'>): Refusal | undefined =>
  docs.length > 0
    ? undefined
    : { reason: `There are no documents on ${branch}.`, next: 'Name them in taskSessions.docs.names.' };

/** Where nobody can tell whether the documents are approved: `doubt` says why. */
export const untold = (key: string, doubt: string): Refusal => ({
  reason: `Whether an approval of ${key} counts cannot be told. ${doubt}`,
  next: 'Look at the issue in Jira; comments that nobody needs can be deleted there.',
});

/** Why this person's approval could not be made, or would not count. */
export function refusedMove(
  key: string,
  move: PlannedMove,
  { issue, user, settings }: Asked,
): Refusal | undefined {
  const doubt = approvalDoubt(issue, settings);
  if (doubt !== undefined) return untold(key, doubt);
  const ambiguous = [settings.phases.approved ?? []].flat().find((name) => name.trim() && !isProof(name, settings.phases)); // prettier-ignore
  if (ambiguous !== undefined)
    return {
      reason: `The status ${ambiguous} stands for an earlier phase too, so that a move there proves nothing.`,
      next: 'Give “approved” a status of its own in taskSessions.phases (Set Up Workflow).',
    };
  const blocked = obstacle(move, key);
  if (blocked || move.kind === 'way' || move.kind === 'none') return blocked;
  if (mayApprove(user.id, issue, settings)) return undefined;
  if (move.kind === 'unmapped')
    return {
      reason: `No Jira status is mapped to “approved”, and you (${user.id}) are not among the approvers.`,
      next: 'Map one in taskSessions.phases (Set Up Workflow), or name your id in taskSessions.approvers.',
    };
  const by = issue.transitions?.findLast(({ to }) => isProof(to, settings.phases))?.author.name;
  return {
    reason: `${key} is in ${move.status} already${by === undefined ? '' : `, where ${by} moved it`}: without a move of yours, your approval would not count.`,
    next: `Let ${by ?? 'who moved it'} approve, or move it back in Jira (Request Changes), then approve.`,
  };
}

/** What the person should know before saying yes. */
export function warningsOf(
  documents: readonly PlannedDocument[],
  previous: Approval | undefined,
  { issue, settings, known }: Asked,
): string[] {
  const unread = documents.filter(({ review }) => review !== 'reviewed').map(({ name }) => name);
  const last = issue.claims.findLast(({ title }) => title === 'Approved for Implementation');
  const judged = last && judgeApproval(last, issue, settings);
  const isNewer = last && (!previous || last.created > previous.at);
  const warnings = working(known);
  if (judged && !judged.counts && isNewer && approvalDoubt(issue, settings) === undefined)
    warnings.unshift(`The approval by ${last.author.name} on the issue counts for nothing: ${judged.why}`);
  if (unread.length > 0)
    warnings.unshift(
      `You have not marked ${unread.length} of ${plural(documents.length, 'document')} as reviewed: ${unread.join(', ')}.`,
    );
  return warnings;
}

/** A document as this person has marked it, against the approval before. */
export function planned(
  doc: TaskDoc,
  known: Task | undefined,
  previous: Approval | undefined,
): PlannedDocument {
  const { name, path, blob } = doc;
  const seen = known?.docs.find((one) => one.path === path);
  const review =
    !seen?.review || seen.blob === blob
      ? (seen?.review?.state ?? 'new')
      : seen.review.blob === blob
        ? 'reviewed'
        : seen.review.state === 'new'
          ? 'new'
          : 'changed';
  const before = previous?.documents?.find((one) => one.path === path);
  return {
    name,
    path,
    blob,
    review,
    ...(previous?.documents && {
      approved: before === undefined ? 'added' : before.blob === blob ? 'same' : 'changed',
    }),
  };
}

/** Who works there may be changing the documents at this moment. */
const working = (known: Task | undefined): string[] =>
  (known?.sessions ?? [])
    .filter(({ state, evidence }) => state === 'working' && evidence !== 'candidate')
    .map(({ id, host }) => `Session ${shortId(id)} on ${host} works on this task right now.`);
