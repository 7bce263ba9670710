import { phases, type Phase } from '../task/task';

/** How far a task is; a failure is a flag on its phase. */
export interface PhaseState {
  phase: Phase;
  failed: boolean;
}

interface Rule {
  to: Phase;
  failed?: true;
  /** Later phases from which it takes the task back: only what a person does or decides. */
  backFrom?: readonly Phase[];
}

/** Everything that moves a task, by name. */
const rules = {
  issueNew: { to: 'backlog' },
  issueUnderWay: { to: 'implementing' },
  analysisStarted: { to: 'analyzing' },
  analysisStopped: { to: 'analyzing' },
  analysisFailed: { to: 'analyzing', failed: true },
  analysisComplete: { to: 'awaitingReview' },
  approvalRequested: { to: 'awaitingReview' },
  changesRequested: { to: 'analyzing', backFrom: ['awaitingReview', 'approved', 'implementing', 'inReview'] },
  approved: { to: 'approved' },
  /** The documents are not those that were approved; once they are being implemented, that stops nothing. */
  approvalStale: { to: 'awaitingReview', backFrom: ['approved'] },
  implementationStarted: { to: 'implementing' },
  implementationStopped: { to: 'implementing' },
  implementationFailed: { to: 'implementing', failed: true },
  implementationComplete: { to: 'inReview' },
  pullRequestOpened: { to: 'inReview' },
  issueDone: { to: 'done' },
} as const satisfies Readonly<Record<string, Rule>>;

export type CauseKind = keyof typeof rules;

/** For listings and tests; in the order of the flow. */
export const causeKinds = Object.keys(rules) as CauseKind[];

/** What moved a task: something that happened, or a person at the board, who may move it anywhere. */
export type PhaseCause = { kind: CauseKind } | { kind: 'movedByHand'; to: Phase };

/** True where `to` lies after `from` in the flow. */
export const isForward = (from: Phase, to: Phase): boolean => phases.indexOf(to) > phases.indexOf(from);

/** The phase of a task after a cause: forward, or where it was; back only where a person means it so. */
export function step(before: PhaseState, cause: PhaseCause): PhaseState {
  if (cause.kind === 'movedByHand')
    return cause.to === before.phase ? before : { phase: cause.to, failed: false };
  const { to, failed, backFrom = [] }: Rule = rules[cause.kind];
  const moves = to === before.phase || isForward(before.phase, to) || backFrom.includes(before.phase);
  return moves ? { phase: to, failed: failed ?? false } : before;
}

/** The phase that a cause leads to. */
export const phaseOfCause = (kind: CauseKind): Phase => rules[kind].to;
