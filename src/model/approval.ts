import type { Issue } from './issue';
import type { RecordClaim } from './record';
import type { Settings } from './settings';
import type { Approval, TaskDoc } from './task';

/**
 * True if an approval in a comment counts (design.md, "Trust"): the comment is as its author wrote it, and that author
 * also made the mapped transition, or, where no transition is mapped, is among the allowed approvers (by id or name).
 */
export function approvalCounts(claim: RecordClaim, issue: Issue, settings: Settings): boolean {
  if (claim.title !== 'Approved for Implementation' || !claim.commit) return false;
  if (claim.updateAuthor.id !== claim.author.id || claim.updated !== claim.created) return false;
  const mapped = [settings.phases.approved ?? []].flat().map((name) => name.toLowerCase());
  if (mapped.length === 0)
    return settings.approvers.includes(claim.author.id) || settings.approvers.includes(claim.author.name);
  return (issue.transitions ?? []).some(
    (move) => move.author.id === claim.author.id && mapped.includes(move.to.toLowerCase()),
  );
}

/** The newest approval that counts; stale when a document differs from what was approved. */
export function approvalOf(
  issue: Issue,
  docs: TaskDoc[],
  head: string | undefined,
  settings: Settings,
): Approval | undefined {
  const claim = issue.claims.findLast((one) => approvalCounts(one, issue, settings));
  if (!claim?.commit) return undefined;
  const approved = claim.documents ?? [];
  const stale = approved.length
    ? approved.some(({ path, blob }) => !docs.some((doc) => doc.path === path && doc.blob.startsWith(blob)))
    : head !== undefined && !head.startsWith(claim.commit);
  return { commit: claim.commit, by: claim.author.name, at: claim.created, stale };
}
