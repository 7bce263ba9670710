import assert from 'node:assert/strict';
import type { Run, RunState } from '../../../../src/model/run/run';
import { runNext, runSummary, runTrouble } from '../../../../src/model/run/words';
import { clock } from '../examples';
import { run } from './examples';

const failure = {
  kind: 'pushDenied',
  message: 'The remote refuses the push.',
  next: 'Give the right to push.',
} as const;
const retry = { attempt: 3, of: 10, status: 529 };
const goOn = /^Continue the run/;

const cases: [state: RunState, says: string, next?: RegExp | undefined, trouble?: string | undefined, fields?: Partial<Run>][] = [
  [{ kind: 'starting', reached: 'branch' }, 'analysis · starting, branch done', goOn],
  [{ kind: 'starting', reached: 'branch' }, 'analysis · starting, branch done', undefined, undefined, { mine: false }],
  [{ kind: 'queued', since: clock }, 'analysis · waits for a place · 3 min'],
  [{ kind: 'running', step: 'analysis', since: clock }, 'analysis · writing documents · 3 min'],
  [{ kind: 'running', step: 'analysis', since: clock }, 'implementation · working · 3 min', undefined, undefined, { kind: 'implementation' }],
  [{ kind: 'running', step: 'analysis', since: clock, retry }, 'analysis · API overloaded, try 3 of 10'],
  [{ kind: 'running', step: 'review', since: clock, retry: { attempt: 1, of: 2 } }, 'analysis · API does not answer, try 1 of 2'],
  [{ kind: 'running', step: 'review', since: clock, retry: { attempt: 1, of: 2, status: 429 } }, 'analysis · API takes no more requests, try 1 of 2'],
  [{ kind: 'running', step: 'review', since: clock, retry: { attempt: 1, of: 2, status: 502 } }, 'analysis · API answers 502, try 1 of 2'],
  [{ kind: 'interrupted', step: 'review', since: clock, rebooted: true }, 'analysis · interrupted: the host was started anew', goOn, 'analysis interrupted: the host was started anew'],
  [{ kind: 'interrupted', step: 'review', since: clock, rebooted: false }, 'analysis · interrupted: it was ended from outside', goOn, 'analysis interrupted: it was ended from outside'],
  [{ kind: 'stopped', step: 'review', at: clock }, 'analysis · stopped at review · 3 min', goOn, 'analysis stopped'],
  [{ kind: 'stopped', step: 'review', at: clock }, 'analysis · stopped at review · 3 min', goOn, undefined, { settled: true }],
  [{ kind: 'failed', step: 'push', at: clock, failure }, 'analysis · failed: The remote refuses the push.', /^Give the right/, 'analysis failed: The remote refuses the push.'],
  [{ kind: 'complete', at: clock }, 'analysis · complete · 3 min'],
]; // prettier-ignore

describe('a run in words', () => {
  for (const [state, says, next, trouble, fields] of cases)
    it(`is "${says}"${fields ? `, ${JSON.stringify(fields)}` : ''}`, () => {
      const one = run(state, fields);
      assert.equal(runSummary(one, clock + 180_000), says);
      assert.equal(runTrouble(one), trouble);
      if (next) assert.match(runNext(one) ?? '', next);
      else assert.equal(runNext(one), undefined);
    });
});
