import type { RecordFields, RecordTitle } from '../../../model/record/record';
import { type RecordPlace, recordParts } from '../../../model/record/text';

/** A node as Jira Cloud's REST v3 takes it. */
export type AdfNode = { readonly type: string; readonly [property: string]: unknown };
export interface AdfDocument extends AdfNode {
  readonly type: 'doc';
  readonly version: 1;
  readonly content: AdfNode[];
}

/** A record as the body of a Cloud comment: one panel, whose text reads back as the record. */
export function recordAdf(fields: RecordFields, place: RecordPlace): AdfDocument {
  const { title, pairs, docs, command, closing } = recordParts(fields, place);
  const content: AdfNode[] = [{ type: 'heading', attrs: { level: 3 }, content: [text(title)] }];
  if (pairs.length > 0) content.push(keyed(pairs));
  if (docs.length > 0)
    content.push(paragraph(strong('Docs generated:')), {
      type: 'bulletList',
      content: docs.map((name) => ({ type: 'listItem', content: [paragraph(text(name))] })),
    });
  if (command !== undefined)
    content.push(paragraph(strong('To continue conversation:')), {
      type: 'codeBlock',
      attrs: { language: 'shell' },
      content: [text(command)],
    });
  if (closing.length > 0) content.push(keyed(closing));
  return {
    type: 'doc',
    version: 1,
    content: [{ type: 'panel', attrs: { panelType: panelOf(fields.title) }, content }],
  };
}

const text = (value: string): AdfNode => ({ type: 'text', text: value });
const strong = (value: string): AdfNode => ({ ...text(value), marks: [{ type: 'strong' }] });
const paragraph = (...content: AdfNode[]): AdfNode => ({ type: 'paragraph', content });

const keyed = (pairs: readonly [string, string][]): AdfNode =>
  paragraph(
    ...pairs.flatMap(([key, value], at) => [
      ...(at > 0 ? [{ type: 'hardBreak' }] : []),
      strong(`${key}: `),
      text(value),
    ]),
  );

function panelOf(title: RecordTitle): 'info' | 'note' | 'success' | 'error' {
  if (title.endsWith('Failed')) return 'error';
  if (title.endsWith('Complete') || title === 'Approved for Implementation') return 'success';
  return title === 'Approval Requested' ? 'note' : 'info';
}
