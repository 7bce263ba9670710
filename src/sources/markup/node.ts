import { z } from 'zod';

/**
 * One node of rich text, in the vocabulary of the Atlassian Document Format (`paragraph`, `panel`, `text` …).
 * Wiki markup is parsed into the same tree, so that everything after parsing exists once.
 */
export interface MarkupNode {
  type: string;
  text?: string;
  attrs?: Readonly<Record<string, unknown>>;
  marks?: readonly Mark[];
  content?: readonly MarkupNode[];
}

export interface Mark {
  type: string;
  attrs?: Readonly<Record<string, unknown>>;
}

export const textNode = (text: string, marks: readonly Mark[] = []): MarkupNode =>
  marks.length > 0 ? { type: 'text', text, marks } : { type: 'text', text };

/** An attribute as text, or undefined: attributes come from outside and may be anything. */
export function attribute(node: MarkupNode | Mark, name: string): string | undefined {
  const value = node.attrs?.[name];
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

export const hasMark = (node: MarkupNode, type: string): boolean =>
  node.marks?.some((mark) => mark.type === type) ?? false;

const inlineTypes = new Set([
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'status',
  'date',
  'inlineCard',
  'placeholder',
  'mediaInline',
  'inlineExtension',
]);

/** Whether a node stands in a line; of unknown nodes, those that hold nothing but a text. */
export const isInline = (node: MarkupNode): boolean =>
  inlineTypes.has(node.type) ||
  (node.content === undefined && (node.text !== undefined || attribute(node, 'text') !== undefined));

/** What one document may cost. Jira's own limit is 32,767 characters, which administrators can raise. */
const limits = { depth: 40, nodes: 30_000, characters: 200_000, marks: 12 };

const attrs = z.record(z.string(), z.unknown());
const mark = z.object({ type: z.string(), attrs: attrs.optional().catch(undefined) });
const shape = z.object({
  type: z.string(),
  text: z.string().optional().catch(undefined),
  attrs: attrs.optional().catch(undefined),
  marks: z.array(z.unknown()).optional().catch(undefined),
  content: z.array(z.unknown()).optional().catch(undefined),
});

/** Copies an ADF document, leaving out what is not a node and what goes beyond the limits. Never throws. */
export function readAdf(body: unknown): MarkupNode {
  const budget = { nodes: limits.nodes, characters: limits.characters };
  return readNode(body, 0, budget) ?? { type: 'doc', content: [] };
}

function readNode(
  value: unknown,
  depth: number,
  budget: { nodes: number; characters: number },
): MarkupNode | undefined {
  if (depth > limits.depth || budget.nodes <= 0) return undefined;
  budget.nodes--;
  const parsed = shape.safeParse(value);
  if (!parsed.success) return undefined;
  const node: MarkupNode = { type: parsed.data.type };
  if (parsed.data.text !== undefined) {
    node.text = parsed.data.text.slice(0, budget.characters);
    budget.characters -= node.text.length;
  }
  if (parsed.data.attrs) node.attrs = parsed.data.attrs;
  if (parsed.data.marks) node.marks = parsed.data.marks.slice(0, limits.marks).flatMap(readMark);
  if (parsed.data.content) {
    const content: MarkupNode[] = [];
    for (const child of parsed.data.content) {
      if (budget.nodes <= 0) break;
      const read = readNode(child, depth + 1, budget);
      if (read) content.push(read);
    }
    node.content = content;
  }
  return node;
}

function readMark(value: unknown): Mark[] {
  const parsed = mark.safeParse(value);
  if (!parsed.success) return [];
  return [
    parsed.data.attrs ? { type: parsed.data.type, attrs: parsed.data.attrs } : { type: parsed.data.type },
  ];
}

/** The longest wiki markup that is read; the rest is cut. */
export const maxWikiLength = limits.characters;
