import assert from 'node:assert/strict';
import { startJira, type Jira } from '../../jira/simulator';
import { ask } from './ask';

describe('the simulator fails on request', () => {
  let jira: Jira;
  beforeEach(async () => {
    jira = await startJira({ deployment: 'cloud' });
    jira.state.addIssue({ key: 'PAY-1', summary: 'Task' });
  });
  afterEach(() => jira.close());

  const myself = (signal?: AbortSignal) => ask(jira, 'GET', '/rest/api/3/myself', signal ? { signal } : {});

  it('for a number of requests, on matching paths and methods only', async () => {
    jira.faults.add(
      { kind: 'status', status: 503, retryAfter: 5 },
      { times: 2, path: /myself|search/, method: 'GET' },
    );
    assert.equal((await ask(jira, 'GET', '/rest/api/3/serverInfo')).status, 200);
    const posted = await ask(jira, 'POST', '/rest/api/3/search/jql', { body: { jql: 'project = PAY' } });
    assert.equal(posted.status, 200);
    const first = await myself();
    assert.deepEqual([first.status, first.headers.get('retry-after')], [503, '5']);
    assert.match(first.text, /Service Unavailable/);
    assert.equal((await myself()).status, 503);
    assert.equal((await myself()).status, 200);
  });

  it('with 429 in each shape', async () => {
    jira.faults.add({ kind: 'rateLimit', retryAfter: 7 }, { times: 1 });
    jira.faults.add({ kind: 'rateLimit', retryAfter: null, html: true }, { times: 1 });
    const json = await myself();
    assert.deepEqual([json.status, json.headers.get('retry-after')], [429, '7']);
    assert.equal(json.headers.get('ratelimit-reason'), 'jira-burst-based');
    assert.deepEqual(json.json['errorMessages'], ['Rate limit exceeded.']);
    const page = await myself();
    assert.deepEqual([page.status, page.headers.get('retry-after')], [429, null]);
    assert.match(page.headers.get('content-type') ?? '', /text\/html/);
  });

  it('with a login page, at once or behind a redirect', async () => {
    jira.faults.add({ kind: 'loginPage' }, { times: 1 });
    jira.faults.add({ kind: 'loginPage', redirect: true }, { times: 1 });
    const page = await myself();
    assert.deepEqual([page.status, page.text.includes('Sign in')], [200, true]);
    const moved = await myself();
    assert.equal(moved.status, 302);
    const followed = await fetch(moved.headers.get('location') ?? '');
    assert.match(await followed.text(), /Sign in/);
  });

  it('by hanging, before or after the work', async () => {
    jira.faults.add({ kind: 'hang' }, { times: 1 });
    jira.faults.add({ kind: 'hang', afterWork: true }, { times: 1 });
    const at = '/rest/api/3/issue/PAY-1/properties/';
    for (const key of ['before', 'after']) {
      await assert.rejects(ask(jira, 'PUT', at + key, { body: 1, signal: AbortSignal.timeout(150) }));
    }
    assert.deepEqual([...jira.state.issue('PAY-1').properties.keys()], ['after']);
    assert.equal(jira.requests.at(-1)?.status, 0);
  });

  it('by cutting the answer, though the work is done', async () => {
    jira.faults.add({ kind: 'cut', afterBytes: 10 }, { times: 1 });
    const body = { body: { type: 'doc', version: 1, content: [] } };
    await assert.rejects(ask(jira, 'POST', '/rest/api/3/issue/PAY-1/comment', { body }));
    assert.equal(jira.state.issue('PAY-1').comments.length, 1);
  });

  it('by dropping the connection, until cleared', async () => {
    jira.faults.add({ kind: 'reset' });
    await assert.rejects(myself());
    await assert.rejects(myself());
    jira.faults.clear();
    assert.equal((await myself()).status, 200);
  });

  const others: [kind: 'scope' | 'captcha' | 'noSite', status: number, header: string | undefined][] = [
    ['scope', 401, undefined],
    ['captcha', 403, 'x-authentication-denied-reason'],
    ['noSite', 404, 'atl-missing-tcs'],
  ];
  for (const [kind, status, header] of others) {
    it(`with ${status} for ${kind}`, async () => {
      jira.faults.add({ kind }, { times: 1 });
      const reply = await myself();
      assert.equal(reply.status, status);
      if (header) assert.ok(reply.headers.has(header));
    });
  }
});
