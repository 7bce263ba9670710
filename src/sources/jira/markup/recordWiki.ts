import type { RecordFields } from '../../../model/record/record';
import { type RecordPlace, recordParts } from '../../../model/record/text';

/** A record as the body of a Data Center comment: one `{panel}`, whose text reads back as the record. */
export function recordWiki(fields: RecordFields, place: RecordPlace): string {
  const { title, pairs, docs, command, closing } = recordParts(fields, place);
  const blocks = [
    pairs.map(keyed),
    docs.length > 0 ? ['*Docs generated:*', ...docs.map((name) => `* ${escapeWiki(name)}`)] : [],
    // A directory of that very name would end the block early.
    command === undefined || command.includes('{noformat}')
      ? []
      : ['*To continue conversation:*', '{noformat}', command, '{noformat}'],
    closing.map(keyed),
  ];
  const body = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `{panel:title=${title}}\n${body.join('\n\n')}\n{panel}`;
}

const keyed = ([key, value]: [string, string]): string => `*${key}:* ${escapeWiki(value)}`;

/** Text that wiki markup shows as itself; an address stays whole, so that Jira links it. */
function escapeWiki(text: string): string {
  if (/^https:\/\/[\w.~:/?#@$&'(*+,;=%-]+[\w/=]$/.test(text) && !text.endsWith('_')) return text;
  return text.replace(/\\|&(?=#)|[{}[\]|!(]|(?<![A-Za-z0-9])[*_+^~-]|\?(?=\?)/g, (found) =>
    found === '\\' || found === '&' ? `&#${found.charCodeAt(0)};` : `\\${found}`,
  );
}
