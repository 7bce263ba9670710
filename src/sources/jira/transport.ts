import type * as http from 'node:http';
import type { SecureContext } from 'node:tls';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, SendRequestOptions } from 'jira.js/core';
import { CancelledError } from '../../model/errors';
import type { Log } from '../../util/log';
import { agentFor } from '../http/agent';
import type { Answer } from '../http/answer';
import { exchange } from '../http/exchange';
import { HttpError } from '../http/problem';
import { JiraError } from './errors';
import { problemOf } from './refusal';

export interface TransportOptions {
  /** Base of the REST API without a final slash: `https://jira.acme.example/jira`. */
  apiUrl: string;
  /** The `Authorization` header's value; sent to the origin of `apiUrl` and to no other. */
  authorization?: string;
  /** From `trustWith`, where `jira.caFile` is set. */
  secureContext?: SecureContext | undefined;
  /** Names the proxy. */
  env?: NodeJS.ProcessEnv;
  log: Log;
  /** Of one attempt, in ms. */
  timeoutMs?: number;
  /** Of one answer's body, decoded. */
  maxBytes?: number;
  /** Attempts of an idempotent call. */
  attempts?: number;
  /** Longest pause between attempts; if Jira asks for more, the call fails and says for how long. */
  maxPauseMs?: number;
  /** First pause, doubled each time, in ms. */
  pauseMs?: number;
  pause?: (ms: number, signal?: AbortSignal) => Promise<void>;
  random?: () => number;
}

export interface Call {
  signal?: AbortSignal | undefined;
  /** May be sent twice: true for GET; to be said for searches by POST and for PUT of a property. */
  idempotent?: boolean;
  timeoutMs?: number;
}

/**
 * Our way to Jira: what jira.js's functions need (`sendRequest`), with what its own client lacks: deadline, abort,
 * bounds, `Retry-After`, no second POST, the headers looked at, one log line per request.
 */
export class Transport {
  private readonly base: URL;
  private readonly kept: http.Agent;
  /** What may not be sent twice must not meet a kept connection that just died. */
  private readonly single: http.Agent;

  constructor(private readonly options: TransportOptions) {
    this.base = new URL(options.apiUrl);
    const { env } = options;
    this.kept = agentFor(this.base, { keepAlive: true, maxSockets: 6 }, env);
    this.single = agentFor(this.base, { keepAlive: false }, env);
  }

  /** A client for jira.js's functions, with these conditions on each of its calls. */
  client(call: Call = {}): Client {
    return { sendRequest: (request) => this.send(request, call) };
  }

  /** Sends one request and gives its JSON, checked by `schema` where that fits. Throws JiraError or CancelledError. */
  async send<T>(request: SendRequestOptions<T>, call: Call = {}): Promise<T> {
    const { method = 'GET' } = request;
    const idempotent = call.idempotent ?? (method === 'GET' || method === 'HEAD');
    const attempts = idempotent ? (this.options.attempts ?? 3) : 1;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return this.parse(await this.attempt(request, method, idempotent, call), request);
      } catch (error) {
        const pauseMs = attempt < attempts ? this.pauseAfter(error, attempt) : undefined;
        if (pauseMs === undefined) throw error;
        await (this.options.pause ?? pause)(pauseMs, call.signal);
      }
    }
  }

  /** Host and port that it talks to, as they stand in messages. */
  get host(): string {
    return this.base.host;
  }

  close(): void {
    this.kept.destroy();
    this.single.destroy();
  }

  private async attempt<T>(
    request: SendRequestOptions<T>,
    method: string,
    idempotent: boolean,
    call: Call,
  ): Promise<Answer> {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    let url = this.urlOf(request);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await this.logged(method, url, call, body, idempotent, request.headers);
      const target = redirectOf(answer, url);
      if (!target) return answer;
      // A redirect elsewhere is a login page or a moved site: neither gets the token, neither answers as Jira.
      const elsewhere = target.origin !== url.origin;
      if (elsewhere || method !== 'GET' || redirects === 3)
        throw new JiraError({
          kind: 'notJira',
          ...(elsewhere ? { redirect: target.origin } : {}),
          host: url.host,
        });
      url = target;
    }
  }

  private async logged(
    method: string,
    url: URL,
    call: Call,
    body: string | undefined,
    idempotent: boolean,
    headers: Record<string, string> | undefined,
  ): Promise<Answer> {
    const { authorization, log, secureContext } = this.options;
    const start = performance.now();
    const line = (outcome: string) =>
      log.debug(`Jira: ${method} ${url.pathname} ${outcome} ${Math.round(performance.now() - start)} ms`);
    try {
      const answer = await exchange({
        method,
        url,
        headers: {
          accept: 'application/json',
          'user-agent': 'task-sessions',
          // Jira's check against forged requests takes anything that no browser sent by itself.
          'x-atlassian-token': 'no-check',
          ...headers,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(authorization ? { authorization } : {}),
        },
        ...(body === undefined ? {} : { body }),
        timeoutMs: call.timeoutMs ?? this.options.timeoutMs ?? 20_000,
        maxBytes: this.options.maxBytes ?? 32 * 1024 * 1024,
        agent: idempotent ? this.kept : this.single,
        ...(secureContext ? { secureContext } : {}),
        ...(call.signal ? { signal: call.signal } : {}),
      });
      line(String(answer.status));
      const problem = problemOf(answer, url.host, authorization !== undefined, Date.now());
      if (problem && !redirectOf(answer, url)) throw new JiraError(problem);
      return answer;
    } catch (error) {
      if (error instanceof JiraError) throw error;
      line(error instanceof HttpError ? error.problem.kind : 'cancelled');
      throw error instanceof HttpError ? new JiraError(error.problem, { cause: error.cause }) : error;
    }
  }

  private urlOf<T>({ url, searchParams }: SendRequestOptions<T>): URL {
    if (!isSafePath(url)) throw new Error(`Not a path of the API: ${JSON.stringify(url.slice(0, 200))}`);
    const full = new URL(`${this.base.origin}${this.base.pathname.replace(/\/+$/, '')}${url}`);
    for (const [name, value] of Object.entries(searchParams ?? {})) {
      const text = queryText(value);
      if (text !== undefined) full.searchParams.set(name, text);
    }
    return full;
  }

  private parse<T>(answer: Answer, { url, schema }: SendRequestOptions<T>): T {
    if (answer.status === 204 || answer.body === '') return undefined as T;
    let data: unknown;
    try {
      data = JSON.parse(answer.body);
    } catch (cause) {
      throw new JiraError({ kind: 'notJira', host: this.base.host }, { cause });
    }
    const parsed = schema?.safeParse(data);
    if (parsed?.success) return parsed.data;
    // A field that Atlassian added or left out is no reason to fail: our own parsing comes after this one.
    if (parsed)
      this.options.log.debug(
        `Jira: ${url} differs from its description at ${parsed.error.issues[0]?.path.join('.')}`,
      );
    return data as T;
  }

  /** How long to wait before the next attempt, or undefined if there should be none. */
  private pauseAfter(error: unknown, attempt: number): number | undefined {
    if (!(error instanceof JiraError)) return undefined;
    const { problem } = error;
    const again =
      (problem.kind === 'network' && !['ENOTFOUND', 'ECONNREFUSED'].includes(problem.code)) ||
      problem.kind === 'rateLimited' ||
      (problem.kind === 'server' && [502, 503, 504].includes(problem.status));
    if (!again) return undefined;
    const { pauseMs = 500, maxPauseMs = 10_000, random = Math.random } = this.options;
    // Atlassian's advice: doubling, with a jitter of 0.7 to 1.3.
    const own = pauseMs * 2 ** (attempt - 1) * (0.7 + 0.6 * random());
    const wait = Math.max(own, error.retryAfterMs ?? 0);
    return wait <= maxPauseMs ? wait : undefined;
  }
}

function redirectOf({ status, headers }: Answer, from: URL): URL | undefined {
  if (status < 300 || status > 399 || !headers.location) return undefined;
  return URL.canParse(headers.location, from.href) ? new URL(headers.location, from) : undefined;
}

/** jira.js puts path parameters in as they are: whatever could leave the path that was meant is refused. */
export function isSafePath(path: string): boolean {
  if (!/^(?:\/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)+$/.test(path)) return false;
  return path.split('/').every((part) => !/^(?:\.|%2e){1,2}$/i.test(part) && !/%2f|%5c|%00/i.test(part));
}

function queryText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map(String).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch {
    throw new CancelledError();
  }
}

/** `Authorization` for an API token with its e-mail (Cloud), or for a personal access token (Data Center). */
export function authorizationOf({ email, token }: { email?: string | undefined; token: string }): string {
  return email ? `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}` : `Bearer ${token}`;
}
