import assert from 'node:assert/strict';
import { JiraError } from '../../../src/sources/jira/errors';
import type { JiraProblemKind } from '../../../src/sources/jira/errors';
import { retryAfter } from '../../../src/sources/http/answer';
import { problemOf } from '../../../src/sources/jira/refusal';
import { displayText } from '../../../src/util/displayText';

interface Case {
  name: string;
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  /** Undefined: a good answer. */
  kind: JiraProblemKind | undefined;
  says?: RegExp;
}

const messages = (...errorMessages: string[]) => ({ errorMessages, errors: {} });
const html = { 'content-type': 'text/html;charset=utf-8' };

/** What Jira is known to answer, and what stands before it. */
const cases: Case[] = [
  { name: 'an answer', status: 200, body: { issues: [] }, kind: undefined },
  { name: 'nothing', status: 204, kind: undefined },
  {
    name: 'the anonymous trap',
    status: 200,
    headers: { 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
    body: { issues: [] },
    kind: 'auth',
    says: /not signed in/,
  },
  {
    name: 'an unknown issue',
    status: 404,
    body: messages('Issue does not exist or you do not have permission to see it.'),
    kind: 'notFound',
    says: /Issue does not exist/,
  },
  {
    name: 'no ADF',
    status: 400,
    body: { errorMessages: [], errors: { comment: 'Comment body is not valid!' } },
    kind: 'invalidRequest',
    says: /not valid/,
  },
  {
    name: 'no permission to comment',
    status: 400,
    body: messages('You do not have the permission to comment on this issue.'),
    kind: 'invalidRequest',
    says: /permission to comment/,
  },
  {
    name: 'unbounded JQL',
    status: 400,
    body: messages('Unbounded JQL queries are not allowed here.'),
    kind: 'invalidRequest',
    says: /Unbounded/,
  },
  {
    name: 'a malformed body',
    status: 400,
    body: { errorMessages: ['Invalid request payload.'] },
    kind: 'invalidRequest',
    says: /payload/,
  },
  {
    name: 'the search that was removed',
    status: 410,
    body: messages('The requested API has been removed.'),
    kind: 'invalidRequest',
    says: /removed/,
  },
  {
    name: 'an unknown path',
    status: 404,
    headers: { 'content-type': 'application/problem+json' },
    body: { type: 'about:blank', title: 'Not Found' },
    kind: 'wrongUrl',
  },
  { name: 'an unknown site', status: 404, headers: html, body: '<html></html>', kind: 'wrongUrl' },
  {
    name: 'an unknown cloud id',
    status: 404,
    body: { timestamp: 'x', status: 404, error: 'Not Found', path: '/ex' },
    kind: 'wrongUrl',
  },
  {
    name: 'a missing scope',
    status: 401,
    body: { code: 401, message: 'Unauthorized; scope does not match' },
    kind: 'scopedToken',
    says: /scope/,
  },
  {
    name: 'a wrong token',
    status: 401,
    body: messages('Client must be authenticated to access this resource.'),
    kind: 'auth',
  },
  {
    name: 'Basic refused by a page',
    status: 401,
    headers: { ...html, 'x-seraph-loginreason': 'AUTHENTICATED_FAILED' },
    body: '<div>401</div>',
    kind: 'auth',
    says: /refused/,
  },
  {
    name: 'a CAPTCHA',
    status: 403,
    headers: { 'x-authentication-denied-reason': 'CAPTCHA_CHALLENGE; login-url=https://x' },
    kind: 'auth',
    says: /CAPTCHA/,
  },
  {
    name: 'something forbidden',
    status: 403,
    body: messages('Not for you'),
    kind: 'permission',
    says: /Not for you/,
  },
  { name: 'a proxy that forbids', status: 403, headers: html, body: '<html>blocked</html>', kind: 'notJira' },
  {
    name: 'too many requests',
    status: 429,
    headers: { 'retry-after': '7' },
    kind: 'rateLimited',
    says: /7 s/,
  },
  {
    name: 'too many, said by a page without a time',
    status: 429,
    headers: html,
    body: '<html></html>',
    kind: 'rateLimited',
    says: /little while/,
  },
  {
    name: 'a full issue',
    status: 413,
    body: messages('The issue has too many comments.'),
    kind: 'tooLarge',
    says: /too many comments/,
  },
  {
    name: 'maintenance',
    status: 503,
    headers: { ...html, 'retry-after': '120' },
    body: '<html></html>',
    kind: 'server',
    says: /2 min/,
  },
  { name: 'a bad gateway', status: 502, headers: html, body: '<html></html>', kind: 'server' },
  { name: 'a login page', status: 200, headers: html, body: '<html></html>', kind: 'notJira' },
  { name: 'JSON that is broken', status: 400, body: '{"errorMessages": [', kind: 'invalidRequest' },
  {
    name: 'messages of another shape',
    status: 400,
    body: { errorMessages: 'text', errors: ['x'] },
    kind: 'invalidRequest',
  },
];

describe('What an answer of Jira means', () => {
  for (const { name, status, headers = {}, body, kind, says } of cases)
    it(`${status}, ${name}: ${kind ?? 'fine'}`, () => {
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      const problem = problemOf({ status, headers, body: text }, 'jira.example', true, 0);
      assert.equal(problem?.kind, kind);
      if (problem && says) assert.match(new JiraError(problem).line, says);
    });

  it('is not mistaken where nobody has signed in', () => {
    const headers = { 'x-seraph-loginreason': 'OUT' };
    assert.equal(problemOf({ status: 200, headers, body: '{}' }, 'jira.example', false, 0), undefined);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 10, 20, 12);
  for (const [value, ms] of [
    ['7', 7000],
    ['0', 0],
    ['Fri, 20 Nov 2026 12:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 11:00:00 GMT', 0],
    ['99999999', 3_600_000],
    ['soon', undefined],
    ['', undefined],
  ] as const)
    it(`${JSON.stringify(value)} is ${ms} ms`, () => assert.equal(retryAfter(value, now), ms));
});

describe('Text from Jira', () => {
  it('is one line, bounded, without characters that change how it displays', () => {
    assert.equal(displayText(' a\r\n\u0000b\u202e\u2066c\u200bd\u2028e '), 'a b c d e');
    assert.equal(displayText('x'.repeat(5000)).length, 300);
  });
});
