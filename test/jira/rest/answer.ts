import type { User } from '../entities';
import type { JiraState } from '../state';

/** `body` of a string type is sent as it is; everything else as JSON; undefined sends nothing. */
export interface Answer {
  status: number;
  body?: unknown;
  contentType?: string;
  headers?: Record<string, string>;
}

/** Knobs that tests turn while the simulator runs. */
export interface Settings {
  /** How long search lags behind a change, ms. */
  searchLagMs: number;
  /** A search answer carries at most this many comments of an issue, the oldest, with the true `total`. */
  commentCapInSearch: number;
  /** A page of search results is never longer, whatever was asked. */
  pageCap: number;
  /** A page of comments is never longer. */
  commentPageCap: number;
  /** Characters of a comment or description (Cloud: of its ADF as JSON, the stricter reading of what is not documented). */
  textLimit: number;
  /** Search hands out the same page token for ever. */
  repeatPageToken: boolean;
  /** Enforce 20 writes in 2 s and 100 in 30 s on one issue. */
  writeLimits: boolean;
  /** Data Center: accept Basic with name and token (Jira 11 does not by default). */
  basicAuth: boolean;
}

/** One request on its way through a handler. */
export interface Call {
  method: string;
  /** Path with the context path, as answers repeat it. */
  path: string;
  /** The parts that `:name` in the route matched, decoded. */
  params: string[];
  query: URLSearchParams;
  body: unknown;
  user: User | undefined;
  cloud: boolean;
  /** REST version: Cloud's 3 speaks ADF, 2 speaks wiki markup. */
  version: 2 | 3;
  /** Scheme, host and context path (or gateway path) of this request. */
  base: string;
  state: JiraState;
  settings: Settings;
}

export interface Route {
  method: string;
  /** Below `/rest/api/N`, such as `/issue/:key/comment`. */
  path: string;
  /** Reading by POST needs the read scope only. */
  reads?: boolean;
  handle(call: Call): Answer;
}

/** Thrown by a handler to answer with an error. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`refused with ${answer.status}`);
  }
}

/** An error in Jira's usual shape. */
export function refuse(status: number, message: string): Refusal {
  return new Refusal({ status, body: { errorMessages: [message], errors: {} } });
}

/** An error about one field. */
export function refuseField(field: string, message: string): Refusal {
  return new Refusal({ status: 400, body: { errorMessages: [], errors: { [field]: message } } });
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const done: Answer = { status: 204 };

export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** The body as an object, refused as Jira does if it is none. */
export function payload(call: Call): Record<string, unknown> {
  if (typeof call.body !== 'object' || call.body === null || Array.isArray(call.body)) throw badPayload();
  return call.body as Record<string, unknown>;
}

export function badPayload(): Refusal {
  const errorMessages = ['Invalid request payload. Refer to the REST API documentation and try again.'];
  return new Refusal({ status: 400, body: { errorMessages } });
}

/** A list in a query (`a=x,y&a=z`) or a body (an array, or a string with commas). */
export function listOf(call: Call, name: string): string[] | undefined {
  const given = call.query.getAll(name).flatMap((part) => part.split(','));
  const inBody = asObject(call.body)[name];
  const body = typeof inBody === 'string' ? inBody.split(',') : inBody;
  const all = Array.isArray(body) ? body.map(String) : given;
  const list = all.map((part) => part.trim()).filter((part) => part !== '');
  return list.length > 0 ? list : undefined;
}

export function numberOf(call: Call, name: string, fallback: number): number {
  const value = call.query.get(name) ?? asObject(call.body)[name];
  const number = Number(value ?? fallback);
  return Number.isFinite(number) && value !== '' ? Math.trunc(number) : fallback;
}
