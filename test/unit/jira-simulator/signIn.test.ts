import assert from 'node:assert/strict';
import { startJira, type Jira } from '../../jira/simulator';
import { ask, basic } from './ask';

describe('the simulator signs in', () => {
  let jira: Jira;
  before(async () => {
    jira = await startJira({ deployment: 'cloud' });
    jira.state.addIssue({ key: 'PAY-1', summary: 'Task' });
  });
  beforeEach(() => jira.faults.clear());
  after(() => jira.close());

  const classic = basic('dana@acme.example', 'dana-token');
  const scoped = basic('dana@acme.example', 'dana-scoped');
  const myself = (base: string, authorization: string | null) =>
    ask(jira, 'GET', '/rest/api/3/myself', { base, authorization });

  it('with classic tokens on the site only', async () => {
    assert.equal((await myself(jira.url, classic)).json['emailAddress'], 'dana@acme.example');
    assert.equal((await myself(jira.gatewayUrl, classic)).status, 401);
  });

  it('with scoped tokens on the gateway only', async () => {
    assert.equal((await myself(jira.gatewayUrl, scoped)).status, 200);
    assert.equal((await myself(jira.gatewayUrl, 'Bearer dana-oauth')).status, 200);
    assert.equal((await myself(jira.url, scoped)).status, 401);
    const body = { jql: 'project = PAY' };
    const search = await ask(jira, 'POST', '/rest/api/3/search/jql', { authorization: scoped, body });
    assert.equal(search.status, 401);
  });

  it('and says which cloud it is', async () => {
    const { json } = await ask(jira, 'GET', '/_edge/tenant_info', { authorization: null });
    assert.equal(`${jira.url}/ex/jira/${String(json['cloudId'])}`, jira.gatewayUrl);
    const wrong = `${jira.url}/ex/jira/00000000-0000-0000-0000-000000000000`;
    const unknown = await myself(wrong, scoped);
    assert.deepEqual([unknown.status, unknown.json['message']], [404, 'No message available']);
  });

  it('and refuses what the token has no scope for', async () => {
    const reader = jira.state.user('mira');
    reader.tokens.push({ value: 'reader', kind: 'scoped', scopes: ['read:jira-work'] });
    const authorization = basic(reader.email, 'reader');
    const base = jira.gatewayUrl;
    const search = await ask(jira, 'POST', '/rest/api/3/search/jql', {
      base,
      authorization,
      body: { jql: 'project=PAY' },
    });
    assert.equal(search.status, 200);
    for (const path of ['/rest/api/3/myself', '/rest/api/3/issue/PAY-1/properties/x']) {
      const method = path.endsWith('myself') ? 'GET' : 'DELETE';
      const { status, json } = await ask(jira, method, path, { base, authorization });
      assert.deepEqual([status, json], [401, { code: 401, message: 'Unauthorized; scope does not match' }]);
    }
  });

  it('to nobody with a wrong token, and answers as to anybody: the anonymous trap', async () => {
    const authorization = basic('dana@acme.example', 'wrong');
    for (const jql of ['project = PAY', 'this is = nonsense (']) {
      const { status, json, headers } = await ask(jira, 'POST', '/rest/api/3/search/jql', {
        authorization,
        body: { jql },
      });
      assert.deepEqual([status, json], [200, { issues: [], isLast: true }]);
      assert.equal(headers.get('x-seraph-loginreason'), 'AUTHENTICATED_FAILED');
    }
    assert.equal((await myself(jira.url, authorization)).status, 401);
    assert.equal((await ask(jira, 'GET', '/rest/api/3/issue/PAY-1', { authorization })).status, 404);
  });

  it('to nobody once a token is revoked, or while the fault lasts', async () => {
    const clear = jira.faults.add({ kind: 'anonymous' });
    assert.equal((await myself(jira.url, classic)).status, 401);
    clear();
    assert.equal((await myself(jira.url, classic)).status, 200);
    jira.state.revokeToken('sam-token');
    assert.equal((await myself(jira.url, basic('sam@acme.example', 'sam-token'))).status, 401);
  });
});
