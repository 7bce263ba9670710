import { isFilled, MARKS, NODES, TEXT_MARKS, WITH_CODE, type Check } from './adfRules';

/** What is wrong with the document, as a path and a reason; undefined if nothing is. */
export function adfProblem(value: unknown): string | undefined {
  const doc = record(value);
  if (doc?.['type'] !== 'doc' || doc['version'] !== 1) return 'doc: not a document of version 1';
  if (!Array.isArray(doc['content'])) return 'doc: no content';
  return nodeProblem(doc, ['doc'], '', 0);
}

function nodeProblem(
  value: unknown,
  allowed: readonly string[],
  parent: string,
  depth: number,
): string | undefined {
  const node = record(value);
  if (!node) return `${parent}: a child is not an object`;
  const type = String(node['type']);
  const at = parent === '' ? type : `${parent}/${type}`;
  if (depth > 100) return `${at}: too deep`;
  if (!allowed.includes(type)) return `${at}: not allowed here`;
  if (type === 'text') return textProblem(node, parent, at);
  const rule = NODES[type];
  if (!rule) return `${at}: unknown`;
  const known =
    type === 'doc' ? ['version', 'content'] : ['attrs', 'marks', ...(rule.content ? ['content'] : [])];
  const extra = Object.keys(node).find((key) => key !== 'type' && !known.includes(key));
  if (extra !== undefined) return `${at}: unknown key ${extra}`;
  if (rule.needsAttrs && node['attrs'] === undefined) return `${at}: attrs are missing`;
  return (
    attrsProblem(node['attrs'], rule.attrs ?? {}, at, true) ??
    marksProblem(node['marks'], rule.marks ?? [], at) ??
    (rule.content ? contentProblem(node['content'], rule.content, rule.least, at, depth) : undefined)
  );
}

function contentProblem(
  value: unknown,
  allowed: readonly string[],
  least: number | undefined,
  at: string,
  depth: number,
): string | undefined {
  if (value === undefined && least === undefined) return undefined;
  if (!Array.isArray(value)) return `${at}: content is not a list`;
  if (value.length < (least ?? 0)) return `${at}: too little content`;
  for (const child of value) {
    const problem = nodeProblem(child, allowed, at, depth + 1);
    if (problem) return problem;
  }
  return undefined;
}

function textProblem(node: Record<string, unknown>, parent: string, at: string): string | undefined {
  if (!isFilled(node['text'])) return `${at}: empty text`;
  const extra = Object.keys(node).find((key) => !['type', 'text', 'marks'].includes(key));
  if (extra !== undefined) return `${at}: unknown key ${extra}`;
  const marks = Array.isArray(node['marks']) ? node['marks'].map((mark) => record(mark)?.['type']) : [];
  const inCodeBlock = parent.endsWith('codeBlock');
  const allowed = inCodeBlock ? [] : marks.includes('code') ? WITH_CODE : TEXT_MARKS;
  return marksProblem(node['marks'], allowed, at);
}

function marksProblem(value: unknown, allowed: readonly string[], at: string): string | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return `${at}: marks are not a list`;
  for (const entry of value) {
    const mark = record(entry);
    const type = String(mark?.['type']);
    const rule = MARKS[type];
    if (!mark || !rule || !allowed.includes(type)) return `${at}: mark ${type} is not allowed`;
    const problem = attrsProblem(mark['attrs'], rule, `${at} mark ${type}`, false);
    if (problem) return problem;
  }
  return undefined;
}

function attrsProblem(
  value: unknown,
  rules: Record<string, Check>,
  at: string,
  mayHaveId: boolean,
): string | undefined {
  const needed = Object.keys(rules).some((name) => !name.endsWith('?'));
  if (value === undefined) return needed ? `${at}: attrs are missing` : undefined;
  const attrs = record(value);
  if (!attrs) return `${at}: attrs are not an object`;
  for (const [name, check] of Object.entries(rules)) {
    const optional = name.endsWith('?');
    const given = attrs[optional ? name.slice(0, -1) : name];
    if (given === undefined ? !optional : !check(given)) return `${at}: attribute ${name}`;
  }
  const extra = Object.keys(attrs).find(
    (key) => !(key in rules) && !(`${key}?` in rules) && !(mayHaveId && key === 'localId'),
  );
  return extra === undefined ? undefined : `${at}: unknown attribute ${extra}`;
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
