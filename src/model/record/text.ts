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
}

/** A record's text in parts, for the renderings that give each part its own form. */
export interface RecordParts {
  title: string;
  /** `Session ID`, `5f1d…`: every part that is one line with a key. */
  pairs: [key: string, value: string][];
  docs: string[];
  /** The line to paste, where there is something to continue. */
  command?: string;
  /** Lines that stand at the end, so that the eye finds them. */
  closing: [key: string, value: string][];
}

/**
 * What a record says. A value that would not read back as itself (a directory that ends with a blank, say) is
 * left out: the lines that a person reads are the lines that the program parses.
 */
export function recordParts(fields: RecordFields, place: RecordPlace): RecordParts {
  const { sessionId, continues, host, directory, branch, commit, step, remote, webTerminal, reason, status } =
    fields;
  const pairs = (entries: [string, string | undefined][]): [string, string][] =>
    entries.flatMap(([key, value]) => {
      const shown = value === undefined ? undefined : readBack(key, value);
      return shown === undefined ? [] : [[key, shown]];
    });
  const command = shownCommand(fields, place);
  return {
    title: fields.title,
    pairs: pairs([
      ['Session ID', sessionId],
      ['Continues', continues],
      ['Host', host],
      ['Directory', directory],
      ['Branch', branch],
      ['Commit', commit],
      ...(fields.documents ?? []).map(({ path, blob }): [string, string] => ['Document', `${path} ${blob}`]),
      ['Step', step && `${step.current} of ${step.total}`],
      ['Remote', remote],
      ['Web terminal', webTerminal],
    ]),
    docs: (fields.docs ?? []).filter((name) => readBack('Docs generated', name) === name),
    ...(command !== undefined && { command }),
    closing: pairs([
      ['Reason', reason],
      ['Status', status],
    ]),
  };
}

/** A record as the plain lines of README, "Records on the issue". */
export function recordText(fields: RecordFields, place: RecordPlace): string[] {
  const { title, pairs, docs, command, closing } = recordParts(fields, place);
  return [
    title,
    ...pairs.map(([key, value]) => `${key}: ${value}`),
    ...(docs.length > 0 ? ['Docs generated:', ...docs.map((name) => `- ${name}`)] : []),
    ...(command === undefined ? [] : ['To continue conversation:', command]),
    ...closing.map(([key, value]) => `${key}: ${value}`),
  ];
}

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
