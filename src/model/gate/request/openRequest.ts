import type { Issue } from '../../task/issue';
import { changesRequestedStatus, type RecordClaim } from '../../record/record';
import type { Session } from '../../session/session';
import type { Settings } from '../../settings';
import { isMapped, mappedPhase } from '../../task/phase';
import type { Approval, NeedsYou } from '../../task/task';
import { requestReason, taskOfRequest } from './request';

/** A record that asks a person. */
export const asksApproval = ({ title, status }: Pick<RecordClaim, 'title' | 'status'>): boolean =>
  title === 'Approval Requested' && status !== changesRequestedStatus;

/** What a task is asked by its sessions, and what people answered. */
export interface Asked {
  issue: Pick<Issue, 'claims' | 'transitions'>;
  bound: readonly Session[];
  approval: Approval | undefined;
  phases: Settings['phases'];
}

/**
 * What is asked and not answered: first what no client has published yet, then the newest record that asks. A person
 * answers by approving, by asking for changes, and by moving the issue elsewhere.
 */
export function openRequest({ issue, bound, approval, phases }: Asked): NeedsYou | undefined {
  const { claims } = issue;
  const answers = [
    ...(approval ? [approval.at] : []),
    ...claims.flatMap(({ status, updated }) => (status === changesRequestedStatus ? [updated] : [])),
    ...(issue.transitions ?? []).flatMap(({ to, at }) =>
      mappedPhase(to, phases) === undefined || isMapped(to, 'awaitingReview', phases) ? [] : [at],
    ),
  ];
  const isOpen = (since: number): boolean => answers.every((at) => at <= since);
  const [asking] = bound
    .flatMap((session) =>
      session.asks && taskOfRequest({ request: session.asks, session }) !== undefined
        ? [{ sessionId: session.id, ...session.asks }]
        : [],
    )
    .toSorted((a, b) => b.at - a.at);
  if (asking && isOpen(asking.at))
    return { reason: requestReason(asking.note), since: asking.at, sessionId: asking.sessionId };
  const newest = claims.reduce<RecordClaim | undefined>(
    (last, claim) => (!asksApproval(claim) || (last && last.updated > claim.updated) ? last : claim),
    undefined,
  );
  if (!newest || !isOpen(newest.updated) || isTakenBack(newest, claims)) return undefined;
  const { sessionId, reason, updated } = newest;
  return {
    reason: requestReason(reason),
    since: updated,
    ...(sessionId !== undefined && { sessionId }),
  };
}

/** A later word of the same session takes the question's place, whoever wrote it. */
const isTakenBack = (asked: RecordClaim, claims: readonly RecordClaim[]): boolean =>
  asked.sessionId !== undefined &&
  claims.some(
    (claim) => claim.sessionId === asked.sessionId && !asksApproval(claim) && claim.updated > asked.updated,
  );
