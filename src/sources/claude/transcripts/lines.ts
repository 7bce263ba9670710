/** JSON of a stranger: looked into field by field, since a schema for every line of every transcript costs too much time. */
export type Json = Record<string, unknown>;

export const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** A string that means nothing unless it is whole: one that is too long is no string. */
export const exact = (value: unknown, length: number): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= length ? value : undefined;

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

export const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

/** Lines that are large, frequent and of no use here; their type comes first. */
const bulky = /^\{"type":"(?:api-request|file-history|tools-used|atis-latch|cost-state|queue-operation)/;

/**
 * The objects of a piece of JSONL. A piece that starts or ends inside a line loses that part; any other line that is
 * no object is counted as bad. NULs are what a crash leaves in place of bytes.
 */
export function lineObjects(
  bytes: Buffer,
  { cutStart, cutEnd }: { cutStart: boolean; cutEnd: boolean },
): { objects: Json[]; bad: number } {
  const start = cutStart ? bytes.indexOf(10) + 1 : 0;
  const end = cutEnd ? bytes.lastIndexOf(10) : bytes.length;
  if ((cutStart && start === 0) || end <= start) return { objects: [], bad: 0 };
  const objects: Json[] = [];
  let bad = 0;
  for (const line of bytes.toString('utf8', start, end).split('\n')) {
    const text = (line.includes('\0') ? line.replace(/^\0+|\0+$/g, '') : line).trim();
    if (text === '' || bulky.test(text)) continue;
    const object = parseObject(text);
    if (object) objects.push(object);
    else bad++;
  }
  return { objects, bad };
}

export function parseObject(text: string): Json | undefined {
  // To throw and catch takes as long as ten lines.
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** What a person typed, as one line: neither results of tools nor what Claude writes in a user's name (`<command-name>…`). */
export function promptText(content: unknown): string | undefined {
  const blocks: unknown[] = Array.isArray(content) ? content : [{ type: 'text', text: content }];
  for (const block of blocks) {
    const { type, text } = objectOf(block) ?? {};
    if (type !== 'text' || typeof text !== 'string') continue;
    if (/^\s*<(?:command-|local-command-|system-reminder|bash-|task-notification)/.test(text)) continue;
    const prompt = clip(text, 300);
    if (prompt && !prompt.startsWith('[Request interrupted')) return prompt;
  }
  return undefined;
}

/**
 * One line of at most `length` characters without control and direction characters. Copied: a piece of a string keeps
 * the whole one in memory.
 */
export function clip(text: string, length: number): string {
  const line = plain(text.slice(0, length * 4)).trim();
  const short = line.length > length ? `${line.slice(0, length - 1).trimEnd()}…` : line;
  return Buffer.from(short).toString();
}

function plain(text: string): string {
  // Most are, and the patterns below take their time.
  if (/^(?:[!-~]| (?! ))*$/.test(text)) return text;
  return text.replace(/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/gu, ' ').replace(/ {2,}/g, ' ');
}
