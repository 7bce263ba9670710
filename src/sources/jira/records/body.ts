import { cleanLine, type Line } from '../../../model/record/line';
import type { SessionFields } from '../../../model/record/linkRecord';
import { parseRecords } from '../../../model/record/parse';
import type { RecordFields } from '../../../model/record/record';
import type { RecordPlace } from '../../../model/record/text';
import type { CommentBody } from '../dialect/dialect';
import { markupLines } from '../markup/lines';
import { readMarkup } from '../markup/read';
import { recordAdf } from '../markup/recordAdf';
import { recordWiki } from '../markup/recordWiki';
import { editAdf } from './adfBody';
import { isRecordLine } from './block';
import { editWiki } from './wikiBody';

/** A comment that holds one record and nothing else, in the format that this Jira speaks. */
export const recordBody = (format: 'adf' | 'wiki', fields: RecordFields, place: RecordPlace): CommentBody =>
  format === 'adf' ? recordAdf(fields, place) : recordWiki(fields, place);

/**
 * The comment with its record of this session written anew, and every other word kept. Undefined where record and
 * words cannot be told apart: a comment of people is not rewritten by guess.
 */
export function withRecord(
  body: unknown,
  fields: SessionFields,
  place: RecordPlace,
): CommentBody | undefined {
  const edited =
    typeof body === 'string'
      ? editWiki(body, fields.sessionId, recordWiki(fields, place))
      : editAdf(body, fields.sessionId, recordAdf(fields, place));
  return edited !== undefined && keepsWords(body, edited, fields.sessionId) ? edited : undefined;
}

/** The comment without its records of this session: no `rest` where that was all. Undefined as in `withRecord`. */
export function withoutRecord(body: unknown, sessionId: string): { rest?: CommentBody } | undefined {
  let rest = body;
  while (recordsOf(rest).some((record) => record.sessionId === sessionId)) {
    const edited: CommentBody | undefined =
      typeof rest === 'string' ? editWiki(rest, sessionId) : editAdf(rest, sessionId);
    if (edited === undefined || !keepsWords(rest, edited, sessionId)) return undefined;
    rest = edited;
  }
  return isEmpty(rest) ? {} : { rest: rest as CommentBody };
}

/** True where the comment says one record of this session, and no word more. */
export function isOnlyRecord(body: unknown, sessionId: string): boolean {
  const without = withoutRecord(body, sessionId);
  return without !== undefined && without.rest === undefined;
}

/** The newest record of a session in a comment: the last one that stands there. */
export const recordIn = (body: unknown, sessionId: string): SessionFields | undefined =>
  recordsOf(body).findLast((record): record is SessionFields => record.sessionId === sessionId);

const recordsOf = (body: unknown): RecordFields[] => parseRecords(linesOf(body));

const isEmpty = (body: unknown): boolean =>
  typeof body === 'string'
    ? body.trim() === ''
    : !((body as { content?: { type: string; content?: unknown[] }[] }).content ?? []).some(
        ({ type, content }) => type !== 'paragraph' || (content ?? []).length > 0,
      );

/** The proof that an edit took nothing else away: all other records stand, and what lines are gone said this record. */
function keepsWords(before: unknown, after: unknown, sessionId: string): boolean {
  const record = recordIn(before, sessionId);
  const others = (body: unknown): string =>
    JSON.stringify(recordsOf(body).filter((one) => one.sessionId !== sessionId));
  if (!record || others(before) !== others(after)) return false;
  const left = linesOf(after).map(({ text }) => cleanLine(text));
  return linesOf(before).every((line) => {
    const at = left.indexOf(cleanLine(line.text));
    if (at >= 0) left.splice(at, 1);
    return at >= 0 || isRecordLine(line, record);
  });
}

const linesOf = (body: unknown): Line[] => markupLines(readMarkup(body));
