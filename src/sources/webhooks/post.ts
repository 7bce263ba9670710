import type { SecureContext } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import { CancelledError, UserError } from '../../model/errors';
import { agentFor } from '../http/agent';
import { header, retryAfter, type Answer } from '../http/answer';
import { exchange } from '../http/exchange';
import { HttpError } from '../http/problem';

export interface Posting {
  /** A secret: errors name its host only. */
  address: URL;
  message: unknown;
  /** From `trustWith`, where `jira.caFile` is set. */
  secureContext?: SecureContext | undefined;
  /** Names the proxy. */
  env?: NodeJS.ProcessEnv | undefined;
  signal?: AbortSignal | undefined;
  /** Of one try, in ms. */
  timeoutMs?: number;
  /** First pause, doubled each time, in ms. */
  pauseMs?: number;
  /** A receiver that asks for more is left alone. */
  maxPauseMs?: number;
}

const tries = 3;

/**
 * Posts a message, once if the receiver takes it: no redirect is followed, since the address is for this receiver alone.
 * A lost connection, 429 and 5xx are tried again; silence is not, since the message may have been taken. Throws
 * UserError or CancelledError.
 */
export async function post(posting: Posting): Promise<void> {
  const { address, signal, pauseMs = 1000, maxPauseMs = 30_000 } = posting;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await once(posting);
    if (outcome.kind === 'taken') return;
    const wait = Math.max(pauseMs * 2 ** (attempt - 1), outcome.retryAfterMs ?? 0);
    if (!outcome.again || attempt === tries || wait > maxPauseMs)
      throw new UserError(`${address.host}: ${outcome.why}.`, outcome.next);
    await delay(wait, undefined, { ...(signal && { signal }) }).catch(() => {
      throw new CancelledError();
    });
  }
}

type Outcome =
  | { kind: 'taken' }
  | { kind: 'refused'; why: string; next: string; again: boolean; retryAfterMs?: number | undefined };

async function once({ address, message, timeoutMs = 10_000, ...rest }: Posting): Promise<Outcome> {
  const agent = agentFor(address, { keepAlive: false }, rest.env);
  try {
    const answer = await exchange({
      method: 'POST',
      url: address,
      headers: { 'content-type': 'application/json', accept: '*/*', 'user-agent': 'task-sessions' },
      body: JSON.stringify(message),
      timeoutMs,
      maxBytes: 64 * 1024,
      agent,
      ...(rest.secureContext && { secureContext: rest.secureContext }),
      ...(rest.signal && { signal: rest.signal }),
    });
    return outcomeOf(answer, address, Date.now());
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return onTheWay(error);
  } finally {
    agent.destroy();
  }
}

function onTheWay({ problem }: HttpError): Outcome {
  const later = 'Nothing else is affected; this message is not sent again.';
  switch (problem.kind) {
    case 'network':
      return { kind: 'refused', why: `it cannot be reached (${problem.code})`, next: later, again: true };
    case 'tls': {
      const why = `its certificate is not trusted by this machine (${problem.code})`;
      return { kind: 'refused', why, next: 'Set jira.caFile to your root certificate.', again: false };
    }
    case 'timeout':
      return { kind: 'refused', why: 'it does not answer', next: later, again: false };
    case 'tooLarge':
      // It has answered, only at too great a length.
      return { kind: 'taken' };
  }
}

function outcomeOf({ status, headers, body }: Answer, address: URL, now: number): Outcome {
  if (status >= 200 && status < 300) return { kind: 'taken' };
  const refused = (next: string, again = false): Outcome => ({
    kind: 'refused',
    why: `it answered ${status}${wordOf(body, address)}`,
    next,
    again,
    retryAfterMs: retryAfter(header(headers, 'retry-after'), now),
  });
  if (status === 429 || status >= 500)
    return refused('Nothing else is affected; this message is not sent again.', true);
  if (status >= 300 && status < 400)
    return refused('It forwards elsewhere, which is not followed: set the address that it has now.');
  return refused('Make the webhook anew where it is from, and set its address.');
}

/**
 * The word with which Slack says why (`channel_is_archived`). Nothing else of an answer is shown: some repeat the address.
 */
function wordOf(body: string, address: URL): string {
  const word = body.trim();
  return /^[a-z]+(?:_[a-z]+)+$/.test(word) && word.length <= 60 && !address.href.includes(word)
    ? ` (${word})`
    : '';
}
