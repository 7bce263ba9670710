import MarkdownIt from 'markdown-it';
import type { MarkupNode, Mark } from '../../../markup/node';
import { markupMarkdown } from '../../../markup/markdown';
import { codeBlock } from '../../../../util/markdownText';

/** HTML stays text, and nothing becomes a link by itself. */
const parser = new MarkdownIt({ html: false, linkify: false });
type Token = ReturnType<MarkdownIt['parse']>[number];

/** Longer ones are shown as they are: nobody writes that much by hand, and parsing would take its time. */
const longest = 60_000;

/**
 * Markdown from outside as Markdown that can be shown: no HTML, no image, no link but `http` and `https`, each of them
 * with its address in sight. `headings` is added to each heading's level; with `breaks`, line ends stay.
 */
export function safeMarkdown(markdown: string, headings: number, breaks = false): string {
  if (markdown.length > longest) return codeBlock(markdown);
  const root: Building = { type: 'doc', content: [] };
  const open = [root];
  for (const token of parser.parse(markdown, {})) {
    const parent = open.at(-1) ?? root;
    if (token.type === 'inline') {
      parent.content.push(...inline(token.children ?? [], breaks));
      continue;
    }
    const node = blockOf(token);
    if (!node) continue;
    if (token.nesting < 0) open.pop();
    else {
      parent.content.push(node);
      if (token.nesting > 0) open.push(node);
    }
  }
  return markupMarkdown(root, headings);
}

type Building = MarkupNode & { content: MarkupNode[] };

function blockOf(token: Token): Building | undefined {
  const node = (type: string, attrs: Record<string, unknown> = {}, content: MarkupNode[] = []): Building => ({
    type,
    attrs,
    content,
  });
  switch (token.type.replace(/_(?:open|close)$/, '')) {
    case 'paragraph':
      return node('paragraph');
    case 'heading':
      return node('heading', { level: Number(token.tag.slice(1)) });
    case 'fence':
    case 'code_block': {
      const [language = ''] = token.info.trim().split(/\s/);
      return node('codeBlock', { language }, [{ type: 'text', text: token.content }]);
    }
    case 'blockquote':
      return node('blockquote');
    case 'bullet_list':
      return node('bulletList');
    case 'ordered_list':
      return node('orderedList', { order: Number(token.attrGet('start') ?? 1) });
    case 'list_item':
      return node('listItem');
    case 'hr':
      return node('rule');
    case 'table':
      return node('table');
    case 'tr':
      return node('tableRow');
    case 'th':
      return node('tableHeader');
    case 'td':
      return node('tableCell');
    default:
      return undefined;
  }
}

const markTypes: Readonly<Record<string, string>> = { strong: 'strong', em: 'em', s: 'strike' };

function inline(tokens: readonly Token[], breaks: boolean): MarkupNode[] {
  const nodes: MarkupNode[] = [];
  let marks: Mark[] = [];
  let link: { href: string; text: string } | undefined;
  const say = (text: string, more: Mark[] = []): void => {
    if (link) link.text += text;
    if (text !== '') nodes.push({ type: 'text', text, marks: [...marks, ...more] });
  };
  for (const token of tokens) {
    const mark = markTypes[token.type.replace(/_(?:open|close)$/, '')];
    if (mark !== undefined) {
      marks = token.nesting > 0 ? [...marks, { type: mark }] : marks.filter(({ type }) => type !== mark);
      continue;
    }
    switch (token.type) {
      case 'softbreak':
        if (breaks) nodes.push({ type: 'hardBreak' });
        else say(' ');
        break;
      case 'hardbreak':
        nodes.push({ type: 'hardBreak' });
        break;
      case 'code_inline':
        say(token.content, [{ type: 'code' }]);
        break;
      case 'image':
        nodes.push(...image(token, marks));
        break;
      case 'link_open':
        link = { href: token.attrGet('href') ?? '', text: '' };
        break;
      case 'link_close':
        // The label may promise what it likes: the address stands beside it.
        if (link && link.text !== link.href) nodes.push(...address(link.href, link.text === '' ? '' : ' '));
        link = undefined;
        break;
      default:
        say(token.content);
    }
  }
  return nodes;
}

/** Named, never loaded. */
function image(token: Token, marks: Mark[]): MarkupNode[] {
  const label = token.content === '' ? 'Image' : `Image: ${token.content}`;
  return [{ type: 'text', text: label, marks }, ...address(token.attrGet('src') ?? '', ' ')];
}

function address(href: string, before: string): MarkupNode[] {
  if (href === '') return [];
  const isWeb = /^https?:/i.test(href);
  const marks: Mark[] = isWeb
    ? [{ type: 'link', attrs: { href: URL.canParse(href) ? new URL(href).href : href } }]
    : [];
  const text = isWeb && URL.canParse(href) ? new URL(href).href : href;
  return [
    { type: 'text', text: `${before}(` },
    { type: 'text', text, marks },
    { type: 'text', text: ')' },
  ];
}
