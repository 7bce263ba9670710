import { createHash } from 'node:crypto';
import type { Issue } from '../entities';
import { compile } from '../jql/evaluate';
import { order } from '../jql/fields';
import { JqlError, parseJql } from '../jql/parse';
import {
  asObject,
  badPayload,
  listOf,
  numberOf,
  ok,
  payload,
  refuse,
  type Call,
  type Route,
} from '../rest/answer';
import { wishOf } from './issues';
import { issueView, type IssueWish } from '../rest/views';

const WEEK = 7 * 24 * 3_600_000;
const isText = (value: unknown) => typeof value === 'string';
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
/** What the body of a search may hold; anything else is refused. */
const SHAPE: Record<string, (value: unknown) => boolean> = {
  expand: isText,
  fields: isTexts,
  fieldsByKeys: (value) => typeof value === 'boolean',
  jql: isText,
  maxResults: Number.isInteger,
  nextPageToken: isText,
  properties: isTexts,
  reconcileIssues: (value) => Array.isArray(value) && value.every(Number.isInteger),
};

export const cloudSearchRoutes: Route[] = [
  { method: 'GET', path: '/search/jql', handle: searchByToken },
  { method: 'POST', path: '/search/jql', reads: true, handle: searchByToken },
  { method: 'GET', path: '/search', handle: removed },
  { method: 'POST', path: '/search', reads: true, handle: removed },
];

export const dataCenterSearchRoutes: Route[] = [
  { method: 'GET', path: '/search', handle: searchByOffset },
  { method: 'POST', path: '/search', reads: true, handle: searchByOffset },
];

function removed(): never {
  throw refuse(
    410,
    'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046',
  );
}

/** Cloud: pages by an opaque token, never a total. */
function searchByToken(call: Call) {
  if (call.method === 'POST') {
    const fits = Object.entries(payload(call)).every(([key, value]) => SHAPE[key]?.(value));
    if (!fits) throw badPayload();
  }
  const maxResults = numberOf(call, 'maxResults', 50);
  if (maxResults < 1 || maxResults > 5000) {
    throw refuse(400, 'The max results parameter has to be between 1 and 5,000.');
  }
  const wish = wishOf(call, ['id'], call.settings.commentCapInSearch);
  if (wish.properties.length > 5) throw refuse(400, 'The number of properties exceeds the limit of 5.');
  const reconcile = listOf(call, 'reconcileIssues') ?? [];
  if (reconcile.length > 50) throw refuse(400, 'The number of issues to reconcile exceeds the limit of 50.');

  // To anybody, even a wrong query has no results.
  if (!call.user) return ok({ issues: [], isLast: true });
  const jql = textOf(call, 'jql');
  const token = textOf(call, 'nextPageToken');
  const start = token === '' ? 0 : readToken(token, jql, call.state.clock.now());
  const found = matches(call, jql, new Set(reconcile), true);
  const onlyIds =
    wish.fields.every((field) => field === 'id' || field === 'key') && wish.properties.length === 0;
  const length = Math.min(maxResults, onlyIds ? 5000 : call.settings.pageCap);
  const page = found.slice(start, start + length);
  const isLast = start + length >= found.length && !call.settings.repeatPageToken;
  const next =
    call.settings.repeatPageToken && token !== ''
      ? token
      : writeToken(start + length, jql, call.state.clock.now());
  return ok({
    issues: page.map((issue) => foundView(call, issue, wish)),
    ...(isLast ? {} : { nextPageToken: next }),
    isLast,
  });
}

/** Data Center: pages by offset, with the total. */
function searchByOffset(call: Call) {
  const startAt = Math.max(0, numberOf(call, 'startAt', 0));
  const asked = Math.max(0, numberOf(call, 'maxResults', 50));
  const maxResults = Math.min(asked, call.settings.pageCap);
  const found = call.user ? matches(call, textOf(call, 'jql'), new Set(), false) : [];
  const wish = wishOf(call, ['*navigable'], call.settings.commentCapInSearch);
  const issues = found.slice(startAt, startAt + maxResults).map((issue) => issueView(call, issue, wish));
  return ok({ expand: 'names,schema', startAt, maxResults, total: found.length, issues });
}

/** Asked for ids alone, Cloud answers with ids alone. */
function foundView(call: Call, issue: Issue, wish: IssueWish): Record<string, unknown> {
  if (wish.fields.length === 1 && wish.fields[0] === 'id' && wish.properties.length === 0)
    return { id: issue.id };
  return issueView(call, issue, wish);
}

function matches(call: Call, jql: string, reconcile: Set<string>, mustBeBounded: boolean): Issue[] {
  const { state, user } = call;
  if (!user) return [];
  try {
    const { where, orderBy } = parseJql(jql);
    if (!where && mustBeBounded) {
      throw new JqlError(
        'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
      );
    }
    const test = where ? compile(where, { state, user }) : () => true;
    const shown = state.issues
      .filter((issue) => state.may(user, 'browse', issue))
      .map((issue) => (reconcile.has(issue.id) ? issue : state.indexed(issue)))
      .filter((issue) => issue !== undefined);
    return order(shown.filter(test), orderBy);
  } catch (error) {
    if (error instanceof JqlError) throw refuse(400, error.message);
    throw error;
  }
}

function textOf(call: Call, name: string): string {
  const value = call.query.get(name) ?? asObject(call.body)[name] ?? '';
  if (typeof value !== 'string') throw badPayload();
  return value;
}

function writeToken(start: number, jql: string, now: number): string {
  return Buffer.from(JSON.stringify([start, digest(jql), now])).toString('base64url');
}

function readToken(token: string, jql: string, now: number): number {
  const invalid = refuse(400, 'The provided next page token is invalid or expired.');
  try {
    const [start, query, at] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [
      number,
      string,
      number,
    ];
    if (query === digest(jql) && now - at <= WEEK && Number.isInteger(start)) return start;
  } catch {
    throw invalid;
  }
  throw invalid;
}

function digest(jql: string): string {
  return createHash('sha256').update(jql).digest('hex').slice(0, 12);
}
