import type { AdfMark, AdfNode } from '../entities';

/** Short makers of ADF nodes, for seeds and tests. Strings become plain text nodes. */
type Inline = AdfNode | string;

export const text = (value: string, ...marks: AdfMark[]): AdfNode => ({
  type: 'text',
  text: value,
  ...(marks.length > 0 ? { marks } : {}),
});
export const strong = (value: string): AdfNode => text(value, { type: 'strong' });
export const code = (value: string): AdfNode => text(value, { type: 'code' });
export const link = (value: string, href: string): AdfNode => text(value, { type: 'link', attrs: { href } });
export const hardBreak = (): AdfNode => ({ type: 'hardBreak' });
export const lozenge = (value: string, color: string): AdfNode => ({
  type: 'status',
  attrs: { text: value, color },
});
export const mention = (id: string, name: string): AdfNode => ({
  type: 'mention',
  attrs: { id, text: `@${name}`, accessLevel: '' },
});

const inline = (parts: Inline[]) => parts.map((part) => (typeof part === 'string' ? text(part) : part));

export const doc = (...content: AdfNode[]): AdfNode => ({ type: 'doc', version: 1, content });
export const paragraph = (...parts: Inline[]): AdfNode => ({ type: 'paragraph', content: inline(parts) });
export const heading = (level: number, ...parts: Inline[]): AdfNode => ({
  type: 'heading',
  attrs: { level },
  content: inline(parts),
});
const list = (type: string, items: (Inline | Inline[])[]): AdfNode => ({
  type,
  content: items.map((item) => ({ type: 'listItem', content: [paragraph(...[item].flat())] })),
});
export const bulletList = (...items: (Inline | Inline[])[]): AdfNode => list('bulletList', items);
export const orderedList = (...items: (Inline | Inline[])[]): AdfNode => list('orderedList', items);
export const codeBlock = (value: string, language?: string): AdfNode => ({
  type: 'codeBlock',
  attrs: language ? { language } : {},
  content: [text(value)],
});
export const panel = (panelType: string, ...content: AdfNode[]): AdfNode => ({
  type: 'panel',
  attrs: { panelType },
  content,
});
export const quote = (...content: AdfNode[]): AdfNode => ({ type: 'blockquote', content });
/** The first row is the header if `header` says so. */
export const table = (rows: Inline[][], header = true): AdfNode => ({
  type: 'table',
  attrs: { isNumberColumnEnabled: false, layout: 'default' },
  content: rows.map((cells, row) => ({
    type: 'tableRow',
    content: cells.map((cell) => ({
      type: header && row === 0 ? 'tableHeader' : 'tableCell',
      attrs: {},
      content: [paragraph(cell)],
    })),
  })),
});

const BLOCKS = new Set(['paragraph', 'heading', 'codeBlock', 'rule', 'tableRow', 'mediaSingle']);

/** The words of a document, a line for each block. */
export function plainText(node: AdfNode): string {
  const words = (node: AdfNode): string => {
    if (node.type === 'text') return node.text ?? '';
    if (node.type === 'hardBreak') return '\n';
    const label = node.attrs?.['text'] ?? node.attrs?.['url'];
    if (!node.content) return (typeof label === 'string' ? label : '') + (BLOCKS.has(node.type) ? '\n' : '');
    return node.content.map(words).join('') + (BLOCKS.has(node.type) ? '\n' : '');
  };
  return words(node).trimEnd();
}
