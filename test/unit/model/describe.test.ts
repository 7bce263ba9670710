import assert from 'node:assert/strict';
import { age, ago } from '../../../src/model/age';
import {
  aheadBehind,
  boundSessions,
  expiryText,
  lineageText,
  plural,
  presentDocs,
  sessionNotes,
  sessionRole,
  sessionSummary,
  stateText,
  taskSummary,
} from '../../../src/model/describe';
import type { Session } from '../../../src/model/session/session';
import type { Task, TaskBranch } from '../../../src/model/task/task';
import { clock, id, session, task } from './examples';
import { run } from './run/examples';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe('an age', () => {
  const cases: [ms: number, text: string][] = [
    [-hour, 'now'], // A host's clock may be ahead.
    [0, 'now'],
    [minute - 1, 'now'],
    [minute, '1 min'],
    [hour - 1, '59 min'],
    [hour, '1 h'],
    [day - 1, '23 h'],
    [day, '1 d'],
    [60 * day - 1, '59 d'],
    [60 * day, '1 mo'],
    [365 * day, '12 mo'],
    [730 * day - 1, '24 mo'],
    [730 * day, '2 y'],
  ];
  for (const [ms, text] of cases)
    it(`of ${ms} ms is ${text}`, () => {
      assert.equal(age(clock - ms, clock), text);
      assert.equal(ago(clock - ms, clock), text === 'now' ? 'just now' : `${text} ago`);
    });
});

describe('a session in words', () => {
  it('is where it is, what it does, how full it is and since when', () => {
    const use = { usedTokens: 76_000, windowTokens: 200_000, usedPercent: 38 };
    const idle = session({ host: 'devserver', state: 'idle', context: use, createdAt: 0, lastActivity: clock - 2 * hour }); // prettier-ignore
    assert.equal(sessionSummary(idle, clock), 'devserver · idle · 38 % · 2 h');
    assert.equal(sessionSummary(session({ createdAt: clock - 3 * day }), clock), 'laptop · ended · 3 d');
    assert.equal(sessionSummary(session(), clock), 'laptop · ended');
  });

  it('says whether its host is known', () => {
    const unknown = { hostKnown: false, state: 'unknown' } as const;
    assert.equal(sessionSummary(session({ ...unknown, host: 'elsewhere' }), clock), 'elsewhere (unknown host) · unknown'); // prettier-ignore
    assert.equal(sessionSummary(session({ ...unknown, host: '' }), clock), 'host not recorded · unknown');
  });

  it('says what it waits for', () => {
    assert.equal(stateText(session({ state: 'waiting', waitingFor: 'permission prompt' })), 'waiting (permission prompt)'); // prettier-ignore
    assert.equal(stateText(session({ state: 'waiting' })), 'waiting');
  });

  it('has a role: what it came from, else its kind, else its title', () => {
    assert.equal(sessionRole(session({ forkedFrom: id(2), continues: id(3) })), 'fork of 00000002');
    assert.equal(sessionRole(session({ continues: id(3) })), 'continues 00000003');
    assert.equal(sessionRole(session({ title: 'Look' })), 'Analysis');
    assert.equal(sessionRole(session({ kind: 'implementation' })), 'Implementation');
    assert.equal(sessionRole(session({ kind: 'other', title: 'Look' })), 'Look');
    assert.equal(sessionRole(session({ kind: 'other' })), 'Session');
    assert.equal(sessionRole(session({ role: 'review' })), 'Review');
  });
});

describe('the end of a session', () => {
  const cases: [left: number, text: string | undefined][] = [
    [3 * day + 1, undefined],
    [3 * day, 'expires in 3 days'],
    [3 * day - 1, 'expires in 2 days'],
    [2 * day, 'expires in 2 days'],
    [2 * day - 1, 'expires in 47 hours'],
    [hour, 'expires in 1 hour'],
    [hour - 1, 'expires within the hour'],
    [0, 'expired'],
    [-5 * day, 'expired'],
  ];
  for (const [left, text] of cases)
    it(`in ${left} ms is ${text ?? 'not worth a word'}`, () =>
      assert.equal(expiryText(session({ expiresAt: clock + left }), clock), text));

  it('is nothing that is told of a session that does not end', () =>
    assert.equal(expiryText(session(), clock), undefined));
});

describe('what a session came from and where it went', () => {
  const cases: [fields: Partial<Session>, text: string | undefined][] = [
    [{}, undefined],
    [{ forkedFrom: id(2) }, 'fork of 00000002'],
    [{ continues: id(2) }, 'continues 00000002'],
    [{ clearedFrom: id(2) }, 'begun by /clear in 00000002'],
    [{ continuedBy: id(3) }, 'continued as 00000003'],
    [{ continues: id(2), continuedBy: id(3) }, 'continues 00000002 · continued as 00000003'],
  ];
  for (const [fields, text] of cases)
    it(`is ${text ?? 'not told where it is not known'}`, () =>
      assert.equal(lineageText(session(fields)), text));

  it('stands among what else is worth a word', () => {
    const kept = { sessionId: id(1), path: './x/y.jsonl', size: 1, modifiedAt: 1 };
    const one = session({ forkedFrom: id(2), hasConversation: false, expiresAt: clock + 2 * day, kept });
    const notes = ['fork of 00000002', 'no conversation in it', 'expires in 2 days', 'copy kept'];
    assert.deepEqual(sessionNotes(one, clock), notes);
    assert.deepEqual(sessionNotes(session({ hasConversation: true }), clock), []);
    assert.deepEqual(sessionNotes(session({ unread: true }), clock), ['transcript cannot be read']);
  });
});

describe('a task in words', () => {
  const candidate = session({ id: id(9), evidence: 'candidate' });
  const doc = (name: string, path = name) => ({ name, path, blob: 'b' });
  const approval = { commit: 'a', by: 'Dana', at: 1, stale: false };
  const cases: [fields: Partial<Task>, text: string][] = [
    [{}, ''],
    [{ sessions: [candidate] }, '1 candidate'],
    [{ sessions: [candidate], moreCandidates: 7 }, '8 candidates'],
    [{ sessions: [session()] }, '1 session'],
    [{ sessions: [session(), session({ id: id(2) }), candidate], docs: [doc('a'), doc('b')] }, '2 sessions · 1 candidate · 2/5 docs'],
    [{ docs: [doc('a'), doc('a', 'old/a')] }, '1/5 docs'],
    [{ failed: true, sessions: [session()] }, 'failed · 1 session'],
    [{ needsYou: { reason: 'input needed', since: 1, sessionId: id(1) }, sessions: [session()] }, 'input needed · 1 session'],
    [{ needsYou: { reason: 'documents await review', since: 1 } }, ''],
    [{ needsYou: { reason: 'analysis failed: a long reason', since: 1, runId: id(1) }, failed: true }, 'analysis failed'],
    // Its record can only say that it failed.
    [{ failed: true, runs: [run({ kind: 'stopped', step: 'review', at: 1 })] }, 'analysis stopped'],
    [{ failed: true, runs: [run({ kind: 'queued', since: 1 })] }, 'failed · analysis waits for a place'],
    [{ runs: [run({ kind: 'running', step: 'analysis', since: 1 }, { asOf: clock })] }, 'analysis out of sight'],
    [{ approval }, 'approved'],
    [{ approval: { ...approval, stale: true } }, 'approval stale'],
    [{ phase: 'approved' }, 'no approval that counts'],
    [{ phase: 'approved', approvalDoubt: 'Of 2 comments only 1 was read.' }, 'approval cannot be told'],
    [{ phase: 'implementing' }, ''],
  ]; // prettier-ignore
  for (const [fields, text] of cases)
    it(`is "${text}"`, () => assert.equal(taskSummary(task('PAY-1', fields)), text));

  it('counts sessions that are bound and documents that are expected', () => {
    const one = task('PAY-1', { sessions: [session(), candidate], docs: ['a', 'b', 'c'].map((name) => doc(name)), docsExpected: 2 }); // prettier-ignore
    assert.deepEqual(boundSessions(one), [session()]);
    assert.equal(presentDocs(one), 2);
    assert.deepEqual(
      [plural(0, 'task'), plural(1, 'task'), plural(2, 'task')],
      ['0 tasks', '1 task', '2 tasks'],
    );
  });

  it('says how far its branch is', () => {
    const checkout: TaskBranch = { repository: 'x', host: 'laptop', directory: '/x', name: 'b', ref: 'refs/heads/b', head: 'a' }; // prettier-ignore
    const upstream = { ref: 'refs/remotes/origin/b', ahead: 2, behind: 0 };
    assert.equal(aheadBehind(task('PAY-1', { checkout: { ...checkout, upstream } })), '↑2 ↓0');
    assert.equal(aheadBehind(task('PAY-1', { checkout: { ...checkout, upstream: { ...upstream, gone: true } } })), 'remote branch gone'); // prettier-ignore
    assert.equal(aheadBehind(task('PAY-1', { checkout })), 'not pushed');
    assert.equal(aheadBehind(task('PAY-1', { checkout: { ...checkout, ref: 'refs/remotes/origin/b' } })), 'on origin'); // prettier-ignore
  });
});
