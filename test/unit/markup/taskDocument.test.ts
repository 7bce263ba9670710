import assert from 'node:assert/strict';
import type { IssueDetail } from '../../../src/model/task/issue';
import { taskMarkdown } from '../../../src/sources/jira/markup/taskDocument';
import { doc, paragraph } from '../records/shapes';

const pat = { id: 'pat', name: 'Pat [Manager](x)' };
const dana = { id: 'dana', name: 'Dana' };
const at = Date.UTC(2026, 10, 20, 9, 15);

const detail: IssueDetail = {
  key: 'PAY-456',
  url: 'https://jira.example/browse/PAY-456',
  summary: 'Refunds <b>charge</b> twice | sometimes',
  status: 'In Progress',
  priority: 'High',
  assignee: 'Dana',
  labels: ['ai', 'a|b'],
  created: at,
  updated: at + 60_000,
  description: doc(
    { type: 'heading', attrs: { level: 1 }, content: [{ type: 'text', text: 'Why' }] },
    paragraph('Because.'),
  ),
  comments: [
    {
      id: '2',
      author: dana,
      updateAuthor: pat,
      created: at + 2,
      updated: at + 3_600_000,
      body: 'second *wiki*',
    },
    { id: '1', author: pat, updateAuthor: pat, created: at, updated: at, body: doc(paragraph('first')) },
  ],
};

describe('the document of a task', () => {
  it('has title, fields, description and comments, oldest first', () => {
    assert.equal(
      taskMarkdown(detail),
      [
        '# [PAY-456](https://jira.example/browse/PAY-456) Refunds \\<b>charge\\</b> twice \\| sometimes',
        '',
        '| Field | Value |',
        '| --- | --- |',
        '| Status | In Progress |',
        '| Priority | High |',
        '| Assignee | Dana |',
        '| Labels | ai, a\\|b |',
        '| Created | 2026-11-20 09:15 UTC |',
        '| Updated | 2026-11-20 09:16 UTC |',
        '',
        '## Description',
        '',
        '### Why',
        '',
        'Because.',
        '',
        '## Comments (2)',
        '',
        '### Pat \\[Manager\\](x), 2026-11-20 09:15 UTC',
        '',
        'first',
        '',
        '### Dana, 2026-11-20 09:15 UTC (edited 2026-11-20 10:15 UTC by Pat \\[Manager\\](x))',
        '',
        'second **wiki**',
        '',
      ].join('\n'),
    );
  });

  it('says what is not there, and links nothing but what is safe', () => {
    const empty = {
      ...detail,
      url: 'command:x',
      labels: [],
      description: null,
      comments: [],
      created: Number.NaN,
    };
    const text = taskMarkdown(empty);
    assert.match(text, /^# PAY-456 Refunds/);
    assert.match(text, /_No description\._\n\n## Comments \(0\)\n\n_No comments\._\n$/);
    assert.match(text, /\| Created \| unknown \|/);
    assert.doesNotMatch(text, /Labels/);
  });
});
