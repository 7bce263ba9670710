import type { RecordFields, RecordTitle } from '../../../model/record/record';
import {
  type Linked,
  type RecordPair,
  type RecordParts,
  type RecordPlace,
  recordParts,
  withinLimit,
} from '../../../model/record/text';
import { lookOf } from './recordLook';

/** A node as Jira Cloud's REST v3 takes it. */
export type AdfNode = { readonly type: string; readonly [property: string]: unknown };
export interface AdfDocument extends AdfNode {
  readonly type: 'doc';
  readonly version: 1;
  readonly content: AdfNode[];
}

/** A record as the body of a Cloud comment: one panel, whose text reads back as the record. */
export const recordAdf = (fields: RecordFields, place: RecordPlace): AdfDocument =>
  withinLimit(recordParts(fields, place), (parts) => ({
    type: 'doc',
    version: 1,
    content: [
      {
        type: 'panel',
        attrs: { panelType: lookOf(fields.title).panel },
        content: blocks(fields.title, parts),
      },
    ],
  }));

function blocks(title: RecordTitle, { pairs, docs, command, closing }: RecordParts): AdfNode[] {
  const content: AdfNode[] = [{ type: 'heading', attrs: { level: 3 }, content: heading(title) }];
  if (pairs.length > 0) content.push(keyed(pairs));
  if (docs.length > 0)
    content.push(paragraph(strong('Docs generated:')), {
      type: 'bulletList',
      content: docs.map((doc) => ({ type: 'listItem', content: [paragraph(linked(doc))] })),
    });
  if (command !== undefined)
    content.push(paragraph(strong('To continue conversation:')), {
      type: 'codeBlock',
      attrs: { language: 'shell' },
      content: [text(command)],
    });
  if (closing.length > 0) content.push(keyed(closing));
  return content;
}

/** The title with its telling word in a lozenge. */
function heading(title: RecordTitle): AdfNode[] {
  const { word, lozenge } = lookOf(title);
  const [before = '', after = ''] = title.split(word);
  return [
    ...(before === '' ? [] : [text(before)]),
    { type: 'status', attrs: { text: word, color: lozenge } },
    ...(after === '' ? [] : [text(after)]),
  ];
}

const text = (value: string): AdfNode => ({ type: 'text', text: value });
const strong = (value: string): AdfNode => ({ ...text(value), marks: [{ type: 'strong' }] });
const linked = ({ text: value, href }: Linked): AdfNode =>
  href === undefined ? text(value) : { ...text(value), marks: [{ type: 'link', attrs: { href } }] };
const paragraph = (...content: AdfNode[]): AdfNode => ({ type: 'paragraph', content });

const keyed = (pairs: readonly RecordPair[]): AdfNode =>
  paragraph(
    ...pairs.flatMap((pair, at) => [
      ...(at > 0 ? [{ type: 'hardBreak' }] : []),
      strong(`${pair.key}: `),
      linked(pair),
    ]),
  );
