import assert from 'node:assert/strict';
import MarkdownIt from 'markdown-it';
import * as fc from 'fast-check';
import { codeBlock, escapeMarkdown, inlineCode, oneLine, visibleText } from '../../../src/util/markdownText';
import { inlineMarkdown } from '../../../src/sources/markup/markdownInline';
import { markupMarkdown } from '../../../src/sources/markup/markdown';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import { attribute, type MarkupNode } from '../../../src/sources/markup/node';

/** As VS Code's preview: HTML on, addresses linked. */
const parser = new MarkdownIt({ html: true, linkify: true });
parser.linkify.set({ fuzzyLink: false });
// VS Code lets more pass than markdown-it does; the worst case lets everything pass.
parser.validateLink = () => true;

type Tokens = ReturnType<MarkdownIt['parse']>;
function all(tokens: Tokens): Tokens {
  return tokens.flatMap((token) => [token, ...all(token.children ?? [])]);
}
const tokensOf = (markdown: string): Tokens => all(parser.parse(markdown, {}));
const textOf = (markdown: string): string =>
  tokensOf(markdown)
    .map(({ type, content }) =>
      ['text', 'code_inline', 'fence', 'code_block'].includes(type)
        ? content
        : type === 'hardbreak' || type === 'softbreak'
          ? '\n'
          : '',
    )
    .join('');

function assertSafe(markdown: string): void {
  for (const token of tokensOf(markdown)) {
    assert.ok(
      !['html_block', 'html_inline', 'image'].includes(token.type),
      `${token.type}: ${token.content}`,
    );
    for (const [name, value] of token.attrs ?? []) {
      if (name === 'href') assert.match(value, /^(?:https?:\/\/|mailto:)/);
      else assert.ok(['start', 'style', 'class'].includes(name), name);
    }
  }
}

const unit = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...Array.from('*_`~[]()<>!#|\\&;:/@$-+=.^{}"\'\n\t  ab1é')) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '<b>',
      '</a>',
      '<!--',
      '-->',
      '&amp;',
      '&#42;',
      '&copy',
      '[x](command:y)',
      '![i](https://x/y)',
      '](',
      '```',
      '~~~',
      '---',
      '===',
      '# ',
      '1. ',
      '- ',
      '+ ',
      '> ',
      '| - |',
      'https://x.example/a_b',
      'http://',
      'mailto:a@b.example',
      'ftp://x.example',
      '//x.example',
      'file:///x',
      'command:x',
      'javascript:x',
      '<https://x>',
      '[a]: https://x',
      '    ',
      '$x$',
      '$$',
      '**',
      '__',
      '😀',
      '\u200d',
      '\u202e',
      '“',
    ),
  },
);
const hostile = fc.array(unit, { maxLength: 14 }).map((parts) => parts.join(''));
const shown = (text: string): string => oneLine(text).trim();
const runs = 1000;

describe('untrusted text in Markdown', () => {
  it('shows as itself and nothing else', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const markdown = escapeMarkdown(text);
        const kinds = new Set(tokensOf(markdown).map(({ type }) => type));
        for (const kind of ['paragraph_open', 'paragraph_close', 'inline', 'text', 'text_special'])
          kinds.delete(kind);
        assert.deepEqual([...kinds], [], markdown);
        assert.equal(textOf(markdown).trim(), shown(text));
      }),
      { numRuns: runs },
    );
  });

  it('shows as itself in a table cell', () => {
    fc.assert(
      fc.property(hostile, hostile, (left, right) => {
        const markdown = `| a | b |\n| - | - |\n| ${escapeMarkdown(left)} | ${inlineCode(right, true)} |`;
        assertSafe(markdown);
        const cells = textOf(markdown).slice(2);
        assert.equal(cells.replace(/\s/g, ''), (shown(left) + shown(right)).replace(/\s/g, ''));
      }),
      { numRuns: runs },
    );
  });

  it('shows as itself as code', () => {
    fc.assert(
      fc.property(hostile, hostile, (text, language) => {
        const block = parser.parse(codeBlock(text, language), {});
        assert.deepEqual(
          block.map(({ type }) => type),
          ['fence'],
        );
        assert.equal(block[0]?.content.replace(/\n$/, ''), visibleText(text).replace(/\n$/, ''));
        const span = inlineCode(text);
        if (span !== '') assert.equal(textOf(`x${span}y`), `x${oneLine(text)}y`);
      }),
      { numRuns: runs },
    );
  });
});

const markType = fc.constantFrom('strong', 'em', 'strike', 'code', 'underline', 'textColor');
const textNode: fc.Arbitrary<MarkupNode> = fc.record({
  type: fc.constant('text'),
  text: hostile.filter((text) => text !== ''),
  marks: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ type: markType }) },
      {
        weight: 1,
        arbitrary: fc.record({
          type: fc.constant('link'),
          attrs: fc.record({
            href: fc.oneof(
              hostile,
              hostile.map((x) => `https://x.example/${x}`),
            ),
          }),
        }),
      },
    ),
    { maxLength: 3 },
  ),
});
const inline: fc.Arbitrary<MarkupNode> = fc.oneof(
  { weight: 8, arbitrary: textNode },
  { weight: 1, arbitrary: fc.constant({ type: 'hardBreak' }) },
  {
    weight: 1,
    arbitrary: hostile.chain((text) =>
      fc.constantFrom(
        { type: 'mention', attrs: { text } },
        { type: 'status', attrs: { text } },
        { type: 'inlineCard', attrs: { url: text } },
        { type: 'emoji', attrs: { text } },
        { type: 'mediaInline', attrs: { alt: text } },
        { type: 'unknown', attrs: { text } },
      ),
    ),
  },
);
const paragraph = fc
  .array(inline, { maxLength: 6 })
  .map((content): MarkupNode => ({ type: 'paragraph', content }));
const { block } = fc.letrec<{ block: MarkupNode; item: MarkupNode }>((tie) => ({
  item: fc.array(tie('block'), { maxLength: 3 }).map((content) => ({ type: 'listItem', content })),
  block: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'block' },
    paragraph,
    fc.array(inline, { maxLength: 4 }).map((content) => ({ type: 'heading', attrs: { level: 2 }, content })),
    hostile.map((text) => ({
      type: 'codeBlock',
      attrs: { language: text },
      content: [{ type: 'text', text }],
    })),
    fc.constant({ type: 'rule' }),
    fc.array(tie('block'), { maxLength: 3 }).map((content) => ({ type: 'blockquote', content })),
    fc.record({
      type: fc.constantFrom('panel', 'expand'),
      attrs: fc.record({ title: hostile }),
      content: fc.array(tie('block'), { maxLength: 3 }),
    }),
    fc.record({
      type: fc.constantFrom('bulletList', 'orderedList'),
      content: fc.array(tie('item'), { maxLength: 3 }),
    }),
    fc
      .array(fc.array(fc.array(tie('block'), { maxLength: 2 }), { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 3,
      })
      .map((rows) => ({
        type: 'table',
        content: rows.map((cells) => ({
          type: 'tableRow',
          content: cells.map((content) => ({ type: 'tableCell', content })),
        })),
      })),
  ),
}));

/** What a reader of the ADF sees, without blanks. */
const squeeze = (text: string): string => text.replace(/[\s·•\u200c\u200d]/gu, '');

describe('a document from Jira in Markdown', () => {
  it('shows exactly its inline text, whatever the marks', () => {
    fc.assert(
      fc.property(fc.array(textNode, { maxLength: 6 }), (nodes) => {
        const lines = inlineMarkdown(nodes);
        const markdown = markupMarkdown({ type: 'doc', content: [{ type: 'paragraph', content: nodes }] });
        assertSafe(markdown);
        const text = nodes.map((node) => node.text ?? '').join('');
        assert.equal(
          squeeze(textOf(markdown)),
          squeeze(nodes.map((node) => visibleText(node.text ?? '')).join('')),
          `${text}\n${lines.join('⏎')}`,
        );
      }),
      { numRuns: runs },
    );
  });

  it('is safe in every block, and loses no code, item or cell', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (content) => {
        const markdown = markupMarkdown({ type: 'doc', content });
        assertSafe(markdown);
        const count = (type: string): number =>
          tokensOf(markdown).filter((token) => token.type === type).length;
        const collect = (nodes: readonly MarkupNode[]): string =>
          nodes
            .map((node) => {
              if (node.type === 'table') return '';
              if (node.type === 'codeBlock') return squeeze(visibleText(node.content?.[0]?.text ?? ''));
              const inner = collect(node.content ?? []);
              const a = (name: string): string => squeeze(visibleText(attribute(node, name) ?? ''));
              switch (node.type) {
                case 'text':
                  return squeeze(visibleText(node.text ?? ''));
                case 'panel':
                  return a('title') + inner;
                case 'expand':
                  return (node.attrs?.['title'] === '' ? 'Details' : a('title')) + inner;
                case 'inlineCard':
                  return a('url');
                case 'mediaInline':
                  return `Attachment:${a('alt')}`;
                case 'hardBreak':
                  return '';
                default:
                  return inner || a('text');
              }
            })
            .join('');
        if (!JSON.stringify(content).includes('"table"'))
          assert.equal(squeeze(textOf(markdown)), collect(content), markdown);
        assert.ok(count('html_block') === 0);
      }),
      { numRuns: runs },
    );
  });

  it('is safe from any wiki markup', () => {
    const wiki = fc
      .array(
        fc.oneof(
          unit,
          fc.constantFrom(
            '{code}',
            '{code:html}',
            '{noformat}',
            '{quote}',
            '{panel:title=<b>}',
            '{panel}',
            '{{',
            '}}',
            '||',
            '|',
            '\n',
            '* ',
            '# ',
            'h1. ',
            'bq. ',
            '[a|javascript:x]',
            '[a|https://x.example]',
            '[~u]',
            '!i.png!',
            '{color:red}',
            '(x)',
            '\\\\',
          ),
        ),
        { maxLength: 20 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(wiki, (text) => assertSafe(markupMarkdown(readMarkup(text)))),
      { numRuns: runs },
    );
  });
});
