import type { RunLine, RunReading, RunStep, TurnLog } from './run';
import { currentLines, isEnded, stepOf } from './steps';

/** Why a run did not come to its end, in words and with the next step. */
export type RunFailureKind =
  | 'model'
  | 'apiDown'
  | 'notSignedIn'
  | 'credit'
  | 'promptTooLong'
  | 'budget'
  | 'maxTurns'
  | 'permission'
  | 'claude'
  | 'sessionBusy'
  | 'documents'
  | 'review'
  | 'diskFull'
  | 'commit'
  | 'pushRejected'
  | 'pushDenied'
  | 'push'
  | 'interrupted'
  | 'unknown';

export interface RunFailure {
  kind: RunFailureKind;
  /** What happened, one sentence. */
  message: string;
  /** What a person does next, one sentence. */
  next: string;
}

/** What stopped a run that failed or that nobody works on; undefined for one that goes on, ended well or was stopped. */
export function failureOf(reading: RunReading): RunFailure | undefined {
  const lines = currentLines(reading.lines);
  const last = lines.findLast(({ step }) => step === 'run');
  if (last?.state === 'failed') return failureAt(lines, reading);
  return isEnded(last) || reading.alive !== false || lines.length === 0 ? undefined : interruption(reading);
}

type StepLine = RunLine & { step: RunStep };

/** Of the step that failed last; where none says so, of the run itself. */
function failureAt(lines: readonly RunLine[], reading: RunReading): RunFailure {
  const end = lines.at(-1)!;
  const failed = lines.findLast((line): line is StepLine => line.step !== 'run' && line.state === 'failed');
  const line: StepLine = failed ?? { ...end, step: stepOf(lines, reading.order) };
  const reason = line.reason ?? end.reason ?? '';
  const log = reading.logs.find(({ step }) => step === line.step);
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
      return failure('unknown', line.text ?? 'The directory of the task is gone', 'Start a new analysis.');
  }
  switch (line.step) {
    case 'commit':
      return commitFailure(reason, line);
    case 'push':
      return pushFailure(reason, line);
    case 'documents':
      return missingDocuments(line, lines, reading.logs) ?? turnFailure(line, log);
    case 'wait':
    case 'analysis':
    case 'review':
    case 'implement':
    case 'check':
      return turnFailure(line, log);
  }
}

const goOn = 'Then continue the run.';

const failure = (kind: RunFailureKind, message: string, next: string): RunFailure => ({
  kind,
  message: /[.!?…]$/.test(message) ? message : `${message}.`,
  next,
});

const said = ({ text }: Pick<RunLine, 'text'>): string => (text ? `: ${text}` : '');

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

function commitFailure(reason: string, line: StepLine): RunFailure {
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
        `The documents could not be committed${said(line)}`,
        `Commit them by hand to see why. ${goOn}`,
      );
  }
}

function pushFailure(reason: string, line: StepLine): RunFailure {
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

/** Claude was asked once more and did not write them: since it may not, or for its own reasons. */
function missingDocuments(
  line: StepLine,
  lines: readonly RunLine[],
  logs: readonly TurnLog[],
): RunFailure | undefined {
  if (line.reason !== 'missing') return undefined;
  const missing = line.names ?? lines.findLast(({ state }) => state === 'missing')?.names;
  const what = missing?.length
    ? `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
    : 'Documents are missing';
  const denied = [...new Set(logs.flatMap(({ result }) => result?.denied ?? []))];
  if (denied.length > 0)
    return failure(
      'permission',
      `${what}; Claude was denied ${denied.join(', ')}`,
      'Look at the conversation; allow it by claude.analysisAllow where it is needed, and start a new analysis.',
    );
  return failure(
    'documents',
    `${what}, though Claude was asked twice`,
    'Look at the conversation, or resume it and ask there. Then continue the run.',
  );
}

/** By what Claude said last, else by how it ended. */
function turnFailure(line: StepLine, log: TurnLog | undefined): RunFailure {
  const isReview = line.step === 'review';
  const status = line.code === undefined ? '' : ` (exit status ${line.code})`;
  switch (line.reason) {
    case 'noClaude':
      return failure(
        'claude',
        `Claude Code cannot be started on the host${said(line)}`,
        `Install it there, or set claudePath. ${goOn}`,
      );
    case 'killed':
      return failure('claude', `Claude was ended while it worked${said(line)}`, 'Continue the run.');
    case 'silent':
      return failure('claude', 'Claude had written nothing for an hour, and was ended', 'Continue the run.');
    case 'missing':
      return failure('review', 'The reviewer did not write its document', 'Continue the run.');
    case 'noResult':
      if (log?.retry)
        return failure(
          'apiDown',
          `Claude ended while it tried the model's API again (${log.retry.attempt} of ${log.retry.of})`,
          'Try again later: continue the run.',
        );
      return failure(
        isReview ? 'review' : 'claude',
        `Claude ended without an answer${status}${said(line)}`,
        'Look at the log of the run, and continue it.',
      );
    default: {
      // The log knows more than the line, which has the reason by Claude's word for it and the text.
      const { reason, text } = line;
      const told = log?.result?.isError ? log.result : {};
      return resultFailure(
        { ...(reason && { terminalReason: reason }), ...(text && { text }), ...told, isError: true },
        isReview,
      );
    }
  }
}

/** `is_error` decides, not `subtype`: most errors of the API come as `success`. */
function resultFailure(result: NonNullable<TurnLog['result']>, isReview: boolean): RunFailure {
  const { apiStatus, terminalReason, subtype = '', text = '' } = result;
  const words = text ? `: ${text}` : '';
  if (/not logged in|please run \/login/i.test(text))
    return failure(
      'notSignedIn',
      'Claude is not signed in on the host',
      `Run claude there and sign in. ${goOn}`,
    );
  if (apiStatus === 401 || apiStatus === 403 || /^invalid api key|authentication/i.test(text))
    return failure(
      'notSignedIn',
      `Claude's sign-in on the host is refused${words}`,
      `Sign in there anew. ${goOn}`,
    );
  if (/credit balance|billing/i.test(text))
    return failure('credit', `The account of the model's API is not paid for${words}`, `Add credit. ${goOn}`);
  if (terminalReason === 'prompt_too_long' || /^prompt is too long/i.test(text))
    return failure(
      'promptTooLong',
      `The conversation does not fit into the model's context${words}`,
      'Resume it and compact it by /compact, or start a new analysis.',
    );
  if (terminalReason === 'budget_exhausted' || subtype === 'error_max_budget_usd')
    return failure(
      'budget',
      'The budget of a run is used up',
      'Raise claude.maxBudgetUsd. Then continue the run.',
    );
  if (terminalReason === 'max_turns' || subtype === 'error_max_turns')
    return failure(
      'maxTurns',
      'The most turns of a run are used up',
      'Raise claude.maxTurns. Then continue the run.',
    );
  if (apiStatus === 429 || /\(429\)|rate limit|usage limit/i.test(text))
    return failure(
      'apiDown',
      `The model's API takes no more requests for now${words}`,
      'Try again later: continue the run.',
    );
  if (
    (apiStatus !== undefined && apiStatus >= 500) ||
    /overloaded|connection|E(?:CONN|NOTFOUND|AI_AGAIN|TIMEDOUT)/i.test(text)
  )
    return failure(
      'apiDown',
      `The model's API does not answer${words}`,
      'Try again later: continue the run.',
    );
  return failure(
    isReview ? 'review' : 'model',
    `Claude ended with an error${words || (terminalReason ? ` (${terminalReason})` : '')}`,
    'Look at the log of the run, and continue it.',
  );
}
