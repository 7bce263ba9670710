import assert from 'node:assert/strict';
import { narrowed, splitJql, updatedWithin } from '../../../src/sources/jira/jql';

const cases: { jql: string; where: string; orderBy: string }[] = [
  { jql: 'project = PAY', where: 'project = PAY', orderBy: '' },
  { jql: 'project = PAY ORDER BY updated DESC', where: 'project = PAY', orderBy: 'ORDER BY updated DESC' },
  { jql: 'project = PAY\n order\t\n by rank', where: 'project = PAY', orderBy: 'order\t\n by rank' },
  { jql: 'ORDER BY updated', where: '', orderBy: 'ORDER BY updated' },
  { jql: '  Order By updated ', where: '', orderBy: 'Order By updated' },
  { jql: '', where: '', orderBy: '' },
  { jql: 'summary ~ "order by x"', where: 'summary ~ "order by x"', orderBy: '' },
  { jql: "summary ~ 'a order by' ORDER BY key", where: "summary ~ 'a order by'", orderBy: 'ORDER BY key' },
  { jql: 'summary ~ "a \\" order by b"', where: 'summary ~ "a \\" order by b"', orderBy: '' },
  { jql: 'summary ~ "a \\\\" order by b', where: 'summary ~ "a \\\\"', orderBy: 'order by b' },
  { jql: `summary ~ "it's" order by b`, where: `summary ~ "it's"`, orderBy: 'order by b' },
  { jql: `summary ~ it\\'s order by b`, where: `summary ~ it\\'s`, orderBy: 'order by b' },
  { jql: 'key in (A-1)ORDER BY key', where: 'key in (A-1)', orderBy: 'ORDER BY key' },
  { jql: 'reorder by = 1', where: 'reorder by = 1', orderBy: '' },
  { jql: 'ORDER BYTE', where: 'ORDER BYTE', orderBy: '' },
  { jql: '"order" = 1 order by "Order By"', where: '"order" = 1', orderBy: 'order by "Order By"' },
  { jql: 'summary ~ "unclosed order by x', where: 'summary ~ "unclosed order by x', orderBy: '' },
  { jql: 'issue in f("(") ORDER BY x', where: 'issue in f("(")', orderBy: 'ORDER BY x' },
  { jql: 'summary ~ "Größe" ORDER BY größe', where: 'summary ~ "Größe"', orderBy: 'ORDER BY größe' },
];

describe('JQL', () => {
  for (const { jql, where, orderBy } of cases)
    it(`splits ${JSON.stringify(jql)}`, () => assert.deepEqual(splitJql(jql), { where, orderBy }));

  it('narrows whatever binds more loosely than AND', () => {
    assert.equal(
      updatedWithin('assignee = me OR reporter = me ORDER BY rank', 4),
      '(assignee = me OR reporter = me) AND updated >= -4m ORDER BY rank',
    );
  });

  it('narrows an ordering alone, and nothing at all', () => {
    assert.equal(updatedWithin('ORDER BY updated', 2.2), 'updated >= -3m ORDER BY updated');
    assert.equal(narrowed('', 'a = 1'), 'a = 1');
  });

  it('takes time linear in the text', () => {
    const start = performance.now();
    splitJql(`summary ~ "x" AND ${'order '.repeat(200_000)}`);
    splitJql(`order${' '.repeat(100_000)}`.repeat(3));
    assert.ok(performance.now() - start < 2000);
  });
});
