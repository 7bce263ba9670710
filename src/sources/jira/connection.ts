import type { SecureContext } from 'node:tls';
import { z } from 'zod';
import { UserError } from '../../model/errors';
import type { Log } from '../../util/log';
import { JiraError } from './errors';
import { displayText } from '../../util/displayText';
import { isLoopback } from '../http/agent';
import { Transport, authorizationOf } from './transport';
import type { TransportOptions } from './transport';

export type Deployment = 'cloud' | 'dataCenter';

/** A Jira as it says of itself to strangers. */
export interface Site {
  /** Scheme, host and port: what tokens are kept by. */
  origin: string;
  /** With the context path, without a final slash; pages for people lie under it. */
  baseUrl: string;
  deployment: Deployment;
  title?: string;
  version?: string;
}

export interface JiraUser {
  /** Cloud `accountId`, Data Center `key`, which has a user name besides. */
  id: string;
  login?: string;
  name: string;
  /** IANA name; JQL dates are read in it. */
  timeZone?: string;
}

export interface Credential {
  /** Account of an API token (Cloud); none with a personal access token (Data Center). */
  email?: string;
  token: string;
}

/** A Jira that knows us. */
export interface Connection extends Site {
  /** Base of the REST API: `baseUrl`, or Atlassian's gateway for a scoped token. */
  apiUrl: string;
  user: JiraUser;
  credential: Credential;
}

export interface ConnectOptions {
  log: Log;
  /** `jira.deployment`. */
  deployment?: Deployment | 'auto';
  secureContext?: SecureContext | undefined;
  signal?: AbortSignal;
  timeoutMs?: number;
  /** Where scoped API tokens are taken; another one only in tests. */
  gatewayUrl?: string;
  transport?: Partial<TransportOptions>;
}

const serverInfo = z.looseObject({
  baseUrl: z.string().optional().catch(undefined),
  deploymentType: z.string().optional().catch(undefined),
  version: z.string().max(100).optional().catch(undefined),
  serverTitle: z.string().optional().catch(undefined),
  versionNumbers: z.array(z.number()).optional().catch(undefined),
});

const myself = z.looseObject({
  accountId: z.string().optional(),
  key: z.string().optional(),
  name: z.string().optional(),
  displayName: z.string().optional(),
  timeZone: z.string().optional(),
});

const tenantInfo = z.looseObject({ cloudId: z.guid() });

/**
 * The address that a person gave, as https URL without a final slash. Plain http only to this machine: the token
 * would pass everybody on the way.
 */
export function parseJiraUrl(text: string): URL {
  const given = text.trim();
  const url = URL.canParse(given) && /^[a-z]+:\/\//i.test(given) ? new URL(given) : parseWithHttps(given);
  if (!url || url.hostname === '')
    throw new UserError(
      'That is not an address of Jira.',
      'Give it as in the browser: https://jira.example.com',
    );
  if (url.username || url.password)
    throw new UserError('The address of Jira holds a user name or password.', 'Leave those out of it.');
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new UserError(
      `${url.host} would be reached by plain http, where everybody on the way can read the token.`,
      'Use the https address of Jira.',
    );
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new UserError('The address of Jira does not begin with https://.', 'Give it as in the browser.');
  url.search = '';
  url.hash = '';
  return url;
}

/** Which Jira an address is of: host and port. By `http` one is led to `https`. */
export function jiraHost(address = ''): string | undefined {
  const url = address.trim().replace(/^(?:https?:\/\/)?/i, 'https://');
  return URL.canParse(url) ? new URL(url).host : undefined;
}

const parseWithHttps = (text: string): URL | undefined =>
  URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : undefined;

/**
 * Finds Jira at an address, also at one copied from a page inside it. Asks without credentials; only where strangers
 * get no answer at all are those given used.
 */
export async function findSite(
  address: string,
  options: ConnectOptions,
  credential?: Credential,
): Promise<Site> {
  const url = parseJiraUrl(address);
  let first: unknown;
  for (const path of contextPaths(url.pathname)) {
    const baseUrl = url.origin + path;
    try {
      return await siteAt(baseUrl, options, credential);
    } catch (error) {
      // Only "not here" is worth another path; a network that is down is down for all of them.
      if (!(error instanceof JiraError) || !isElsewhere(error)) throw error;
      first ??= error;
    }
  }
  throw first;
}

const isElsewhere = ({ kind }: JiraError): boolean =>
  kind === 'wrongUrl' || kind === 'notJira' || kind === 'notFound' || kind === 'invalidRequest';

/** Where Jira may lie, given any address inside it: the path up to Jira's own pages, then the root. */
function contextPaths(pathname: string): string[] {
  const own = pathname.search(
    /\/(?:browse|secure|projects|issues|rest|plugins|servicedesk|login\.jsp|jira\/(?:software|core|servicedesk|dashboards|your-work|for-you))(?:\/|$)/,
  );
  const path = (own === -1 ? pathname : pathname.slice(0, own)).replace(/\/+$/, '');
  return path === '' ? [''] : [path, ''];
}

async function siteAt(baseUrl: string, options: ConnectOptions, credential?: Credential): Promise<Site> {
  const info = serverInfo.safeParse(await serverInfoAt(baseUrl, options, credential)).data;
  const deployment = options.deployment ?? 'auto';
  if (!info || (info.deploymentType ?? info.version) === undefined)
    throw new JiraError({
      kind: 'wrongUrl',
      why: 'what answers is not Jira',
      host: new URL(baseUrl).host,
    });
  return {
    origin: new URL(baseUrl).origin,
    baseUrl,
    deployment: deployment !== 'auto' ? deployment : info.deploymentType === 'Cloud' ? 'cloud' : 'dataCenter',
    ...(info.version ? { version: info.version } : {}),
    ...(info.serverTitle ? { title: displayText(info.serverTitle) } : {}),
  };
}

async function serverInfoAt(
  baseUrl: string,
  options: ConnectOptions,
  credential?: Credential,
): Promise<unknown> {
  const ask = async (known?: Credential): Promise<unknown> => {
    const transport = open(baseUrl, options, known);
    try {
      return await transport.send({ url: '/rest/api/2/serverInfo' }, call(options));
    } finally {
      transport.close();
    }
  };
  try {
    return await ask();
  } catch (error) {
    const refused = error instanceof JiraError && (error.kind === 'auth' || error.kind === 'permission');
    if (!refused || !credential) throw error;
    return ask(credential);
  }
}

/** Signs in at `url`, and says exactly what is wrong where that fails. Throws JiraError or UserError. */
export async function signIn(
  { url, email, token }: { url: string; email?: string | undefined; token: string },
  options: ConnectOptions,
): Promise<Connection> {
  const credential = { ...(email ? { email } : {}), token };
  return connect(await findSite(url, options, credential), credential, options);
}

/** Checks a credential by `/myself`, which has no anonymous answer; a scoped token is taken to the gateway. */
export async function connect(site: Site, given: Credential, options: ConnectOptions): Promise<Connection> {
  const { host } = new URL(site.baseUrl);
  const token = given.token.trim();
  if (!/^[\x21-\x7e]{1,4096}$/.test(token))
    throw new UserError('The token holds spaces or other characters that no token has.', 'Copy it again.');
  if (site.deployment === 'dataCenter') {
    // A personal access token stands alone, even where an e-mail is configured.
    const user = await userAt(site.baseUrl, { token }, options);
    return { ...site, apiUrl: site.baseUrl, user, credential: { token } };
  }
  const email = given.email?.trim();
  if (!email) throw new JiraError({ kind: 'auth', reason: 'emailMissing', host });
  const credential = { email, token };
  try {
    const user = await userAt(site.baseUrl, credential, options);
    return { ...site, apiUrl: site.baseUrl, user, credential };
  } catch (error) {
    if (!(error instanceof JiraError) || (error.kind !== 'auth' && error.kind !== 'scopedToken')) throw error;
    const found = await atGateway(site, credential, options);
    if (!found) throw error;
    return { ...site, ...found, credential };
  }
}

/**
 * Scoped tokens are refused on the site and work on Atlassian's gateway only. Undefined where the
 * gateway refuses too, or cannot be reached, so that the site's own answer is told.
 */
async function atGateway(
  site: Site,
  credential: Credential,
  options: ConnectOptions,
): Promise<{ apiUrl: string; user: JiraUser } | undefined> {
  const stranger = open(site.origin, options);
  let cloudId: string;
  try {
    const info = tenantInfo.safeParse(await stranger.send({ url: '/_edge/tenant_info' }, call(options)));
    if (!info.success) return undefined;
    cloudId = info.data.cloudId;
  } catch (error) {
    if (error instanceof JiraError) return undefined;
    throw error;
  } finally {
    stranger.close();
  }
  const apiUrl = `${options.gatewayUrl ?? 'https://api.atlassian.com'}/ex/jira/${cloudId}`;
  try {
    return { apiUrl, user: await userAt(apiUrl, credential, options) };
  } catch (error) {
    if (!(error instanceof JiraError)) throw error;
    options.log.info(`${apiUrl}: ${error.line}`);
    if (error.transient || ['auth', 'notFound', 'wrongUrl', 'network', 'tls'].includes(error.kind))
      return undefined;
    throw error;
  }
}

async function userAt(apiUrl: string, credential: Credential, options: ConnectOptions): Promise<JiraUser> {
  const transport = open(apiUrl, options, credential);
  try {
    return await readMyself(transport, call(options).signal);
  } finally {
    transport.close();
  }
}

/** Who the credential belongs to. Fails with `auth` where Jira takes us for a stranger. */
export async function readMyself(transport: Transport, signal?: AbortSignal): Promise<JiraUser> {
  const user = myself.safeParse(await transport.send({ url: '/rest/api/2/myself' }, { signal })).data;
  const id = user?.accountId ?? user?.key ?? user?.name;
  if (!user || !id) throw new JiraError({ kind: 'auth', reason: 'anonymous', host: transport.host });
  return {
    id,
    name: displayText(user.displayName ?? user.name ?? id),
    ...(user.accountId === undefined && user.name ? { login: user.name } : {}),
    ...(user.timeZone ? { timeZone: user.timeZone } : {}),
  };
}

function open(apiUrl: string, options: ConnectOptions, credential?: Credential): Transport {
  return new Transport({
    ...options.transport,
    apiUrl,
    log: options.log,
    secureContext: options.secureContext,
    ...(options.timeoutMs ? { timeoutMs: options.timeoutMs } : {}),
    ...(credential ? { authorization: authorizationOf(credential) } : {}),
  });
}

const call = ({ signal }: ConnectOptions): { signal?: AbortSignal } => (signal ? { signal } : {});

/** A transport for a connection that stands. */
export function transportFor(
  connection: Connection,
  options: Omit<TransportOptions, 'apiUrl' | 'authorization'>,
) {
  return new Transport({
    ...options,
    apiUrl: connection.apiUrl,
    authorization: authorizationOf(connection.credential),
  });
}
