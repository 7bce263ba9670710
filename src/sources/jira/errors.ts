import { UserError } from '../../model/errors';
import type { HttpProblem } from '../http/problem';

/**
 * Everything that can be wrong between us and Jira. `host` is host and port as the user knows them; `messages` are
 * Jira's own, cleaned for display.
 */
export type JiraProblem = { host: string } & (
  | { kind: 'wrongUrl'; why: string; suggestion?: string }
  | { kind: 'notJira'; redirect?: string }
  | { kind: 'auth'; reason: 'refused' | 'anonymous' | 'captcha' | 'emailMissing' }
  | { kind: 'scopedToken'; messages: string[] }
  | { kind: 'permission'; messages: string[] }
  | { kind: 'notFound'; messages: string[] }
  | { kind: 'rateLimited'; retryAfterMs?: number }
  | { kind: 'server'; status: number; retryAfterMs?: number }
  | { kind: 'invalidRequest'; status: number; messages: string[] }
  | HttpProblem
);

export type JiraProblemKind = JiraProblem['kind'];

/** A failure of Jira, or on the way to it, in plain words and with the next step. */
export class JiraError extends UserError {
  constructor(
    readonly problem: JiraProblem,
    options?: ErrorOptions,
  ) {
    const [message, next] = describe(problem);
    super(message, next, options);
  }

  get kind(): JiraProblemKind {
    return this.problem.kind;
  }

  /** True where waiting may help. The last snapshot stays, and nobody is signed out. */
  get transient(): boolean {
    return transientKinds.has(this.problem.kind);
  }

  /** How long Jira asked us to stay away, in ms. */
  get retryAfterMs(): number | undefined {
    return 'retryAfterMs' in this.problem ? this.problem.retryAfterMs : undefined;
  }
}

// A proxy's login page comes and goes with the network that one is in, so it is as passing as a lost connection.
const transientKinds = new Set<JiraProblemKind>(['rateLimited', 'server', 'network', 'timeout', 'notJira']);

/** True only if Jira itself refused the credentials: the one failure after which signing in again makes sense. */
export function needsSignIn(error: unknown): boolean {
  return error instanceof JiraError && (error.kind === 'auth' || error.kind === 'scopedToken');
}

/** What happened, and what to do. */
function describe(problem: JiraProblem): [message: string, next: string] {
  const { host } = problem;
  switch (problem.kind) {
    case 'wrongUrl':
      return [
        `There is no Jira at this address (${host}): ${problem.why}.`,
        problem.suggestion
          ? `Try ${problem.suggestion}.`
          : 'Check jira.url: it is the address in the browser up to, and with, a context path such as /jira.',
      ];
    case 'notJira':
      return problem.redirect
        ? [
            `${host} sent us on to ${problem.redirect} instead of answering as Jira.`,
            'That is a login page or a moved site: sign in to your VPN or proxy, or set jira.url to the new address.',
          ]
        : [
            `${host} answered with a web page, not as Jira.`,
            'A proxy or single sign-on stands in between: open the address in a browser, sign in to the network or VPN, then try again.',
          ];
    case 'auth':
      return authSentences[problem.reason](host);
    case 'scopedToken':
      return [
        `The API token for ${host} lacks a scope that this needs${quoted(problem.messages)}.`,
        'Create a token with the scopes read:jira-work, write:jira-work and read:jira-user (or one without scopes), and sign in again.',
      ];
    case 'permission':
      return [
        `Jira does not allow this${quoted(problem.messages)}.`,
        'Ask a Jira administrator for the permission in this project.',
      ];
    case 'notFound':
      return [
        `Jira found nothing there${quoted(problem.messages)}.`,
        'Check the key, and that your account may see it.',
      ];
    case 'rateLimited':
      return [`${host} asks for fewer requests.`, `Next try ${after(problem.retryAfterMs)}.`];
    case 'server':
      return [
        `${host} has trouble (HTTP ${problem.status}).`,
        `Nothing is lost; next try ${after(problem.retryAfterMs)}.`,
      ];
    case 'network':
      return describeNetwork(problem.code, host);
    case 'tls':
      return describeTls(problem.code, host);
    case 'timeout':
      return [
        `${host} did not answer within ${Math.round(problem.afterMs / 1000)} s.`,
        'Check the network and the VPN, then try again.',
      ];
    case 'invalidRequest':
      return [
        `Jira refused the request (HTTP ${problem.status})${quoted(problem.messages)}.`,
        problem.messages.length > 0
          ? 'Correct what it names; in a search, that is jira.jql.'
          : 'See the log for the request.',
      ];
    case 'tooLarge':
      return [`${problem.what} is too large.`, 'Make it smaller: a narrower jira.jql, or a shorter text.'];
    default:
      throw new Error(`Not a problem of Jira: ${String(problem satisfies never)}`);
  }
}

type AuthReason = Extract<JiraProblem, { kind: 'auth' }>['reason'];

const authSentences: Record<AuthReason, (host: string) => [string, string]> = {
  refused: (host) => [
    `${host} refused the token.`,
    'It is wrong, expired or revoked (or the e-mail is not its owner’s): create a new one and sign in again.',
  ],
  anonymous: (host) => [
    `${host} treats us as not signed in: the token is wrong, expired or revoked.`,
    'Create a new token and sign in again.',
  ],
  captcha: (host) => [
    `${host} asks for a CAPTCHA after failed logins.`,
    'Log in once in the browser, then sign in again.',
  ],
  emailMissing: (host) => [
    `${host} is Jira Cloud, where an API token goes with the e-mail of its account.`,
    'Give the e-mail too (jira.email, or TASK_SESSIONS_JIRA_EMAIL).',
  ],
};

function describeNetwork(code: string, host: string): [string, string] {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [`The name ${host} was not found.`, 'Check the network, the VPN, and the spelling of jira.url.'];
    case 'ECONNREFUSED':
      return [
        `${host} refused the connection.`,
        'Check the port in jira.url, and whether Jira is running there.',
      ];
    default:
      return [
        `The connection to ${host} failed (${code}).`,
        'Check the network and the VPN, then try again.',
      ];
  }
}

function describeTls(code: string, host: string): [string, string] {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
    case 'HOSTNAME_MISMATCH':
      return [
        `The certificate of ${host} is for another name.`,
        'Use the name that the certificate has in jira.url.',
      ];
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return [
        `The certificate of ${host} is not valid today (${code}).`,
        'Check this machine’s clock, else tell its administrator.',
      ];
    case 'NOT_TLS':
      return [
        `${host} does not speak https on that port.`,
        'Check scheme and port in jira.url, and whether a proxy is in between.',
      ];
    default:
      return [
        `The certificate of ${host} is not trusted by this machine (${code}).`,
        'Set jira.caFile to a PEM file with your organisation’s root certificate.',
      ];
  }
}

const quoted = (messages: readonly string[]): string =>
  messages.length > 0 ? `: “${messages.join(' ')}”` : '';

function after(ms: number | undefined): string {
  if (ms === undefined) return 'in a little while';
  return ms < 90_000 ? `in ${Math.ceil(ms / 1000)} s` : `in ${Math.ceil(ms / 60_000)} min`;
}
