import type { Issue } from '../../task/issue';
import type { Person, RecordClaim } from '../../record/record';
import type { Settings } from '../../settings';
import { isMapped, statusesOf } from '../../task/phase';
import { phases, type Approval, type TaskDoc } from '../../task/task';
import { isFullId } from '../../names';

/** Whether an approval in a comment counts, and if not, why: one sentence. */
export type Judgement = { counts: true } | { counts: false; why: string };

/** What of an issue an approval is judged by. */
export type Judged = Pick<Issue, 'status' | 'transitions' | 'claims' | 'comments'>;

/**
 * Why nobody can tell whether the issue is approved, one sentence: not all was read that could say so, or take it back.
 */
export function approvalDoubt(
  { comments, transitions, claims }: Omit<Judged, 'status'>,
  { phases: mapping }: Pick<Settings, 'phases'>,
): string | undefined {
  if (comments.read < comments.total)
    return `Of ${comments.total} comments on the issue only ${comments.read} were read.`;
  const needsMoves = [...earlierPhases, 'approved' as const].some(
    (phase) => statusesOf(phase, mapping).length > 0,
  );
  return transitions || !needsMoves || !claims.some(isApproval)
    ? undefined
    : 'Who moved the issue is not known: its changelog was not read, or not to its end.';
}

/**
 * Judges an approval in a comment (README, "Trust"). Its text is a claim; Jira's word on who did what is the proof.
 *
 * 1. The comment is as its author wrote it, and names a commit by its full id: a short one could be made to fit another.
 * 2. Its author moved the issue to the status of `approved`: the permission to make that transition is the right to
 *    approve, and nobody borrows it from somebody else's move.
 * 3. Since that move the issue has stood in statuses of `approved` and later phases only. Any other move, by whomever,
 *    ends all approvals before it, and only a new move there begins anew: a comment alone never brings one back. So
 *    documents that changed can be approved again by who moved the issue, without moving it.
 *
 * 4. Nobody has requested changes since (*Request Changes*): whoever may comment may object, and who approves can do so
 *    again. Where no status stands for `analyzing`, or Jira does not let them move the issue there, nothing else says it.
 *
 * A status that is mapped to an earlier phase too, or to none, proves nothing and ends approvals. Where no status is
 * mapped to `approved`, the author is among `approvers` (by id: names can be changed by whoever bears them), and no
 * move to an earlier phase came later.
 */
export function judgeApproval(claim: RecordClaim, issue: Judged, settings: Settings): Judgement {
  const judged = judgeAuthor(claim, issue, settings);
  if (!judged.counts) return judged;
  const objection = issue.claims.find((one) => one.title === 'Changes Requested' && isLater(one, claim));
  if (objection)
    return { counts: false, why: `${objection.author.name} has requested changes since, which ends it.` };
  const doubt = approvalDoubt(issue, settings);
  return doubt === undefined ? judged : { counts: false, why: doubt };
}

/** In one second, where Jira keeps no more, comments have the order of their ids. */
const isLater = (one: RecordClaim, than: RecordClaim): boolean =>
  one.created > than.created ||
  (one.created === than.created && Number(one.commentId) > Number(than.commentId));

const isApproval = ({ title }: RecordClaim): boolean => title === 'Approved for Implementation';

/** The same, but for what others say. */
function judgeAuthor(claim: RecordClaim, issue: Moved, settings: Settings): Judgement {
  const { author, updateAuthor } = claim;
  const no = (why: string): Judgement => ({ counts: false, why });
  if (!isApproval(claim)) return no('It is no approval.');
  // Accounts that are gone share the empty id: nobody's.
  if (author.id === '') return no('Its author is not known any more.');
  // What others write elsewhere, a program carries into comments, and it moves issues by rules that anybody may set off.
  if (author.isApp) return no(`${author.name} is an app, and no person.`);
  if (updateAuthor.id !== author.id || claim.updated !== claim.created)
    return no(`It was edited, by ${updateAuthor.name}.`);
  if (!claim.commit || !isFullId(claim.commit)) return no('It does not name a commit by its full id.');
  const ended = (to: string, by: Person): Judgement =>
    no(`${by.name} has moved the issue to ${to} since, which ends it.`);
  if (statusesOf('approved', settings.phases).length === 0) {
    if (!settings.approvers.includes(author.id)) return no(`${author.name} is not among the approvers.`);
    const isBack = ({ to, at }: Move): boolean => at >= claim.created && isEarlier(to, settings.phases);
    if (!issue.transitions && earlierPhases.some((phase) => statusesOf(phase, settings.phases).length > 0))
      return no('Whether somebody moved the issue back is not known.');
    const back = issue.transitions?.findLast(isBack);
    return back ? ended(back.to, back.author) : { counts: true };
  }
  if (!issue.transitions) return no('Who moved the issue is not known.');
  if (!stays(issue.status, settings.phases))
    return no(
      `The issue is in ${issue.status}, which taskSessions.phases has for no phase from “approved” on.`,
    );
  const { since, end, movers } = standingOf(issue.transitions, settings.phases);
  // In the same second, which came first nobody can tell.
  if (claim.created <= since && end) return ended(end.to, end.author);
  return movers.has(author.id)
    ? { counts: true }
    : no(
        `${author.name} did not move the issue to ${[settings.phases.approved ?? []].flat().join(' or ')} by a transition.`,
      );
}

export const approvalCounts = (claim: RecordClaim, issue: Judged, settings: Settings): boolean =>
  judgeApproval(claim, issue, settings).counts;

/** True if a comment of this person would count now, with the issue where it stands. */
export function mayApprove(personId: string, issue: Moved, settings: Settings): boolean {
  if (statusesOf('approved', settings.phases).length === 0) return settings.approvers.includes(personId);
  return (
    stays(issue.status, settings.phases) &&
    standingOf(issue.transitions ?? [], settings.phases).movers.has(personId)
  );
}

/** True for a status that stands for `approved` and cannot be taken for an earlier phase: moving there proves something. */
export const isProof = (status: string, mapping: Settings['phases']): boolean =>
  isMapped(status, 'approved', mapping) && !isEarlier(status, mapping);

/** In `approved` or later, and not in an earlier phase besides. */
const stays = (status: string, mapping: Settings['phases']): boolean =>
  !isEarlier(status, mapping) &&
  phases.slice(phases.indexOf('approved')).some((phase) => isMapped(status, phase, mapping));

type Moved = Pick<Issue, 'status' | 'transitions'>;

const earlierPhases = phases.slice(0, phases.indexOf('approved'));

const isEarlier = (status: string, mapping: Settings['phases']): boolean =>
  earlierPhases.some((phase) => isMapped(status, phase, mapping));

type Move = NonNullable<Issue['transitions']>[number];

/** Who has moved the issue to `approved` since it last stood anywhere else than there or later. */
function standingOf(
  moves: readonly Move[],
  mapping: Settings['phases'],
): { since: number; end?: Move; movers: ReadonlySet<string> } {
  const last = moves.findLastIndex(({ to }) => !stays(to, mapping));
  const end = moves[last];
  const movers = moves.slice(last + 1).filter(({ to, isRelocated }) => !isRelocated && isProof(to, mapping));
  return {
    since: end?.at ?? -Infinity,
    ...(end && { end }),
    movers: new Set(movers.map(({ author }) => author.id)),
  };
}

/** The newest approval that counts; stale when a document differs from what was approved, is gone, or is new. */
export function approvalOf(
  issue: Judged,
  docs: readonly TaskDoc[],
  head: string | undefined,
  settings: Settings,
): Approval | undefined {
  const claim = issue.claims.findLast((one) => approvalCounts(one, issue, settings));
  return claim && approvalFrom(claim, docs, head);
}

/** What a comment approved, against the documents as they are at `head`. */
export function approvalFrom(
  { commit = '', author, created, documents }: RecordClaim,
  docs: readonly Pick<TaskDoc, 'path' | 'blob'>[],
  head: string | undefined,
): Approval {
  const changed = head === undefined || head === commit ? [] : changedPaths(documents, docs);
  return {
    commit,
    by: author.name,
    at: created,
    // By the documents where the approval lists them, since work goes on in the branch; else by its head.
    stale: head !== undefined && head !== commit && (documents === undefined || changed.length > 0),
    ...(documents && { documents }),
    ...(changed.length > 0 && { changed }),
  };
}

/** Paths of documents that differ from what was approved, are gone, or are new; none where nothing was listed. */
function changedPaths(
  approved: Approval['documents'],
  docs: readonly Pick<TaskDoc, 'path' | 'blob'>[],
): string[] {
  if (!approved) return [];
  const before = new Map(approved.map(({ path, blob }) => [path, blob]));
  const now = new Map(docs.map(({ path, blob }) => [path, blob]));
  return [...new Set([...before.keys(), ...now.keys()])].filter((path) => before.get(path) !== now.get(path));
}

/** `stale: critic.md changed since`; empty where it stands. */
export function staleText({ stale, changed = [] }: Pick<Approval, 'stale' | 'changed'>): string {
  if (!stale) return '';
  const names = changed.slice(0, 5).map((path) => path.slice(path.lastIndexOf('/') + 1));
  const more = changed.length > names.length ? ` and ${changed.length - names.length} more` : '';
  return `stale: ${names.length > 0 ? `${names.join(', ')}${more}` : 'the branch'} changed since`;
}
