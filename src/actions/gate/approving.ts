import type { PlannedMove } from '../../model/gate/plannedMove';
import type { FieldValues } from '../../model/gate/requiredField';
import type { Approval, DocReview, Task } from '../../model/task/task';

export type { FieldValues, PlannedMove };
export type { RequiredField } from '../../model/gate/requiredField';

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

export interface ApproveOptions {
  fields?: FieldValues;
  signal?: AbortSignal | undefined;
  /** One line for people. */
  onProgress?: ((line: string) => void) | undefined;
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

/** The gate: approves the documents of a task as they stand at one commit. May be repeated. */
export interface Gate {
  /** Fetches the branch, reads the comments in full, and makes nothing. */
  plan(task: Pick<Task, 'key'>, signal?: AbortSignal): Promise<ApprovalPlan>;
  /** Throws UserError where the plan no longer holds (the branch moved, a document went), or Jira refuses. */
  approve(task: Pick<Task, 'key'>, commit: string, options?: ApproveOptions): Promise<GivenApproval>;
}
