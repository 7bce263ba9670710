import { z } from 'zod';
import { displayText } from '../../util/displayText';
import { header, retryAfter, type Answer } from '../http/answer';
import type { JiraProblem } from './errors';

const jsonError = z.looseObject({
  errorMessages: z.array(z.string()).optional().catch(undefined),
  errors: z.record(z.string(), z.unknown()).optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

/**
 * Why this answer is no answer, or undefined where its body may be used.
 * `signedIn`: the request carried credentials, so being treated as a stranger is a failure and not an empty result.
 */
export function problemOf(
  answer: Answer,
  host: string,
  signedIn: boolean,
  now: number,
): JiraProblem | undefined {
  const { status, headers } = answer;
  const ok = status >= 200 && status < 300;
  if (/CAPTCHA/i.test(header(headers, 'x-authentication-denied-reason')))
    return { kind: 'auth', reason: 'captcha', host };
  if (signedIn) {
    // The anonymous trap: 200 and an empty result, with only this header to tell.
    const reason = header(headers, 'x-seraph-loginreason');
    if (
      /AUTHENTICATED_FAILED|AUTHENTICATION_DENIED|\bOUT\b/.test(reason) &&
      (ok || status === 401 || status === 403)
    )
      return { kind: 'auth', reason: ok ? 'anonymous' : 'refused', host };
  }
  if (ok) return isPage(answer) ? { kind: 'notJira', host } : undefined;
  return refusalOf(answer, host, now);
}

function refusalOf(answer: Answer, host: string, now: number): JiraProblem {
  const { status } = answer;
  const messages = messagesOf(answer);
  const retryAfterMs = retryAfter(header(answer.headers, 'retry-after'), now);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  switch (status) {
    case 401:
      if (/scope does not match/i.test(answer.body)) return { kind: 'scopedToken', messages, host };
      return { kind: 'auth', reason: 'refused', host };
    case 403:
      // Jira says no in JSON; a page comes from what stands before it.
      return isPage(answer) ? { kind: 'notJira', host } : { kind: 'permission', messages, host };
    case 404:
      if (hasJiraMessages(answer)) return { kind: 'notFound', messages, host };
      return { kind: 'wrongUrl', why: 'it answers 404', host };
    case 407:
      return { kind: 'network', code: 'proxy asks for a login', host };
    case 408:
    case 425:
      return { kind: 'server', status, ...wait, host };
    case 413:
      return { kind: 'tooLarge', what: messages.join(' ') || 'What was sent to Jira', host };
    case 429:
      return { kind: 'rateLimited', ...wait, host };
    default:
      if (status >= 500 || status < 200) return { kind: 'server', status, ...wait, host };
      if (isPage(answer)) return { kind: 'notJira', host };
      return { kind: 'invalidRequest', status, messages, host };
  }
}

/** True for a web page where JSON was due. */
function isPage({ headers, body }: Answer): boolean {
  if (body === '') return false;
  return (
    /text\/html|application\/xhtml/i.test(header(headers, 'content-type')) || /^\s*</.test(body.slice(0, 200))
  );
}

function hasJiraMessages(answer: Answer): boolean {
  const parsed = parseError(answer.body);
  return parsed?.errorMessages !== undefined || parsed?.errors !== undefined;
}

function parseError(body: string): z.infer<typeof jsonError> | undefined {
  try {
    return jsonError.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** Jira's own words: untrusted, so one line each, few and short, without characters that change how text displays. */
function messagesOf({ body }: Answer): string[] {
  const parsed = parseError(body);
  if (!parsed) return [];
  const fields = Object.entries(parsed.errors ?? {}).map(([field, text]) => `${field}: ${String(text)}`);
  return [...(parsed.errorMessages ?? []), ...fields, ...(parsed.message ? [parsed.message] : [])]
    .map(displayText)
    .filter((text) => text !== '')
    .slice(0, 5);
}
