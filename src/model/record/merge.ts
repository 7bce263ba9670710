import type { RecordClaim, RecordFields, SessionRecord } from './record';

/** Sessions as all claims of an issue (or of several) together state them, and the claims that name no session. */
export interface MergedClaims {
  /** One per issue and session, by the time of their earliest claim. */
  sessions: SessionRecord[];
  others: RecordClaim[];
}

/** Groups claims by session: of each field the newest line wins, whoever wrote it; the earliest claim dates it. */
export function mergeClaims(claims: readonly RecordClaim[]): MergedClaims {
  const groups = new Map<string, (RecordClaim & { sessionId: string })[]>();
  const others: RecordClaim[] = [];
  for (const claim of claims) {
    if (!hasSession(claim)) {
      others.push(claim);
      continue;
    }
    const group = groups.get(`${claim.issueKey} ${claim.sessionId}`);
    if (group) group.push(claim);
    else groups.set(`${claim.issueKey} ${claim.sessionId}`, [claim]);
  }
  const sessions = [...groups.values()].map(mergeSession);
  return { sessions: sessions.sort((a, b) => a.created - b.created), others };
}

const hasSession = (claim: RecordClaim): claim is RecordClaim & { sessionId: string } =>
  claim.sessionId !== undefined;

function mergeSession(group: (RecordClaim & { sessionId: string })[]): SessionRecord {
  // Both sorts are stable: two records of one comment stay in the order in which they stand.
  const byUpdate = group.toSorted((a, b) => a.updated - b.updated || compareIds(a.commentId, b.commentId));
  const claims = group.toSorted(compareAge);
  const newest = byUpdate.at(-1) as RecordClaim & { sessionId: string };
  const fields: Partial<RecordFields> = {};
  for (const claim of byUpdate) Object.assign(fields, fieldsOf(claim));
  return {
    ...fields,
    title: newest.title,
    sessionId: newest.sessionId,
    issueKey: newest.issueKey,
    created: claims[0]?.created ?? newest.created,
    updated: newest.updated,
    claims,
  };
}

/** The record's own lines, without what Jira says of their comment. */
export function fieldsOf(claim: RecordClaim): RecordFields {
  const {
    issueKey: _k,
    commentId: _i,
    author: _a,
    updateAuthor: _u,
    created: _c,
    updated: _d,
    ...fields
  } = claim;
  return fields;
}

/** The issue to which each session belongs: that of its earliest record. Later claims elsewhere are candidates. */
export function ownersOf(claims: Iterable<RecordClaim>): Map<string, string> {
  const earliest = new Map<string, RecordClaim>();
  for (const claim of claims) {
    if (claim.sessionId === undefined) continue;
    const known = earliest.get(claim.sessionId);
    if (!known || compareAge(claim, known) < 0) earliest.set(claim.sessionId, claim);
  }
  return new Map([...earliest].map(([sessionId, claim]) => [sessionId, claim.issueKey]));
}

/** `ownersOf` for one session. */
export function ownerOf(sessionId: string, claims: Iterable<RecordClaim>): string | undefined {
  return ownersOf([...claims].filter((claim) => claim.sessionId === sessionId)).get(sessionId);
}

/** Oldest first; within one millisecond by comment id, which Jira counts up. */
function compareAge(a: RecordClaim, b: RecordClaim): number {
  return a.created - b.created || compareIds(a.commentId, b.commentId);
}

/** Numbers of any length, as text. */
function compareIds(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : Number(a > b));
}
