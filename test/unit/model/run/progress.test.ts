import assert from 'node:assert/strict';
import { pendingRun, runOf, stateOf } from '../../../../src/model/run/progress';
import type { RunReading, RunState, RunStepState } from '../../../../src/model/run/run';
import { clock } from '../examples';
import { ledgerRun, lines, log, order, reading } from './examples';

const retry = { attempt: 3, of: 10, status: 529, error: 'overloaded' };
const begun = ['run started', 'wait done', 'analysis started'] as const;
const all = ['run started', 'wait done', 'analysis started', 'analysis done', 'documents done', 'review done', 'commit done', 'push done'] as const; // prettier-ignore

interface Case {
  name: string;
  of: RunReading;
  /** Without times and failures. */
  is: Partial<RunState>;
  at?: number;
  steps?: string;
}

/** `✓ wait ◐ analysis`: what is to do is left out. */
const marks: Record<RunStepState['state'], string> = { todo: '', doing: '◐', done: '✓', failed: '×' };
const stepText = (steps: readonly RunStepState[]): string =>
  steps.flatMap(({ step, state }) => (marks[state] ? [`${marks[state]} ${step}`] : [])).join(' ');

const cases: Case[] = [
  { name: 'placed, not launched', of: reading([]), is: { kind: 'starting', reached: 'record' } },
  { name: 'just begun', of: reading(lines('run started')), is: { kind: 'queued' }, at: 0 },
  { name: 'waits for a place', of: reading(lines('run started', 'wait started')), is: { kind: 'queued' }, at: 1, steps: '◐ wait' },
  { name: 'has a place', of: reading(lines('run started', 'wait done')), is: { kind: 'running', step: 'analysis' }, at: 1, steps: '✓ wait' },
  { name: 'writes', of: reading(lines(...begun)), is: { kind: 'running', step: 'analysis' }, at: 2, steps: '✓ wait ◐ analysis' },
  { name: 'life unknown', of: { ...reading(lines(...begun)), alive: undefined } as unknown as RunReading, is: { kind: 'running', step: 'analysis' } },
  { name: 'Claude tries again', of: reading(lines(...begun), { logs: [log('analysis', { retry })] }), is: { kind: 'running', step: 'analysis', retry } },
  { name: 'an earlier turn tried again', of: reading(lines(...begun, 'analysis done', 'documents missing'), { logs: [log('analysis', { retry })] }), is: { kind: 'running', step: 'documents' } },
  { name: 'asks for missing ones', of: reading(lines(...begun, 'analysis done', 'documents missing', 'documents started')), is: { kind: 'running', step: 'documents' }, at: 5, steps: '✓ wait ✓ analysis ◐ documents' },
  { name: 'goes on to the review', of: reading(lines(...begun, 'analysis done', 'documents done')), is: { kind: 'running', step: 'review' } },
  { name: 'goes on without a review', of: reading(lines(...begun, 'analysis done', 'documents done'), { order: withoutReview() }), is: { kind: 'running', step: 'commit' } },
  { name: 'killed', of: reading(lines(...begun), { alive: false }), is: { kind: 'interrupted', step: 'analysis', rebooted: false }, at: 2, steps: '✓ wait' },
  { name: 'the host was started anew', of: reading(lines(...begun), { alive: false, rebooted: true }), is: { kind: 'interrupted', step: 'analysis', rebooted: true } },
  { name: 'killed before its last line', of: reading(lines(...all), { alive: false }), is: { kind: 'interrupted', step: 'push' } },
  { name: 'failed', of: reading(lines(...begun, 'analysis failed', 'run failed'), { alive: false }), is: { kind: 'failed', step: 'analysis' }, at: 4, steps: '✓ wait × analysis' },
  { name: 'failed, and is about to end', of: reading(lines(...begun, 'analysis failed', 'run failed')), is: { kind: 'failed', step: 'analysis' } },
  { name: 'failed without a word', of: reading(lines('run started', 'run failed')), is: { kind: 'failed', step: 'wait' } },
  { name: 'works again after it failed', of: reading(lines(...begun, 'analysis failed', 'run failed', 'run started', 'analysis started')), is: { kind: 'running', step: 'analysis' }, at: 6, steps: '✓ wait ◐ analysis' },
  { name: 'waits again after it failed', of: reading(lines(...begun, 'analysis failed', 'run failed', 'run started')), is: { kind: 'queued' }, steps: '✓ wait' },
  { name: 'was killed again after it failed', of: reading(lines(...begun, 'analysis failed', 'run failed', 'run started', 'analysis started'), { alive: false }), is: { kind: 'interrupted', step: 'analysis' } },
  { name: 'stopped', of: reading(lines(...begun, 'run stopped'), { alive: false }), is: { kind: 'stopped', step: 'analysis' }, at: 3, steps: '✓ wait' },
  { name: 'complete', of: reading(lines(...all, ['run complete', { commit: 'abcdef1' }]), { alive: false }), is: { kind: 'complete', commit: 'abcdef1' }, at: 8, steps: '✓ wait ✓ analysis ✓ documents ✓ review ✓ commit ✓ push' },
  { name: 'complete, the commit told before', of: reading(lines(...all, ['commit done', { commit: 'abcdef1' }], 'run complete')), is: { kind: 'complete', commit: 'abcdef1' } },
]; // prettier-ignore

function withoutReview(): RunReading['order'] {
  const { reviewId: _, ...rest } = order();
  return rest;
}

describe('a run', () => {
  for (const { name, of, is, at, steps } of cases)
    it(`that ${name}`, () => {
      const state = stateOf(of);
      const { since, at: ended, failure: _, ...stands } = { since: 0, at: 0, failure: undefined, ...state };
      assert.deepEqual(stands, { ...stands, ...is });
      assert.equal('retry' in state, 'retry' in is);
      if (at !== undefined) assert.equal(since || ended, clock + at * 1000);
      if (steps !== undefined) assert.equal(stepText(runOf(of, 'devserver').steps), steps);
    });

  it('has the documents that it told of, once each, and its logs, newest last', () => {
    const said = lines(
      ['documents missing', { names: ['b.md'] }],
      ['documents done', { names: ['a.md', 'b.md'] }],
      ['review done', { names: ['a.md', 'critic.md'] }],
    );
    const logs = [log('review', { changedAt: clock + 9 }), log('analysis')];
    const { docs, logs: names, settled, lines: count } = runOf(reading(said, { logs, settledLines: 2 }), 'h');
    assert.deepEqual(docs, ['a.md', 'b.md', 'critic.md']);
    assert.deepEqual(names, ['analysis.jsonl', 'review.jsonl']);
    assert.deepEqual([settled, count], [false, 3]);
    assert.equal(runOf(reading(said, { settledLines: 3 }), 'h').settled, true);
  });

  it('is ours by the ledger, and on the host that told of it', () => {
    const told = runOf(reading(lines('run started')), 'build', ledgerRun());
    assert.deepEqual([told.mine, told.host, told.startedBy], [true, 'build', 'Pat']);
    assert.equal(runOf(reading([]), 'build').mine, false);
    assert.deepEqual(runOf(reading([]), 'build', ledgerRun({ reached: 'launch' })).state, { kind: 'starting', reached: 'launch' });
    const pending = pendingRun(ledgerRun({ reached: 'branch' }));
    assert.deepEqual(pending.state, { kind: 'starting', reached: 'branch' });
    assert.deepEqual([pending.mine, pending.settled, pending.host], [true, true, 'devserver']);
  }); // prettier-ignore
});
