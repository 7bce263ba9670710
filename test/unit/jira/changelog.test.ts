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

  it('tells moves to another project or type apart, which are no transitions', () => {
    const of = (...more: object[]) =>
      parseChangelog({
        values: [{ id: '7', created: '2026-08-24T10:50:03.000+0000', items: [moved, ...more] }],
      }).changes.map(({ isRelocated }) => isRelocated);
    for (const field of ['project', 'Key', 'Workflow', 'issuetype'])
      assert.deepEqual(of({ field, fieldtype: 'jira' }), [true]);
    assert.deepEqual(of({ field: 'resolution', fieldtype: 'jira' }), [undefined]);
  });

  it('takes accounts that Cloud only calls “unknown” for nobody’s, and knows an app', () => {
    const by = (author: object) =>
      parseChangelog({ values: [{ author, created: '2026-08-24T10:50:03.000+0000', items: [moved] }] })
        .changes[0]?.author;
    assert.deepEqual(by({ accountId: 'unknown', displayName: 'Former user' }), { id: '', name: 'Former user' });
    assert.deepEqual(by({ accountId: '5b', displayName: 'Bot', accountType: 'app' }), { id: '5b', name: 'Bot', isApp: true });
  }); // prettier-ignore

  it('takes no field that somebody called “status” for it', () => {
    assert.deepEqual(changesOf({ ...moved, fieldtype: 'custom' }), []);
    assert.deepEqual(changesOf({ ...moved, fieldtype: 'jira', fieldId: 'customfield_10020' }), []);
  });
});
