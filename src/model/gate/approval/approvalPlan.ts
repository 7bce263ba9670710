import type { Approval, DocReview } from '../../task/task';
import type { PlannedMove } from './plannedMove';

/** What would be approved, for the person to see first. */
export interface ApprovalPlan {
  key: string;
  summary: string;
  branch: string;
  /** Full id of the remote branch's head; none where nothing can be approved. */
  commit?: string;
  documents: PlannedDocument[];
  /** Expected documents that are not on the branch. */
  missing: string[];
  previous?: Approval;
  /** What Jira would do. */
  move: PlannedMove;
  /** What the person should know before saying yes. */
  warnings: string[];
  /** Why it cannot be approved. */
  refused?: { reason: string; next: string };
}

export interface PlannedDocument {
  name: string;
  path: string;
  blob: string;
  /** As this person marked it. */
  review: DocReview['state'];
  /** Against the approval before. */
  approved?: DocReview['approved'];
}

/** What Jira holds after the act, as read back. */
export interface GivenApproval {
  approval: Approval;
  /** False where Jira shows something that makes it worth nothing; `problems` says what. */
  counts: boolean;
  moved: 'moved' | 'there' | 'unmapped';
  comment: { id: string; url: string };
  problems: string[];
}
