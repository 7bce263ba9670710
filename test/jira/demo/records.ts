import type { AdfNode } from '../entities';
import {
  bulletList,
  code,
  codeBlock,
  doc,
  hardBreak,
  heading,
  link,
  lozenge,
  panel,
  paragraph,
  strong,
  table,
} from '../text/adf';
import type { RecordShape } from './demoTask';

/** A record's lines before they take a shape (README, "Records on the issue"). */
export interface DemoRecord {
  title: string;
  /** `Session ID`, `Host`, ... in order. */
  fields: [label: string, value: string][];
  /** Names under `Docs generated`. */
  docs: string[];
  /** The line under `To continue conversation`. */
  command?: string;
  /** Web address of the branch. */
  branchUrl?: string;
}

const PANELS: [word: RegExp, panelType: string, color: string][] = [
  [/Failed/, 'error', 'red'],
  [/Complete|Approved/, 'success', 'green'],
  [/Requested|Handoff/, 'note', 'purple'],
  [/./, 'info', 'blue'],
];

export function recordBody(record: DemoRecord, shape: RecordShape): AdfNode {
  const lines = recordLines(record);
  switch (shape) {
    case 'panel':
      return recordPanel(record);
    case 'table':
      return doc(
        heading(3, record.title),
        table(
          record.fields.map(([label, value]) => [strong(label), value]),
          false,
        ),
        ...docsAndCommand(record),
      );
    case 'list':
      return doc(
        paragraph(strong(record.title)),
        bulletList(...record.fields.map(([label, value]) => [strong(`${label}: `), value])),
        ...docsAndCommand(record),
      );
    case 'codeBlock':
      return doc(codeBlock(lines.join('\n')));
    case 'box':
      return doc(codeBlock(boxed(lines).join('\n')));
    case 'hardBreaks':
      return doc(paragraph(...lines.flatMap((line, index) => (index === 0 ? [line] : [hardBreak(), line]))));
    default:
      return doc(...lines.map((line) => paragraph(line)));
  }
}

/** The text form, a line each. */
export function recordLines(record: DemoRecord): string[] {
  const status = record.fields.filter(([label]) => label === 'Status');
  const others = record.fields.filter(([label]) => label !== 'Status');
  const line = ([label, value]: [string, string]) => `${label}: ${value}`;
  return [
    record.title,
    ...others.map(line),
    ...(record.docs.length > 0 ? ['Docs generated:', ...record.docs.map((name) => `- ${name}`)] : []),
    ...(record.command ? ['To continue conversation:', record.command] : []),
    ...status.map(line),
  ];
}

function recordPanel(record: DemoRecord): AdfNode {
  const [, panelType = 'info', color = 'blue'] = PANELS.find(([word]) => word.test(record.title)) ?? [];
  const shown = ([label, value]: [string, string]): AdfNode => {
    if (label === 'Status') return lozenge(value, color);
    if (label === 'Branch' && record.branchUrl) return link(value, record.branchUrl);
    return code(value);
  };
  const lines = record.fields.flatMap((field, index) => [
    ...(index === 0 ? [] : [hardBreak()]),
    strong(`${field[0]}: `),
    shown(field),
  ]);
  return doc(panel(panelType, heading(3, record.title), paragraph(...lines), ...docsAndCommand(record)));
}

function docsAndCommand({ docs, command }: DemoRecord): AdfNode[] {
  return [
    ...(docs.length > 0 ? [paragraph(strong('Docs generated:')), bulletList(...docs)] : []),
    ...(command ? [paragraph(strong('To continue conversation:')), codeBlock(command, 'shell')] : []),
  ];
}

function boxed(lines: string[]): string[] {
  const width = Math.max(...lines.map((line) => line.length));
  const row = (line: string) => `│ ${line.padEnd(width)} │`;
  return [`┌${'─'.repeat(width + 2)}┐`, ...lines.map(row), `└${'─'.repeat(width + 2)}┘`];
}
