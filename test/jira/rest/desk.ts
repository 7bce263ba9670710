import type { User } from '../entities';
import { cloudRoutes } from '../resources/cloud';
import { dataCenterRoutes } from '../resources/dataCenter';
import type { JiraState } from '../state';
import { Refusal, type Answer, type Call, type Route, type Settings } from './answer';
import { mustSignIn, rateLimited, unknownCloudId, unknownPath } from './errors';
import { checkScope, signIn, type SignIn } from './signIn';

export interface DeskOptions {
  cloud: boolean;
  contextPath: string;
  cloudId: string;
  state: JiraState;
  settings: Settings;
}

/** A request as it came from the wire. */
export interface Incoming {
  method: string;
  url: URL;
  /** Scheme, host and port of the simulator. */
  origin: string;
  raw: string;
  contentType: string | undefined;
  authorization: string | undefined;
  /** The credentials are to count for nothing. */
  spoiled: boolean;
  /** Told who the caller is. */
  signedIn(user: User): void;
}

/** Takes a request through sign-in, routing and limits to its answer. */
export class Desk {
  private readonly routes: Route[];
  /** Times of writes on each issue, newest last, for the limits per issue. */
  private readonly writes = new Map<string, number[]>();

  constructor(private readonly options: DeskOptions) {
    this.routes = options.cloud ? cloudRoutes : dataCenterRoutes;
  }

  answer(request: Incoming): Answer {
    const { cloud, contextPath, cloudId } = this.options;
    const { pathname } = request.url;
    const gateway = cloud ? /^\/ex\/jira\/([^/]+)(\/.*)$/.exec(pathname) : null;
    if (gateway && gateway[1] !== cloudId) return unknownCloudId(pathname, this.options.state.clock.now());
    const inside =
      gateway?.[2] ?? (pathname.startsWith(`${contextPath}/`) ? pathname.slice(contextPath.length) : '');
    if (cloud && inside === '/_edge/tenant_info') return { status: 200, body: { cloudId } };
    const base = request.origin + (gateway ? `/ex/jira/${cloudId}` : contextPath);
    const rest = /^\/rest\/api\/(2|3|latest)(\/.*)$/.exec(inside);
    const version = rest?.[1] === '3' ? 3 : 2;
    const found = rest && (cloud || version === 2) ? this.find(request.method, rest[2] ?? '') : undefined;
    if (!found) return unknownPath(request.method, pathname, cloud);

    const { route, params } = found;
    const writes = request.method !== 'GET' && !route.reads;
    const door = { cloud, gateway: gateway !== null, base, basicAuth: this.options.settings.basicAuth };
    const who = this.whoIs(request, door);
    // Everybody may ask what server this is.
    const open = route.path === '/serverInfo';
    if (who.kind === 'refused' && !open) return who.answer;
    const user = who.kind === 'user' ? who.user : undefined;
    if (user) request.signedIn(user);
    const refusal =
      (who.kind === 'user' && !open ? checkScope(who.token, route.path, writes) : undefined) ??
      (writes ? this.limit(params[0]) : undefined) ??
      bodyProblem(request);
    if (refusal) return refusal;

    const { state, settings } = this.options;
    const body: unknown = request.raw === '' ? undefined : JSON.parse(request.raw);
    const query = request.url.searchParams;
    const call: Call = {
      method: request.method,
      path: pathname,
      params,
      query,
      body,
      user,
      cloud,
      version,
      base,
      state,
      settings,
    };
    return named(handled(route, call), call, who.kind === 'anonymous' && who.failed);
  }

  private whoIs(request: Incoming, door: Parameters<typeof signIn>[1]): SignIn {
    if (!request.spoiled) return signIn(request.authorization, door, this.options.state);
    return door.cloud && !door.gateway
      ? { kind: 'anonymous', failed: true }
      : { kind: 'refused', answer: mustSignIn() };
  }

  private find(method: string, path: string): { route: Route; params: string[] } | undefined {
    for (const route of this.routes) {
      if (route.method !== method) continue;
      const params = match(route.path, path);
      if (params) return { route, params };
    }
    return undefined;
  }

  /** 20 writes in 2 s and 100 in 30 s on one issue. */
  private limit(issue: string | undefined): Answer | undefined {
    if (!this.options.settings.writeLimits || issue === undefined) return undefined;
    const now = this.options.state.clock.now();
    const recent = (this.writes.get(issue) ?? []).filter((at) => now - at < 30_000);
    const tooMany = recent.length >= 100 || recent.filter((at) => now - at < 2000).length >= 20;
    this.writes.set(issue, tooMany ? recent : [...recent, now]);
    if (!tooMany) return undefined;
    return rateLimited(
      { kind: 'rateLimit', retryAfter: 2, reason: 'jira-per-issue-on-write' },
      this.options.cloud,
    );
  }
}

function match(pattern: string, path: string): string[] | undefined {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: string[] = [];
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== value) return undefined;
    } else {
      if (value === '') return undefined;
      params.push(decoded(value));
    }
  }
  return params;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function bodyProblem({ raw, contentType }: Incoming): Answer | undefined {
  if (raw === '') return undefined;
  if (!contentType?.includes('json'))
    return { status: 415, body: { errorMessages: ['Unsupported Media Type'], errors: {} } };
  try {
    JSON.parse(raw);
    return undefined;
  } catch {
    const errorMessages = ['There was an error parsing JSON. Check that your request body is valid.'];
    return { status: 400, body: { errorMessages } };
  }
}

function handled(route: Route, call: Call): Answer {
  try {
    return route.handle(call);
  } catch (error) {
    if (error instanceof Refusal) return error.answer;
    throw error;
  }
}

/** Adds the headers that say whom Jira takes the caller for. */
function named(answer: Answer, call: Call, failed: boolean): Answer {
  const headers: Record<string, string> = { ...answer.headers };
  if (failed) headers['x-seraph-loginreason'] = 'AUTHENTICATED_FAILED';
  if (call.user) {
    headers['x-seraph-loginreason'] = 'OK';
    if (call.cloud) headers['x-aaccountid'] = encodeURIComponent(call.user.accountId);
    else headers['x-ausername'] = call.user.name;
  }
  return { ...answer, headers };
}
