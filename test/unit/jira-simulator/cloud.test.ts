import assert from 'node:assert/strict';
import { startJira, type Jira } from '../../jira/simulator';
import { doc, panel, paragraph, table } from '../../jira/text/adf';
import { ask, valuesOf, type Json } from './ask';

const NOON = Date.UTC(2026, 7, 24, 10, 50, 3);
const keys = (page: Json) => page['issues']?.map((issue) => issue['key']);

describe('the simulated Jira Cloud', () => {
  let jira: Jira;
  beforeEach(async () => {
    jira = await startJira({ deployment: 'cloud', fixedAt: NOON });
    for (const number of [1, 2, 3, 4, 5])
      jira.state.addIssue({ key: `PAY-${number}`, summary: `Task ${number}` });
  });
  afterEach(() => jira.close());

  const search = (body: object) => ask(jira, 'POST', '/rest/api/3/search/jql', { body });

  describe('searches', () => {
    it('pages by token, without totals, and ends with isLast and no token', async () => {
      const asked = { jql: 'project = PAY ORDER BY key', fields: ['summary'], maxResults: 2 };
      const first = await search(asked);
      assert.deepEqual(keys(first.json), ['PAY-1', 'PAY-2']);
      assert.equal('total' in first.json, false);
      const second = await search({ ...asked, nextPageToken: first.json['nextPageToken'] });
      const last = await search({ ...asked, nextPageToken: second.json['nextPageToken'] });
      assert.deepEqual(keys(last.json), ['PAY-5']);
      assert.deepEqual([last.json['isLast'], 'nextPageToken' in last.json], [true, false]);
    });

    it('answers with ids alone unless fields are asked for', async () => {
      const { json } = await ask(jira, 'GET', '/rest/api/3/search/jql?jql=key%3DPAY-1');
      assert.deepEqual(json, { issues: [{ id: jira.state.issue('PAY-1').id }], isLast: true });
    });

    it('makes pages shorter than asked for', async () => {
      jira.settings.pageCap = 3;
      const { json } = await search({ jql: 'project = PAY', fields: ['summary'], maxResults: 100 });
      assert.equal(json['issues']?.length, 3);
    });

    it('hands out one token for ever if told to', async () => {
      jira.settings.repeatPageToken = true;
      const asked = { jql: 'project = PAY', maxResults: 5 };
      const first = await search(asked);
      const second = await search({ ...asked, nextPageToken: first.json['nextPageToken'] });
      assert.equal(second.json['nextPageToken'], first.json['nextPageToken']);
      assert.equal(second.json['isLast'], false);
    });

    it('carries the oldest comments up to a cap, with the true total, and the index property', async () => {
      jira.settings.commentCapInSearch = 2;
      for (const word of ['a', 'b', 'c']) {
        jira.state.addComment('PAY-1', { author: 'pat', body: doc(paragraph(word)) });
      }
      jira.state.setProperty('PAY-1', 'task-sessions', { seen: 3 });
      const asked = { jql: 'key = PAY-1', fields: ['comment'], properties: ['task-sessions'] };
      const issue = (await search(asked)).json['issues']?.[0];
      assert.equal(issue?.['fields']?.['comment']?.['comments']?.length, 2);
      assert.equal(issue?.['fields']?.['comment']?.['total'], 3);
      assert.deepEqual(issue?.['properties'], { 'task-sessions': { seen: 3 } });
    });

    it('expands the changelog, newest first', async () => {
      jira.state.setStatus('PAY-1', 'AI Analysis', 'claude');
      jira.state.setStatus('PAY-1', 'Ready for Review', 'claude');
      const { json } = await search({ jql: 'key = PAY-1', fields: ['status'], expand: 'changelog' });
      const [newest] = json['issues']?.[0]?.['changelog']?.['histories'] ?? [];
      assert.equal(newest?.['items']?.[0]?.['fromString'], 'AI Analysis');
    });

    it('lags behind changes, except for issues to reconcile', async () => {
      jira.settings.searchLagMs = 30_000;
      const { id } = jira.state.issue('PAY-1');
      jira.state.setStatus('PAY-1', 'Done', 'dana');
      jira.state.addIssue({ key: 'PAY-6', summary: 'New' });
      const asked = { jql: 'status = Done OR key = PAY-6', fields: ['status'] };
      assert.deepEqual(keys((await search(asked)).json), []);
      assert.deepEqual(keys((await search({ ...asked, reconcileIssues: [Number(id)] })).json), ['PAY-1']);
      const one = await ask(jira, 'GET', '/rest/api/3/issue/PAY-1?fields=status');
      assert.equal(one.json['fields']?.['status']?.['name'], 'Done');
      jira.clock.advance(30_000);
      assert.deepEqual(keys((await search(asked)).json), ['PAY-6', 'PAY-1']);
    });

    it('lets page tokens expire after a week and binds them to the query', async () => {
      const asked = { jql: 'project = PAY', maxResults: 1 };
      const { nextPageToken } = (await search(asked)).json;
      assert.equal((await search({ jql: 'project = PORTAL', nextPageToken })).status, 400);
      jira.clock.advance(7 * 24 * 3_600_000 + 1);
      assert.equal((await search({ ...asked, nextPageToken })).status, 400);
    });

    const refusals: [name: string, body: unknown, says: string][] = [
      [
        'an unbounded query',
        { jql: 'ORDER BY key' },
        'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
      ],
      [
        'too long pages',
        { jql: 'project = PAY', maxResults: 5001 },
        'The max results parameter has to be between 1 and 5,000.',
      ],
      [
        'empty pages',
        { jql: 'project = PAY', maxResults: 0 },
        'The max results parameter has to be between 1 and 5,000.',
      ],
      [
        'a bad token',
        { jql: 'project = PAY', nextPageToken: 'x' },
        'The provided next page token is invalid or expired.',
      ],
      [
        'an unknown property',
        { jql: 'project = PAY', startAt: 0 },
        'Invalid request payload. Refer to the REST API documentation and try again.',
      ],
      [
        'fields that are no list',
        { jql: 'project = PAY', fields: 'summary' },
        'Invalid request payload. Refer to the REST API documentation and try again.',
      ],
      [
        'six properties',
        { jql: 'project = PAY', properties: ['a', 'b', 'c', 'd', 'e', 'f'] },
        'The number of properties exceeds the limit of 5.',
      ],
      ['what is not JSON', '{', 'There was an error parsing JSON. Check that your request body is valid.'],
    ];
    for (const [name, body, says] of refusals) {
      it(`refuses ${name}`, async () => {
        const { status, json } = await search(body as object);
        assert.deepEqual([status, json['errorMessages']], [400, [says]]);
      });
    }

    it('has removed the old search', async () => {
      const { status, text } = await ask(jira, 'GET', '/rest/api/3/search?jql=project%3DPAY');
      assert.equal(status, 410);
      assert.match(text, /CHANGE-2046/);
    });
  });

  describe('comments', () => {
    const at = '/rest/api/3/issue/PAY-1/comment';
    const body = doc(panel('info', paragraph('hello')));

    it('are added, read, edited by another, and deleted', async () => {
      const added = await ask(jira, 'POST', at, {
        body: { body, properties: [{ key: 'k', value: { a: 1 } }] },
      });
      assert.equal(added.status, 201);
      assert.deepEqual(added.json['body'], body);
      assert.equal(added.json['created'], '2026-08-24T12:50:03.000+0200');
      const one = `${at}/${String(added.json['id'])}`;
      jira.clock.advance(60_000);
      const authorization = `Basic ${Buffer.from('pat@acme.example:pat-token').toString('base64')}`;
      const edited = await ask(jira, 'PUT', one, { body: { body: doc(paragraph('bye')) }, authorization });
      assert.equal(edited.json['author']?.['displayName'], 'Dana Developer');
      assert.equal(edited.json['updateAuthor']?.['displayName'], 'Pat Manager');
      assert.notEqual(edited.json['updated'], edited.json['created']);
      const listed = await ask(jira, 'POST', '/rest/api/3/comment/list?expand=properties', {
        body: { ids: [Number(added.json['id'])] },
      });
      assert.deepEqual(valuesOf(listed.json)[0]?.['properties'], [{ key: 'k', value: { a: 1 } }]);
      assert.equal((await ask(jira, 'DELETE', one)).status, 204);
      assert.equal((await ask(jira, 'GET', one)).status, 404);
    });

    it('are paged in either order', async () => {
      for (const word of ['a', 'b', 'c'])
        jira.state.addComment('PAY-1', { author: 'pat', body: doc(paragraph(word)) });
      const page = await ask(jira, 'GET', `${at}?orderBy=-created&maxResults=1`);
      assert.deepEqual(page.json['comments']?.[0]?.['body'], doc(paragraph('c')));
      assert.deepEqual([page.json['total'], page.json['startAt'], page.json['maxResults']], [3, 0, 1]);
    });

    const refusals: [name: string, body: unknown, says: string][] = [
      ['plain text', 'hello', 'Comment body is not valid!'],
      ['a table in a panel', doc(panel('info', table([['a']]))), 'Comment body is not valid!'],
      [
        'too long ones',
        doc(paragraph('x'.repeat(32_768))),
        'The entered text is too long. It exceeds the allowed limit of 32,767 characters.',
      ],
    ];
    for (const [name, body, says] of refusals) {
      it(`refuse ${name}`, async () => {
        const { status, json } = await ask(jira, 'POST', at, { body: { body } });
        assert.deepEqual([status, json['errors']], [400, { comment: says }]);
      });
    }

    it('need the permission', async () => {
      jira.state.deny('PAY-1', 'comment');
      const { status, json } = await ask(jira, 'POST', at, { body: { body } });
      assert.equal(status, 400);
      assert.deepEqual(json['errorMessages'], ['You do not have the permission to comment on this issue.']);
      jira.state.allow('PAY-1', 'comment');
      assert.equal((await ask(jira, 'POST', at, { body: { body } })).status, 201);
    });
  });

  describe('issues', () => {
    it('that are unknown or hidden are the same 404', async () => {
      jira.state.deny('PAY-2', 'browse');
      for (const key of ['PAY-2', 'PAY-99']) {
        const { status, json } = await ask(jira, 'GET', `/rest/api/3/issue/${key}`);
        assert.equal(status, 404);
        assert.deepEqual(json['errorMessages'], [
          'Issue does not exist or you do not have permission to see it.',
        ]);
      }
    });

    it('keep properties, unless the caller may not edit', async () => {
      const at = '/rest/api/3/issue/PAY-1/properties/task-sessions';
      assert.equal((await ask(jira, 'GET', at)).status, 404);
      assert.equal((await ask(jira, 'PUT', at, { body: { rev: 1 } })).status, 201);
      assert.equal((await ask(jira, 'PUT', at, { body: { rev: 2 } })).status, 200);
      assert.deepEqual((await ask(jira, 'GET', at)).json, { key: 'task-sessions', value: { rev: 2 } });
      assert.equal((await ask(jira, 'PUT', at, { body: { text: 'x'.repeat(32_768) } })).status, 400);
      jira.state.deny('PAY-1', 'edit');
      assert.equal((await ask(jira, 'PUT', at, { body: { rev: 3 } })).status, 403);
      jira.state.allow('PAY-1', 'edit');
      assert.equal((await ask(jira, 'DELETE', at)).status, 204);
    });

    it('move by transitions that write properties, comments and the changelog', async () => {
      const at = '/rest/api/3/issue/PAY-1/transitions';
      jira.state.setStatus('PAY-1', 'Ready for Review', 'claude');
      const offered = (await ask(jira, 'GET', at)).json['transitions'] ?? [];
      const approve = offered.find((transition) => transition['to']?.['name'] === 'Approved');
      const body = {
        transition: { id: approve?.['id'] },
        properties: [{ key: 'task-sessions', value: { rev: 2 } }],
        update: { comment: [{ add: { body: doc(paragraph('Approved')) } }] },
      };
      assert.equal((await ask(jira, 'POST', at, { body })).status, 204);
      const issue = jira.state.issue('PAY-1');
      assert.equal(issue.status.name, 'Approved');
      assert.deepEqual(issue.properties.get('task-sessions'), { rev: 2 });
      assert.equal(issue.comments.length, 1);
      const log = valuesOf((await ask(jira, 'GET', '/rest/api/3/issue/PAY-1/changelog')).json);
      assert.equal(log.at(-1)?.['author']?.['displayName'], 'Dana Developer');
      assert.equal(log.at(-1)?.['items']?.[0]?.['toString'], 'Approved');
    });

    it('refuse transitions that are missing, wrong, hidden or lack a field', async () => {
      const at = '/rest/api/3/issue/PAY-1/transitions';
      const move = async (body: object) => (await ask(jira, 'POST', at, { body })).json;
      assert.deepEqual((await move({}))['errorMessages'], ["Missing 'transition' identifier"]);
      assert.match(String((await move({ transition: { id: '999' } }))['errorMessages']?.[0]), /not valid/);
      const finish = jira.state.workflow.transitions.find(({ to }) => to === 'Done');
      assert.ok(finish);
      finish.screen = [{ key: 'resolution', name: 'Resolution', required: true }];
      assert.deepEqual((await move({ transition: { id: finish.id } }))['errors'], {
        resolution: 'Resolution is required.',
      });
      assert.equal(jira.state.issue('PAY-1').status.name, 'To Do');
      assert.deepEqual((await ask(jira, 'GET', `${at}?transitionId=999`)).json['transitions'], []);
      jira.state.deny('PAY-1', 'transition');
      assert.deepEqual((await ask(jira, 'GET', at)).json['transitions'], []);
    });

    it('take few writes at once, if told so', async () => {
      jira.settings.writeLimits = true;
      const put = () => ask(jira, 'PUT', '/rest/api/3/issue/PAY-1/properties/k', { body: 1 });
      for (let count = 0; count < 20; count++) assert.ok((await put()).status < 300);
      const refused = await put();
      assert.equal(refused.status, 429);
      assert.equal(refused.headers.get('ratelimit-reason'), 'jira-per-issue-on-write');
      jira.clock.advance(2000);
      assert.equal((await put()).status, 200);
    });
  });

  it('says which paths it does not know, as problem+json', async () => {
    const { status, headers, json } = await ask(jira, 'GET', '/rest/api/3/nothing');
    assert.equal(status, 404);
    assert.match(headers.get('content-type') ?? '', /problem\+json/);
    assert.equal(json['detail'], 'No endpoint GET /rest/api/3/nothing.');
  });

  it('keeps a log of requests without credentials', async () => {
    await search({ jql: 'project = PAY' });
    const seen = jira.requests.at(-1);
    assert.deepEqual(
      [seen?.method, seen?.path, seen?.body, seen?.status, seen?.user],
      ['POST', '/rest/api/3/search/jql', { jql: 'project = PAY' }, 200, 'dana'],
    );
    assert.equal(seen?.headers['authorization'], undefined);
  });
});
