/** A comment as logical lines: what a person sees as one line, whatever markup carried it. */
export interface Line {
  text: string;
  /** Inside a quotation of someone else's words: never a claim of this comment's author. */
  quoted: boolean;
  block: 'text' | 'heading' | 'item' | 'code';
}

/** Longer lines are cut: a directory may have 4,096 characters, and little else is longer. */
const maxLength = 8192;

// Zero width: space, non-joiner, joiner, word joiner, no-break space, soft hyphen; and emoji variation selectors.
const invisible = /[\u200b-\u200d\u2060\ufeff\u00ad\u180e\p{Variation_Selector}]/gu;
const blank = /[\p{Z}\p{Cc}]/gu;

/** True for box-drawing and block characters, the ASCII bar and blanks: the frame around a pasted box. */
function isFrame(character: string): boolean {
  return character === ' ' || character === '|' || (character >= '\u2500' && character <= '\u259f');
}

/** `text` without what only frames or hides it: one space for every blank, no zero-width characters, no box. */
export function cleanLine(text: string): string {
  const plain = text.slice(0, maxLength).replace(invisible, '').replace(blank, ' ');
  return trimEdges(plain, isFrame);
}

/** Cuts characters from both ends. A loop, since `[…]+$` takes quadratic time on hostile text. */
export function trimEdges(text: string, isEdge: (character: string) => boolean): string {
  let start = 0;
  let end = text.length;
  while (start < end && isEdge(text.charAt(start))) start++;
  while (end > start && isEdge(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

const separators = new Set([':', '：', '|', '│', '┃', '║']);
const longestKey = 48;

/** `Session ID : x` as key `session id` and value `x`; undefined where no short key stands before a separator. */
export function splitKey(clean: string): { key: string; value: string } | undefined {
  for (let at = 0; at < Math.min(clean.length, longestKey); at++) {
    if (!separators.has(clean.charAt(at))) continue;
    const key = words(clean.slice(0, at).split('(', 1)[0] ?? '');
    if (key === '') return undefined;
    return { key, value: trimEdges(clean.slice(at + 1), isMarker) };
  }
  return undefined;
}

/** Marks of emphasis and code that people leave around a value, and a second separator. */
function isMarker(character: string): boolean {
  return character === '*' || character === '`' || isFrame(character);
}

/** The words of a short text in lower case, one space between them; everything but letters separates. */
export function words(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
}
