import { escapeInline, inlineCode, link, oneLine, safeLink } from '../../util/markdownText';
import { cardUrl, dateText } from '../jira/markup/lines';
import { attribute, hasMark, type MarkupNode } from './node';

/** A stretch of text with the marks that Markdown knows. */
interface Piece {
  text: string;
  /** Passed `safeLink`. */
  href?: string;
  code: boolean;
  strong: boolean;
  em: boolean;
  strike: boolean;
}

const plain = (text: string): Piece => ({ text, code: false, strong: false, em: false, strike: false });

/** Inline nodes as lines of Markdown, one for each line break; each still needs `escapeLineStart`. */
export function inlineMarkdown(nodes: readonly MarkupNode[], inTable = false): string[] {
  const lines: Piece[][] = [[]];
  for (const node of nodes)
    for (const [at, part] of pieces(node).entries()) {
      if (at > 0) lines.push([]);
      lines.at(-1)?.push(...part);
    }
  return lines.map((line) => {
    // A piece of nothing but hidden characters must not stand between two others.
    const shown = line
      .map((piece) => ({ ...piece, text: oneLine(piece.text) }))
      .filter(({ text }) => text !== '');
    return render(shown, 0, { before: '', after: '' }, inTable);
  });
}

/** The lines of one node; most have one. */
function pieces(node: MarkupNode): Piece[][] {
  switch (node.type) {
    case 'text':
      return (node.text ?? '').split(/\r\n?|[\n\u2028\u2029]/).map((line) => textPieces(line, node));
    case 'hardBreak':
      return [[], []];
    case 'emoji':
      return [[plain(attribute(node, 'text') ?? attribute(node, 'shortName') ?? '')]];
    case 'date':
      return [[plain(dateText(node))]];
    case 'status':
      return [[{ ...plain(attribute(node, 'text') ?? ''), code: true }]];
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return [[linked(plain(cardUrl(node)), cardUrl(node))]];
    case 'media':
    case 'mediaInline':
      return [[{ ...plain(attachment(node)), em: true }]];
    case 'placeholder':
      return [[]];
    default:
      return [[plain(attribute(node, 'text') ?? node.text ?? '')]];
  }
}

/** Named, never loaded. */
const attachment = (node: MarkupNode): string =>
  `Attachment: ${attribute(node, 'alt') ?? attribute(node, '__fileName') ?? attribute(node, 'id') ?? 'unnamed'}`;

function linked(piece: Piece, href: string): Piece {
  const safe = safeLink(href);
  return safe === undefined ? piece : { ...piece, href: safe };
}

function textPieces(text: string, node: MarkupNode): Piece[] {
  const piece: Piece = {
    text: raised(text, node),
    code: hasMark(node, 'code'),
    strong: hasMark(node, 'strong'),
    em: hasMark(node, 'em'),
    strike: hasMark(node, 'strike'),
  };
  const mark = node.marks?.find(({ type }) => type === 'link');
  if (mark) return [linked(piece, attribute(mark, 'href') ?? '')];
  return piece.code ? [piece] : withAddresses(piece);
}

/** Jira links bare addresses; so do we, whole, or linkify would link what it takes for one. */
function withAddresses(piece: Piece): Piece[] {
  const found: Piece[] = [];
  let done = 0;
  for (const match of piece.text.matchAll(/(?<![\p{L}\p{N}])https?:\/\/[^\s<>"'`|\\]{1,2000}/gu)) {
    const url = match[0].replace(/[.,;:!?)\]*_]{1,9}$/, '');
    found.push({ ...piece, text: piece.text.slice(done, match.index) }, linked({ ...piece, text: url }, url));
    done = match.index + url.length;
  }
  return [...found, { ...piece, text: piece.text.slice(done) }];
}

const superscript = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ';
const subscript = '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ';

/** Markdown has no raised text: Unicode where it has the characters, else `^(…)` and `_(…)`. */
function raised(text: string, node: MarkupNode): string {
  const mark = node.marks?.find(({ type }) => ['subsup', 'sub', 'sup'].includes(type));
  if (!mark || text.trim() === '') return text;
  const up = mark.type === 'sup' || attribute(mark, 'type') === 'sup';
  const to = up ? superscript : subscript;
  const characters = text.split('').map((character) => to.charAt('0123456789+-=()n'.indexOf(character)));
  return characters.every((character) => character !== '')
    ? characters.join('')
    : `${up ? '^' : '_'}(${text})`;
}

interface Edges {
  /** Last character before, and first after; empty at the ends of the line. */
  before: string;
  after: string;
}

/** From the outermost to the innermost: neighbours that share a mark are wrapped as one, so delimiters never meet. */
const levels = ['href', 'code', 'strong', 'em', 'strike'] as const;
const delimiters = { strong: '**', em: '_', strike: '~~' } as const;

function render(line: readonly Piece[], level: number, edges: Edges, inTable: boolean): string {
  const mark = levels[level];
  if (mark === undefined) return escapeInline(textOf(line));
  const groups = grouped(line, mark);
  const out: string[] = [];
  let { before } = edges;
  for (const [at, group] of groups.entries()) {
    const inner = (around: Edges): string => render(group, level + 1, around, inTable);
    const here: Edges = { before, after: groups[at + 1]?.[0]?.text.charAt(0) ?? edges.after };
    const text = grouping(mark, group, here, inner, inTable);
    out.push(text);
    before = text.at(-1) ?? before;
  }
  return out.join('');
}

/** One group of neighbours: inside the mark that they share, or as they are. */
function grouping(
  mark: (typeof levels)[number],
  group: readonly Piece[],
  edges: Edges,
  inner: (edges: Edges) => string,
  inTable: boolean,
): string {
  const [first] = group;
  if (mark === 'href')
    return first?.href === undefined
      ? inner(edges)
      : linkMarkdown(group, first.href, inner({ before: '[', after: ']' }));
  if (!first?.[mark]) return inner(edges);
  if (mark === 'code') return codeMarkdown(group, inTable) || inner(edges);
  return emphasis(delimiters[mark], edges, inner) ?? escapeInline(textOf(group));
}

function grouped(line: readonly Piece[], mark: (typeof levels)[number]): Piece[][] {
  const groups: Piece[][] = [];
  for (const piece of line) {
    const last = groups.at(-1);
    if (last && last[0]?.[mark] === piece[mark]) last.push(piece);
    else groups.push([piece]);
  }
  return groups;
}

/** In a link's label, a bracket counts even inside code: ``[`]:`](…)`` would define a reference. */
function codeMarkdown(group: readonly Piece[], inTable: boolean): string {
  const text = textOf(group);
  return group[0]?.href !== undefined && /[[\]]/.test(text) ? '' : inlineCode(text, inTable);
}

const textOf = (group: readonly Piece[]): string => group.map(({ text }) => text).join('');

function linkMarkdown(group: readonly Piece[], href: string, label: string): string {
  const text = textOf(group);
  if (label.trim() === '') return label;
  return text === href ? `<${href}>` : link(label, href);
}

const isWord = (character: string): boolean => /^[\p{L}\p{N}]$/u.test(character);
const isBoundary = (character: string): boolean => character === '' || /^[\s!-/:-@[-`{-~]$/.test(character);

/**
 * `inner` between delimiters, blanks outside of them; undefined where Markdown would show the delimiters
 * (CommonMark's flanking rules): better plain than wrong.
 */
function emphasis(delimiter: string, edges: Edges, inner: (edges: Edges) => string): string | undefined {
  const text = inner({ before: delimiter.charAt(0), after: delimiter.charAt(0) });
  const core = text.trim();
  if (core === '') return text;
  const lead = text.slice(0, text.length - text.trimStart().length);
  const trail = text.slice(text.trimEnd().length);
  const opens = isBoundary(lead === '' ? edges.before : ' ') || (delimiter !== '_' && isWord(core.charAt(0)));
  const closes =
    isBoundary(trail === '' ? edges.after : ' ') || (delimiter !== '_' && isWord(core.slice(-1)));
  return opens && closes ? `${lead}${delimiter}${core}${delimiter}${trail}` : undefined;
}
