import type { RunLine, RunReading } from '../run';
import { currentLines, isEnded, isMending, isOfStep, stepOf, type StepLine } from '../steps/steps';
import { checkFailure, mendingFailed } from './checkFailure';
import { failure, goOn, said, type RunFailure } from './failure';
import { commitFailure, pushFailure } from './gitFailure';
import { missingDocuments, turnFailure } from './turnFailure';

/** What stopped a run that failed or that nobody works on; undefined for one that goes on, ended well or was stopped. */
export function failureOf(reading: RunReading): RunFailure | undefined {
  const lines = currentLines(reading.lines);
  const last = lines.findLast(({ step }) => step === 'run');
  if (last?.state === 'failed') {
    const { step, n } = stepOf(lines, reading.order, reading.lines);
    const failed = failureAt(lines, reading);
    return step === 'implement' && isMending(n, reading.lines) ? mendingFailed(failed) : failed;
  }
  return isEnded(last) || reading.alive !== false || lines.length === 0 ? undefined : interruption(reading);
}

/** Of the step that failed last; where none says so, of the run itself. */
function failureAt(lines: readonly RunLine[], { order, lines: all, logs }: RunReading): RunFailure {
  const end = lines.at(-1)!;
  const failed = lines.findLast((line): line is StepLine => isOfStep(line) && line.state === 'failed');
  const line: StepLine =
    failed && !isPassed(failed, lines) ? failed : { ...end, ...stepOf(lines, order, all) };
  const reason = line.reason ?? end.reason ?? '';
  const log = logs.find(({ step, n }) => step === line.step && n === line.n);
  switch (reason) {
    case 'disk':
      return failure('diskFull', `The disk of the host is full${said(line)}`, `Make room there. ${goOn}`);
    case 'busy':
      return failure(
        'sessionBusy',
        `Another process holds the session${said(line)}`,
        `End the session there, or wait until it has ended. ${goOn}`,
      );
    case 'directory':
      return failure(
        'unknown',
        line.text ?? 'The directory of the task is gone',
        `Continue the run: its worktree is made again from the branch. Where that is gone too, give the run up and start a new ${order.kind}.`,
      );
  }
  switch (line.step) {
    case 'commit':
      return commitFailure(reason, line, order.kind);
    case 'push':
      return pushFailure(reason, line);
    case 'check':
      return checkFailure(line);
    case 'documents':
      return missingDocuments(line, lines, logs) ?? turnFailure(line, log, order.kind);
    case 'wait':
    case 'analysis':
    case 'review':
    case 'implement':
      return turnFailure(line, log, order.kind);
  }
}

/** A push on the way, or a session that another one took the place of: the run went on with another step. */
const isPassed = (failed: StepLine, lines: readonly RunLine[]): boolean =>
  lines.findLast(isOfStep) !== failed && failed.n !== undefined;

function interruption({ rebooted, claudeAlive }: RunReading): RunFailure {
  if (rebooted)
    return failure('interrupted', 'The host was started anew while it worked', 'Continue the run.');
  return failure(
    'interrupted',
    claudeAlive
      ? 'The run was ended from outside; Claude still works'
      : 'The run was ended from outside while it worked',
    'Continue the run.',
  );
}
