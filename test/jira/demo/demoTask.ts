import type { AdfNode } from '../entities';

/** The seven statuses of the demo's workflow, in the order in which work moves. */
export const FLOW = [
  'To Do',
  'AI Analysis',
  'Ready for Review',
  'Approved',
  'In Development',
  'In Review',
  'Done',
] as const;
export type DemoStatus = (typeof FLOW)[number];

/** The setting `taskSessions.phases` that fits the workflow. */
export const demoPhases: Record<string, DemoStatus> = {
  backlog: 'To Do',
  analyzing: 'AI Analysis',
  awaitingReview: 'Ready for Review',
  approved: 'Approved',
  implementing: 'In Development',
  inReview: 'In Review',
  done: 'Done',
};

export const DOC_NAMES = [
  'task_desc.md',
  'solution_options.md',
  'step_by_step_impl_plan.md',
  'task_test_designs.md',
  'critic.md',
] as const;
export type DocName = (typeof DOC_NAMES)[number];

/** How a record reached the issue: our own panel, or what people and other programs paste. */
export type RecordShape = 'panel' | 'table' | 'list' | 'codeBlock' | 'box' | 'hardBreaks' | 'paragraphs';

/** One Claude session of a task. */
export interface DemoSession {
  /** Unique name, `KEY/word`, by which the demo gives the session's real facts to the seed. */
  slot: string;
  /** Used unless the demo brings the id of a real session. */
  id: string;
  kind: 'analysis' | 'implementation';
  host: 'local' | 'devserver';
  outcome: 'started' | 'complete' | 'failed';
  /** Absent: the session exists, yet nobody published it. */
  record?: {
    shape: RecordShape;
    /** User name of the comment's author. */
    by: string;
    /** The id stands only in the `claude --resume` line. */
    withoutIdLine?: boolean;
    reason?: string;
  };
  /** What the user asks first, for the demo's transcript. */
  prompt: string;
  /** Slot of the session that this one continues. */
  continues?: string;
}

export interface DemoTask {
  key: string;
  summary: string;
  type: 'Task' | 'Bug' | 'Story';
  status: DemoStatus;
  priority: string | null;
  assignee: string | null;
  reporter: string;
  labels: string[];
  /** When it was made, and then entered each status after `To Do` up to its own; hours before now. */
  hoursAgo: number[];
  /** One paragraph; opens description and documents. */
  problem: string;
  acceptance: string[];
  /** Further blocks of the description. */
  more?: AdfNode[];
  /** Options of the solution, the first is chosen. */
  options: string[];
  steps: string[];
  /** Documents on the task branch; none means there is no branch. */
  docs: DocName[];
  sessions: DemoSession[];
  talk: { by: string; hoursAgo: number; body: AdfNode }[];
  /** User who approved the documents. */
  approvedBy?: string;
}

export function branchOf(task: DemoTask): string {
  return `task/${task.key}-analysis`;
}

export function docPath(task: DemoTask, name: DocName): string {
  return `docs/tasks/${task.key}/${name}`;
}
