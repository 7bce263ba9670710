import { isLinkRecord } from '../../model/record/linkRecord';
import { mergeClaims } from '../../model/record/merge';
import { changesRequestedStatus, type SessionRecord } from '../../model/record/record';
import type { RunOrder } from '../../model/run/order';
import { titleOf } from '../../model/run/settlement/runRecord';
import { claimsOf } from '../../sources/jira/comments';
import type { Jira } from '../../sources/jira/jira';

/** Another session that somebody works in on the same issue, as its record says. */
export interface OthersRun {
  sessionId: string;
  /** Who wrote that, by Jira's word. */
  by: string;
  /** It is our own account. */
  mine: boolean;
  /** When its record was written first, by Jira's clock: epoch ms. */
  at: number;
  host?: string;
  /** Its record stood there before ours; true while we have none. */
  earlier: boolean;
}

/** The run that asks who works beside it. */
export type AskingRun = Pick<RunOrder, 'key' | 'kind' | 'sessionId' | 'reviewId' | 'implementation'>;

/** Unfinished runs of the kind in other sessions than those of this one, earliest first, read fresh. Throws JiraError. */
export async function othersOn(jira: Jira, asking: AskingRun, signal?: AbortSignal): Promise<OthersRun[]> {
  const { key, kind, reviewId, implementation } = asking;
  const { comments } = await jira.thread(key, signal);
  const { sessions } = mergeClaims(comments.flatMap((comment) => claimsOf(comment, key)));
  const unfinished = titleOf(kind, { kind: 'starting', reached: 'record' });
  const ours = new Set([asking.sessionId, reviewId, ...(implementation?.spares ?? [])]);
  const own = sessions.findIndex(({ sessionId }) => sessionId === asking.sessionId);
  return sessions.flatMap((session, at): OthersRun[] => {
    const { sessionId, title, claims, created, host } = session;
    const [first] = claims;
    if (!first || ours.has(sessionId) || title !== unfinished || isLinkRecord(session)) return [];
    // Who is asked for changes answers a person; but what a run says of itself beside that stands.
    const isAsked = claims.every((one) => one.title !== unfinished || one.status === changesRequestedStatus);
    if (isAsked || wentOn(session, sessions)) return [];
    return [
      {
        sessionId,
        by: first.author.name,
        mine: first.author.id === jira.connection.user.id,
        at: created,
        ...(host !== undefined && { host }),
        earlier: own < 0 || at < own,
      },
    ];
  });
}

/** Its run went on in another session, by the word of the same person: that one tells how it stands. */
const wentOn = ({ sessionId, claims }: SessionRecord, sessions: readonly SessionRecord[]): boolean =>
  sessions.some(
    (other) => other.continues === sessionId && other.claims[0]?.author.id === claims[0]?.author.id,
  );
