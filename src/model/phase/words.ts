import { ago } from '../age';
import { phaseTitle } from '../task/phase';
import type { PhaseReason, Task } from '../task/task';

const words: Readonly<Record<PhaseReason['kind'], string>> = {
  issueNew: 'nothing has begun',
  issueUnderWay: 'under way in Jira',
  analysisStarted: 'analysis started',
  analysisStopped: 'analysis stopped',
  analysisFailed: 'analysis failed',
  analysisComplete: 'analysis complete',
  approvalRequested: 'approval requested',
  changesRequested: 'changes requested',
  approved: 'approved',
  approvalStale: 'documents changed since they were approved',
  implementationStarted: 'implementation started',
  implementationStopped: 'implementation stopped',
  implementationFailed: 'implementation failed',
  implementationComplete: 'implementation complete',
  pullRequestOpened: 'pull request opened',
  issueDone: 'done in Jira',
  movedByHand: 'by its status in Jira',
};

/** Why a task is in its phase: `analysis complete 2 h ago`. */
export function phaseReason({ kind, at }: PhaseReason, now: number): string {
  // When the documents changed, nobody has written down.
  return at === undefined || kind === 'approvalStale' ? words[kind] : `${words[kind]} ${ago(at, now)}`;
}

/** The phase and why: `Awaiting review, analysis complete 2 h ago`. */
export function phaseText({ phase, failed, phaseCause }: Task, now: number): string {
  const why = phaseCause && `, ${phaseReason(phaseCause, now)}`;
  return `${phaseTitle(phase)}${failed ? ' (failed)' : ''}${why ?? ''}`;
}
