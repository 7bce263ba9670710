import { z } from 'zod';
import type { Log } from '../../util/log';
import type { Credential } from './connection';
import { parseJiraUrl } from './connection';
import type { GitCredentials } from './gitCredentials';

/** Keeps secrets by origin (scheme, host, port). VS Code's SecretStorage is one; `value` means nothing to it. */
export interface Secrets {
  get(origin: string): Promise<string | undefined>;
  set(origin: string, value: string): Promise<void>;
  delete(origin: string): Promise<void>;
}

export type CredentialPlace = 'store' | 'environment' | 'git';

export interface FoundCredential {
  credential: Credential;
  place: CredentialPlace;
}

export interface CredentialOptions {
  /** `jira.url`: the environment's token is for its origin and no other. */
  url: string;
  /** `jira.email`. */
  email?: string;
  store?: Secrets;
  git?: GitCredentials;
  env?: NodeJS.ProcessEnv;
  log: Log;
}

const stored = z.object({ email: z.string().optional(), token: z.string().min(1) });

/**
 * Where the token for a Jira comes from: the given store, else the environment, else git's credential helper. A place
 * that fails is passed over; a token is never logged.
 */
export class Credentials {
  constructor(private readonly options: CredentialOptions) {}

  async find(origin: string, signal?: AbortSignal): Promise<FoundCredential | undefined> {
    const inStore = await this.fromStore(origin);
    if (inStore) return { credential: inStore, place: 'store' };
    const inEnvironment = this.fromEnvironment(origin);
    if (inEnvironment) return { credential: inEnvironment, place: 'environment' };
    const inGit = await this.options.git?.fill(origin, this.options.email, signal);
    return inGit ? { credential: this.withEmail(inGit), place: 'git' } : undefined;
  }

  /** Keeps a token that works: in the store, or without one with git's helper. */
  async save(origin: string, credential: Credential): Promise<void> {
    const { store, git } = this.options;
    if (store) await store.set(origin, JSON.stringify(credential));
    else await git?.approve(origin, credential);
  }

  /** Signs out: from where the token was found. The environment's is the caller's own to remove. */
  async forget(origin: string, found?: FoundCredential): Promise<void> {
    await this.options.store?.delete(origin);
    if (found?.place === 'git') await this.options.git?.reject(origin, found.credential);
  }

  private async fromStore(origin: string): Promise<Credential | undefined> {
    const value = await this.options.store?.get(origin).catch((error: unknown) => {
      this.options.log.warn(
        `The secret store did not answer: ${error instanceof Error ? error.message : ''}`,
      );
      return undefined;
    });
    if (value === undefined) return undefined;
    const parsed = stored.safeParse(parseJson(value)).data;
    return parsed && { token: parsed.token, ...(parsed.email ? { email: parsed.email } : {}) };
  }

  private fromEnvironment(origin: string): Credential | undefined {
    const { env = process.env, url } = this.options;
    const token = env['TASK_SESSIONS_JIRA_TOKEN']?.trim();
    if (!token || originOf(url) !== origin) return undefined;
    const email = env['TASK_SESSIONS_JIRA_EMAIL']?.trim();
    return this.withEmail({ token, ...(email ? { email } : {}) });
  }

  private withEmail(credential: Credential): Credential {
    const email = credential.email ?? this.options.email;
    return { token: credential.token, ...(email ? { email } : {}) };
  }
}

/** Scheme, host and port of an address as a person writes it; undefined where it is none. */
export function originOf(url: string): string | undefined {
  try {
    return parseJiraUrl(url).origin;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
