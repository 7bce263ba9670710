/** Atlassian's ADF schema as tables: the nodes and marks that people and programs write. */

export type Check = (value: unknown) => boolean;

export interface NodeRule {
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
export const isFilled: Check = (value) => typeof value === 'string' && value !== '';
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

export const NODES: Record<string, NodeRule> = {
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
export const MARKS: Record<string, Record<string, Check>> = {
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
export const TEXT_MARKS = [
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
export const WITH_CODE = ['code', 'link', 'annotation'];
