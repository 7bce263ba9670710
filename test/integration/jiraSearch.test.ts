import assert from 'node:assert/strict';
import { claimsOf } from '../../src/sources/jira/comments';
import { signIn, transportFor } from '../../src/sources/jira/connection';
import { JiraError } from '../../src/sources/jira/errors';
import { Jira } from '../../src/sources/jira/jira';
import { Poller } from '../../src/sources/jira/polling/poll';
import { silentLog } from '../../src/util/log';
import type { RecordIndex } from '../../src/model/task/issue';
import { startJira } from '../jira/simulator';
import { credentialOf } from './signedIn';
import type { Jira as Simulator, JiraOptions } from '../jira/simulator';

const session = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
const jql = 'project = PAY ORDER BY key ASC';

const adf = (...lines: string[]) => ({
  type: 'doc' as const,
  version: 1 as const,
  content: lines.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
});

/** Reads the index as it is: what belongs into it is tested where it is made. */
const indexOf = (value: unknown): RecordIndex | undefined => value as RecordIndex;

for (const deployment of ['cloud', 'dataCenter'] as const)
  describe(`Tasks from Jira ${deployment}`, () => {
    let simulator: Simulator;
    let jira: Jira;
    const cloud = deployment === 'cloud';
    const body = (...lines: string[]) => (cloud ? adf(...lines) : lines.join('\r\n'));
    const record = () =>
      body('AI Analysis Complete', `Session ID: ${session}`, 'Branch: task/PAY-1-analysis');

    async function start(
      options: Partial<JiraOptions> = {},
      limits: { timeoutMs?: number; maxBytes?: number } = {},
    ): Promise<void> {
      simulator = await startJira({
        deployment,
        ...(cloud ? {} : { contextPath: '/jira' }),
        commentCapInSearch: 5,
        pageCap: 100,
        ...options,
      });
      const connection = await signIn(
        { url: simulator.url, ...credentialOf({ deployment }) },
        { log: silentLog },
      );
      const transport = transportFor(connection, { log: silentLog, pauseMs: 1, ...limits });
      jira = new Jira(connection, transport, { claimsOf, indexOf }, silentLog);
      simulator.requests.length = 0;
    }

    function fill(count: number): void {
      for (let number = 1; number <= count; number += 1)
        simulator.state.addIssue({ key: `PAY-${number}`, summary: `Task ${number}`, assignee: 'dana' });
    }

    const poller = () => new Poller(jira, { jql: () => jql });
    const requests = () => simulator.requests.splice(0).map(({ method, path }) => `${method} ${path}`);

    afterEach(async () => {
      jira.close();
      await simulator.close();
    });

    it('reads 200 tasks cold in two requests, and asks once where nothing changed', async () => {
      await start();
      fill(200);
      for (const issue of simulator.state.issues) issue.updated -= 3_600_000;
      simulator.state.issues.at(0)?.comments.push();
      const polling = poller();
      const cold = await polling.refresh();
      assert.equal(cold.issues.length, 200);
      assert.equal(cold.issues[0]?.key, 'PAY-1');
      assert.equal(requests().length, 2);
      const warm = await polling.refresh();
      assert.equal(warm.changed, false);
      assert.equal(requests().length, 1);
    });

    it('reads a page that is too large in smaller ones, and full ones again after it', async () => {
      await start({}, { maxBytes: 400_000 });
      fill(230);
      for (const number of [3, 4, 5])
        for (let remark = 0; remark < 5; remark += 1)
          simulator.state.addComment(`PAY-${number}`, { author: 'pat', body: body('x'.repeat(30_000)) });
      const pages: number[] = [];
      const { items } = await jira.search(jql, { onPage: (page) => pages.push(page.length) });
      assert.deepEqual(
        items.map(({ key }) => key),
        Array.from({ length: 230 }, (_, index) => `PAY-${index + 1}`),
      );
      assert.ok(Math.min(...pages) < 25, `pages of ${pages.join(', ')}`);
      assert.equal(Math.max(...pages), 100, `pages of ${pages.join(', ')}`);
    });

    it('gives up on one issue that is too large by itself', async () => {
      await start({}, { maxBytes: 120_000 });
      fill(2);
      for (let remark = 0; remark < 5; remark += 1)
        simulator.state.addComment('PAY-1', { author: 'pat', body: body('x'.repeat(30_000)) });
      await assert.rejects(jira.search(jql), { kind: 'tooLarge' });
      assert.equal(requests().length, 4);
    });

    it('reads an issue as the tree shows it', async () => {
      await start();
      simulator.state.addIssue({
        key: 'PAY-1',
        summary: 'Refunds charge\u202e twice',
        status: 'In Review',
        priority: 'High',
        assignee: 'mira',
        at: Date.UTC(2026, 7, 24, 10, 50, 3),
      });
      simulator.state.addComment('PAY-1', { author: 'claude', body: record(), at: Date.UTC(2026, 7, 25) });
      const { items } = await jira.search(jql);
      const [issue] = items;
      assert.ok(issue);
      const { claims, id, ...rest } = issue;
      assert.match(id, /^\d+$/);
      assert.deepEqual(rest, {
        key: 'PAY-1',
        summary: 'Refunds charge twice',
        status: 'In Review',
        statusCategory: 'indeterminate',
        priority: 'High',
        issueType: 'Task',
        assignee: 'Mira Lindqvist',
        url: `${simulator.url}/browse/PAY-1`,
        created: Date.UTC(2026, 7, 24, 10, 50, 3),
        updated: Date.UTC(2026, 7, 25),
        comments: { total: 1, read: 1 },
      });
      assert.equal(claims.length, 1);
      assert.equal(claims[0]?.sessionId, session);
      assert.equal(claims[0]?.author.name, 'Claude Task Manager');
      assert.equal(claims[0]?.created, Date.UTC(2026, 7, 25));
    });

    it('brings the index property in the same request', async () => {
      await start();
      fill(1);
      const index = { schema: 1, commentsSeen: 0, updatedAt: 5, records: [] };
      await jira.setIndex('PAY-1', index);
      requests();
      assert.deepEqual((await jira.search(jql)).items[0]?.index, index);
      assert.equal(requests().length, 1);
    });

    it('notices comments beyond those of the search, and reads them once', async () => {
      await start();
      fill(3);
      for (let number = 1; number <= 30; number += 1)
        simulator.state.addComment('PAY-2', { author: 'pat', body: body(`remark ${number}`) });
      simulator.state.addComment('PAY-2', { author: 'claude', body: record() });
      const polling = poller();
      const { issues } = await polling.refresh();
      assert.deepEqual(issues[1]?.comments, { total: 31, read: 31 });
      assert.equal(issues[1]?.claims[0]?.sessionId, session);
      assert.equal(requests().filter((line) => line.endsWith('/comment')).length, 1);
      await polling.refresh();
      assert.equal(requests().length, 1);
      await polling.refresh({ full: true });
      assert.equal(requests().length, 1);
    });

    it('reads long threads page by page', async () => {
      await start({ commentPageCap: 10 });
      fill(1);
      for (let number = 1; number <= 25; number += 1)
        simulator.state.addComment('PAY-1', { author: 'pat', body: body(`remark ${number}`) });
      const comments = await jira.comments('PAY-1');
      assert.equal(comments.length, 25);
      assert.equal(requests().length, 3);
    });

    it('shows changes, arrivals and departures', async () => {
      await start();
      fill(5);
      const polling = new Poller(jira, {
        jql: () => 'project = PAY AND statusCategory != Done ORDER BY key ASC',
      });
      await polling.refresh();
      simulator.state.setStatus('PAY-2', 'Done', 'dana');
      simulator.state.setStatus('PAY-4', 'In Review', 'dana');
      simulator.state.addIssue({ key: 'PAY-6', summary: 'New' });
      const { issues, changed } = await polling.refresh();
      assert.equal(changed, true);
      assert.deepEqual(
        issues.map((issue) => `${issue.key} ${issue.status}`),
        ['PAY-1 To Do', 'PAY-3 To Do', 'PAY-4 In Review', 'PAY-5 To Do', 'PAY-6 To Do'],
      );
    });

    it('takes any query of the user, however it is written', async () => {
      await start();
      fill(3);
      simulator.state.addIssue({ key: 'PAY-9', summary: 'about "order by" things' });
      for (const query of [
        'key = PAY-1 OR key = PAY-9 order by key',
        `summary ~ "order by" OR key = 'PAY-1'`,
        '(key = PAY-1 OR (key = PAY-9))ORDER BY summary DESC, key',
      ]) {
        const polling = new Poller(jira, { jql: () => query });
        const before = await polling.refresh();
        assert.equal(before.issues.length, 2, query);
        simulator.state.setFields('PAY-2', { summary: 'not asked for' }, 'dana');
        simulator.clock.advance(1000);
        simulator.state.setFields('PAY-9', { summary: `about "order by" things ${query.length}` }, 'dana');
        const after = await polling.refresh();
        assert.equal(after.changed, true, query);
        assert.equal(after.issues.length, 2, query);
      }
    });

    it('passes on what Jira says of a wrong query', async () => {
      await start();
      await assert.rejects(jira.search('projekt = PAY'), (error: JiraError) => {
        assert.equal(error.kind, 'invalidRequest');
        assert.match(error.message, /projekt/);
        return true;
      });
    });

    it('does not take a revoked token for an empty list', async () => {
      await start();
      fill(3);
      const polling = poller();
      await polling.refresh();
      simulator.state.revokeToken(cloud ? 'dana-token' : 'dana-pat');
      await assert.rejects(polling.refresh(), { kind: 'auth' });
      await assert.rejects(jira.search(jql), { kind: 'auth' });
    });

    it('keeps what it knew through trouble, and then asks for all that was missed', async () => {
      await start();
      fill(3);
      const polling = poller();
      await polling.refresh();
      simulator.faults.add({ kind: 'status', status: 500 });
      simulator.clock.advance(1000);
      simulator.state.setStatus('PAY-3', 'Approved', 'pat');
      await assert.rejects(polling.refresh({ full: true }), { kind: 'server' });
      simulator.faults.clear();
      await assert.rejects(polling.refresh(), { kind: 'server' });
      const { issues } = await polling.refresh({ full: true });
      assert.equal(issues[2]?.status, 'Approved');
    });

    it('tries a search again that met a passing fault', async () => {
      await start();
      fill(1);
      for (const fault of [{ kind: 'reset' }, { kind: 'cut' }, { kind: 'status', status: 502 }] as const) {
        simulator.faults.add(fault, { path: /search/, times: 1 });
        assert.equal((await jira.search(jql)).items.length, 1);
      }
    });

    it('leaves out what it cannot read, and keeps the rest', async () => {
      await start();
      fill(3);
      const odd = simulator.state.issue('PAY-2');
      odd.key = 'no key at all';
      const found = await jira.search('project = PAY');
      assert.equal(found.skipped, 1);
      assert.equal(found.items.length, 2);
      for (const issue of simulator.state.issues) issue.key = 'no key at all';
      await assert.rejects(jira.search('project = PAY'), /shape/);
    });

    it('reads one issue in full, with all its comments', async () => {
      await start();
      simulator.state.addIssue({
        key: 'PAY-1',
        summary: 'Refunds',
        description: body('Twice!'),
        labels: ['ai'],
        reporter: 'pat',
        assignee: 'dana',
      });
      for (let number = 1; number <= 7; number += 1)
        simulator.state.addComment('PAY-1', { author: 'pat', body: body(`remark ${number}`) });
      simulator.state
        .issue('PAY-1')
        .attachments.push({ filename: 'trace.log', mimeType: 'text/plain', size: 12 });
      const detail = await jira.issue('PAY-1');
      assert.deepEqual(detail.attachments, [{ name: 'trace.log', type: 'text/plain', size: 12 }]);
      assert.equal(detail.comments.length, 7);
      assert.deepEqual(
        [detail.reporter, detail.assignee, detail.labels],
        ['Pat Manager', 'Dana Developer', ['ai']],
      );
      assert.deepEqual(detail.description, body('Twice!'));
      assert.deepEqual(detail.comments[6]?.body, body('remark 7'));
      await assert.rejects(jira.issue('PAY-99'), { kind: 'notFound' });
      await assert.rejects(jira.issue('PAY-1/../PAY-2'), /Not an issue key/);
    });

    it('writes comments, the index and transitions', async () => {
      await start();
      fill(1);
      const written = await jira.addComment('PAY-1', record());
      assert.ok(written);
      assert.equal((await jira.claims('PAY-1'))[0]?.sessionId, session);
      await jira.updateComment('PAY-1', written, body('changed'));
      assert.deepEqual(await jira.claims('PAY-1'), []);
      const approve = (await jira.transitions('PAY-1')).find(({ to }) => to === 'Ready for Review');
      assert.ok(approve);
      await jira.transition('PAY-1', {
        transitionId: approve.id,
        properties: [{ key: 'task-sessions', value: { schema: 1 } }],
      });
      assert.equal(simulator.state.issue('PAY-1').status.name, 'Ready for Review');
      const [change] = (await jira.statusChanges('PAY-1')) ?? [];
      assert.equal(change?.to, 'Ready for Review');
      assert.equal(change?.author.id, jira.connection.user.id);
    });

    it('never writes a comment twice', async () => {
      await start({}, { timeoutMs: 1000 });
      fill(1);
      for (const fault of [
        { kind: 'hang', afterWork: true },
        { kind: 'cut' },
        { kind: 'status', status: 503 },
      ] as const) {
        requests();
        simulator.faults.add(fault, { method: 'POST' });
        await assert.rejects(jira.addComment('PAY-1', record()), JiraError);
        simulator.faults.clear();
        assert.equal(requests().length, 1);
      }
    });

    it('says what Jira does not allow', async () => {
      await start();
      fill(1);
      simulator.state.deny('PAY-1', 'comment');
      await assert.rejects(jira.addComment('PAY-1', record()), /permission/);
      await assert.rejects(
        jira.addComment('PAY-1', cloud ? adf('x'.repeat(40_000)) : 'x'.repeat(40_000)),
        JiraError,
      );
    });
  });

describe('Search on Jira Cloud', () => {
  let simulator: Simulator;
  let jira: Jira;

  async function start(options: Partial<JiraOptions>): Promise<void> {
    simulator = await startJira({ deployment: 'cloud', ...options });
    const connection = await signIn(
      { url: simulator.url, email: 'dana@acme.example', token: 'dana-token' },
      { log: silentLog },
    );
    const transport = transportFor(connection, { log: silentLog });
    jira = new Jira(connection, transport, { claimsOf, indexOf: () => undefined }, silentLog);
    for (let number = 1; number <= 120; number += 1)
      simulator.state.addIssue({ key: `PAY-${number}`, summary: `Task ${number}` });
  }
  afterEach(async () => {
    jira.close();
    await simulator.close();
  });

  it('stops where it is sent round in circles', async () => {
    await start({ repeatPageToken: true });
    simulator.requests.length = 0;
    const found = await jira.search(jql);
    assert.ok(simulator.requests.length <= 4);
    assert.equal(found.truncated, true);
  });

  it('shows our own edits while the index lags', async () => {
    await start({ fixedAt: Date.UTC(2026, 10, 20, 12) });
    const polling = new Poller(jira, { jql: () => jql });
    await polling.refresh();
    simulator.settings.searchLagMs = 60_000;
    const { id } = simulator.state.issue('PAY-7');
    simulator.clock.advance(1000);
    simulator.state.setStatus('PAY-7', 'Approved', 'dana');
    assert.equal((await polling.refresh()).changed, false);
    polling.noteEdit(id);
    const { issues } = await polling.refresh();
    assert.equal(issues[6]?.status, 'Approved');
    assert.equal((await polling.refresh({ full: true })).issues[6]?.status, 'Approved');
  });

  it('works behind the gateway with a scoped token', async () => {
    await start({});
    const connection = await signIn(
      { url: simulator.url, email: 'dana@acme.example', token: 'dana-scoped' },
      { log: silentLog, gatewayUrl: new URL(simulator.gatewayUrl).origin },
    );
    const scoped = new Jira(
      connection,
      transportFor(connection, { log: silentLog }),
      { claimsOf, indexOf: () => undefined },
      silentLog,
    );
    const { items } = await scoped.search(jql);
    assert.equal(items.length, 120);
    assert.equal(items[0]?.url, `${simulator.url}/browse/PAY-1`);
    scoped.close();
  });
});
