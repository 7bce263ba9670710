import type { RunKind } from '../order';
import type { StepLine } from '../steps/steps';
import { failure, goOn, said, type RunFailure } from './failure';

export function commitFailure(reason: string, line: StepLine, kind: RunKind): RunFailure {
  switch (reason) {
    case 'identity':
      return failure(
        'commit',
        'Git does not know whose the commit is',
        `Set user.name and user.email for the host's account. ${goOn}`,
      );
    case 'branch':
      return failure(
        'commit',
        line.text ?? 'The worktree is on another branch',
        `Switch the worktree back to the task's branch. ${goOn}`,
      );
    default:
      return failure(
        'commit',
        `${kind === 'implementation' ? `Step ${line.n ?? ''}`.trim() : 'The documents'} could not be committed${said(line)}`,
        `Commit ${kind === 'implementation' ? 'it' : 'them'} by hand to see why. ${goOn}`,
      );
  }
}

export function pushFailure(reason: string, line: StepLine): RunFailure {
  switch (reason) {
    case 'rejected':
      return failure(
        'pushRejected',
        `The remote has commits on the branch that are not here${said(line)}`,
        `Merge them in the worktree of the task. ${goOn}`,
      );
    case 'denied':
      return failure(
        'pushDenied',
        `The remote refuses the push${said(line)}`,
        `Give the host's account the right to push, without a forwarded agent. ${goOn}`,
      );
    case 'network':
      return failure('push', `The remote does not answer${said(line)}`, `Try again later. ${goOn}`);
    default:
      return failure(
        'push',
        `The branch could not be pushed${said(line)}`,
        `Push it by hand to see why. ${goOn}`,
      );
  }
}
