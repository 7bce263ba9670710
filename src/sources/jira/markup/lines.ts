import type { Line } from '../../../model/record/line';
import { attribute, hasMark, isInline, type MarkupNode } from '../../markup/node';

const maxLines = 10_000;

/**
 * A document as the logical lines that its reader sees: one for each paragraph, line break, list item, line of code
 * and row of a key/value table. Struck-out text is gone for a reader, and so it is here.
 */
export function markupLines(document: MarkupNode): Line[] {
  const lines: Line[] = [];
  walk(document, { lines, quoted: false, block: 'text' });
  return lines;
}

interface Place {
  lines: Line[];
  quoted: boolean;
  block: Line['block'];
}

function walk(node: MarkupNode, place: Place): void {
  if (place.lines.length >= maxLines) return;
  switch (node.type) {
    case 'blockquote':
      return children(node, { ...place, quoted: true });
    case 'heading':
      return children(node, { ...place, block: 'heading' });
    case 'listItem':
    case 'taskItem':
    case 'blockTaskItem':
    case 'decisionItem':
      return children(node, { ...place, block: 'item' });
    case 'codeBlock':
      return add((node.content ?? []).map((child) => child.text ?? '').join(''), { ...place, block: 'code' });
    case 'panel':
    case 'expand':
    case 'nestedExpand':
      add(attribute(node, 'title') ?? '', { ...place, block: 'heading' });
      return children(node, place);
    case 'table':
      return table(node, place);
    case 'blockCard':
    case 'embedCard':
      return add(cardUrl(node), place);
    default:
      return children(node, place);
  }
}

/** Blocks one by one, and inline nodes that stand together as one text. */
function children(node: MarkupNode, place: Place): void {
  let run = '';
  for (const child of node.content ?? []) {
    if (isInline(child)) {
      run += inlineText(child);
      continue;
    }
    add(run, place);
    run = '';
    walk(child, place);
  }
  add(run, place);
}

function add(text: string, { lines, quoted, block }: Place): void {
  for (const line of text.split(/\r\n|[\n\r\u2028\u2029]/)) {
    if (lines.length >= maxLines) return;
    if (line.trim() !== '') lines.push({ text: line, quoted, block });
  }
}

/** Rows of two cells are `key: value`; the rows under a row of headers pair each cell with its header. */
function table(node: MarkupNode, place: Place): void {
  const rows = (node.content ?? []).map((row) => row.content ?? []);
  const [first = []] = rows;
  const headed = first.length > 2 && first.every((cell) => cell.type === 'tableHeader');
  const headers = headed
    ? first.map((cell) =>
        cellLines(cell, place)
          .map((line) => line.text)
          .join(' '),
      )
    : [];
  for (const row of headed ? rows.slice(1) : rows) {
    const cells = row.map((cell) => cellLines(cell, place));
    if (headed) cells.forEach((cell, at) => pair(headers[at] ?? '', cell, place));
    else if (cells.length === 2)
      pair((cells[0] ?? []).map((line) => line.text).join(' '), cells[1] ?? [], place);
    else for (const cell of cells) place.lines.push(...cell);
  }
}

function cellLines(cell: MarkupNode, place: Place): Line[] {
  const lines: Line[] = [];
  walk(cell, { ...place, lines });
  return lines;
}

function pair(key: string, value: Line[], place: Place): void {
  const [first, ...rest] = value;
  const label = /[:：]\s*$/.test(key.slice(-8)) ? key.trim() : `${key.trim()}:`;
  // A list beside its key stays a list: "Docs generated" and its bullets.
  if (!first) add(key, place);
  else if (first.block === 'item') place.lines.push({ ...first, text: label, block: 'text' }, first);
  else place.lines.push({ ...first, text: key.trim() === '' ? first.text : `${label} ${first.text}` });
  place.lines.push(...rest);
}

/** What one inline node shows. */
export function inlineText(node: MarkupNode): string {
  switch (node.type) {
    case 'text':
      return hasMark(node, 'strike') ? '' : (node.text ?? '');
    case 'hardBreak':
      return '\n';
    case 'emoji':
      return attribute(node, 'text') ?? attribute(node, 'shortName') ?? '';
    case 'date':
      return dateText(node);
    case 'inlineCard':
      return cardUrl(node);
    case 'placeholder':
    case 'mediaInline':
      return '';
    default:
      return attribute(node, 'text') ?? node.text ?? '';
  }
}

/** `2026-11-20` of a date node's epoch milliseconds. */
export function dateText(node: MarkupNode): string {
  const date = new Date(Number(attribute(node, 'timestamp') ?? Number.NaN));
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 10);
}

/** The address of a card: its own, or that of the data it carries. */
export function cardUrl(node: MarkupNode): string {
  const data = node.attrs?.['data'];
  const carried: unknown = typeof data === 'object' && data !== null && 'url' in data ? data.url : undefined;
  return attribute(node, 'url') ?? (typeof carried === 'string' ? carried : '');
}
