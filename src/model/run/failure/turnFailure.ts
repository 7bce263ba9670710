import type { RunKind } from '../order';
import type { RunLine, TurnLog } from '../run';
import type { StepLine } from '../steps/steps';
import { failure, goOn, said, type RunFailure } from './failure';

/** Claude was asked once more and did not write them: since it may not, or for its own reasons. */
export function missingDocuments(
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
export function turnFailure(line: StepLine, log: TurnLog | undefined, kind: RunKind): RunFailure {
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
    case 'otherSession':
      return failure(
        'sessionLost',
        `Claude answered in another session than it was to go on in${said(line)}`,
        'Look at the log of the run, and continue it.',
      );
    case 'missing':
      if (isReview) return failure('review', 'The reviewer did not write its document', 'Continue the run.');
      return failure(
        'sessionLost',
        'The conversation cannot be resumed, and no further session of the run is left to go on in',
        'What is committed stays. Let what is left be planned and approved, and start a new implementation.',
      );
    case 'nothing':
      return failure(
        'claude',
        'Claude went through all steps and changed nothing',
        'Look at the conversation for its reasons, then start a new implementation.',
      );
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
    default:
  }
  // The log knows more than the line, which has the reason by Claude's word for it and the text.
  const { reason, text } = line;
  const told = log?.result?.isError ? log.result : {};
  return resultFailure(
    { ...(reason && { terminalReason: reason }), ...(text && { text }), ...told, isError: true },
    line,
    kind,
  );
}

/** `is_error` decides, not `subtype`: most errors of the API come as `success`. */
function resultFailure(
  { apiStatus, terminalReason, subtype = '', text = '' }: NonNullable<TurnLog['result']>,
  { step }: StepLine,
  kind: RunKind,
): RunFailure {
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
      kind === 'implementation'
        ? 'Continue the run: it goes on in a new session, if one is left.'
        : `Resume it and compact it by /compact, or start a new ${kind}.`,
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
    step === 'review' ? 'review' : 'model',
    `Claude ended with an error${words || (terminalReason ? ` (${terminalReason})` : '')}`,
    'Look at the log of the run, and continue it.',
  );
}
