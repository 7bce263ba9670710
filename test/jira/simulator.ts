import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Project, User, Workflow } from './entities';
import { Faults } from './faults';
import type { Answer, Settings } from './rest/answer';
import { browsePage } from './rest/browse';
import { Desk } from './rest/desk';
import { faultAnswer, loginPage } from './rest/errors';
import { readBody, send } from './rest/wire';
import { JiraState } from './state';
import { Clock } from './time';

export interface JiraOptions extends Partial<Settings> {
  deployment: 'cloud' | 'dataCenter';
  /** Such as `/jira`; Data Center only. */
  contextPath?: string;
  tls?: { key: string; cert: string };
  users?: User[];
  projects?: Project[];
  workflow?: Workflow;
  cloudId?: string;
  /** Epoch ms at which the clock stands still until `clock.advance(ms)`; absent: real time. */
  fixedAt?: number;
  /** 0, the default, takes a free one. */
  port?: number;
}

/** One request as it was met; `status` is 0 while no answer was sent. */
export interface SeenRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: Record<string, string>;
  body: unknown;
  /** Name of the user whose credentials counted. */
  user: string | undefined;
  /** Without `authorization`. */
  headers: IncomingHttpHeaders;
  status: number;
}

export interface Jira {
  /** Base URL with the context path, without a slash at the end. */
  readonly url: string;
  /** Base URL for scoped tokens (Cloud). */
  readonly gatewayUrl: string;
  readonly deployment: 'cloud' | 'dataCenter';
  readonly state: JiraState;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly settings: Settings;
  /** Newest last; the oldest are dropped beyond 10,000. */
  readonly requests: SeenRequest[];
  close(): Promise<void>;
  /** The same as `close`, for test beds. */
  dispose(): Promise<void>;
}

const MOST_REQUESTS = 10_000;

/** Starts a simulated Jira on 127.0.0.1. */
export async function startJira(options: JiraOptions): Promise<Jira> {
  const cloud = options.deployment === 'cloud';
  const settings = settingsOf(options);
  const clock = new Clock(options.fixedAt);
  const state = new JiraState(clock, () => settings.searchLagMs, options);
  const faults = new Faults();
  const requests: SeenRequest[] = [];
  const contextPath = options.contextPath ?? '';
  const cloudId = options.cloudId ?? '11223344-a1b2-4b33-8c44-def123456789';

  const desk = new Desk({ cloud, contextPath, cloudId, state, settings });
  const server = options.tls ? createTlsServer(options.tls) : createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  server.on('request', (request, response) => {
    meet(request, response).catch((error: unknown) => {
      // A client that went away is no fault of the simulator; anything else shows as what it is.
      if (request.destroyed || response.headersSent) return response.destroy();
      const body = `The simulator broke: ${error instanceof Error ? error.stack : String(error)}`;
      return send(response, { status: 500, contentType: 'text/plain', body }, undefined);
    });
  });

  async function meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', origin);
    const { authorization, ...headers } = request.headers;
    const query = Object.fromEntries(
      [...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key).join(',')]),
    );
    const seen: SeenRequest = {
      method,
      path: url.pathname,
      query,
      body: undefined,
      user: undefined,
      headers,
      status: 0,
    };
    requests.push(seen);
    if (requests.length > MOST_REQUESTS) requests.shift();
    const raw = await readBody(request);
    seen.body = readable(raw);

    const fault = faults.take(method, url.pathname + url.search);
    if (fault?.kind === 'reset') return void request.socket.destroy();
    if (fault?.kind === 'hang' && !fault.afterWork) return;
    if (fault?.kind === 'held') await fault.until;
    if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
    const answer =
      (fault && faultAnswer(fault, origin + contextPath, cloud)) ??
      page(method, url.pathname) ??
      desk.answer({
        method,
        url,
        origin,
        raw,
        contentType: headers['content-type'],
        authorization,
        spoiled: fault?.kind === 'anonymous',
        signedIn: (user) => (seen.user = user.name),
      });
    if (fault?.kind === 'hang') return;
    seen.status = answer.status;
    send(response, answer, fault);
  }

  /** Pages for people, outside REST. */
  function page(method: string, pathname: string): Answer | undefined {
    if (method !== 'GET' || !pathname.startsWith(contextPath)) return undefined;
    const path = pathname.slice(contextPath.length);
    if (path === '/login' || path === '/login.jsp') return loginPage();
    return path.startsWith('/browse/') ? browsePage(state, path.slice('/browse/'.length)) : undefined;
  }

  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error ? reject(error) : resolve()));
      server.closeAllConnections();
    });
  return {
    url: origin + contextPath,
    gatewayUrl: `${origin}/ex/jira/${cloudId}`,
    deployment: options.deployment,
    state,
    clock,
    faults,
    settings,
    requests,
    close,
    dispose: close,
  };
}

function settingsOf(options: JiraOptions): Settings {
  const cloud = options.deployment === 'cloud';
  return {
    searchLagMs: options.searchLagMs ?? 0,
    commentCapInSearch: options.commentCapInSearch ?? (cloud ? 20 : Infinity),
    pageCap: options.pageCap ?? (cloud ? 100 : 1000),
    commentPageCap: options.commentPageCap ?? (cloud ? 100 : 1_048_576),
    textLimit: options.textLimit ?? 32_767,
    repeatPageToken: options.repeatPageToken ?? false,
    writeLimits: options.writeLimits ?? false,
    basicAuth: options.basicAuth ?? false,
  };
}

/** The body as tests like to read it. */
function readable(raw: string): unknown {
  try {
    return raw === '' ? undefined : JSON.parse(raw);
  } catch {
    return raw;
  }
}
