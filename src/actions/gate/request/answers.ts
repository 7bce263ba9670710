import { approvalCounts } from '../../../model/gate/approval/approval';
import { asksApproval } from '../../../model/gate/request/openRequest';
import type { AskedRequest } from '../../../model/gate/request/request';
import { isLinkRecord, type SessionFields } from '../../../model/record/linkRecord';
import type { Settings } from '../../../model/settings';
import type { Issue } from '../../../model/task/issue';
import { claimsOf } from '../../../sources/jira/comments';
import type { ownRecord, Thread } from '../../../sources/jira/records/write';

/** How far the clocks of a host and of Jira may differ before we believe that a record came after the request. */
const clocksDifferMs = 15 * 60_000;

/** A session that asks anew while the issue still asks what it asked before, is published again after this. */
export const pauseMs = 5 * 60_000;

type Own = NonNullable<ReturnType<typeof ownRecord>>;

/** It is approved since, or a record of ours says something that is newer. */
export function isAnswered(
  { comments }: Pick<Thread, 'comments'>,
  own: Own | undefined,
  {
    key,
    asked: { request },
    issue,
    settings,
  }: { key: string; asked: AskedRequest; issue: Issue | undefined; settings: Settings },
): boolean {
  const claims = comments.flatMap((comment) => claimsOf(comment, key));
  const judged = issue && { ...issue, claims };
  const isApproved =
    judged !== undefined &&
    claims.some((claim) => claim.created > request.at && approvalCounts(claim, judged, settings));
  return (
    isApproved ||
    (own !== undefined && !isLinkRecord(own.record) && own.updated > request.at + clocksDifferMs)
  );
}

/** The issue asks already, since a moment; who reads that there, reads something else soon enough. */
export function hasJustAsked(
  { record, updated }: Own,
  { reason, commit }: Pick<SessionFields, 'reason' | 'commit'>,
  now: number,
): boolean {
  const age = now - updated;
  const isSame = record.reason === reason && (commit === undefined || record.commit === commit);
  return asksApproval(record) && !isSame && age > -clocksDifferMs && age < pauseMs;
}
