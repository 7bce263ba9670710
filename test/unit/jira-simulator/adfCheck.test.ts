import assert from 'node:assert/strict';
import {
  bulletList,
  code,
  codeBlock,
  doc,
  hardBreak,
  heading,
  link,
  lozenge,
  panel,
  paragraph,
  table,
  text,
} from '../../jira/text/adf';
import { adfProblem } from '../../jira/text/adfCheck';
import { toWiki } from '../../jira/text/wiki';

describe('the simulator checks ADF', () => {
  const good: Record<string, unknown> = {
    'an empty document': doc(),
    'an empty paragraph': doc({ type: 'paragraph' }),
    'a panel with heading, paragraph, list and code': doc(
      panel(
        'info',
        heading(3, 'A'),
        paragraph('b', hardBreak(), code('c')),
        bulletList('d'),
        codeBlock('e', 'sh'),
      ),
    ),
    'a table': doc(
      table([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    ),
    'a status and a link': doc(paragraph(lozenge('Done', 'green'), link('x', 'https://x.example'))),
    'an expand with a table': doc({ type: 'expand', attrs: { title: 't' }, content: [table([['a']])] }),
    'code that is a link': doc(
      paragraph(text('a', { type: 'code' }, { type: 'link', attrs: { href: 'https://x.example' } })),
    ),
    'local ids': doc({ ...paragraph('a'), attrs: { localId: 'x' } }),
  };
  for (const [name, value] of Object.entries(good)) {
    it(`accepts ${name}`, () => assert.equal(adfProblem(value), undefined));
  }

  const bad: Record<string, unknown> = {
    'plain text': 'hello',
    'no version': { type: 'doc', content: [] },
    'a bare paragraph': paragraph('a'),
    'empty text': doc(paragraph(text(''))),
    'a table in a panel': doc(panel('info', table([['a']]))),
    'a panel in a panel': doc(panel('info', panel('info', paragraph('a')))),
    'an expand in a panel': doc(panel('info', { type: 'expand', attrs: {}, content: [paragraph('a')] })),
    'an empty panel': doc(panel('info')),
    'an unknown panel type': doc(panel('loud', paragraph('a'))),
    'bold code': doc(paragraph(text('a', { type: 'code' }, { type: 'strong' }))),
    'marks in a code block': doc({ type: 'codeBlock', content: [text('a', { type: 'strong' })] }),
    'a link without href': doc(paragraph(text('a', { type: 'link' }))),
    'text outside a paragraph': doc(text('a')),
    'a heading in a list': doc({
      type: 'bulletList',
      content: [{ type: 'listItem', content: [heading(1, 'a')] }],
    }),
    'heading level 7': doc(heading(7, 'a')),
    'an unknown node': doc({ type: 'marquee' }),
    'an unknown key': doc({ ...paragraph('a'), style: 'x' } as never),
    'an unknown attribute': doc({ ...heading(1, 'a'), attrs: { level: 1, id: 'x' } }),
    'an empty status': doc(paragraph(lozenge('', 'green'))),
    'a card without attrs': doc(paragraph({ type: 'inlineCard' })),
  };
  for (const [name, value] of Object.entries(bad)) {
    it(`refuses ${name}`, () => assert.notEqual(adfProblem(value), undefined));
  }

  it('says the same in wiki markup', () => {
    const wiki = toWiki(
      doc(
        panel('info', heading(3, 'AI Analysis Started'), paragraph('Host: ', code('dev'), hardBreak(), 'x')),
        bulletList('a', 'b'),
        table([
          ['A', 'B'],
          ['1', '2'],
        ]),
        codeBlock('l1\nl2'),
      ),
    );
    assert.deepEqual(wiki.split('\r\n'), [
      '{panel:title=AI Analysis Started}',
      'Host: {{dev}}',
      'x',
      '{panel}',
      '',
      '* a',
      '* b',
      '',
      '||A||B||',
      '|1|2|',
      '',
      '{noformat}',
      'l1',
      'l2',
      '{noformat}',
    ]);
  });
});
