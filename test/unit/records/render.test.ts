import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { RecordFields } from '../../../src/model/record/record';
import { isDirectory, isDocName } from '../../../src/model/record/fields';
import { placeFor } from '../../../src/model/links/recordPlace';
import { isBranchName } from '../../../src/model/names';
import { fieldsOf } from '../../../src/model/record/merge';
import { recordTitles } from '../../../src/model/record/parse';
import { type RecordPlace, recordText } from '../../../src/model/record/text';
import { claimsOf } from '../../../src/sources/jira/comments';
import { recordAdf } from '../../../src/sources/jira/markup/recordAdf';
import { recordWiki } from '../../../src/sources/jira/markup/recordWiki';
import { adfProblem } from '../../jira/text/adfCheck';
import { otherId, sessionId } from './shapes';

const place: RecordPlace = { issueKey: 'JIRA-456' };
const pat = { id: 'pat', name: 'Pat' };

const read = (body: unknown): RecordFields[] =>
  claimsOf({ id: '1', author: pat, updateAuthor: pat, created: 1, updated: 1, body }, 'JIRA-456').map(
    fieldsOf,
  );

const pastedAdf = (lines: string[]): unknown => ({
  type: 'doc',
  version: 1,
  content: [{ type: 'codeBlock', content: [{ type: 'text', text: lines.join('\n') }] }],
});

/** In a code block an approval is only shown. */
const inCode = ({ title, ...fields }: RecordFields): RecordFields => ({
  ...fields,
  title: title === 'Approved for Implementation' ? 'Approval Requested' : title,
});

const renderings: Readonly<Record<string, (fields: RecordFields) => unknown>> = {
  ADF: (fields) => recordAdf(fields, place),
  'wiki markup': (fields) => recordWiki(fields, place),
  'plain lines': (fields) => pastedAdf(recordText(fields, place)),
  'ADF with links': (fields) => recordAdf(fields, linkedPlace(fields)),
  'wiki markup with links': (fields) => recordWiki(fields, linkedPlace(fields)),
};

const linkedPlace = ({ branch, commit }: RecordFields): RecordPlace =>
  placeFor({
    issueKey: 'JIRA-456',
    remoteUrl: 'git@github.com:acme/platform.git',
    branch,
    commit,
    docsDirectory: 'docs/tasks/${key}',
  });

/** A person's request for changes is rendered as their own words (remark.ts). */
const rendered = recordTitles.filter((title) => title !== 'Changes Requested');

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
      title: fc.constantFrom(...rendered),
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
      editorUrl: path.map((name) => new URL(`https://go.example/${name}`).href),
    },
    { requiredKeys: ['title', 'sessionId'], noNullPrototype: true },
  ); // prettier-ignore

  for (const [name, render] of Object.entries(renderings))
    it(`reads back as itself from ${name}`, () => {
      fc.assert(
        fc.property(record, (fields) => {
          const said = name === 'plain lines' ? inCode(fields) : fields;
          const body = render(said);
          assert.deepEqual(read(body), [{ ...said }]);
          if (typeof body === 'object') assert.equal(adfProblem(body), undefined);
        }),
        { numRuns: 500 },
      );
    });

  const complete: RecordFields = {
    title: 'AI Analysis Complete',
    sessionId,
    host: 'devserver',
    directory: '/srv/platform',
    branch: 'task/JIRA-456-analysis',
    commit: '3f2c9d10aa',
    docs: ['task_desc.md'],
    webTerminal: 'https://term.example.com/?arg=JIRA-456-5f1d9b2e',
    status: 'Awaiting Developer Review',
  };

  it('is a panel with a lozenge and links in ADF', () => {
    const [panel] = recordAdf(complete, linkedPlace(complete)).content;
    assert.deepEqual(panel!['attrs'], { panelType: 'success' });
    const nodes = JSON.stringify(panel);
    assert.ok(nodes.includes('{"type":"status","attrs":{"text":"Complete","color":"green"}}'));
    const links = [
      ...nodes.matchAll(/"text":"([^"]*)","marks":\[\{"type":"link","attrs":\{"href":"([^"]*)"/g),
    ];
    assert.deepEqual(
      links.map(([, text, href]) => [text, href]),
      [
        ['task/JIRA-456-analysis', 'https://github.com/acme/platform/tree/task/JIRA-456-analysis'],
        ['3f2c9d10aa', 'https://github.com/acme/platform/commit/3f2c9d10aa'],
        [complete.webTerminal, complete.webTerminal],
        [
          'task_desc.md',
          'https://github.com/acme/platform/blob/task/JIRA-456-analysis/docs/tasks/JIRA-456/task_desc.md',
        ],
      ],
    );
  });

  it('is a coloured panel with links in wiki markup', () => {
    const lines = recordWiki(complete, linkedPlace(complete)).split('\n');
    assert.equal(
      lines[0],
      '{panel:title=AI Analysis Complete|borderStyle=solid|borderColor=#006644|titleBGColor=#e3fcef}',
    );
    for (const line of [
      '*Branch:* [task/JIRA-456-analysis|https://github.com/acme/platform/tree/task/JIRA-456-analysis]',
      '*Commit:* [3f2c9d10aa|https://github.com/acme/platform/commit/3f2c9d10aa]',
      '*Web terminal:* https://term.example.com/?arg=JIRA-456-5f1d9b2e',
    ])
      assert.ok(lines.includes(line), line);
  });

  it('goes without links where they would make it too long', () => {
    const names = Array.from({ length: 50 }, (_, at) => `${at}${'é'.repeat(150)}.md`);
    const long = { ...complete, directory: `/srv/${'a/'.repeat(2000)}b`, docs: names };
    for (const render of [recordAdf, recordWiki]) {
      const body = render(long, linkedPlace(long));
      assert.ok(JSON.stringify(body).length < 30_000);
      assert.ok(!JSON.stringify(body).includes('https://github.com'));
      assert.deepEqual(read(body), [long]);
    }
  });

  it('has a look of its own for each title', () => {
    for (const title of rendered) {
      const body = recordAdf({ title, sessionId }, place);
      assert.equal(adfProblem(body), undefined);
      assert.equal(JSON.stringify(body).split('"type":"status"').length, 2, title);
      assert.deepEqual(read(body), [{ title, sessionId }]);
    }
  });
});
