import type { Token, User } from '../entities';
import type { JiraState } from '../state';
import type { Answer } from './answer';
import { basicRefused, mustSignIn, scopeMismatch } from './errors';

/** Who a request comes from. `failed` means that it carried credentials which count for nothing. */
export type SignIn =
  | { kind: 'user'; user: User; token: Token }
  | { kind: 'anonymous'; failed: boolean }
  | { kind: 'refused'; answer: Answer };

export interface Door {
  cloud: boolean;
  /** True behind `/ex/jira/CLOUDID`. */
  gateway: boolean;
  base: string;
  basicAuth: boolean;
}

/**
 * Cloud: Basic with a classic token on the site, Basic or Bearer with a scoped one on the gateway; a wrong
 * token on the site counts as anonymous. Data Center: Bearer, and Basic only where enabled.
 */
export function signIn(header: string | undefined, door: Door, state: JiraState): SignIn {
  const [scheme = '', credentials = ''] = (header ?? '').split(/ (.*)/s);
  if (!header) return door.gateway ? refused(gatewayRefused()) : { kind: 'anonymous', failed: false };
  const basic = scheme.toLowerCase() === 'basic';
  const found = basic ? byPassword(credentials, state) : byToken(credentials, state);

  if (!door.cloud) {
    if (basic) {
      return found && door.basicAuth ? { kind: 'user', ...found } : refused(basicRefused(door.base));
    }
    return found?.token.kind === 'pat' ? { kind: 'user', ...found } : refused(mustSignIn());
  }
  if (door.gateway) {
    const fits = found && (basic ? found.token.kind === 'scoped' : found.token.kind === 'oauth');
    return fits ? { kind: 'user', ...found } : refused(gatewayRefused());
  }
  if (found && basic && found.token.kind === 'classic') return { kind: 'user', ...found };
  // A scoped token is known to the site, yet not accepted there.
  if (found && basic && found.token.kind === 'scoped') return refused(mustSignIn());
  return { kind: 'anonymous', failed: true };
}

/** The scope that a request needs, refused as the gateway does if the token lacks it. */
export function checkScope(token: Token, path: string, writes: boolean): Answer | undefined {
  if (token.kind !== 'scoped' && token.kind !== 'oauth') return undefined;
  const aboutUsers = /^\/(?:myself|user)\b/.test(path);
  const needed = aboutUsers ? 'read:jira-user' : writes ? 'write:jira-work' : 'read:jira-work';
  return token.scopes?.includes(needed) ? undefined : scopeMismatch();
}

function byPassword(credentials: string, state: JiraState): { user: User; token: Token } | undefined {
  const [name = '', value = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(/:(.*)/s);
  const found = byToken(value, state);
  return found && [found.user.email.toLowerCase(), found.user.name].includes(name.toLowerCase())
    ? found
    : undefined;
}

function byToken(value: string, state: JiraState): { user: User; token: Token } | undefined {
  for (const user of state.users) {
    const token = user.tokens.find((token) => token.value === value);
    if (token) return { user, token };
  }
  return undefined;
}

function refused(answer: Answer): SignIn {
  return { kind: 'refused', answer };
}

function gatewayRefused(): Answer {
  return { status: 401, body: { code: 401, message: 'Unauthorized' } };
}
