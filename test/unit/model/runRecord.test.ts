import assert from 'node:assert/strict';
import { nextTryAt, type OwedWrite } from '../../../src/model/binding/ledger';
import { recordText } from '../../../src/model/record/text';
import { changesRequestedStatus } from '../../../src/model/record/record';
import { isDue, staleClaim } from '../../../src/model/run/settlement/due';
import type { RunOrder } from '../../../src/model/run/order';
import type { Run, RunState } from '../../../src/model/run/run';
import { phaseFor, runRecord } from '../../../src/model/run/settlement/runRecord';
import { claim, dana, id } from './examples';

const states = {
  starting: { kind: 'starting', reached: 'branch' },
  queued: { kind: 'queued', since: 1 },
  running: { kind: 'running', step: 'analysis', since: 1 },
  interrupted: { kind: 'interrupted', step: 'analysis', since: 1, rebooted: true },
  stopped: { kind: 'stopped', step: 'analysis', at: 1 },
  failed: {
    kind: 'failed',
    step: 'push',
    at: 1,
    failure: { kind: 'pushRejected', message: 'The push was rejected.', next: 'Merge, then continue.' },
  },
  complete: { kind: 'complete', at: 1, commit: 'c'.repeat(40) },
} satisfies { [Kind in RunState['kind']]: Extract<RunState, { kind: Kind }> };

const order: RunOrder = {
  schema: 1,
  id: id(9),
  kind: 'analysis',
  key: 'PAY-1',
  startedBy: dana,
  host: 'laptop',
  sessionId: id(1),
  reviewId: id(2),
  repository: '/srv/platform',
  directory: '/srv/w',
  branch: 'task/PAY-1-analysis',
  base: { branch: 'main', commit: 'a'.repeat(40) },
  remote: 'origin',
  docs: { directory: 'docs', names: ['task_desc.md'] },
  flags: [],
  createdAt: 1,
};

describe('the record of a run', () => {
  for (const [kind, title, status, phase] of [
    ['starting', 'AI Analysis Started', 'Starting', 'analyzing'],
    ['queued', 'AI Analysis Started', 'Waiting for a place', 'analyzing'],
    ['running', 'AI Analysis Started', 'Running', 'analyzing'],
    ['interrupted', 'AI Analysis Failed', 'Interrupted', undefined],
    ['stopped', 'AI Analysis Failed', 'Stopped', undefined],
    ['failed', 'AI Analysis Failed', 'Failed', undefined],
    ['complete', 'AI Analysis Complete', 'Awaiting Developer Review', 'awaitingReview'],
  ] as const)
    it(`says "${title}", "${status}" of one that is ${kind}`, () => {
      const fields = runRecord(order, { state: states[kind], docs: [] });
      assert.deepEqual(
        [fields.title, fields.status, phaseFor('analysis', states[kind])],
        [title, status, phase],
      );
    });

  it('is what a person reads, with the reason and the next step', () => {
    const whole = { ...order, continues: id(3) };
    const lines = (state: RunState): string[] =>
      recordText(runRecord(whole, { state, docs: ['task_desc.md', '../x'] }), {
        issueKey: 'PAY-1',
        withoutCommand: true,
      });
    const where = [
      `Session ID: ${id(1)}`,
      `Continues: ${id(3)}`,
      'Host: laptop',
      'Directory: /srv/w',
      'Branch: task/PAY-1-analysis',
    ];
    assert.deepEqual(lines(states.complete), [
      'AI Analysis Complete',
      ...where,
      `Commit: ${'c'.repeat(40)}`,
      'Docs generated:',
      '- task_desc.md',
      'Status: Awaiting Developer Review',
    ]);
    assert.deepEqual(lines(states.failed).slice(-2), [
      'Reason: The push was rejected. Merge, then continue.',
      'Status: Failed',
    ]);
    assert.match(lines(states.interrupted).join(), /The host was started anew/);
  });

  it('says of an implementation what it is', () => {
    const implementation = { ...order, kind: 'implementation' as const };
    assert.equal(
      runRecord(implementation, { state: states.running, docs: [] }).title,
      'AI Implementation Started',
    );
    assert.equal(phaseFor('implementation', states.complete), 'inReview');
    assert.equal(phaseFor('handoff', states.running), undefined);
  });
});

const run = (fields: Partial<Run> = {}): Run => ({
  id: id(9),
  kind: 'analysis',
  key: 'PAY-1',
  host: 'laptop',
  sessionId: id(1),
  directory: '/srv/w',
  branch: 'b',
  startedBy: 'Dana',
  mine: true,
  createdAt: 1,
  state: states.complete,
  steps: [],
  docs: [],
  settled: false,
  lines: 9,
  logs: [],
  ...fields,
});
const says = (kind: keyof typeof states, more: object = {}) =>
  claim({ ...runRecord(order, { state: states[kind], docs: [] }), author: dana, ...more });

describe('a run is due', () => {
  const told = { settledLines: 9, settledAs: 'complete' };
  for (const [what, due, of, mine, claims] of [
    ['one of ours that ended', true, {}, { settledLines: 3, settledAs: 'running' }, []],
    ['not: told, and marked', false, { settled: true }, told, []],
    ['told, but not marked on its host', true, {}, told, []],
    ['one of ours that somebody else has settled', true, { settled: true }, { settledLines: 3 }, [says('complete')]],
    ['a waiting one that works now', true, { state: states.running }, { settledLines: 1, settledAs: 'queued' }, []],
    ['not: a step more of one that works', false, { state: states.running }, { settledLines: 1, settledAs: 'running' }, []],
    ['not: one that is not launched', false, { state: states.starting }, { settledLines: 0 }, []],
    ['one that was killed after all was told', true, { state: states.interrupted, settled: true }, { ...told, settledAs: 'running' }, []],
    ['not: killed, and told', false, { state: states.interrupted, settled: true }, { ...told, settledAs: 'interrupted' }, []],
    ['somebody’s that ended', true, {}, undefined, []],
    ['not: somebody’s that is settled', false, { settled: true }, undefined, [says('running')]],
    ['not: somebody’s that works', false, { state: states.running }, undefined, [says('running')]],
    ['somebody’s that works again', true, { state: states.running }, undefined, [says('failed')]],
    ['somebody’s that was killed', true, { state: states.interrupted, settled: true }, undefined, [says('running')]],
    ['not: somebody’s of no task that is listed', false, { state: states.running }, undefined, undefined],
  ] as [string, boolean, Partial<Run>, Parameters<typeof isDue>[1], ReturnType<typeof says>[] | undefined][])
    it(what, () => assert.equal(isDue(run(of), mine, claims), due)); // prettier-ignore

  it('again where our own record was left behind, but not where people changed it or took it away', () => {
    const stale = (...claims: ReturnType<typeof says>[]) => staleClaim(run(), claims, dana.name)?.commentId;
    const late = says('running', { updated: 20 });
    assert.equal(stale(says('complete', { updated: 10 }), late), late.commentId);
    assert.equal(stale(says('running', { updated: 5 }), says('complete', { updated: 10 })), undefined);
    assert.equal(stale({ ...late, updateAuthor: { id: 'pat', name: 'Pat' } }), undefined);
    assert.equal(stale(), undefined);
    assert.equal(stale(says('running', { status: 'Linked by Dana' })), undefined);
    // What came after its end.
    assert.equal(stale(says('complete', { title: 'Approval Requested', updated: 30 })), undefined);
    assert.equal(stale(says('complete', { status: changesRequestedStatus, updated: 30 })), undefined);
  });
});

describe('what is owed', () => {
  const minute = 60_000;
  for (const [attempts, refused, pause] of [
    [1, false, minute],
    [2, false, 2 * minute],
    [9, false, 15 * minute],
    [1, true, 60 * minute],
    [900, true, 24 * 60 * minute],
  ] as const)
    it(`is tried again after ${pause / minute} min: ${attempts} attempts${refused ? ', refused' : ''}`, () => {
      const write = { attempts, triedAt: 7, ...(refused && { refused }) } as OwedWrite;
      assert.equal(nextTryAt(write), 7 + pause);
    });

  it('is tried at once where nobody has', () => assert.equal(nextTryAt({ attempts: 0, triedAt: 7 }), 0));
});
