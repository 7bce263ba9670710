import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { RecordFields } from '../../../src/model/record/record';
import { isDirectory, isDocName } from '../../../src/model/record/fields';
import { isBranchName } from '../../../src/model/names';
import { fieldsOf } from '../../../src/model/record/merge';
import { recordTitles } from '../../../src/model/record/parse';
import { type RecordPlace, recordText } from '../../../src/model/record/text';
import { claimsOf } from '../../../src/sources/jira/comments';
import { recordAdf } from '../../../src/sources/jira/markup/recordAdf';
import { recordWiki } from '../../../src/sources/jira/markup/recordWiki';
import { otherId, sessionId } from './shapes';

const place: RecordPlace = { issueKey: 'JIRA-456' };
const pat = { id: 'pat', name: 'Pat' };

const read = (body: unknown): RecordFields[] =>
  claimsOf({ id: '1', author: pat, updateAuthor: pat, created: 1, updated: 1, body }, 'JIRA-456').map(
    fieldsOf,
  );

const pastedAdf = (lines: string[]): unknown => ({
  type: 'doc',
  content: [{ type: 'codeBlock', content: [{ type: 'text', text: lines.join('\n') }] }],
});

const renderings: Readonly<Record<string, (fields: RecordFields) => unknown>> = {
  ADF: (fields) => recordAdf(fields, place),
  'wiki markup': (fields) => recordWiki(fields, place),
  'plain lines': (fields) => pastedAdf(recordText(fields, place)),
};

describe('a record as text', () => {
  it('is the lines of the design', () => {
    const lines = recordText(
      {
        title: 'AI Analysis Complete',
        sessionId,
        host: 'devserver',
        directory: '/srv/platform',
        branch: 'task/JIRA-456-analysis',
        commit: '3f2c9d10aa',
        docs: ['task_desc.md', 'solution_options.md'],
        status: 'Awaiting Developer Review',
      },
      place,
    );
    assert.deepEqual(lines, [
      'AI Analysis Complete',
      'Session ID: 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01',
      'Host: devserver',
      'Directory: /srv/platform',
      'Branch: task/JIRA-456-analysis',
      'Commit: 3f2c9d10aa',
      'Docs generated:',
      '- task_desc.md',
      '- solution_options.md',
      'To continue conversation:',
      String.raw`ssh -t devserver 'tmux -L task-sessions new -A -s JIRA-456-5f1d9b2e -c /srv/platform "exec \$SHELL -lc \"claude --resume 5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01\""'`,
      'Status: Awaiting Developer Review',
    ]);
  });

  it('leaves out what would not read back, and puts free text on one line', () => {
    const lines = recordText(
      {
        title: 'Approval Requested',
        directory: '/srv/ends with a blank ',
        reason: ' two\nlines ',
        documents: [{ path: '/etc/passwd', blob: 'abcdef0' }],
        docs: ['../x.md', 'x.md'],
      },
      place,
    );
    assert.deepEqual(lines, ['Approval Requested', 'Docs generated:', '- x.md', 'Reason: two lines']);
  });

  it('shows no command for an approval', () => {
    const lines = recordText({ title: 'Approved for Implementation', sessionId, host: 'devserver' }, place);
    assert.deepEqual(lines, ['Approved for Implementation', `Session ID: ${sessionId}`, 'Host: devserver']);
  });
});

describe('a rendered record', () => {
  const plain = { noNullPrototype: true };
  const part = fc.stringMatching(/^[A-Za-z0-9._@+=-]{1,12}$/);
  const odd = fc.string({
    unit: fc.constantFrom(...Array.from('ab _*-+~^!()[]{}|\\"\'`$&#;:,.?=<>%é😀')),
    minLength: 1,
    maxLength: 20,
  });
  const hex = fc.stringMatching(/^[0-9a-f]{7,40}$/);
  const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ');
  const free = odd.map(tidy).filter((text) => text !== '' && !/^[*`|\s]|[*`|\s]$/.test(text));
  const path = fc
    .array(
      part.filter((name) => !/^\.+$/.test(name)),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join('/'));
  const record: fc.Arbitrary<RecordFields> = fc.record(
    {
      title: fc.constantFrom(...recordTitles),
      sessionId: fc.uuid(),
      host: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9-]{0,20}$/),
      directory: fc.oneof(path, free).map((text) => `/${tidy(text)}`).filter((text) => isDirectory(text) && !/[*`|\s]$/.test(text)),
      branch: path.filter((name) => isBranchName(name) && !name.endsWith('.')),
      commit: hex,
      documents: fc.array(fc.record({ path, blob: hex }, plain), { minLength: 1, maxLength: 5 }),
      docs: fc.uniqueArray(fc.oneof(part, free).map((name) => `${name}.md`).filter((name) => isDocName(name) && !/: | [-–—(]/.test(name)), { minLength: 1, maxLength: 5 }),
      continues: fc.constant(otherId),
      step: fc.record({ current: fc.integer({ min: 1, max: 4 }), total: fc.integer({ min: 4, max: 9 }) }, plain),
      reason: free,
      status: free,
      remote: path.map((name) => new URL(`https://x.example/${name}`).href),
      webTerminal: odd.map((query) => new URL(`https://x.example/?q=${encodeURIComponent(query)}&z`).href),
    },
    { requiredKeys: ['title', 'sessionId'], noNullPrototype: true },
  ); // prettier-ignore

  for (const [name, render] of Object.entries(renderings))
    it(`reads back as itself from ${name}`, () => {
      fc.assert(
        fc.property(record, (fields) => assert.deepEqual(read(render(fields)), [{ ...fields }])),
        { numRuns: 500 },
      );
    });
});
