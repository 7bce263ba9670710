import type { Issue } from './issue';
import { isLinkRecord } from '../record/linkRecord';
import type { RecordClaim, RecordTitle } from '../record/record';
import { changedAt } from '../run/progress';
import type { Run } from '../run/run';
import { statusOf, stoppedStatus, titleOf } from '../run/settlement/runRecord';
import type { Settings } from '../settings';
import type { Phase, StatusCategory } from './task';
import { phases } from './task';

/** What a record's title says about its task. Titles that do not move the phase are absent. */
const titlePhase: Partial<Record<RecordTitle, { phase: Phase; failed?: true }>> = {
  'AI Analysis Started': { phase: 'analyzing' },
  'AI Analysis Complete': { phase: 'awaitingReview' },
  'AI Analysis Failed': { phase: 'analyzing', failed: true },
  'Approval Requested': { phase: 'awaitingReview' },
  'Approved for Implementation': { phase: 'approved' },
  'AI Implementation Started': { phase: 'implementing' },
  'AI Implementation Complete': { phase: 'inReview' },
  'AI Implementation Failed': { phase: 'implementing', failed: true },
};

const categoryPhase: Record<StatusCategory, Phase> = {
  new: 'backlog',
  indeterminate: 'implementing',
  done: 'done',
};

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

/**
 * Phase of a task: the mapping of its status if unambiguous, else its records, else its status category.
 * A task whose category is done is done, whatever an old record says.
 * `counts` decides whether an approval in a comment is one (README, "Trust"). `run`, its newest, tells what records do
 * not tell yet.
 */
export function phaseOf(
  issue: Pick<Issue, 'status' | 'statusCategory' | 'claims'>,
  mapping: Settings['phases'],
  counts: (approval: RecordClaim) => boolean,
  run?: Run,
): { phase: Phase; failed: boolean } {
  const telling = issue.claims.filter(
    (claim) => titlePhase[claim.title] && (claim.title !== 'Approved for Implementation' || counts(claim)),
  );
  // Who links a session tells whose it is; how far the task has come, others tell.
  const told = telling.filter((claim) => !isLinkRecord(claim));
  const newest = (told.length > 0 ? told : telling).reduce<RecordClaim | undefined>(
    (last, claim) => (last && last.updated > claim.updated ? last : claim),
    undefined,
  );
  const ahead = run && isAhead(run, newest) ? tellingOf(run) : undefined;
  const last = ahead && titlePhase[ahead.title] ? ahead : newest;
  const said = last && titlePhase[last.title];
  // Who stopped it knows, and nothing went wrong.
  const failed = said?.failed === true && last?.status !== stoppedStatus && issue.statusCategory !== 'done';
  const mapped = mappedPhase(issue.status, mapping);
  if (mapped) return { phase: mapped, failed: failed && said.phase === mapped };
  if (issue.statusCategory === 'done' || !said)
    return { phase: categoryPhase[issue.statusCategory], failed: false };
  return { phase: said.phase, failed };
}

/** What its record is about to say. */
const tellingOf = ({ kind, state }: Run): Pick<RecordClaim, 'title' | 'status'> => ({
  title: titleOf(kind, state),
  status: statusOf(kind, state),
});

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
