import { terminalName } from '../names';
import type { RecordFields } from './record';
import { parseRecords } from './parse';
import { resumeLine } from './resumeLine';

/** What a record's text says besides its fields. */
export interface RecordPlace {
  issueKey: string;
  /** Destination for the shown command, where it is not the record's host name. */
  ssh?: string | undefined;
  /** No such destination is known: the host is reached by a command prefix. */
  withoutCommand?: boolean;
  /** Pages on the git host (model/links/recordPlace). */
  branchUrl?: string;
  commitUrl?: string;
  /** Of a document by its name, as listed. */
  docUrl?(name: string): string | undefined;
  /** Of a document by its path, as approved. */
  documentUrl?(path: string): string | undefined;
}

/** A record's text in parts, for the renderings that give each part its own form. */
export interface RecordParts {
  title: string;
  /** Every part that is one line with a key. */
  pairs: RecordPair[];
  docs: Linked[];
  /** The line to paste, where there is something to continue. */
  command?: string;
  /** Lines that stand at the end, so that the eye finds them. */
  closing: RecordPair[];
}

/** Text that may lead somewhere: `href` is https and encoded. */
export interface Linked {
  text: string;
  href?: string | undefined;
}

/** `Session ID`, `5f1d…`. */
export interface RecordPair extends Linked {
  key: string;
}

type Entry = [key: string, text: string | undefined, href?: string | undefined];

/**
 * What a record says. A value that would not read back as itself (a directory that ends with a blank, say) is
 * left out: the lines that a person reads are the lines that the program parses.
 */
export function recordParts(fields: RecordFields, place: RecordPlace): RecordParts {
  const { sessionId, continues, host, directory, branch, commit, step, reason, status } = fields;
  const { remote, webTerminal, editorUrl } = fields;
  const pairs = (entries: Entry[]): RecordPair[] =>
    entries.flatMap(([key, value, href]) => {
      const text = value === undefined ? undefined : readBack(key, value);
      return text === undefined ? [] : [{ key, text, href }];
    });
  const command = shownCommand(fields, place);
  return {
    title: fields.title,
    pairs: pairs([
      ['Session ID', sessionId],
      ['Continues', continues],
      ['Host', host],
      ['Directory', directory],
      ['Branch', branch, place.branchUrl],
      ['Commit', commit, place.commitUrl],
      ...(fields.documents ?? []).map(({ path, blob }): Entry => [
        'Document',
        `${path} ${blob}`,
        place.documentUrl?.(path),
      ]),
      ['Step', step && `${step.current} of ${step.total}`],
      ['Remote', remote, remote],
      ['Web terminal', webTerminal, webTerminal],
      ['Open in editor', editorUrl, editorUrl],
    ]),
    docs: (fields.docs ?? [])
      .filter((name) => readBack('Docs generated', name) === name)
      .map((text) => ({ text, href: place.docUrl?.(text) })),
    ...(command !== undefined && { command }),
    closing: pairs([
      ['Reason', reason],
      ['Status', status],
    ]),
  };
}

/** Jira's own limit is 32,767 characters, which administrators can set lower or higher. */
const maxLength = 30_000;

/** Renders with links, or without them where they would make the record longer than a comment may be. */
export function withinLimit<T>(parts: RecordParts, render: (parts: RecordParts) => T): T {
  const whole = render(parts);
  return JSON.stringify(whole).length <= maxLength ? whole : render(withoutLinks(parts));
}

const withoutLinks = (parts: RecordParts): RecordParts => ({
  ...parts,
  pairs: parts.pairs.map(({ key, text }) => ({ key, text })),
  docs: parts.docs.map(({ text }) => ({ text })),
});

/** A record as the plain lines of README, "Records on the issue". */
export function recordText(fields: RecordFields, place: RecordPlace): string[] {
  const { title, pairs, docs, command, closing } = recordParts(fields, place);
  return [
    title,
    ...pairs.map(lineOf),
    ...(docs.length > 0 ? ['Docs generated:', ...docs.map(({ text }) => `- ${text}`)] : []),
    ...(command === undefined ? [] : ['To continue conversation:', command]),
    ...closing.map(lineOf),
  ];
}

const lineOf = ({ key, text }: RecordPair): string => `${key}: ${text}`;

/** Only a session's own records end in a command; an approval is not a place to continue from. */
function shownCommand(fields: RecordFields, place: RecordPlace): string | undefined {
  const { title, sessionId, host, directory } = fields;
  if (sessionId === undefined || !title.startsWith('AI ') || place.withoutCommand) return undefined;
  const name = terminalName(sessionId, place.issueKey);
  return resumeLine({ ssh: place.ssh ?? host, name, directory, sessionId });
}

/** The value as the parser itself reads it; undefined where that is another. Free text may lose line breaks. */
function readBack(key: string, value: string): string | undefined {
  const lines = key === 'Docs generated' ? [`${key}:`, `- ${value}`] : [`${key}: ${value}`];
  const [record] = parseRecords(
    ['Approval Requested', ...lines].map((text) => ({ text, quoted: false, block: 'text' })),
  );
  if (key === 'Reason') return record?.reason;
  if (key === 'Status') return record?.status;
  const read = [
    ...Object.values(record ?? {}),
    ...(record?.docs ?? []),
    ...(record?.documents ?? []).map(({ path, blob }) => `${path} ${blob}`),
    record?.step && `${record.step.current} of ${record.step.total}`,
  ];
  return read.includes(value) ? value : undefined;
}
