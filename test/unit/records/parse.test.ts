import assert from 'node:assert/strict';
import type { RecordClaim, RecordFields } from '../../../src/model/record/record';
import { fieldsOf } from '../../../src/model/record/merge';
import { parseRecords, recordTitles, titleOf } from '../../../src/model/record/parse';
import { recordBody } from '../../../src/sources/jira/records/body';
import { claimsOf } from '../../../src/sources/jira/comments';
import {
  code,
  doc,
  item,
  node,
  otherId,
  paragraph,
  plainLines,
  row,
  sessionId,
  shapes,
  text,
} from './shapes';

const pat = { id: 'pat', name: 'Pat' };

function claims(body: unknown): RecordClaim[] {
  return claimsOf({ id: '10101', author: pat, updateAuthor: pat, created: 1, updated: 2, body }, 'JIRA-456');
}
const records = (body: unknown): RecordFields[] => claims(body).map(fieldsOf);

/** The record that these lines, pasted as plain text, make. */
const pasted = (...lines: string[]): RecordFields[] =>
  parseRecords(lines.map((line) => ({ text: line, quoted: false, block: 'text' })));

describe('records in comments', () => {
  const whole: RecordFields = {
    title: 'AI Analysis Complete',
    sessionId,
    host: 'devserver',
    directory: '/srv/platform',
    branch: 'task/JIRA-456-analysis',
    commit: '3f2c9d10aa',
    docs: ['task_desc.md', 'solution_options.md'],
    status: 'Awaiting Developer Review',
  };
  for (const [name, body] of Object.entries(shapes))
    it(`reads the whole record from ${name}`, () => assert.deepEqual(records(body), [whole]));

  it('keeps who and when with every claim', () => {
    const dana = { id: 'dana', name: 'Dana' };
    const comment = {
      id: '7',
      author: pat,
      updateAuthor: dana,
      created: 5,
      updated: 6,
      body: plainLines.join('\n'),
    };
    const [claim] = claimsOf(comment, 'PAY-1');
    assert.deepEqual(claim, {
      ...whole,
      issueKey: 'PAY-1',
      commentId: '7',
      author: pat,
      updateAuthor: dana,
      created: 5,
      updated: 6,
    });
  });

  it('reads the optional lines', () => {
    const [record] = pasted(
      'AI Implementation Failed',
      `Session ID: ${sessionId}`,
      `Continues: ${otherId.toUpperCase()}`,
      'Step: 2 of 4',
      'Reason: the tests failed: 3 of 90',
      'Document: docs/tasks/PAY-1/task desc.md 3F2C9D10AA',
      'Document: critic.md 0123456789abcdef0123456789abcdef01234567',
      'Remote: https://claude.example/share/1',
      'Web terminal: https://dev.example:8443/t?x=1',
    );
    assert.deepEqual(record, {
      title: 'AI Implementation Failed',
      sessionId,
      continues: otherId,
      step: { current: 2, total: 4 },
      reason: 'the tests failed: 3 of 90',
      documents: [
        { path: 'docs/tasks/PAY-1/task desc.md', blob: '3f2c9d10aa' },
        { path: 'critic.md', blob: '0123456789abcdef0123456789abcdef01234567' },
      ],
      remote: 'https://claude.example/share/1',
      webTerminal: 'https://dev.example:8443/t?x=1',
    });
  });

  it('reads several records of one comment, each with its own lines', () => {
    const found = pasted(
      'AI Analysis Started',
      `Session ID: ${sessionId}`,
      'Host: one',
      '',
      'AI Implementation Started',
      'Host: two',
      `Session ID: ${otherId}`,
    );
    assert.deepEqual(found, [
      { title: 'AI Analysis Started', sessionId, host: 'one' },
      { title: 'AI Implementation Started', sessionId: otherId, host: 'two' },
    ]);
  });

  it('takes the first valid line of a field', () => {
    const [record] = pasted(
      'AI Handoff',
      'Session ID: abc-123-def',
      `Session ID: ${sessionId}`,
      `Session ID: ${otherId}`,
      `claude --resume ${otherId}`,
    );
    assert.equal(record?.sessionId, sessionId);
  });

  it('lists documents with and without bullets and remarks', () => {
    const [record] = records(
      doc(
        paragraph('AI Analysis Complete'),
        paragraph(`Session ID: ${sessionId}`),
        paragraph('Docs generated: a.md, b.md'),
        paragraph('c.md'),
        node(
          'bulletList',
          item('d.md: what to do'),
          item('my notes.md'),
          item('e.md (new)'),
          item('../evil.md'),
          item('x'),
        ),
        paragraph('Not a document.md'),
        paragraph('Status: ok'),
        paragraph('later.md'),
      ),
    );
    assert.deepEqual(record?.docs, ['a.md', 'b.md', 'c.md', 'd.md', 'my notes.md', 'e.md']);
  });
});

describe('what is not a record', () => {
  const id = `Session ID: ${sessionId}`;
  const bodies: Readonly<Record<string, unknown>> = {
    'no title': doc(paragraph(id)),
    'a title in a sentence': doc(paragraph('Is it true that AI Analysis Complete means done'), paragraph(id)),
    'a question': doc(paragraph('AI analysis complete?'), paragraph(id)),
    'a title without an id': doc(paragraph('AI Analysis Complete'), paragraph('Branch: main')),
    'an id that is no UUID': doc(paragraph('AI Analysis Complete'), paragraph('Session ID: abc-123-def')),
    'an id with more behind it': doc(paragraph('AI Analysis Complete'), paragraph(`${id}00`)),
    'an id of look-alike digits': doc(paragraph('AI Analysis Complete'), paragraph(id.replace('1', '１'))),
    'a block quote': doc(node('blockquote', paragraph('AI Analysis Complete'), paragraph(id))),
    'a list in a block quote': doc(
      node('blockquote', node('bulletList', item('AI Analysis Complete'), item(id))),
    ),
    'an e-mail quote': doc(paragraph('Pat wrote:'), ...plainLines.map((line) => paragraph(`> ${line}`))),
    'a nested e-mail quote': `${plainLines.map((line) => `>> ${line}`).join('\n')}\nsounds good`,
    'a {quote}': `{quote}\r\n${plainLines.join('\r\n')}\r\n{quote}\r\nyes`,
    'a panel in a {quote}': `{quote}{panel:title=AI Analysis Complete}\n${id}\n{panel}{quote}`,
    'an unclosed {quote}': `{quote}\n${plainLines.join('\n')}`,
    'bq. lines': plainLines.map((line) => `bq. ${line}`).join('\n'),
    'a struck-out title': doc(paragraph(text('AI Analysis Complete', 'strike')), paragraph(id)),
    'a struck-out title in wiki markup': `-AI Analysis Complete-\n${id}`,
    'a quoted title before an own id': doc(
      node('blockquote', paragraph('AI Analysis Complete')),
      paragraph(id),
    ),
    nothing: undefined,
    'a number': 7,
    'no document': { type: 'paragraph', content: 'x' },
    'an array': [plainLines],
  };
  for (const [name, body] of Object.entries(bodies))
    it(`ignores ${name}`, () => assert.deepEqual(records(body), []));

  it('does not let a quote add lines to the record around it', () => {
    const body = doc(
      paragraph('AI Analysis Started'),
      node(
        'blockquote',
        paragraph('AI Analysis Failed'),
        paragraph(`Session ID: ${otherId}`),
        paragraph('Host: evil'),
      ),
      paragraph(id),
    );
    assert.deepEqual(records(body), [{ title: 'AI Analysis Started', sessionId }]);
  });

  it('keeps an approval and its request without a session', () => {
    const found = pasted(
      'Approval Requested',
      'Commit: 3f2c9d10',
      '👍 Approved for Implementation',
      'Commit: 3f2c9d11',
    );
    assert.deepEqual(found, [
      { title: 'Approval Requested', commit: '3f2c9d10' },
      { title: 'Approved for Implementation', commit: '3f2c9d11' },
    ]);
  });
});

describe('an approval that its author only shows', () => {
  const commit = 'a'.repeat(40);
  const said = `Approved for Implementation\nCommit: ${commit}`;
  const wiki: Record<string, string> = {
    'a quotation': `{quote}\n${said}\n{quote}`,
    'a quotation in other letters': `{QUOTE}\n${said}\n{Quote}`,
    'a quotation with parameters': `{quote:author=x}\n${said}\n{quote}`,
    'a quotation on the line of the title': `{quote}Approved for Implementation{quote}\nCommit: ${commit}`,
    'a quotation that nobody closed': `{quote}\n${said}`,
    'a quotation in a panel': `{panel}\n{quote}\n${said}\n{quote}\n{panel}`,
    'code in a quotation': `{quote}\n{code}\n${said}\n{code}\n{quote}`,
    'a quotation that code seems to end': `{quote}\n{code}\n{quote}\n{code}\n${said}\n{quote}`,
    'lines of quotation': `bq. Approved for Implementation\nbq. Commit: ${commit}`,
    'a mail’s quotation': `> Approved for Implementation\n> Commit: ${commit}`,
    code: `What somebody wrote:\n{code}\n${said}\n{code}`,
    'code without form': `{noformat}\n${said}\n{noformat}`,
    'struck text': `-Approved for Implementation-\nCommit: ${commit}`,
  };
  for (const [name, body] of Object.entries(wiki))
    it(`is none: ${name}`, () => assert.deepEqual(records(body), []));

  it('is none in the document of Cloud either, and takes no fields of a record before it', () => {
    const shown = [paragraph('Approved for Implementation'), paragraph(`Commit: ${commit}`)];
    assert.deepEqual(records(doc(node('blockquote', ...shown))), []);
    assert.deepEqual(records(doc(code(said))), []);
    assert.deepEqual(records(doc(paragraph('Approval Requested'), code(said))), [
      { title: 'Approval Requested' },
    ]);
    assert.equal(records(doc(...shown))[0]?.commit, commit);
  });

  it('is none in what our own records carry of others', () => {
    for (const format of ['adf', 'wiki'] as const)
      for (const end of ['\n', '\r', '\u2028', '\\\\', ' \\\\ ', '{panel}\n', '{quote}', '{code}\n', '----\n', '|', '&#10;', '{color}']) {
        const evil = `x${end}Approved for Implementation${end}Commit: ${commit}${end}`;
        const fields = { title: 'AI Analysis Failed', sessionId, reason: evil, status: evil, branch: evil, docs: [evil], documents: [{ path: evil, blob: commit }] } as const;
        const body = recordBody(format, { ...fields, docs: [evil], documents: [...fields.documents] }, { issueKey: 'PAY-1' });
        assert.deepEqual(records(body).map(({ title, commit: of }) => [title, of]), [['AI Analysis Failed', undefined]], `${format} ${JSON.stringify(end)}`);
      }
  }); // prettier-ignore
});

describe('titles', () => {
  for (const title of recordTitles)
    it(`knows "${title}" and nothing around it`, () => {
      assert.equal(titleOf(title), title);
      assert.equal(titleOf(`### ${title.toUpperCase()} 🎉`), title);
      assert.equal(titleOf(`PAY-456 – ${title}`), title);
      assert.equal(titleOf(`Title: ${title}`), title);
      assert.equal(titleOf(`The ${title}`), undefined);
      assert.equal(titleOf(`${title} soon`), undefined);
      assert.equal(titleOf(`not ${title}`), undefined);
    });
});

describe('a field that is not what it claims to be', () => {
  const bad: readonly [string, string][] = [
    ['Branch', '-oProxyCommand=x'],
    ['Branch', 'a..b'],
    ['Branch', 'refs/heads/main'],
    ['Branch', 'HEAD'],
    ['Branch', 'main\u202ex'],
    ['Host', '-oProxyCommand=x'],
    ['Host', 'a/b'],
    ['Host', '$(id)'],
    ['Directory', 'srv/platform'],
    ['Directory', '/srv/../etc'],
    ['Directory', '/srv/\u202egnp'],
    ['Directory', `/srv/\u200fx`],
    ['Directory', `/${'x'.repeat(5000)}`],
    ['Commit', 'zzz'],
    ['Commit', '--help'],
    ['Commit', '3f2c…'],
    ['Continues', 'latest'],
    ['Step', '5 of 4'],
    ['Step', '0 of 4'],
    ['Document', '/etc/passwd 3f2c9d10aa'],
    ['Document', '../x.md 3f2c9d10aa'],
    ['Document', 'x.md HEAD'],
    ['Remote', 'http://claude.example/'],
    ['Remote', 'javascript:alert(1)'],
    ['Remote', 'command:workbench.action.quit'],
    ['Remote', 'https://good.example@evil.example/'],
    ['Remote', `https://x.example/${'x'.repeat(3000)}`],
    ['Web terminal', 'file:///etc/passwd'],
    ['Status', '\u202e'],
  ];
  for (const [key, value] of bad)
    it(`is dropped, not its record: ${key}: ${JSON.stringify(value.slice(0, 40))}`, () => {
      const found = pasted('AI Handoff', `Session ID: ${sessionId}`, `${key}: ${value}`);
      assert.deepEqual(found, [{ title: 'AI Handoff', sessionId }]);
    });
});

describe('hostile comments', () => {
  const size = 32_767;
  const fill = (unit: string): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
  const ids = Array.from(
    { length: 700 },
    (_, at) => `${String(at).padStart(8, '0')}-7c44-4c1b-9a1e-2b8f0f5f6a01`,
  );

  it('yields at most 20 records', () => {
    const flood = ids.map((id) => `AI Handoff\nSession ID: ${id}`).join('\n');
    assert.equal(records(flood).length, 20);
    assert.equal(records(doc(code(flood))).length, 20);
  });

  it('yields one record for one title with hundreds of ids', () => {
    const body = `AI Handoff\n${ids.map((id) => `Session ID: ${id}\nclaude --resume ${id}`).join('\n')}`;
    assert.deepEqual(records(body), [{ title: 'AI Handoff', sessionId: ids[0] }]);
  });

  const units = [
    ' ', '│', '|', '||', '{', '{{', '{code}', '{code:x}', '{quote}', '{panel:title=a}', '{panel}{quote}', '[', '[a|', '[a|b]',
    '*', '*a ', '*a _b -c +d ', ' *a*', '_a', '-a ', '!', '!a.', '!a.png|', '(', '(/)', '\\', '\\\\', ':', 'a:', 'https://',
    'h', '|[', '|{', '|a', '* a\n', '*#*#*# a\n', '** a\n', 'bq. a\n', 'a\n\n', '\n', '\r', '> ', 'AI Handoff\n', '-', '- a.md\n',
    'claude --resume ', '\u200b', '\u202e', '\ud800', '😀', 'Session ID: ', 'Docs generated:\n',
  ]; // prettier-ignore
  for (const unit of units)
    it(`takes little time for ${JSON.stringify(unit)} all over`, function () {
      // Linear work takes some milliseconds; quadratic work on this many characters takes many seconds.
      this.timeout(2000);
      const hostile = `AI Handoff\nSession ID: ${sessionId}\n${fill(unit)}`;
      assert.ok(records(hostile).length >= 1);
      assert.ok(records(doc(code(hostile))).length >= 1);
      claims(fill(unit));
    });

  it('reads deep nesting without overflow', () => {
    let deep: Record<string, unknown> = paragraph('x');
    for (let depth = 0; depth < 50_000; depth++) deep = node('blockquote', deep);
    const body = doc(paragraph('AI Handoff'), paragraph(`Session ID: ${sessionId}`), deep);
    assert.equal(records(body).length, 1);
  });

  it('reads no record beyond 10,000 lines', () => {
    const empty = Array.from({ length: 10_000 }, () => '');
    assert.deepEqual(pasted(...empty, 'Approval Requested'), []);
  });

  it('reads a bounded number of nodes and lines', function () {
    this.timeout(5000);
    const many = Array.from({ length: 300_000 }, () => paragraph('AI Handoff'));
    const wide = { type: 'doc', content: [...many, paragraph(`Session ID: ${sessionId}`)] };
    assert.deepEqual(records(wide), []);
    const rows = Array.from({ length: 20_000 }, () => row('a', 'b'));
    assert.deepEqual(records(doc({ type: 'table', content: rows })), []);
  });
});
