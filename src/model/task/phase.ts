import type { Issue } from './issue';
import { causeOfCategory, causeOfRecord, causeOfRun } from '../phase/causes';
import { phaseOfCause, step, type CauseKind, type PhaseState } from '../phase/machine';
import { isLinkRecord } from '../record/linkRecord';
import type { RecordClaim } from '../record/record';
import { changedAt } from '../run/progress';
import type { Run } from '../run/run';
import type { Settings } from '../settings';
import type { Phase, PhaseReason } from './task';
import { phases } from './task';

/** Names of statuses compare as Jira does: without case. */
const statusName = (name: string): string => name.trim().toLowerCase();

/** True if `phases` maps this Jira status to that phase. */
export const isMapped = (status: string, phase: Phase, mapping: Settings['phases']): boolean =>
  statusesOf(phase, mapping).includes(statusName(status));

/** The Jira statuses that `phases` maps to a phase, to be compared by `isMapped`. */
export const statusesOf = (phase: Phase, mapping: Settings['phases']): string[] =>
  [mapping[phase] ?? []].flat().map(statusName).filter(Boolean);

/** The phase that `phases` maps this Jira status to, if exactly one does. */
export function mappedPhase(status: string, mapping: Settings['phases']): Phase | undefined {
  const found = phases.filter((phase) => isMapped(status, phase, mapping));
  return found.length === 1 ? found[0] : undefined;
}

/** What tells of a task's phase besides its status. */
export interface PhaseWitness {
  /** Whether an approval in a comment is one (README, "Trust"). */
  counts(approval: RecordClaim): boolean;
  /** The newest approval that counts is of other documents than there are. */
  stale?: boolean;
  /** Its newest run tells what records do not tell yet. */
  run?: Run | undefined;
  /** When its pull request was opened: epoch ms. */
  pullRequestAt?: number | undefined;
}

/**
 * Phase of a task: the mapping of its status if unambiguous, else its records, else its status category.
 * A task whose category is done is done, whatever an old record says. Records are edited in place, so the newest cause
 * tells, and no history of them is needed.
 */
export function phaseOf(
  issue: Pick<Issue, 'status' | 'statusCategory' | 'claims'>,
  mapping: Settings['phases'],
  witness: PhaseWitness,
): PhaseState & { cause: PhaseReason } {
  const cause = newestCause(issue.claims, witness);
  const mapped = mappedPhase(issue.status, mapping);
  if (mapped !== undefined) {
    const after = cause && step({ phase: mapped, failed: false }, cause);
    // The board is right. Who left a failure behind there has dealt with it, and what is done has not failed.
    const agrees = cause && phaseOfCause(cause.kind) === mapped;
    const failed = agrees === true && after?.failed === true && issue.statusCategory !== 'done';
    const isDone = mapped === 'done' && issue.statusCategory === 'done';
    return { phase: mapped, failed, cause: agrees ? cause : { kind: isDone ? 'issueDone' : 'movedByHand' } };
  }
  if (issue.statusCategory !== 'done' && cause) return { ...step(unbegun, cause), cause };
  const kind = causeOfCategory[issue.statusCategory];
  return { ...step(unbegun, { kind }), cause: { kind } };
}

const unbegun: PhaseState = { phase: 'backlog', failed: false };

interface Told {
  kind: CauseKind;
  at: number;
}

function newestCause(claims: readonly RecordClaim[], witness: PhaseWitness): Told | undefined {
  const { run, pullRequestAt } = witness;
  const newest = newestRecord(claims, witness);
  const told = newest && toldBy(newest, witness.stale ?? false);
  const ahead = run && isAhead(run, newest) ? causeOfRun(run.kind, run.state) : undefined;
  const last = ahead && run ? { kind: ahead, at: changedAt(run) ?? run.createdAt } : told;
  return pullRequestAt !== undefined && (!last || pullRequestAt > last.at)
    ? { kind: 'pullRequestOpened', at: pullRequestAt }
    : last;
}

/** The newest record that moves its task. */
function newestRecord(
  claims: readonly RecordClaim[],
  { counts, stale = false }: PhaseWitness,
): RecordClaim | undefined {
  const telling = claims.filter((claim) => {
    const cause = causeOfRecord(claim);
    return cause !== undefined && (cause !== 'approved' || counts(claim));
  });
  // Who links a session tells whose it is; how far the task has come, others tell.
  const told = telling.filter((claim) => !isLinkRecord(claim));
  const newestOf = (list: readonly RecordClaim[]): RecordClaim | undefined =>
    list.reduce<RecordClaim | undefined>(
      (last, claim) => (last && last.updated > claim.updated ? last : claim),
      undefined,
    );
  const all = told.length > 0 ? told : telling;
  const isApproved = !stale && all.some((claim) => causeOfRecord(claim) === 'approved');
  // Documents that are approved as they stand await no review, though somebody touched an old record.
  return newestOf(isApproved ? all.filter((claim) => !awaitsReview(claim)) : all);
}

const awaitsReview = (claim: RecordClaim): boolean => {
  const cause = causeOfRecord(claim);
  return cause === 'analysisComplete' || cause === 'approvalRequested';
};

function toldBy(claim: RecordClaim, stale: boolean): Told | undefined {
  const kind = causeOfRecord(claim);
  return kind && { kind: kind === 'approved' && stale ? 'approvalStale' : kind, at: claim.updated };
}

/** Not settled, and newer than every record; or nobody works on what its own record says is worked on. */
function isAhead(run: Run, newest: RecordClaim | undefined): boolean {
  const at = changedAt(run);
  if (at === undefined) return false;
  if (run.state.kind === 'interrupted' && (!newest || newest.sessionId === run.sessionId)) return true;
  return !run.settled && (!newest || at > newest.updated);
}

const titles: Record<Phase, string> = {
  backlog: 'Backlog',
  analyzing: 'Analyzing',
  awaitingReview: 'Awaiting review',
  approved: 'Approved',
  implementing: 'Implementing',
  inReview: 'In review',
  done: 'Done',
};

export const phaseTitle = (phase: Phase): string => titles[phase];

/** The order of every listing. Awaiting review first: what needs the user; then along the flow, backlog and done last. */
export const listedPhases: readonly Phase[] = [
  'awaitingReview',
  'approved',
  'implementing',
  'inReview',
  'analyzing',
  'backlog',
  'done',
];
