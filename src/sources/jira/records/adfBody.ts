import { readAdf } from '../../markup/node';
import { markupLines } from '../markup/lines';
import type { AdfDocument, AdfNode } from '../markup/recordAdf';
import { findBlock, type Piece } from './block';

/**
 * The document with the session's record replaced by `record`'s panel, or taken away; every other node stays as Jira
 * gave it. Undefined where the record cannot be told from the words around it.
 */
export function editAdf(body: unknown, sessionId: string, record?: AdfDocument): AdfDocument | undefined {
  const nodes = contentOf(body);
  if (!nodes) return undefined;
  for (const [at, node] of nodes.entries()) {
    const inside = node.type === 'panel' ? editPanel(node, sessionId, record?.content[0]) : undefined;
    if (inside) return documentOf(nodes.toSpliced(at, 1, ...inside));
  }
  const block = findBlock(pieces(nodes), sessionId);
  if (!block) return undefined;
  return documentOf([...block.before, ...(record?.content ?? []), ...block.words, ...block.after]);
}

/** What the panel becomes; nothing where only the record was in it. */
function editPanel(panel: AdfNode, sessionId: string, record: AdfNode | undefined): AdfNode[] | undefined {
  const nodes = contentOf(panel);
  const block = nodes && findBlock(pieces(nodes), sessionId);
  if (!block) return undefined;
  const content = [...block.before, ...(contentOf(record) ?? []), ...block.words, ...block.after];
  if (pieces(content).every(({ isBlank }) => isBlank)) return [];
  return [{ ...panel, ...(record && { attrs: record['attrs'] }), content }];
}

const documentOf = (content: AdfNode[]): AdfDocument => ({ type: 'doc', version: 1, content });

const pieces = (nodes: readonly AdfNode[]): Piece<AdfNode>[] =>
  nodes.map((raw) => ({
    raw,
    lines: markupLines(readAdf({ type: 'doc', content: [raw] })),
    isBlank: raw.type === 'paragraph' && (contentOf(raw) ?? []).length === 0,
  }));

const isNode = (value: unknown): value is AdfNode =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Undefined where anything in it is no node: what we do not know we do not write back. */
function contentOf(node: unknown): AdfNode[] | undefined {
  if (!isNode(node)) return undefined;
  const content: unknown = node['content'] ?? [];
  return Array.isArray(content) && content.every(isNode) ? content : undefined;
}
