import type { Issue } from '../../../model/task/issue';

/** True if this reading of an issue tells more than the one we have. Search may lag: an older one does not. */
export function isNews(known: Issue | undefined, read: Issue): boolean {
  if (!known) return true;
  if (read.updated !== known.updated) return read.updated > known.updated;
  return stateOf(read) !== stateOf(known);
}

/**
 * What tells one reading of an issue from another. Data Center may keep whole seconds: two changes within one have the
 * same time; and nobody's index changes it at all.
 */
export const stateOf = ({ updated, status, comments, index }: Issue): string =>
  [updated, comments.total, index?.updatedAt, status].join(' ');

/**
 * The issues as just read, each replaced by the one we have where that is as new: the same object then, so that nobody
 * has to look for changes, and with the comments that were read for it before.
 */
export function merged(known: readonly Issue[], read: readonly Issue[]): Issue[] {
  const byId = new Map(known.map((issue) => [issue.id, issue]));
  return read.map((issue) => {
    const before = byId.get(issue.id);
    return before && !isNews(before, issue) ? before : withClaimsKept(before, issue);
  });
}

/** A search answer may hold fewer comments than were read before; what those said stays until all are read again. */
function withClaimsKept(before: Issue | undefined, issue: Issue): Issue {
  if (!before || issue.comments.read >= issue.comments.total) return issue;
  const read = new Set(issue.claims.map((claim) => claim.commentId));
  const kept = before.claims.filter((claim) => !read.has(claim.commentId));
  return { ...issue, claims: [...kept, ...issue.claims].sort((a, b) => a.created - b.created) };
}

/** The issues with these ids, in their order. */
export const inOrder = (ids: readonly string[], issues: ReadonlyMap<string, Issue>): Issue[] =>
  ids.flatMap((id) => issues.get(id) ?? []);
