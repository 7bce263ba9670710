import assert from 'node:assert/strict';
import { markupMarkdown } from '../../../src/sources/markup/markdown';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import { breakNode, code, doc, item, node, paragraph, row, text } from '../records/shapes';

const linked = (label: string, href: string): Record<string, unknown> => ({
  ...text(label),
  marks: [{ type: 'link', attrs: { href } }],
});
const header = (...cells: string[]): Record<string, unknown> =>
  node('tableRow', ...cells.map((cell) => node('tableHeader', paragraph(cell))));
const lines = (...rows: string[]): string => rows.join('\n');

/** What, its ADF or wiki markup, its Markdown. */
const cases: readonly [string, unknown, string][] = [
  ['nothing', undefined, ''],
  ['an empty document', doc(), ''],
  ['an empty paragraph', doc(node('paragraph')), ''],
  ['paragraphs', doc(paragraph('a'), paragraph('b')), 'a\n\nb'],
  ['hard breaks', doc(paragraph('a', breakNode, 'b', breakNode, breakNode, '# c')), 'a\\\nb\\\n\\\n\\# c'],
  ['headings', doc({ type: 'heading', attrs: { level: 2 }, content: [text('A #')] }), '## A \\#'],
  ['a heading of no level', doc({ type: 'heading', attrs: { level: 'x' }, content: [text('A')] }), '# A'],
  [
    'marks',
    doc(
      paragraph(
        text('bold', 'strong'),
        ' ',
        text('slanted', 'em'),
        ' ',
        text('both', 'strong', 'em'),
        ' ',
        text('gone', 'strike'),
        ' ',
        text('a`b', 'code'),
        ' ',
        text('under', 'underline'),
      ),
    ),
    '**bold** _slanted_ **_both_** ~~gone~~ ``a`b`` under',
  ],
  ['blanks inside marks', doc(paragraph('a', text(' b ', 'strong'), 'c')), 'a **b** c'],
  ['neighbours of one mark', doc(paragraph(text('a', 'strong'), text('b', 'strong', 'em'), text('c', 'em'))), '**ab**_c_'],
  ['marks that would show', doc(paragraph('a', text('(b)', 'strong'), 'c', text('d', 'em'), 'e')), 'a(b)cde'],
  [
    'raised and lowered text',
    doc(
      paragraph('x', { ...text('2'), marks: [{ type: 'subsup', attrs: { type: 'sup' } }] }, ' H', {
        ...text('2'),
        marks: [{ type: 'subsup', attrs: { type: 'sub' } }],
      }, 'O n', { ...text('th'), marks: [{ type: 'subsup', attrs: { type: 'sup' } }] }),
    ),
    'x² H₂O n^(th)',
  ],
  ['links', doc(paragraph('see ', linked('the [docs]', 'https://x.example/a(b)'))), 'see [the \\[docs\\]](https://x.example/a%28b%29)'],
  ['a link that is its text', doc(paragraph(linked('https://x.example/a', 'https://x.example/a'))), '<https://x.example/a>'],
  ['a bare address', doc(paragraph('at https://x.example/a_b, or')), 'at <https://x.example/a_b>, or'],
  [
    'links to nowhere good',
    doc(paragraph(linked('a', 'command:x'), linked('b', 'javascript:x'), linked('c', 'file:///x'), linked('d', 'vscode://x'))),
    'abcd',
  ],
  ['code that would define a reference', doc(paragraph({ ...text(']:'), marks: [{ type: 'code' }, { type: 'link', attrs: { href: 'https://x.example/' } }] })), '[\\]:](https://x.example/)'],
  ['hostile text', doc(paragraph('[x](command:y) <img src=x> `a` <!-- b -->')), '\\[x\\](command:y) \\<img src=x> \\`a\\` \\<!-- b -->'],
  [
    'inline nodes',
    doc(
      paragraph(
        { type: 'mention', attrs: { id: '1', text: '@Dana *D*' } },
        ' ',
        { type: 'emoji', attrs: { shortName: ':x:', text: '❌' } },
        ' ',
        { type: 'emoji', attrs: { shortName: ':custom:' } },
        ' ',
        { type: 'date', attrs: { timestamp: '1795132800000' } },
        ' ',
        { type: 'status', attrs: { text: 'In Progress', color: 'blue' } },
        ' ',
        { type: 'inlineCard', attrs: { url: 'https://x.example/browse/PAY-1' } },
        ' ',
        { type: 'inlineCard', attrs: { url: 'command:x' } },
        ' ',
        { type: 'fromTheFuture', attrs: { text: 'new <b>' } },
      ),
    ),
    '@Dana \\*D\\* ❌ :custom: 2026-11-20 `In Progress` <https://x.example/browse/PAY-1> command:x new \\<b>',
  ],
  ['a bullet list', doc(node('bulletList', item('a'), item('- b'), item(''))), '- a\n- \\- b'],
  ['an ordered list', doc({ type: 'orderedList', attrs: { order: 9 }, content: [item('a'), item('b')] }), '9. a\n10. b'],
  [
    'nested lists',
    doc(node('orderedList', node('listItem', paragraph('a'), node('bulletList', node('listItem', paragraph('b'), node('orderedList', item('c'))))))),
    lines('1. a', '   - b', '', '     1. c'),
  ],
  [
    'blocks in an item',
    doc(node('bulletList', node('listItem', paragraph('a'), code('x\n\ny'), paragraph('b')), item('c'))),
    lines('- a', '', '  ```', '  x', '', '  y', '  ```', '', '  b', '- c'),
  ],
  ['two lists in a row', doc(node('bulletList', item('a')), node('bulletList', item('b'))), '- a\n\n+ b'],
  [
    'a task list',
    doc(
      node(
        'taskList',
        { type: 'taskItem', attrs: { state: 'DONE' }, content: [text('a')] },
        { type: 'taskItem', attrs: { state: 'TODO' }, content: [text('b')] },
        node('taskList', { type: 'taskItem', attrs: { state: 'TODO' }, content: [text('c')] }),
      ),
    ),
    lines('- [x] a', '- [ ] b', '  - [ ] c'),
  ],
  ['a code block', doc(code('a ``` b\n<b>', 'typescript')), '````typescript\na ``` b\n<b>\n````'],
  ['a panel', doc({ type: 'panel', attrs: { panelType: 'warning' }, content: [paragraph('a'), paragraph('b')] }), '> **Warning**\n>\n> a\n>\n> b'],
  ['a panel from the future', doc({ type: 'panel', attrs: { panelType: 'toString' }, content: [paragraph('a')] }), '> a'],
  ['an expand', doc({ type: 'expand', attrs: { title: '[More](x)' }, content: [code('x')] }), '> **\\[More\\](x)**\n>\n> ```\n> x\n> ```'],
  ['a quote', doc(node('blockquote', paragraph('a', breakNode, 'b'))), '> a\\\n> b'],
  ['a rule', doc(paragraph('a'), { type: 'rule' }, paragraph('b')), 'a\n\n___\n\nb'],
  [
    'a table',
    doc(node('table', header('Plan', 'RPM'), row('Free | trial', node('bulletList', item('100'), item('200'))), row(code('a|b\nc'), ''))),
    lines('| Plan | RPM |', '| --- | --- |', '| Free \\| trial | • 100 · • 200 |', '| `a\\|b` · `c` |  |'),
  ],
  ['a table without headers', doc(node('table', row('a', 'b'))), '|  |  |\n| --- | --- |\n| a | b |'],
  [
    'a table with a spanning cell',
    doc(node('table', node('tableRow', { type: 'tableCell', attrs: { colspan: 2 }, content: [paragraph('a')] }, node('tableCell', paragraph('b'))))),
    '|  |  |  |\n| --- | --- | --- |\n| a |  | b |',
  ],
  [
    'media',
    doc(node('mediaSingle', { type: 'media', attrs: { type: 'file', id: '1', alt: 'shot.png' } }, node('caption', text('A shot')))),
    '_Attachment: shot.png_\n\nA shot',
  ],
  ['an external picture', doc(node('mediaSingle', { type: 'media', attrs: { type: 'external', url: 'https://x.example/x.png' } })), '_Attachment: unnamed_'],
  ['a card', doc({ type: 'blockCard', attrs: { url: 'https://x.example/' } }), '<https://x.example/>'],
  ['columns', doc(node('layoutSection', node('layoutColumn', paragraph('a')), node('layoutColumn', paragraph('b')))), 'a\n\nb'],
  ['a block from the future', doc(node('hologram', node('beam', text('a')), paragraph('b'))), 'a\n\nb'],
  ['text among blocks', doc(text('a'), paragraph('b'), text('c')), 'a\n\nb\n\nc'],

  ['wiki text', 'a *b* _c_ -d- +e+ {{f}} x{^}2{^} H{~}2{~}O {*}a{*}b ^th^', 'a **b** _c_ ~~d~~ e `f` x² H₂O **a**b ^(th)'],
  ['wiki marks inside words', '2020-11-20 snake_case_name a*b*c 1-2-3', '2020-11-20 snake_case_name a\\*b\\*c 1-2-3'],
  ['wiki escapes', '\\*a\\* \\{code} \\[b\\] C:\\temp &#92;', '\\*a\\* {code} \\[b\\] C:\\\\temp \\\\'],
  ['wiki line breaks', 'a\r\nb\\\\c\r\n\r\nd', 'a\\\nb\\\nc\n\nd'],
  ['wiki headings', 'h2. A *b*\nc', '## A **b**\n\nc'],
  ['wiki links', '[a|https://x.example/] [https://y.example/] [~dana] [^f.txt] [no link]', '[a](https://x.example/) <https://y.example/> @dana f.txt \\[no link\\]'],
  ['wiki links to nowhere good', '[a|javascript:x] [b|file:///x] [c|#top]', 'a b c'],
  ['a wiki link with a mark and a tip', '[*a*|https://x.example/|tip]', '[**a**](https://x.example/)'],
  ['a bare wiki address', 'see https://x.example/a-b_c.', 'see <https://x.example/a-b_c>.'],
  ['wiki pictures', '!shot.png|width=300! wow! really!', '_Attachment: shot.png_ wow! really\\!'],
  ['wiki lists', '* a\n** b\n*# c\n# d\n- e', lines('- a', '  - b', '', '  1. c', '', '1. d', '', '- e')],
  ['a wiki table', '||Plan||RPM||\n|Free|[a|https://x.example/]|\n|\\|x|{{a}}|', lines('| Plan | RPM |', '| --- | --- |', '| Free | [a](https://x.example/) |', '| \\|x | `a` |')],
  ['wiki code', 'a\n{code:java}\nint *x*;\n{code}\nb', 'a\n\n```java\nint *x*;\n```\n\nb'],
  ['wiki code with a title', '{code:title=A.java|language=java}x{code}', '**A.java**\n\n```java\nx\n```'],
  ['unclosed wiki code', '{code}\n*a*', '{code}\\\n**a**'],
  ['a wiki panel', '{panel:title=T|bgColor=#fff}\na\n{panel}\nb', '> **T**\n>\n> a\n\nb'],
  ['wiki quotes', 'bq. a\n{quote}b\n\nc{quote}\nd', '> a\n\n> b\n>\n> c\n\nd'],
  ['a wiki rule', 'a\n----\nb', 'a\n\n___\n\nb'],
  ['wiki colours and emoticons', '{color:red}a{color} (/) (x) f(x)', 'a ✅ ❌ f(x)'],
  ['hostile wiki markup', '<b>x</b> [x](command:y) `a` ![i](z)', '\\<b>x\\</b> \\[x\\](command:y) \\`a\\` \\!\\[i\\](z)'],
]; // prettier-ignore

describe('Markdown of what Jira returns', () => {
  for (const [what, body, expected] of cases)
    it(`of ${what}`, () => assert.equal(markupMarkdown(readMarkup(body)), expected));

  it('puts headings below those around them', () => {
    assert.equal(markupMarkdown(readMarkup('h1. a\nh5. b'), 2), '### a\n\n###### b');
  });
});

describe('Markdown of hostile documents', () => {
  it('is bounded for deep nesting', () => {
    for (const type of ['blockquote', 'bulletList', 'listItem', 'panel', 'table', 'unknown']) {
      let deep: Record<string, unknown> = paragraph('x');
      for (let depth = 0; depth < 20_000; depth++) deep = node(type, deep);
      assert.ok(markupMarkdown(readMarkup(doc(deep))).length < 10_000, type);
    }
  });

  it('is bounded for wide tables', () => {
    const wide = {
      type: 'tableRow',
      content: Array.from({ length: 5000 }, () => node('tableCell', text('x'))),
    };
    const narrow = Array.from({ length: 5000 }, () => row('y'));
    const markdown = markupMarkdown(readMarkup(doc({ type: 'table', content: [wide, ...narrow] })));
    assert.ok(markdown.length < 2_000_000, `${markdown.length} characters`);
  });

  for (const unit of ['*a ', '_', '`', '[', '[a|', '{{', '!a', '||', '|a', '* a\n', '** a\n', '(', '\\', 'https://', 'h', '<', '~~', '@', '&', '{panel:title=a}', '{quote}', ' ', '_*-'])
    it(`takes little time for ${JSON.stringify(unit)} all over`, function () {
      this.timeout(3000);
      const hostile = unit.repeat(Math.ceil(32_767 / unit.length));
      markupMarkdown(readMarkup(hostile));
      markupMarkdown(readMarkup(doc(paragraph(text(hostile, 'strong')), code(hostile))));
      const many = Array.from({ length: 3000 }, (_, at) => text(unit, ['strong', 'em', 'strike', 'code'][at % 4] ?? ''));
      markupMarkdown(readMarkup(doc({ type: 'paragraph', content: many })));
    }); // prettier-ignore
});
