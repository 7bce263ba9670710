import { codeBlock, escapeInline, escapeLineStart, inlineCode } from '../../util/markdownText';
import { markupLines } from '../jira/markup/lines';
import { inlineMarkdown } from './markdownInline';
import { attribute, isInline, type MarkupNode } from './node';

/**
 * A document as Markdown: faithful where Markdown can say it, its text where it cannot. Nothing from Jira becomes HTML,
 * an image, or a link other than `http`, `https` and `mailto`. `headings` is added to each heading's level.
 */
export function markupMarkdown(document: MarkupNode, headings = 0): string {
  return blocks(document.content ?? [], headings).join('\n');
}

/** The blocks of a container as lines, with a blank line between two blocks. */
function blocks(nodes: readonly MarkupNode[], headings: number): string[] {
  const lines: string[] = [];
  let previous: { type: string; alternate: boolean } | undefined;
  for (const node of withParagraphs(nodes)) {
    // Two lists in a row would become one; another marker keeps them apart.
    const alternate: boolean = previous?.type === node.type && !previous.alternate;
    const found = block(node, headings, alternate);
    if (found.length === 0) continue;
    if (lines.length > 0) lines.push('');
    for (const line of found) lines.push(line);
    previous = { type: node.type, alternate };
  }
  return lines;
}

/** Inline nodes that stand among blocks, each run as a paragraph of its own. */
function withParagraphs(nodes: readonly MarkupNode[]): MarkupNode[] {
  const result: MarkupNode[] = [];
  let run: MarkupNode[] = [];
  for (const node of nodes) {
    if (isInline(node)) {
      run.push(node);
      continue;
    }
    if (run.length > 0) result.push({ type: 'paragraph', content: run });
    run = [];
    result.push(node);
  }
  if (run.length > 0) result.push({ type: 'paragraph', content: run });
  return result;
}

function block(node: MarkupNode, headings: number, alternate: boolean): string[] {
  const content = node.content ?? [];
  switch (node.type) {
    case 'heading':
      return heading(node, headings);
    case 'codeBlock':
      return codeBlock(content.map((child) => child.text ?? '').join(''), attribute(node, 'language')).split(
        '\n',
      );
    case 'blockquote':
      return quoted(blocks(content, headings));
    case 'panel':
      return labelled(attribute(node, 'title') ?? panelLabel(node), blocks(content, headings));
    case 'expand':
    case 'nestedExpand':
      return labelled(attribute(node, 'title') || 'Details', blocks(content, headings));
    case 'rule':
      return ['___'];
    case 'bulletList':
    case 'decisionList':
    case 'taskList':
      return list(content, headings, (item) => `${alternate ? '+' : '-'} ${checkBox(item)}`);
    case 'orderedList': {
      const first = Math.min(Math.max(Math.trunc(Number(attribute(node, 'order') ?? 1)) || 0, 0), 1e8);
      return list(content, headings, (_, at) => `${first + at}${alternate ? ')' : '.'} `);
    }
    case 'table':
      return table(node);
    case 'media':
    case 'blockCard':
    case 'embedCard':
      return paragraph([node]);
    default:
      if (content.length === 0) return paragraph([node]);
      return content.every(isInline) ? paragraph(content) : blocks(content, headings);
  }
}

/** Lines with hard breaks between them; empty ones at the ends are gone. */
function paragraph(nodes: readonly MarkupNode[]): string[] {
  const lines = inlineMarkdown(nodes).map(escapeLineStart);
  const first = lines.findIndex((line) => line !== '');
  const last = lines.findLastIndex((line) => line !== '');
  return first < 0
    ? []
    : lines.slice(first, last + 1).map((line, at) => (first + at < last ? `${line}\\` : line));
}

function heading(node: MarkupNode, headings: number): string[] {
  const level = Math.min(Math.max(Number(attribute(node, 'level')) || 1, 1) + headings, 6);
  const text = inlineMarkdown(node.content ?? [])
    .join(' ')
    .trim();
  // Number signs at the end would close the heading.
  return text === '' ? [] : [`${'#'.repeat(level)} ${text.replace(/#$/, '\\#')}`];
}

const quoted = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '>' : `> ${line}`));

function labelled(label: string, lines: readonly string[]): string[] {
  const name = escapeInline(label).trim();
  const strong = name === '' ? [] : [`**${name}**`];
  return quoted(lines.length > 0 && strong.length > 0 ? [...strong, '', ...lines] : [...strong, ...lines]);
}

const labels: Readonly<Record<string, string>> = {
  info: 'Info',
  note: 'Note',
  tip: 'Tip',
  success: 'Success',
  warning: 'Warning',
  error: 'Error',
};

const panelLabel = (node: MarkupNode): string => {
  const type = attribute(node, 'panelType') ?? '';
  return Object.hasOwn(labels, type) ? (labels[type] ?? '') : '';
};

function checkBox(item: MarkupNode): string {
  if (item.type !== 'taskItem' && item.type !== 'blockTaskItem') return '';
  return attribute(item, 'state') === 'DONE' ? '[x] ' : '[ ] ';
}

function list(
  items: readonly MarkupNode[],
  headings: number,
  markerOf: (item: MarkupNode, at: number) => string,
): string[] {
  const lines: string[] = [];
  let count = 0;
  for (const item of items) {
    // A task list nests its lists beside its items, not in them.
    const nested = item.type.endsWith('List');
    const marker = nested ? '  ' : markerOf(item, count++);
    const width = nested ? 2 : marker.length - checkBox(item).length;
    const found = nested ? block(item, headings, false) : tightened(item, headings);
    // Empty items in each other would be a rule: "- - -".
    if (found.length === 0 && checkBox(item) === '') continue;
    for (const [at, line] of (found.length === 0 ? [''] : found).entries())
      lines.push(at === 0 ? `${marker}${line}` : line === '' ? '' : ' '.repeat(width) + line);
  }
  return lines;
}

/** An item's blocks; a list that begins with bullets needs no blank line after the item's own text. */
function tightened(item: MarkupNode, headings: number): string[] {
  const lines = blocks(item.content ?? [], headings);
  const tight = lines[1] === '' && /^- \S/.test(lines[2] ?? '') && (lines[0] ?? '') !== '';
  return tight ? [lines[0] ?? '', ...lines.slice(2)] : lines;
}

const maxColumns = 40;

function table(node: MarkupNode): string[] {
  const rows = (node.content ?? []).map((row) => row.content ?? []);
  const cells = rows.map((row) =>
    row.flatMap((cell) => [cellMarkdown(cell), ...spanned(cell)]).slice(0, maxColumns),
  );
  const columns = Math.max(0, ...cells.slice(0, 10_000).map((row) => row.length));
  if (columns === 0) return [];
  const line = (row: readonly string[]): string =>
    `| ${Array.from({ length: columns }, (_, at) => row[at] ?? '').join(' | ')} |`;
  const headed = rows[0]?.every((cell) => cell.type === 'tableHeader') ?? false;
  const body = headed ? cells.slice(1) : cells;
  return [line(headed ? (cells[0] ?? []) : []), `|${' --- |'.repeat(columns)}`, ...body.map(line)];
}

function spanned(cell: MarkupNode): string[] {
  const span = Number(attribute(cell, 'colspan') ?? 1);
  return span > 1 ? Array.from({ length: Math.min(span, maxColumns) - 1 }, () => '') : [];
}

/** A cell is one line: its blocks with a dot between them. */
function cellMarkdown(cell: MarkupNode): string {
  return withParagraphs(cell.content ?? [])
    .flatMap(cellParts)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join(' · ');
}

function cellParts(node: MarkupNode): string[] {
  const content = node.content ?? [];
  if (node.type === 'codeBlock')
    return markupLines({ type: 'doc', content: [node] }).map(({ text }) => inlineCode(text, true));
  if (node.type.endsWith('List')) return content.map((item) => `• ${cellMarkdown(item)}`);
  if (content.some((child) => !isInline(child))) return withParagraphs(content).flatMap(cellParts);
  return [inlineMarkdown(content.length > 0 ? content : [node], true).join(' ')];
}
