import { changesRequestedStatus, stoppedStatus, type RecordClaim, type RecordTitle } from '../record/record';
import type { RunKind } from '../run/order';
import type { RunState } from '../run/run';
import type { StatusCategory } from '../task/task';
import type { CauseKind } from './machine';

/** What a record's title says about its task. Titles that do not move it are absent. */
const causeOfTitle: Partial<Record<RecordTitle, CauseKind>> = {
  'AI Analysis Started': 'analysisStarted',
  'AI Analysis Complete': 'analysisComplete',
  'AI Analysis Failed': 'analysisFailed',
  'Approval Requested': 'approvalRequested',
  'Approved for Implementation': 'approved',
  'Changes Requested': 'changesRequested',
  'AI Implementation Started': 'implementationStarted',
  'AI Implementation Complete': 'implementationComplete',
  'AI Implementation Failed': 'implementationFailed',
};

/** What a record tells of its task. Whether an approval counts is not asked here. */
export function causeOfRecord({
  title,
  status,
}: Pick<RecordClaim, 'title' | 'status'>): CauseKind | undefined {
  const cause = causeOfTitle[title];
  if (cause !== undefined && cause !== 'approved' && isStatus(status, changesRequestedStatus))
    return 'changesRequested';
  // Who stopped it knows, and nothing went wrong.
  if (!isStatus(status, stoppedStatus)) return cause;
  if (cause === 'analysisFailed') return 'analysisStopped';
  return cause === 'implementationFailed' ? 'implementationStopped' : cause;
}

const isStatus = (status: string | undefined, word: string): boolean =>
  status?.trim().toLowerCase() === word.toLowerCase();

/** What a run's state tells of its task. */
export function causeOfRun(kind: RunKind, state: RunState): CauseKind | undefined {
  if (kind === 'handoff') return undefined;
  switch (state.kind) {
    case 'starting':
    case 'queued':
    case 'running':
      return `${kind}Started`;
    case 'complete':
      return `${kind}Complete`;
    case 'stopped':
      return `${kind}Stopped`;
    case 'interrupted':
    case 'failed':
      return `${kind}Failed`;
  }
}

export const causeOfCategory: Readonly<Record<StatusCategory, CauseKind>> = {
  new: 'issueNew',
  indeterminate: 'issueUnderWay',
  done: 'issueDone',
};
