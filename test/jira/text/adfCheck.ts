/** Checks a document against the structure rules of Atlassian's ADF schema (the parts that people and programs write). */

type Check = (value: unknown) => boolean;

interface NodeRule {
  /** Types that may stand inside; absent: nothing may. */
  content?: readonly string[];
  /** Least number of children; `content` may be absent only if 0. */
  least?: number;
  /** Attributes; a name ending in `?` is optional. Absent: no `attrs` needed, only `localId` allowed. */
  attrs?: Record<string, Check>;
  /** `attrs` must be there even if each attribute is optional. */
  needsAttrs?: true;
  marks?: readonly string[];
}

const isString: Check = (value) => typeof value === 'string';
const isFilled: Check = (value) => typeof value === 'string' && value !== '';
const isNumber: Check = (value) => typeof value === 'number';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isAny: Check = () => true;
const oneOf =
  (...values: unknown[]): Check =>
  (value) =>
    values.includes(value);
const between =
  (low: number, high: number): Check =>
  (value) =>
    typeof value === 'number' && value >= low && value <= high;
const like =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

const INLINE = [
  'text',
  'hardBreak',
  'mention',
  'emoji',
  'date',
  'status',
  'inlineCard',
  'placeholder',
  'inlineExtension',
  'mediaInline',
];
const MEDIA = ['mediaSingle', 'mediaGroup'];
const LISTS = ['bulletList', 'orderedList', 'taskList'];
const PLAIN_BLOCKS = ['paragraph', 'codeBlock', 'extension', ...MEDIA];
const IN_PANEL = [...PLAIN_BLOCKS, ...LISTS, 'heading', 'rule', 'decisionList', 'blockCard'];
const IN_CELL = [...IN_PANEL, 'panel', 'blockquote', 'embedCard', 'nestedExpand'];
const IN_EXPAND = [...IN_PANEL, 'panel', 'blockquote', 'embedCard', 'table', 'nestedExpand'];
const IN_DOC = [
  ...IN_PANEL,
  'panel',
  'blockquote',
  'embedCard',
  'table',
  'expand',
  'layoutSection',
  'bodiedExtension',
];

const cell: NodeRule = {
  content: IN_CELL,
  least: 1,
  attrs: {
    'colspan?': isNumber,
    'rowspan?': isNumber,
    'colwidth?': Array.isArray,
    'background?': isString,
    'valign?': oneOf('top', 'middle', 'bottom'),
  },
};
const extension = {
  extensionKey: isFilled,
  extensionType: isFilled,
  'parameters?': isAny,
  'text?': isString,
  'layout?': isString,
};

const NODES: Record<string, NodeRule> = {
  doc: { content: IN_DOC, least: 0 },
  paragraph: { content: INLINE, marks: ['alignment', 'indentation', 'fontSize'] },
  heading: { content: INLINE, attrs: { level: between(1, 6) }, marks: ['alignment', 'indentation'] },
  bulletList: { content: ['listItem'], least: 1 },
  orderedList: { content: ['listItem'], least: 1, attrs: { 'order?': between(0, Infinity) } },
  listItem: { content: [...PLAIN_BLOCKS, ...LISTS], least: 1 },
  taskList: { content: ['taskItem', 'taskList', 'blockTaskItem'], least: 1, attrs: { localId: isString } },
  taskItem: { content: INLINE, attrs: { localId: isString, state: oneOf('TODO', 'DONE') } },
  blockTaskItem: {
    content: ['paragraph', 'extension'],
    least: 1,
    attrs: { localId: isString, state: oneOf('TODO', 'DONE') },
  },
  decisionList: { content: ['decisionItem'], least: 1, attrs: { localId: isString } },
  decisionItem: { content: INLINE, attrs: { localId: isString, state: isString } },
  codeBlock: {
    content: ['text'],
    attrs: {
      'language?': isString,
      'uniqueId?': isString,
      'wrap?': isBoolean,
      'hideLineNumbers?': isBoolean,
    },
    marks: ['breakout'],
  },
  panel: {
    content: IN_PANEL,
    least: 1,
    attrs: {
      panelType: oneOf('info', 'note', 'tip', 'warning', 'error', 'success', 'custom'),
      'panelIcon?': isString,
      'panelIconId?': isString,
      'panelIconText?': isString,
      'panelColor?': isString,
    },
  },
  blockquote: {
    content: ['paragraph', 'bulletList', 'orderedList', 'codeBlock', 'extension', ...MEDIA],
    least: 1,
  },
  expand: { content: IN_EXPAND, least: 1, attrs: { 'title?': isString }, marks: ['breakout'] },
  nestedExpand: {
    content: IN_EXPAND.filter((type) => !['table', 'nestedExpand', 'embedCard', 'blockCard'].includes(type)),
    least: 1,
    attrs: { 'title?': isString },
  },
  rule: {},
  table: {
    content: ['tableRow'],
    least: 1,
    attrs: {
      'displayMode?': oneOf('default', 'fixed'),
      'isNumberColumnEnabled?': isBoolean,
      'layout?': oneOf('wide', 'full-width', 'center', 'align-end', 'align-start', 'default'),
      'width?': isNumber,
    },
    marks: ['fragment'],
  },
  tableRow: { content: ['tableCell', 'tableHeader'], least: 0 },
  tableCell: cell,
  tableHeader: cell,
  layoutSection: { content: ['layoutColumn'], least: 2, marks: ['breakout'] },
  layoutColumn: {
    content: IN_DOC.filter((type) => type !== 'layoutSection'),
    least: 1,
    attrs: { width: between(0, 100), 'valign?': isString },
  },
  mediaGroup: { content: ['media'], least: 1 },
  mediaSingle: {
    content: ['media', 'caption'],
    least: 1,
    attrs: { 'layout?': isString, 'width?': isNumber, 'widthType?': oneOf('percentage', 'pixel') },
    marks: ['link'],
  },
  caption: { content: INLINE },
  media: {
    attrs: {
      type: oneOf('link', 'file', 'external'),
      'id?': isFilled,
      'collection?': isString,
      'url?': isString,
      'alt?': isString,
      'width?': isNumber,
      'height?': isNumber,
      'occurrenceKey?': isFilled,
    },
    marks: ['link', 'border', 'annotation', 'dataConsumer'],
  },
  mediaInline: {
    attrs: {
      id: isFilled,
      collection: isString,
      'type?': isString,
      'alt?': isString,
      'width?': isNumber,
      'height?': isNumber,
      'occurrenceKey?': isFilled,
      'data?': isAny,
    },
    marks: ['link', 'border', 'annotation', 'dataConsumer'],
  },
  blockCard: {
    attrs: {
      'url?': isString,
      'data?': isAny,
      'datasource?': isAny,
      'width?': isNumber,
      'layout?': isString,
    },
    needsAttrs: true,
  },
  embedCard: {
    attrs: {
      url: isString,
      layout: isString,
      'width?': between(0, 100),
      'originalHeight?': isNumber,
      'originalWidth?': isNumber,
    },
  },
  extension: { attrs: extension, marks: ['dataConsumer', 'fragment'] },
  inlineExtension: { attrs: extension, marks: ['dataConsumer', 'fragment'] },
  bodiedExtension: {
    content: IN_EXPAND.filter((type) => type !== 'nestedExpand'),
    least: 1,
    attrs: extension,
    marks: ['dataConsumer', 'fragment'],
  },
  hardBreak: { attrs: { 'text?': oneOf('\n') } },
  mention: {
    attrs: {
      id: isString,
      'text?': isString,
      'accessLevel?': isString,
      'userType?': oneOf('DEFAULT', 'SPECIAL', 'APP'),
    },
  },
  emoji: { attrs: { shortName: isString, 'id?': isString, 'text?': isString } },
  date: { attrs: { timestamp: isFilled } },
  status: {
    attrs: {
      text: isFilled,
      color: like(/^(neutral|purple|blue|red|yellow|green|#[0-9a-fA-F]{6})$/),
      'style?': isString,
    },
  },
  inlineCard: { attrs: { 'url?': isString, 'data?': isAny }, needsAttrs: true },
  placeholder: { attrs: { text: isString } },
};

const COLOR = like(/^#[0-9a-fA-F]{6}$/);
const MARKS: Record<string, Record<string, Check>> = {
  strong: {},
  em: {},
  strike: {},
  underline: {},
  code: {},
  subsup: { type: oneOf('sub', 'sup') },
  textColor: { color: COLOR },
  backgroundColor: { color: COLOR },
  link: {
    href: isString,
    'title?': isString,
    'id?': isString,
    'collection?': isString,
    'occurrenceKey?': isString,
  },
  annotation: { id: isString, annotationType: oneOf('inlineComment') },
  alignment: { align: oneOf('center', 'end') },
  indentation: { level: between(1, 6) },
  fontSize: { fontSize: oneOf('small') },
  breakout: { mode: oneOf('wide', 'full-width'), 'width?': isNumber },
  border: { size: between(1, 3), color: like(/^#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/) },
  fragment: { localId: isFilled, 'name?': isString },
  dataConsumer: { sources: Array.isArray },
};
const TEXT_MARKS = [
  'strong',
  'em',
  'strike',
  'underline',
  'code',
  'subsup',
  'textColor',
  'backgroundColor',
  'link',
  'annotation',
];
const WITH_CODE = ['code', 'link', 'annotation'];

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
