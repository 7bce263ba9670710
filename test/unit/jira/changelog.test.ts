import assert from 'node:assert/strict';
import { parseChangelog } from '../../../src/sources/jira/dialect/parse';

describe('a changelog', () => {
  const moved = { field: 'status', toString: 'Approved' };
  const changesOf = (item: object): string[] =>
    parseChangelog({
      values: [{ author: { accountId: 'dana' }, created: '2026-08-24T10:50:03.000+0000', items: [item] }],
    }).changes.map(({ to, author }) => `${author.id}: ${to}`);

  it('tells who moved the issue where', () => {
    assert.deepEqual(changesOf({ ...moved, fieldtype: 'jira', fieldId: 'status' }), ['dana: Approved']);
    assert.deepEqual(changesOf({ ...moved, fieldtype: 'jira' }), ['dana: Approved']);
    assert.deepEqual(changesOf(moved), ['dana: Approved']);
  });

  it('takes no field that somebody called “status” for it', () => {
    assert.deepEqual(changesOf({ ...moved, fieldtype: 'custom' }), []);
    assert.deepEqual(changesOf({ ...moved, fieldtype: 'jira', fieldId: 'customfield_10020' }), []);
  });
});
