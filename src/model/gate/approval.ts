import type { Issue } from '../task/issue';
import type { RecordClaim } from '../record/record';
import type { Settings } from '../settings';
import { isMapped, statusesOf } from '../task/phase';
import type { Approval, TaskDoc } from '../task/task';

/**
 * True if an approval in a comment counts (README, "Trust"): the comment is as its author wrote it, and that author
 * also made the mapped transition, or, where no status is mapped, is among the allowed approvers (by
 * id: names can be changed by whoever bears them).
 */
export function approvalCounts(claim: RecordClaim, issue: Issue, settings: Settings): boolean {
  if (claim.title !== 'Approved for Implementation' || !claim.commit) return false;
  const { author, updateAuthor } = claim;
  // Accounts that are gone share the empty id: nobody's.
  if (author.id === '' || updateAuthor.id !== author.id || claim.updated !== claim.created) return false;
  if (statusesOf('approved', settings.phases).length === 0) return settings.approvers.includes(author.id);
  return (issue.transitions ?? []).some(
    (move) => move.author.id === author.id && isMapped(move.to, 'approved', settings.phases),
  );
}

/** The newest approval that counts; stale when a document differs from what was approved, is gone, or is new. */
export function approvalOf(
  issue: Issue,
  docs: TaskDoc[],
  head: string | undefined,
  settings: Settings,
): Approval | undefined {
  const claim = issue.claims.findLast((one) => approvalCounts(one, issue, settings));
  if (!claim?.commit) return undefined;
  const stale = head !== undefined && !stands(claim.commit, claim.documents ?? [], docs, head);
  return { commit: claim.commit, by: claim.author.name, at: claim.created, stale };
}

/** By the documents where the approval lists them, since work goes on in the branch; else by its head. */
function stands(
  commit: string,
  approved: { path: string; blob: string }[],
  docs: readonly TaskDoc[],
  head: string,
): boolean {
  if (head.startsWith(commit)) return true;
  if (approved.length === 0) return false;
  const same = (line: { path: string; blob: string }, doc: TaskDoc): boolean =>
    doc.path === line.path && doc.blob.startsWith(line.blob);
  return (
    approved.every((line) => docs.some((doc) => same(line, doc))) &&
    docs.every((doc) => approved.some((line) => same(line, doc)))
  );
}
