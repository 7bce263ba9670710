import assert from 'node:assert/strict';
import { demoDocuments } from '../../jira/demo/documents';
import { FLOW } from '../../jira/demo/demoTask';
import { demoSessions, demoTasks } from '../../jira/demoTasks';
import { seedDemo } from '../../jira/seed';
import { startJira } from '../../jira/simulator';
import { plainText } from '../../jira/text/adf';
import { adfProblem } from '../../jira/text/adfCheck';
import { ask } from './ask';

const NOW = Date.UTC(2026, 10, 20, 12);

describe('the demo tasks', () => {
  it('are about twenty, in every status, with timelines that lead there', () => {
    assert.ok(demoTasks.length >= 18 && demoTasks.length <= 24);
    assert.deepEqual(new Set(demoTasks.map(({ status }) => status)), new Set(FLOW));
    for (const { key, status, hoursAgo } of demoTasks) {
      assert.equal(hoursAgo.length, FLOW.indexOf(status) + 1, key);
      assert.deepEqual(
        hoursAgo,
        [...hoursAgo].sort((a, b) => b - a),
        key,
      );
    }
  });

  it('have unique keys, slots and session ids, and sessions continue known ones', () => {
    const slots = demoSessions().map(({ session }) => session.slot);
    assert.equal(new Set(demoTasks.map(({ key }) => key)).size, demoTasks.length);
    assert.equal(new Set(slots).size, slots.length);
    assert.equal(new Set(demoSessions().map(({ session }) => session.id)).size, slots.length);
    for (const { task, session } of demoSessions()) {
      assert.ok(session.slot.startsWith(`${task.key}/`));
      assert.match(session.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      if (session.continues) assert.ok(slots.includes(session.continues));
    }
  });

  it('show every shape of a record', () => {
    const shapes = new Set(demoSessions().map(({ session }) => session.record?.shape));
    for (const shape of ['panel', 'table', 'list', 'codeBlock', 'box', 'hardBreaks', 'paragraphs'] as const) {
      assert.ok(shapes.has(shape), shape);
    }
  });

  it('have documents with headings and links', () => {
    for (const task of demoTasks) {
      for (const { path, content } of demoDocuments(task)) {
        assert.match(path, new RegExp(`^docs/tasks/${task.key}/[a-z_]+\\.md$`));
        assert.match(content, new RegExp(`^# .*${task.key}: `));
      }
    }
  });
});

describe('the seeded simulator', () => {
  it('holds valid ADF, a history by people, and records with the given facts', async () => {
    const jira = await startJira({ deployment: 'cloud', fixedAt: NOW });
    try {
      seedDemo(jira, {
        now: NOW,
        repositoryUrl: 'https://git.acme.example/acme/platform',
        sessions: [
          { slot: 'PAY-456/analysis', id: '11111111-2222-4333-8444-555555555555', directory: '/srv/demo' },
        ],
        branches: [{ key: 'PAY-472', commit: 'c0ffee', documents: [{ path: 'docs/a.md', blob: 'b10b' }] }],
      });
      assert.equal(jira.state.issues.length, demoTasks.length);
      for (const issue of jira.state.issues) {
        assert.equal(adfProblem(issue.description), undefined, issue.key);
        for (const { body } of issue.comments) assert.equal(adfProblem(body), undefined, issue.key);
        assert.ok(issue.updated <= NOW, issue.key);
      }

      const [, analysis] = jira.state.issue('PAY-456').comments;
      assert.ok(analysis && typeof analysis.body !== 'string');
      const text = plainText(analysis.body);
      assert.match(
        text,
        /^AI Analysis Complete\nSession ID: 11111111-2222-4333-8444-555555555555\nHost: devserver\nDirectory: \/srv\/demo\n/,
      );
      assert.match(
        text,
        /Docs generated:\ntask_desc\.md\n[\s\S]*To continue conversation:\nssh -t devserver 'tmux /,
      );
      assert.ok(analysis.updated > analysis.created);

      const approved = jira.state.issue('PAY-472');
      const approval = approved.comments.at(-1);
      const transition = approved.changes.at(-1);
      assert.equal(approval?.author.name, 'pat');
      assert.equal(transition?.author.name, 'pat');
      assert.equal(approval?.updated, approval?.created);
      assert.match(JSON.stringify(approval?.body), /Commit: .*c0ffee.*docs\/a\.md b10b/);

      const body = { jql: 'status = "Ready for Review" ORDER BY key', fields: ['summary'] };
      const found = await ask(jira, 'POST', '/rest/api/3/search/jql', { body });
      assert.deepEqual(
        found.json['issues']?.map((issue) => issue['key']),
        ['PAY-456', 'PAY-461', 'PORTAL-112', 'PORTAL-118'],
      );
    } finally {
      await jira.close();
    }
  });

  it('speaks wiki markup on Data Center', async () => {
    const jira = await startJira({ deployment: 'dataCenter', fixedAt: NOW });
    try {
      seedDemo(jira, { now: NOW });
      const [, analysis] = jira.state.issue('PAY-456').comments;
      assert.match(
        JSON.stringify(analysis?.body),
        /^"\{panel:title=AI Analysis Complete\}\\r\\n\*Session ID:\* \{\{5f1d9b2e-/,
      );
      for (const issue of jira.state.issues) {
        for (const { body } of [...issue.comments, { body: issue.description }])
          assert.equal(typeof body, 'string');
      }
    } finally {
      await jira.close();
    }
  });
});
