import assert from 'node:assert/strict';
import { startJira, type Jira } from '../../jira/simulator';
import { ask, basic } from './ask';

describe('the simulated Jira Data Center', () => {
  let jira: Jira;
  beforeEach(async () => {
    jira = await startJira({ deployment: 'dataCenter', contextPath: '/jira' });
    for (const number of [1, 2, 3]) jira.state.addIssue({ key: `PAY-${number}`, summary: `Task ${number}` });
  });
  afterEach(() => jira.close());

  it('lives below its context path and says what it is to anybody', async () => {
    const { json } = await ask(jira, 'GET', '/rest/api/2/serverInfo', { authorization: null });
    assert.equal(json['deploymentType'], 'Server');
    assert.equal(json['baseUrl'], jira.url);
    const outside = await ask(jira, 'GET', '/rest/api/2/serverInfo', { base: jira.url.replace('/jira', '') });
    assert.equal(outside.status, 404);
  });

  it('has no version 3', async () => {
    assert.equal((await ask(jira, 'GET', '/rest/api/3/myself')).status, 404);
  });

  it('searches by offset with totals', async () => {
    const body = { jql: 'ORDER BY key', startAt: 2, maxResults: 2, fields: ['summary'] };
    const { json } = await ask(jira, 'POST', '/rest/api/2/search', { body });
    assert.deepEqual([json['total'], json['startAt'], json['maxResults']], [3, 2, 2]);
    assert.equal(json['issues']?.[0]?.['fields']?.['summary'], 'Task 3');
  });

  it('speaks wiki markup and names users', async () => {
    const at = '/rest/api/2/issue/PAY-1/comment';
    const added = await ask(jira, 'POST', at, { body: { body: '*hi*' } });
    assert.equal(added.status, 201);
    assert.equal(added.json['body'], '*hi*');
    assert.equal(added.json['author']?.['name'], 'dana');
    assert.equal('jsdPublic' in added.json, false);
    assert.equal((await ask(jira, 'POST', at, { body: { body: { type: 'doc' } } })).status, 400);
    const long = await ask(jira, 'POST', at, { body: { body: 'x'.repeat(32_768) } });
    assert.match(long.text, /allowed limit of 32767 characters/);
  });

  it('takes a personal access token only', async () => {
    const status = async (authorization: string | null) =>
      (await ask(jira, 'GET', '/rest/api/2/myself', { authorization })).status;
    assert.equal(await status('Bearer dana-pat'), 200);
    assert.equal(await status('Bearer dana-token'), 401);
    assert.equal(await status(null), 401);
    const refused = await ask(jira, 'GET', '/rest/api/2/myself', {
      authorization: basic('dana', 'dana-pat'),
    });
    assert.equal(refused.headers.get('x-seraph-loginreason'), 'AUTHENTICATED_FAILED');
    assert.match(refused.text, /Basic Authentication Failure/);
    jira.settings.basicAuth = true;
    assert.equal(await status(basic('dana', 'dana-pat')), 200);
  });

  it('gives the changelog with the issue, and 500 on a wrong transition', async () => {
    jira.state.setStatus('PAY-1', 'Approved', 'pat');
    const { json } = await ask(jira, 'GET', '/rest/api/2/issue/PAY-1?expand=changelog');
    const [change] = json['changelog']?.['histories'] ?? [];
    assert.equal(change?.['author']?.['name'], 'pat');
    assert.equal((await ask(jira, 'GET', '/rest/api/2/issue/PAY-1/changelog')).status, 404);
    const body = { transition: { id: '999' } };
    assert.equal((await ask(jira, 'POST', '/rest/api/2/issue/PAY-1/transitions', { body })).status, 500);
  });

  it('limits with a page', async () => {
    jira.faults.add({ kind: 'rateLimit' }, { times: 1 });
    const { status, headers, text } = await ask(jira, 'GET', '/rest/api/2/myself');
    assert.equal(status, 429);
    assert.equal(headers.get('retry-after'), '1');
    assert.match(text, /^<!doctype html>/);
  });
});
