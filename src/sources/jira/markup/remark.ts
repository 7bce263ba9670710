import { UserError } from '../../../model/errors';
import { changesTitle } from '../../../model/gate/changes';
import { cleanLine } from '../../../model/record/line';
import { parseRecords, titleOf } from '../../../model/record/parse';
import { visibleText } from '../../../util/markdownText';
import type { CommentBody } from '../dialect/dialect';
import { markupLines } from './lines';
import { readMarkup } from './read';
import type { AdfNode } from './recordAdf';
import { escapeWiki } from './recordWiki';

/** What a person says on an issue through us: words, and what they are about. */
export interface Remark {
  title?: string;
  /** `Commit: 3f2c…`, each a line of its own. */
  facts?: readonly (readonly [key: string, value: string])[];
  /** Lines of a document, shown as a quotation. */
  quote?: string;
  words: string;
}

/**
 * A comment of a person's words, in the language of this Jira, in which nothing reads as a record but what its own title
 * says: who writes "Approved for Implementation" has approved nothing. Throws UserError where that cannot be made sure.
 */
export function remarkBody(format: 'adf' | 'wiki', remark: Remark): CommentBody {
  const words = visibleText(remark.words).split('\n').map(unstated).join('\n');
  const plain = { ...remark, words: paragraphs(words) };
  const body = format === 'adf' ? remarkAdf(plain) : remarkWiki(plain);
  const records = parseRecords(markupLines(readMarkup(body)));
  const isSaid = records.every(({ title }) => title === changesTitle && remark.title === changesTitle);
  if (isSaid && records.length <= 1) return body;
  throw new UserError('This comment would read as a record.', 'Say it in other words.');
}

/** Two comments that say the same, whatever Jira made of their markup, have the same text here. */
export const remarkText = (body: unknown): string =>
  markupLines(readMarkup(body))
    .map(({ text }) => cleanLine(text))
    .join('\n');

type PlainRemark = Omit<Remark, 'words'> & { words: string[][] };

function remarkAdf({ title, facts = [], quote, words }: PlainRemark): CommentBody {
  const content: AdfNode[] = [];
  if (title !== undefined) content.push({ type: 'heading', attrs: { level: 3 }, content: [textNode(title)] });
  if (facts.length > 0)
    content.push(
      paragraph(
        facts.map(([key, value]) => [
          { ...textNode(`${key}: `), marks: [{ type: 'strong' }] },
          textNode(value),
        ]),
      ),
    );
  if (quote !== undefined) content.push({ type: 'blockquote', content: paragraphs(quote).map(paragraphOf) });
  content.push(...words.map(paragraphOf));
  return { type: 'doc', version: 1, content };
}

function remarkWiki({ title, facts = [], quote, words }: PlainRemark): string {
  const blocks = [
    ...(title === undefined ? [] : [`h3. ${wikiText(title)}`]),
    ...(facts.length > 0 ? [facts.map(([key, value]) => `*${key}:* ${escapeWiki(value)}`).join('\n')] : []),
    ...(quote === undefined ? [] : [`{quote}\n${wikiParagraphs(paragraphs(quote))}\n{quote}`]),
    wikiParagraphs(words),
  ];
  return blocks.join('\n\n');
}

const wikiParagraphs = (blocks: readonly string[][]): string =>
  blocks.map((lines) => lines.map(wikiText).join('\n')).join('\n\n');

/** A line that shows itself: what begins a heading, a list or a quotation is written as an entity. */
const wikiText = (line: string): string =>
  /^\s*(?:#|h[1-6]\.\s|bq\.\s)/.test(line)
    ? line.replace(
        /^(\s*)(.)(.*)$/,
        (_, blank: string, first: string, rest: string) =>
          `${blank}&#${first.charCodeAt(0)};${escapeWiki(rest)}`,
      )
    : escapeWiki(line);

/** Blocks of lines between blank lines. */
const paragraphs = (text: string): string[][] =>
  visibleText(text)
    .split(/\n(?:[^\S\n]*\n)+/)
    .map((block) => block.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 0);

/** A line that states the title of a record becomes a mention of it. */
const unstated = (line: string): string =>
  titleOf(cleanLine(line)) === undefined ? line : `“${line.trim()}” (only quoted)`;

const textNode = (text: string): AdfNode => ({ type: 'text', text });
const paragraphOf = (lines: readonly string[]): AdfNode => paragraph(lines.map((line) => [textNode(line)]));
const paragraph = (lines: readonly AdfNode[][]): AdfNode => ({
  type: 'paragraph',
  content: lines.flatMap((line, at) => [...(at > 0 ? [{ type: 'hardBreak' }] : []), ...line]),
});
