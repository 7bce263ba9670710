import { parseSessionId } from '../names';
import { changesRequestedStatus, type RecordFields, type RecordTitle } from './record';
import { addDoc, fieldOf, type FieldName, setField } from './fields';
import { cleanLine, type Line, splitKey, trimEdges, words } from './line';

export const recordTitles: readonly RecordTitle[] = [
  'AI Analysis Started',
  'AI Analysis Complete',
  'AI Analysis Failed',
  'AI Implementation Started',
  'AI Implementation Complete',
  'AI Implementation Failed',
  'AI Handoff',
  'Approval Requested',
  'Approved for Implementation',
  'Changes Requested',
];

const titles: ReadonlyMap<string, RecordTitle> = new Map(recordTitles.map((title) => [words(title), title]));

/** Titles whose record says something without a session. */
const sessionless: ReadonlySet<RecordTitle> = new Set<RecordTitle>([
  'Approval Requested',
  'Approved for Implementation',
]);

/** One comment holds a few records; more is an attack or an accident. */
const maxRecords = 20;
const maxLines = 10_000;

/**
 * Records in the lines of one comment, in their order, at most 20. A record begins at a line that is a title and
 * nothing but a title, and ends at the next one; an approval begins in no code block. In it, each field's first valid line counts; quoted lines,
 * prose and invalid values do not. Takes time linear in the text, whatever the text.
 */
export function parseRecords(lines: readonly Line[]): RecordFields[] {
  const records: RecordFields[] = [];
  let draft: Draft | undefined;
  const close = (): void => {
    const record = draft?.finish();
    if (record) records.push(record);
  };
  for (const line of lines.slice(0, maxLines)) {
    if (line.quoted) continue;
    const text = cleanLine(line.text);
    if (text === '' || text.startsWith('>')) continue;
    const title = titleOf(text);
    if (title === undefined) {
      draft?.read(text, line.block === 'item');
      continue;
    }
    close();
    draft = undefined;
    if (records.length >= maxRecords) return records;
    // Who shows an approval as code shows what one looks like, mostly somebody else's.
    if (title === 'Approved for Implementation' && line.block === 'code') continue;
    draft = new Draft(title);
  }
  close();
  return records;
}

/**
 * The title that a whole line states: case, emoji, punctuation and an issue key around it do not matter.
 * A question states nothing.
 */
export function titleOf(clean: string): RecordTitle | undefined {
  if (clean.length > 160 || clean.includes('?')) return undefined;
  const found = titles.get(words(withoutDecoration(clean)));
  if (found) return found;
  const pair = splitKey(clean);
  return pair && (pair.key === 'title' || pair.key === 'record')
    ? titles.get(words(withoutDecoration(pair.value)))
    : undefined;
}

const withoutDecoration = (text: string): string =>
  text.replace(/:[a-z0-9_+-]{1,40}:/g, ' ').replace(/\b[A-Z][A-Z0-9_]{1,20}-\d{1,10}\b/g, ' ');

/** A record while its lines are read. */
class Draft {
  private readonly fields: Partial<RecordFields> = {};
  private resumeId: string | undefined;
  private listing = false;
  /** A key whose value was not on its own line: the next line may be it. */
  private pending: FieldName | undefined;

  constructor(private readonly title: RecordTitle) {}

  read(text: string, isItem: boolean): void {
    // Serialized data that a tool left beside its record is not written for a reader.
    if (text.startsWith('{') || text.startsWith('"')) return;
    this.resumeId ??= resumedId(text);
    const pair = splitKey(text);
    const name = pair && fieldOf(pair.key);
    if (name) {
      this.listing = name === 'docs';
      this.pending = pair.value === '' && name !== 'docs' ? name : undefined;
      setField(this.fields, name, pair.value);
    } else if (this.listing) {
      const listed = isItem || /^[-*•–] /.test(text);
      // "task_desc.md: why" and "task_desc.md (new)" still name their document.
      addDoc(this.fields, text.replace(/^[-*•–] /, '').split(/: | [-–—(]/, 1)[0] ?? '', listed);
      this.listing = listed || pair === undefined;
    } else if (this.pending) {
      setField(this.fields, this.pending, text);
      this.pending = undefined;
    }
  }

  finish(): RecordFields | undefined {
    if (this.title === 'Changes Requested') return this.objection();
    const sessionId = this.fields.sessionId ?? this.resumeId;
    if (sessionId !== undefined) return { title: this.title, ...this.fields, sessionId };
    return sessionless.has(this.title) ? { title: this.title, ...this.fields } : undefined;
  }

  /** What follows are a person's own words, in which nothing else is a field; others write that headline too. */
  private objection(): RecordFields | undefined {
    const { commit, status } = this.fields;
    if (status !== changesRequestedStatus) return undefined;
    return { title: this.title, ...(commit !== undefined && { commit }), status };
  }
}

/** The id in a `claude --resume ID` line. The command itself is never used. */
function resumedId(text: string): string | undefined {
  const option = '--resume';
  const at = text.indexOf(option);
  if (at < 0 || !text.includes('claude')) return undefined;
  const [word] = trimEdges(text.slice(at + option.length, at + option.length + 60), isAround).split(' ', 1);
  return parseSessionId(trimEdges(word ?? '', isAround));
}

const isAround = (character: string): boolean => ' ="\'\\`*<>()[]{}.,;'.includes(character);
