import assert from 'node:assert/strict';
import { refuseOther, shownOf, type ShownRun } from '../../../src/actions/run/start/implementation/shown';
import type { RunOrder } from '../../../src/model/run/order';
import { order } from '../model/run/examples';

const implementation = {
  commit: 'a'.repeat(40),
  approvedBy: 'Pat',
  approvedAt: 1,
  documents: [{ path: 'docs/plan.md', blob: 'b'.repeat(40) }],
  steps: [{ title: 'One' }, { title: 'Two' }],
  checks: ['npm test'],
  spares: [],
};
const ordered = (fields: object = {}): RunOrder =>
  order({ kind: 'implementation', implementation: { ...implementation, ...fields } });

describe('an implementation that was shown before its start', () => {
  const shown = shownOf(ordered())!;
  const saying = (now: RunOrder, was: ShownRun = shown): string => {
    try {
      refuseOther(now, was);
      return 'begins';
    } catch (error) {
      return /: (.*) changed meanwhile/.exec((error as Error).message)?.[1] ?? String(error);
    }
  };

  it('begins where it is the same, whoever it goes on with', () => {
    assert.equal(saying(ordered({ spares: ['x'], approvedAt: 2 })), 'begins');
    assert.equal(saying({ ...ordered(), sessionId: 'other', createdAt: 5 }), 'begins');
    assert.equal(shownOf(order()), undefined);
  });

  const changes: [what: string, now: RunOrder][] = [
    ['the approved commit', ordered({ commit: 'c'.repeat(40) })],
    ['the approved documents', ordered({ documents: [] })],
    ['the steps', ordered({ steps: [{ title: 'Two' }, { title: 'One' }] })],
    ['the checks', ordered({ checks: [] })],
    ['the host', { ...ordered(), host: 'elsewhere' }],
    ['the branch', { ...ordered(), branch: 'task/other' }],
    ['the directory', { ...ordered(), directory: '/elsewhere' }],
    ['the approved commit, the checks', ordered({ commit: 'c'.repeat(40), checks: ['true'] })],
  ];
  for (const [what, now] of changes)
    it(`does not begin where ${what} changed`, () => assert.equal(saying(now), what));
});
