import { markupLines } from '../markup/lines';
import { readWiki } from '../markup/wiki';
import { findBlock, type Piece } from './block';

/**
 * The markup with the session's record replaced by `record`'s panel, or taken away; every other line stays as it is.
 * Undefined where the record cannot be told from the words around it.
 */
export function editWiki(body: string, sessionId: string, record?: string): string | undefined {
  const lines = body.replace(/\r\n?/g, '\n').split('\n');
  for (const { start, end, title } of panels(lines)) {
    const block = findBlock([...titled(title), ...pieces(lines.slice(start + 1, end))], sessionId);
    if (!block) continue;
    const rest = [...block.before, ...block.words, ...block.after].filter((line) => line !== undefined);
    const inside = record === undefined ? unpanelled(rest) : panelled(record, rest);
    return lines.toSpliced(start, end - start + 1, ...inside).join('\n');
  }
  const block = findBlock(pieces(lines), sessionId);
  if (!block) return undefined;
  const { before, words, after } = block;
  return [...before, ...(record === undefined ? [] : [record]), ...words, ...after]
    .filter((line) => line !== undefined)
    .join('\n');
}

/** Our panel, with what else stood in the one that it takes the place of. */
const panelled = (record: string, rest: readonly string[]): string[] =>
  rest.every(isBlank) ? [record] : [record.replace(/\n\{panel\}$/, ''), '', ...rest, '{panel}'];

const unpanelled = (rest: readonly string[]): string[] =>
  rest.every(isBlank) ? [] : ['{panel}', ...rest, '{panel}'];

const isBlank = (line: string): boolean => line.trim() === '';

/** Panels whose tags stand on lines of their own, as we and most people write them; no panel holds another. */
function panels(lines: readonly string[]): { start: number; end: number; title: string | undefined }[] {
  const found: { start: number; end: number; title: string | undefined }[] = [];
  let start: number | undefined;
  for (const [at, line] of lines.entries()) {
    if (!/^\s*\{panel(?::[^{}]{0,500})?\}\s*$/.test(line)) continue;
    if (start === undefined) start = at;
    else {
      const title = /[:|]title=([^|}]*)/.exec(lines[start] ?? '')?.[1];
      found.push({ start, end: at, title });
      start = undefined;
    }
  }
  return found;
}

/** A panel's title is a line of it that has no markup of its own. */
const titled = (title: string | undefined): Piece<string | undefined>[] =>
  title === undefined
    ? []
    : [{ raw: undefined, lines: [{ text: title, quoted: false, block: 'heading' }], isBlank: false }];

/** Line by line, but what stands between `{noformat}` or `{code}` tags as one. */
function pieces(lines: readonly string[]): Piece<string>[] {
  const found: Piece<string>[] = [];
  for (let at = 0; at < lines.length; at++) {
    const tag = /^\s*\{(noformat|code)(?::[^{}]{0,500})?\}\s*$/.exec(lines[at] ?? '')?.[1];
    const close = tag === undefined ? -1 : lines.findIndex((line, n) => n > at && line.trim() === `{${tag}}`);
    const end = Math.max(at, close);
    const raw = lines.slice(at, end + 1).join('\n');
    found.push({ raw, lines: markupLines(readWiki(raw)), isBlank: isBlank(raw) });
    at = end;
  }
  return found;
}
