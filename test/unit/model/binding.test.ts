import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  bindingIndex,
  claimedSessions,
  kindOf,
  type BindingSubject,
} from '../../../src/model/binding/binding';
import { candidateIndex } from '../../../src/model/binding/candidates';
import type { RecordClaim } from '../../../src/model/record/record';
import type { Issue } from '../../../src/model/task/issue';
import type { LedgerEntry, LedgerState } from '../../../src/model/binding/ledger';
import { groupBy } from '../../../src/util/groupBy';
import { claim, entry, id, issue, pat } from './examples';

const branches = new Map([
  ['PAY-4', 'task/PAY-4-analysis'],
  ['PAY-45', 'task/PAY-45-analysis'],
]);

const index = (issues: Issue[], ledger: Partial<LedgerState> = {}) => {
  const { entries = [], worktrees = [] } = ledger;
  const binding = bindingIndex(issues, { entries, worktrees });
  const candidates = candidateIndex({
    issues,
    binding,
    branchNames: branches,
    branches: new Map(),
    worktrees,
  });
  return { ...binding, candidates: (one: BindingSubject) => candidates.of(one) };
};

const subject = (fields: Partial<BindingSubject> = {}): BindingSubject => ({
  sessionId: id(1),
  host: 'laptop',
  ...fields,
});
const recorded = (key: string, created = 10, sessionId = id(1)) =>
  issue(key, { claims: [claim({ issueKey: key, sessionId, created })] });
const worktree = { key: 'PAY-3', host: 'laptop', directory: '/src/platform.worktrees/PAY-3', createdAt: 1 };
const inside = subject({ directory: `${worktree.directory}/src` });

describe('what binds a session to a task', () => {
  const byRecord = [recorded('PAY-2')];

  it('is first what we started or the user linked', () => {
    for (const [evidence, reason] of [
      ['started', 'started for this task'],
      ['linked', 'linked by you'],
    ] as const)
      // prettier-ignore
      assert.deepEqual(
        index(byRecord, { entries: [entry({ key: 'PAY-1', evidence })], worktrees: [worktree] }).bound(
          inside,
        ),
        { key: 'PAY-1', evidence: 'ledger', reason },
      );
  });

  it('is then the worktree that we made', () => {
    assert.deepEqual(index(byRecord, { worktrees: [worktree] }).bound(inside), {
      key: 'PAY-3',
      evidence: 'ledger',
      reason: 'runs in the worktree made for this task',
    });
  });

  it('is then the record', () => {
    assert.deepEqual(index(byRecord).bound(subject()), {
      key: 'PAY-2',
      evidence: 'record',
      reason: `recorded by ${pat.name}`,
    });
  });

  it('is never a branch, a name, a directory or a prompt', () => {
    const guess = subject({ branch: 'task/PAY-4-analysis', name: 'PAY-4', directory: '/PAY-4', firstPrompt: 'PAY-4' }); // prettier-ignore
    assert.equal(index([issue('PAY-4')]).bound(guess), undefined);
  });

  it('is no entry that only remembers', () => {
    const entries = [entry({ evidence: 'seen', key: 'PAY-1' })];
    assert.equal(index(byRecord, { entries }).bound(subject())?.key, 'PAY-2');
    assert.equal(index([], { entries }).bound(subject()), undefined);
    assert.equal(index([], { entries: [entry({ evidence: 'started' })] }).bound(subject()), undefined);
  });

  it('is no worktree beside, of another host, or above', () => {
    for (const other of [
      subject({ directory: `${worktree.directory}-old` }),
      subject({ directory: '/src/platform.worktrees' }),
      { ...inside, host: 'devserver' },
      subject(),
    ])
      assert.equal(index([], { worktrees: [worktree] }).bound(other), undefined);
  });

  it('is no worktree that a path only seems to lie in', () => {
    for (const directory of [`${worktree.directory}/../PAY-4`, `${worktree.directory}/x/../../y`])
      assert.equal(index([], { worktrees: [worktree] }).bound(subject({ directory })), undefined);
    for (const directory of [`${worktree.directory}/`, `${worktree.directory}/..x`])
      assert.equal(index([], { worktrees: [worktree] }).bound(subject({ directory }))?.key, 'PAY-3');
  });

  it('is no worktree that was made long after the session had ended', () => {
    const day = 86_400_000;
    const made = { ...worktree, createdAt: 10 * day };
    const at = (lastActivity: number) =>
      index([], { worktrees: [made] }).bound({ ...inside, lastActivity })?.key;
    assert.deepEqual([at(8 * day), at(9.5 * day), at(20 * day)], [undefined, 'PAY-3', 'PAY-3']);
  });

  it('is the innermost of two worktrees', () => {
    const inner = { ...worktree, key: 'PAY-9', directory: `${worktree.directory}/src` };
    for (const worktrees of [
      [worktree, inner],
      [inner, worktree],
    ])
      // prettier-ignore
      assert.equal(index([], { worktrees }).bound(inside)?.key, 'PAY-9');
  });

  it('is not what the user took back, but something else may be', () => {
    const without = (key: string): LedgerEntry[] => [entry({ evidence: 'unlinked', key })];
    assert.equal(index(byRecord, { entries: without('PAY-2') }).bound(subject()), undefined);
    assert.deepEqual(
      index(byRecord, { entries: without('PAY-2') }).candidates(subject({ name: 'PAY-2' })),
      [],
    );
    assert.equal(index(byRecord, { entries: without('PAY-1') }).bound(subject())?.key, 'PAY-2');
    const seen = entry({ evidence: 'seen', key: 'PAY-2' });
    const elsewhere = entry({ evidence: 'unlinked', key: 'PAY-2', host: 'devserver' });
    assert.equal(index(byRecord, { entries: [seen, elsewhere] }).bound(subject()), undefined);
    const rejected = [entry({ evidence: 'unlinked', key: 'PAY-9', rejected: ['PAY-2'] })];
    assert.equal(index(byRecord, { entries: rejected }).bound(subject()), undefined);
    const worktrees = [worktree];
    assert.equal(index(byRecord, { entries: without('PAY-3'), worktrees }).bound(inside)?.key, 'PAY-2');
    assert.equal(index(byRecord, { entries: without('PAY-2'), worktrees }).bound(inside)?.key, 'PAY-3');
  });

  it('is no task by an id that was put into an old comment, where another issue names the session too', () => {
    const hour = 3_600_000;
    const old = { issueKey: 'PAY-4', sessionId: id(1), created: 10 * hour };
    const true_ = issue('PAY-7', {
      claims: [claim({ issueKey: 'PAY-7', sessionId: id(1), created: 21 * hour })],
    });
    const bind = (fields: Partial<RecordClaim>) =>
      index([issue('PAY-4', { claims: [claim({ ...old, ...fields })] }), true_]);
    const subject = { sessionId: id(1), host: 'laptop', firstActivity: 20 * hour };

    const forged = bind({ updated: 30 * hour });
    assert.equal(forged.bound(subject), undefined);
    assert.deepEqual(
      forged.candidates(subject).map(({ key }) => key),
      ['PAY-4', 'PAY-7'],
    );
    assert.equal(bind({}).bound(subject)?.key, 'PAY-4', 'unedited, it was written before the session began');
    assert.equal(
      bind({ created: 20 * hour, updated: 30 * hour }).bound(subject)?.key,
      'PAY-4',
      'our own, moved on',
    );
  });

  it('is decided on one host for the others, and by each host for itself', () => {
    const started = entry({ key: 'PAY-1', host: 'laptop' });
    const seen = entry({ evidence: 'seen', host: 'devserver' });
    const linked = entry({ evidence: 'linked', key: 'PAY-5', host: 'devserver' });
    for (const entries of [
      [started, seen],
      [seen, started],
    ])
      // prettier-ignore
      for (const host of ['laptop', 'devserver', 'other'])
        assert.equal(index([], { entries }).bound(subject({ host }))?.key, 'PAY-1');
    const both = index([], { entries: [started, linked] });
    assert.equal(both.bound(subject())?.key, 'PAY-1');
    assert.equal(both.bound(subject({ host: 'devserver' }))?.key, 'PAY-5');
    assert.equal(both.bound(subject({ host: 'other' })), undefined);
    const agreed = index([], { entries: [started, { ...linked, key: 'PAY-1' }] });
    assert.equal(agreed.bound(subject({ host: 'other' }))?.key, 'PAY-1');
  });
});

describe('records of a session', () => {
  it('give it to the issue of the earliest, whatever the order of issues', () => {
    const issues = [recorded('PAY-4', 30), recorded('PAY-2', 20), recorded('PAY-7', 40)];
    for (const order of [issues, issues.toReversed()]) {
      const claimed = claimedSessions(order).get(id(1));
      assert.equal(claimed?.record.issueKey, 'PAY-2');
      assert.deepEqual(claimed?.others.toSorted(), ['PAY-4', 'PAY-7']);
    }
  });

  it('of one millisecond count by their comments, which Jira numbers', () => {
    const on = (key: string, commentId: string) =>
      issue(key, { claims: [claim({ issueKey: key, sessionId: id(1), commentId })] });
    assert.equal(claimedSessions([on('PAY-4', '1000'), on('PAY-2', '999')]).get(id(1))?.record.issueKey, 'PAY-2'); // prettier-ignore
  });

  it('are read together: the newest line of each field', () => {
    const first = claim({ sessionId: id(1), host: 'a', directory: '/a', created: 1 });
    const second = claim({ sessionId: id(1), host: 'b', created: 2 });
    const { record } = claimedSessions([issue('PAY-1', { claims: [first, second] })]).get(id(1))!;
    assert.equal(record.host, 'b');
    assert.equal(record.directory, '/a');
    assert.equal(record.created, 1);
  });

  it('that come later elsewhere make candidates there', () => {
    const both = index([recorded('PAY-2', 10), recorded('PAY-4', 20), recorded('PAY-45', 30)]);
    assert.deepEqual(both.candidates(subject()), [
      { key: 'PAY-4', score: 80, reason: 'a later record on this task names it' },
      { key: 'PAY-45', score: 80, reason: 'a later record on this task names it' },
    ]);
  });

  it('say what kind it is, by the newest that tells', () => {
    const kind = (...titles: Parameters<typeof claim>[0][]) =>
      kindOf(claimedSessions([issue('PAY-1', { claims: titles.map((fields, at) => claim({ sessionId: id(1), created: at, ...fields })) })]).get(id(1))?.record, undefined); // prettier-ignore
    assert.equal(kind({ title: 'AI Analysis Started' }, { title: 'Approval Requested' }), 'analysis');
    assert.equal(kind({ title: 'AI Analysis Complete' }, { title: 'AI Implementation Started' }), 'implementation'); // prettier-ignore
    assert.equal(kind({ title: 'AI Handoff' }), 'other');
    assert.equal(kindOf(undefined, undefined), 'other');
    assert.equal(kindOf(undefined, entry({ kind: 'implementation' })), 'implementation');
  });
});

describe('binding', () => {
  const key = fc.constantFrom('PAY-1', 'PAY-4', 'PAY-45', 'PAY-450', 'XPAY-4');
  const host = fc.constantFrom('laptop', 'devserver');
  const sessionId = fc.constantFrom(id(1), id(2));
  const directory = fc.constantFrom('/w/PAY-1', '/w/PAY-1/src', '/w/PAY-1x', '/w/PAY-45', '/');
  const text = fc.option(fc.constantFrom('task/PAY-4-analysis', 'PAY-45', 'PAY-1 PAY-4', 'x'), { nil: undefined }); // prettier-ignore
  const ledger = fc.record({
    entries: fc.array(
      fc
        .record({
          sessionId,
          host,
          key: fc.option(key, { nil: undefined }),
          evidence: fc.constantFrom('started', 'linked', 'unlinked', 'seen'),
        })
        .map(({ key: of, ...rest }) => entry({ ...rest, ...(of !== undefined && { key: of }) })),
      { maxLength: 4 },
    ),
    worktrees: fc.array(fc.record({ key, host, directory, createdAt: fc.constant(1) }), { maxLength: 3 }),
  });
  const issues = fc
    .array(fc.record({ issueKey: key, sessionId, created: fc.nat(5) }), { maxLength: 6 })
    .map((claims) =>
      [...groupBy(claims, (one) => one.issueKey)].map(([of, own]) =>
        issue(of, { claims: own.map((fields) => claim(fields)) }),
      ),
    );
  const anySubject = fc.record({ sessionId, host, directory, branch: text, name: text, firstPrompt: text });

  it('never gives a session to a task that its evidence does not name', () => {
    fc.assert(
      fc.property(issues, ledger, anySubject, (all, known, one) => {
        const bound = bindingIndex(all, known).bound(one);
        if (!bound) return;
        const own = known.entries.filter((each) => each.sessionId === one.sessionId && each.key === bound.key); // prettier-ignore
        const named =
          own.some(({ evidence }) => evidence === 'started' || evidence === 'linked') ||
          known.worktrees.some(
            (made) =>
              made.key === bound.key &&
              made.host === one.host &&
              `${one.directory}/`.startsWith(`${made.directory}/`),
          ) ||
          all.some(({ key: of, claims }) => of === bound.key && claims.some((each) => each.sessionId === one.sessionId)); // prettier-ignore
        assert.ok(named);
        // Nor against the user's word on that host.
        assert.ok(bound.evidence === 'ledger' || !own.some((each) => each.host === one.host && each.evidence === 'unlinked')); // prettier-ignore
      }),
      { numRuns: 2000 },
    );
  });
});
