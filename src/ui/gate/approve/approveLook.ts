import { plural } from '../../../model/describe';
import type { ApprovalPlan, GivenApproval, PlannedDocument } from '../../../model/gate/approvalPlan';
import type { PlannedMove } from '../../../model/gate/plannedMove';

/** How an approval is shown before and after it is given, in words. */

export const shortCommit = (commit: string): string => commit.slice(0, 8);

/** `2 of 5 not reviewed`; undefined where all are. */
export function unreadText({ documents }: Pick<ApprovalPlan, 'documents'>): string | undefined {
  const unread = documents.filter(({ review }) => review !== 'reviewed').length;
  return unread === 0 ? undefined : `${unread} of ${documents.length} not reviewed`;
}

export function documentText({ review, approved }: PlannedDocument): string {
  const read = {
    new: 'not reviewed',
    changed: 'not reviewed: changed since you reviewed it',
    reviewed: 'reviewed',
  }[review];
  const since = {
    same: undefined,
    changed: 'changed since the last approval',
    added: 'new since the last approval',
  };
  return [read, approved && since[approved]].filter(Boolean).join(' · ');
}

export function moveText(key: string, move: PlannedMove): string {
  switch (move.kind) {
    case 'unmapped':
      return `${key} stays where it is: no status is mapped to “${move.phase}”`;
    case 'there':
      return `${key} is in ${move.status} already`;
    case 'way':
      return `${key} moves from ${move.from} to ${move.to} (${move.name})`;
    case 'none':
      return `${key} cannot be moved from ${move.from}`;
  }
}

/** What the transition asks for; undefined where it asks for nothing. */
export const fieldsText = (move: PlannedMove): string | undefined =>
  move.kind === 'way' && move.fields.length > 0
    ? `Jira asks for ${move.fields.map(({ name }) => name).join(', ')}`
    : undefined;

/** The result as Jira shows it. */
export function givenText(key: string, { documents }: ApprovalPlan, given: GivenApproval): string {
  const { approval, counts, moved, problems } = given;
  if (!counts) return [`The approval of ${key} was written, but it does not count.`, ...problems].join(' ');
  const what = `${key} is approved: ${plural(documents.length, 'document')} at ${shortCommit(approval.commit)}`;
  return [`${what}${moved === 'moved' ? ', and the issue was moved' : ''}.`, ...problems].join(' ');
}

/** Commands of ours by the titles under which texts name them. */
const commands = {
  'Review Documents': 'reviewDocuments',
  'Commit and Push Documents': 'commitDocuments',
  'Compare with Approved': 'compareApproved',
  'Request Changes': 'requestChanges',
  'Start Analysis': 'startAnalysis',
  'Set Up Workflow': 'setUpWorkflow',
} as const;
type Step = { title: string; command: (typeof commands)[keyof typeof commands] | 'openInJira' };

/** The commands that a next step names, to be offered as buttons. */
export function stepsIn(next: string): Step[] {
  const named = Object.entries(commands).flatMap(([title, command]) =>
    next.includes(title) ? [{ title, command }] : [],
  );
  return [
    ...named,
    ...(/\bin Jira\b/.test(next) ? [{ title: 'Open in Jira', command: 'openInJira' as const }] : []),
  ];
}
