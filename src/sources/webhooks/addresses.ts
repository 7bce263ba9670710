import { UserError } from '../../model/errors';
import { isLoopback } from '../http/agent';

/** Keeps addresses by the name of their webhook. VS Code's SecretStorage is one. */
export interface AddressStore {
  get(name: string): Promise<string | undefined>;
  set(name: string, address: string): Promise<void>;
  delete(name: string): Promise<void>;
}

/** The variable that holds the address where no secret store does: `TASK_SESSIONS_WEBHOOK_<NAME>`. */
export const addressVariable = (name: string): string =>
  `TASK_SESSIONS_WEBHOOK_${name.toUpperCase().replaceAll('-', '_')}`;

/**
 * The addresses of webhooks. Whoever knows one can write into the channel, so they are secrets: kept in the given store,
 * else in the environment, and never in settings, logs, errors or argv.
 */
export class WebhookAddresses {
  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly store?: AddressStore,
  ) {}

  /** Undefined where none is known. Throws UserError for one that is none, without repeating it. */
  async find(name: string): Promise<URL | undefined> {
    // A store that fails is passed over, as the one of Jira's tokens is.
    const stored = await this.store?.get(name).catch(() => undefined);
    if (stored) return parseWebhookAddress(stored);
    const variable = addressVariable(name);
    const given = this.env[variable]?.trim();
    if (!given) return undefined;
    try {
      return parseWebhookAddress(given);
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${variable}: ${error.message}`, error.next) : error;
    }
  }

  /** Keeps an address that was checked; undefined forgets it. */
  async set(name: string, address: URL | undefined): Promise<void> {
    if (address) await this.store?.set(name, address.href);
    else await this.store?.delete(name);
  }
}

/** Throws UserError, which does not repeat the address. */
export function parseWebhookAddress(text: string): URL {
  const given = text.trim();
  const url = given.length <= 4096 && URL.canParse(given) ? new URL(given) : undefined;
  if (!url || url.hostname === '' || !/^https?:$/.test(url.protocol))
    throw new UserError(
      'This is not the address of a webhook.',
      'Copy it again from where the webhook was made: it begins with https://.',
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new UserError(
      `${url.host} would be reached by plain http, where everybody on the way can read the address.`,
      'Use its https address.',
    );
  url.hash = '';
  return url;
}
