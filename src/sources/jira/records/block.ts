import { fieldOf, setField, type FieldName } from '../../../model/record/fields';
import { cleanLine, splitKey, trimEdges, words, type Line } from '../../../model/record/line';
import { parseRecords, titleOf } from '../../../model/record/parse';
import type { SessionFields } from '../../../model/record/linkRecord';
import type { RecordFields } from '../../../model/record/record';

/** One piece of a comment that stays whole: a block of ADF, a line of wiki markup. */
export interface Piece<T> {
  raw: T;
  /** What its reader sees of it. */
  lines: readonly Line[];
  /** Nothing but space between others. */
  isBlank: boolean;
}

/** Pieces around one session's record; `words` stood between its lines and are not its own. */
export interface Block<T> {
  before: T[];
  words: T[];
  after: T[];
}

/**
 * Finds the newest record of a session among pieces that each are record, or words, or space. Undefined where there is
 * none, and where a piece of it also holds other words: then nobody can take the record out and leave the words.
 */
export function findBlock<T>(pieces: readonly Piece<T>[], sessionId: string): Block<T> | undefined {
  const titles = pieces.flatMap(({ lines }, at) => (lines.some(isTitle) ? [at] : []));
  for (const [nth, start] of titles.entries()) {
    const end = titles[nth + 1] ?? pieces.length;
    const section = pieces.slice(start, end);
    const [record, ...more] = parseRecords(section.flatMap(({ lines }) => lines));
    if (record?.sessionId !== sessionId || more.length > 0) continue;
    const later = pieces.slice(end).flatMap(({ lines }) => lines);
    if (parseRecords(later).some((other) => other.sessionId === sessionId)) continue;
    return blockOf(pieces, { start, end }, { ...record, sessionId });
  }
  return undefined;
}

function blockOf<T>(
  pieces: readonly Piece<T>[],
  { start, end }: { start: number; end: number },
  record: SessionFields,
): Block<T> | undefined {
  const words: T[] = [];
  const section = pieces.slice(start, end);
  const kinds = section.map(({ lines }) => new Set(lines.map((line) => isRecordLine(line, record))));
  const last = kinds.findLastIndex((kind) => kind.has(true));
  for (const [at, kind] of kinds.entries()) {
    if (kind.size > 1) return undefined;
    const piece = section[at];
    if (piece && !kind.has(true) && !(piece.isBlank && at < last)) words.push(piece.raw);
  }
  const raw = (from: number, to?: number): T[] => pieces.slice(from, to).map((piece) => piece.raw);
  return { before: raw(0, start), words, after: raw(end) };
}

const isTitle = (line: Line): boolean => !line.quoted && titleOf(cleanLine(line.text)) !== undefined;

/** True for a line that says this record and nothing more, so that writing the record anew says it again. */
export function isRecordLine(line: Line, record: SessionFields): boolean {
  if (line.quoted) return false;
  const text = cleanLine(line.text);
  // The frame of a pasted box is no word.
  if (text === '' || isTitle(line) || words(text) === 'to continue conversation') return true;
  const pair = splitKey(text);
  const name = pair && fieldOf(pair.key);
  if (name) return says(name, pair.value, record);
  // The line to paste is rebuilt with every writing.
  const isCommand =
    /^(?:ssh|tmux|claude) /i.test(text) && text.toLowerCase().includes(`--resume ${record.sessionId}`);
  return isCommand || (record.docs?.includes(text.replace(/^[-*•–] /, '')) ?? false);
}

/** The line's own value is the record's: another one is somebody's words. */
function says(name: FieldName, value: string, record: SessionFields): boolean {
  if (name === 'docs' && value === '') return true;
  const alone: Partial<RecordFields> = {};
  setField(alone, name, value);
  const [said, known] = [alone[name], record[name]];
  if (said === undefined || known === undefined) return false;
  // The parser takes the first word of an identifier's line: the others are somebody's.
  const bare = (text: string): string => trimEdges(text, isAround).toLowerCase();
  if (typeof said === 'string' && bare(said) !== bare(value)) return false;
  if (name === 'docs' && value.split(',').length !== [said].flat().length) return false;
  const all = new Set([known].flat().map((one) => JSON.stringify(one)));
  return [said].flat().every((one) => all.has(JSON.stringify(one)));
}

const isAround = (character: string): boolean => ' *`"\'“”‘’()[]{}<>,;.…'.includes(character);
