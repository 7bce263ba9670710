import type { Phase } from '../../task/task';
import type { RequiredField } from './requiredField';

/** How a person gets the issue to the status of a phase. */
export type PlannedMove =
  /** No status is mapped to the phase. */
  | { kind: 'unmapped'; phase: Phase }
  | { kind: 'there'; status: string }
  | { kind: 'way'; from: string; to: string; transitionId: string; name: string; fields: RequiredField[] }
  /** Jira offers this person no transition there. */
  | { kind: 'none'; from: string; wanted: string[]; offered: string[] };
