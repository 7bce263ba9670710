import { plural } from '../../../model/describe';
import type { ApprovalPlan, GivenApproval, PlannedDocument } from '../../../model/gate/approval/approvalPlan';
import type { PlannedMove } from '../../../model/gate/approval/plannedMove';

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

/** What Jira does: `Ready for Review → Approved`, and how. */
export function moveText(move: PlannedMove): { label: string; description?: string } {
  switch (move.kind) {
    case 'unmapped':
      return { label: 'The issue is not moved', description: `no status is mapped to “${move.phase}”` };
    case 'there':
      return { label: `The issue is in ${move.status} already` };
    case 'way': {
      const asked = move.fields.map(({ name }) => name).join(', ');
      return {
        label: `${move.from} → ${move.to}`,
        description: [move.name, asked && `asks for ${asked}`].filter(Boolean).join(' · '),
      };
    }
    case 'none':
      return { label: `The issue cannot be moved from ${move.from}` };
  }
}

/** A warning in two lines, since a list shows no longer ones. */
export function warningText(text: string): { label: string; detail?: string } {
  const at = text.search(/[:;] /);
  return at < 0 ? { label: text } : { label: text.slice(0, at), detail: text.slice(at + 2) };
}

/** The result as Jira shows it. */
export function givenText(key: string, { documents }: ApprovalPlan, given: GivenApproval): string {
  const { approval, counts, moved, problems } = given;
  if (!counts) return [`The approval of ${key} was written, but it does not count.`, ...problems].join(' ');
  const what = `${key} is approved: ${plural(documents.length, 'document')} at ${shortCommit(approval.commit)}`;
  return [`${what}${moved === 'moved' ? ', and the issue was moved' : ''}.`, ...problems].join(' ');
}
