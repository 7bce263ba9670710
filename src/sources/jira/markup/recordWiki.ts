import type { RecordFields } from '../../../model/record/record';
import {
  type Linked,
  type RecordPair,
  type RecordPlace,
  recordParts,
  withinLimit,
} from '../../../model/record/text';
import { lookOf } from './recordLook';

/** A record as the body of a Data Center comment: one `{panel}`, whose text reads back as the record. */
export const recordWiki = (fields: RecordFields, place: RecordPlace): string =>
  withinLimit(recordParts(fields, place), ({ title, pairs, docs, command, closing }) => {
    const { border, bar } = lookOf(fields.title);
    const blocks = [
      pairs.map(keyed),
      docs.length > 0 ? ['*Docs generated:*', ...docs.map((doc) => `* ${linked(doc)}`)] : [],
      // A directory of that very name would end the block early.
      command === undefined || command.includes('{noformat}')
        ? []
        : ['*To continue conversation:*', '{noformat}', command, '{noformat}'],
      closing.map(keyed),
    ];
    const body = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
    const look = `title=${title}|borderStyle=solid|borderColor=${border}|titleBGColor=${bar}`;
    return `{panel:${look}}\n${body.join('\n\n')}\n{panel}`;
  });

const keyed = (pair: RecordPair): string => `*${pair.key}:* ${linked(pair)}`;

/** A link only of text that needs no thought inside brackets; an address links itself. */
const linked = ({ text, href }: Linked): string =>
  href === undefined || href === text || /[[\]{}|\\!~^&]/.test(text) || /[[\]{}|\\\s]/.test(href)
    ? escapeWiki(text)
    : `[${escapeWiki(text)}|${href}]`;

/** Text that wiki markup shows as itself; an address stays whole, so that Jira links it. */
export function escapeWiki(text: string): string {
  if (/^https:\/\/[\w.~:/?#@$&'(*+,;=%-]+[\w/=]$/.test(text) && !text.endsWith('_')) return text;
  return text.replace(/\\|&(?=#)|[{}[\]|!(]|(?<![A-Za-z0-9])[*_+^~-]|\?(?=\?)/g, (found) =>
    found === '\\' || found === '&' ? `&#${found.charCodeAt(0)};` : `\\${found}`,
  );
}
