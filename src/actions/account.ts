import type { SecureContext } from 'node:tls';
import { UserError, unlessAborted } from '../model/errors';
import type { Issue } from '../model/task/issue';
import { parseRecordIndex } from '../model/record/issueIndex';
import type { Settings } from '../model/settings';
import { claimsOf } from '../sources/jira/comments';
import {
  connect,
  findSite,
  transportFor,
  type Connection,
  type Credential,
  type JiraUser,
  type Site,
} from '../sources/jira/connection';
import { originOf, type Credentials, type FoundCredential } from '../sources/jira/credentials';
import { trustWith } from '../sources/http/certificates';
import { needsSignIn } from '../sources/jira/errors';
import { Jira } from '../sources/jira/jira';
import { Poller } from '../sources/jira/polling/poll';
import { Emitter } from '../util/event';
import type { Log } from '../util/log';
import type { IssueSource } from './store';

/** How long a refused token is not tried again, in milliseconds; signing in anew tries at once. */
const refusedMs = 10 * 60_000;

export interface AccountOptions {
  settings: Settings;
  /** Address to use: `jira.url`, or where the user signed in last. */
  url: string;
  credentials: Credentials;
  log: Log;
  /** True where a secret store keeps tokens, else git's helper does. */
  storesSecrets: boolean;
  /** Keeps the address that the user signed in to. */
  rememberUrl(url: string): Promise<void>;
  /** Where scoped tokens are taken; another one only in tests. */
  gatewayUrl?: string;
}

/**
 * Our account at one Jira: who we are there, and its tasks. Connects on first use. Trouble never signs out; only the
 * user does.
 */
export class JiraAccount implements IssueSource {
  private readonly changed = new Emitter<void>();
  private url: string;
  private found: FoundCredential | undefined;
  private session: { jira: Jira; poller: Poller } | undefined;
  private refused: { error: unknown; until: number } | undefined;
  private connecting: Promise<{ jira: Jira; poller: Poller }> | undefined;

  /** Signed in, or out. */
  readonly onDidChange = this.changed.event;

  constructor(private readonly options: AccountOptions) {
    this.url = options.url;
  }

  get state(): IssueSource['state'] {
    const connection = this.session?.jira.connection;
    return {
      signedIn: this.found !== undefined,
      ...(this.url && { url: connection?.baseUrl ?? this.url }),
      ...(connection && { user: connection.user.name }),
    };
  }

  /** As configured, or where the user signed in. */
  get address(): string {
    return this.url;
  }

  /** Looks for a token that we or the user keep already. No request is made. */
  async restore(signal?: AbortSignal): Promise<void> {
    const origin = originOf(this.url);
    if (origin === undefined || this.found) return;
    this.found = await this.options.credentials.find(origin, signal);
    if (this.found) this.changed.fire();
  }

  /** What answers at an address, before anybody has signed in. */
  async findSite(address: string, signal?: AbortSignal): Promise<Site> {
    return findSite(address, await this.connectOptions(signal));
  }

  /** Checks the token and keeps it. Throws JiraError with what is wrong. */
  async signIn(site: Site, credential: Credential, signal?: AbortSignal): Promise<JiraUser> {
    const connection = await connect(site, credential, await this.connectOptions(signal));
    await this.options.credentials.save(site.origin, connection.credential);
    await this.options.rememberUrl(site.baseUrl);
    this.close();
    this.url = site.baseUrl;
    this.found = { credential: connection.credential, place: this.options.storesSecrets ? 'store' : 'git' };
    this.session = await this.open(connection);
    this.changed.fire();
    return connection.user;
  }

  /** Forgets the token. One that comes from the environment is the caller's to remove; then this says so. */
  async signOut(): Promise<void> {
    const origin = originOf(this.url);
    const { found } = this;
    if (origin !== undefined) await this.options.credentials.forget(origin, found);
    this.close();
    this.found = undefined;
    this.changed.fire();
    if (found?.place === 'environment')
      throw new UserError(
        'The token comes from TASK_SESSIONS_JIRA_TOKEN in the environment, which is yours.',
        'Remove it there, or the next start signs in again.',
      );
  }

  async refresh(options: {
    full?: boolean;
    signal?: AbortSignal;
  }): Promise<{ issues: readonly Issue[]; changed: boolean }> {
    if (options.full) {
      // Who asks for everything has changed something, perhaps the token's permissions, and waits for nothing that hangs.
      this.refused = undefined;
      this.connecting = undefined;
    }
    const { poller } = await this.connected(options.signal);
    return poller.refresh(options);
  }

  /** The Jira that we are signed in to. Throws UserError when signed out. */
  async jira(signal?: AbortSignal): Promise<Jira> {
    return (await this.connected(signal)).jira;
  }

  /** Tells that we wrote to an issue, so that the next refresh sees it as it is. */
  noteEdit(issueId: string): void {
    this.session?.poller.noteEdit(issueId);
  }

  /** When to refresh next, ms. */
  delayMs(pollMs: number): number {
    return this.session?.poller.delayMs(pollMs) ?? pollMs;
  }

  dispose(): void {
    this.close();
    this.changed.dispose();
  }

  private async connected(signal?: AbortSignal): Promise<{ jira: Jira; poller: Poller }> {
    if (this.session) return this.session;
    const { found } = this;
    if (!found) throw notSignedIn();
    // A refused token stays refused; asking with it at every poll locks accounts.
    if (this.refused && Date.now() < this.refused.until) throw this.refused.error;
    // Shared by all who wait, so nobody's signal ends it for the others; each call in it has its own deadline.
    const connecting = (this.connecting ??= this.connect(found).finally(() => {
      if (this.connecting === connecting) this.connecting = undefined;
    }));
    try {
      return await unlessAborted(connecting, signal);
    } catch (error) {
      if (needsSignIn(error)) this.refused = { error, until: Date.now() + refusedMs };
      throw error;
    }
  }

  private async connect(found: FoundCredential): Promise<{ jira: Jira; poller: Poller }> {
    const options = await this.connectOptions();
    const site = await findSite(this.url, options, found.credential);
    const connection = await connect(site, found.credential, options);
    const session = await this.open(connection);
    // Signed out, or signed in elsewhere, while this was under way.
    if (this.found !== found) {
      session.jira.close();
      throw new UserError('The Jira account changed meanwhile.', 'Refresh again.');
    }
    if (this.session) {
      session.jira.close();
      return this.session;
    }
    this.session = session;
    return session;
  }

  private async open(connection: Connection): Promise<{ jira: Jira; poller: Poller }> {
    const { log, settings } = this.options;
    const transport = transportFor(connection, { log, secureContext: await this.trust() });
    const jira = new Jira(connection, transport, { claimsOf, indexOf: parseRecordIndex }, log);
    return { jira, poller: new Poller(jira, { jql: () => settings.jira.jql, log }) };
  }

  private async connectOptions(signal?: AbortSignal) {
    const { log, settings, gatewayUrl } = this.options;
    return {
      log,
      deployment: settings.jira.deployment,
      secureContext: await this.trust(),
      ...(gatewayUrl !== undefined && { gatewayUrl }),
      ...(signal && { signal }),
    };
  }

  private trust(): Promise<SecureContext | undefined> {
    return trustWith(this.options.settings.jira.caFile);
  }

  private close(): void {
    this.session?.jira.close();
    this.session = undefined;
    this.refused = undefined;
  }
}

export const notSignedIn = (): UserError =>
  new UserError(
    'You are not signed in to Jira.',
    'Sign in first; on the command line, set TASK_SESSIONS_JIRA_TOKEN.',
  );
