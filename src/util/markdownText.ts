/**
 * Untrusted text as Markdown that shows exactly that text: no HTML, no image, no link that we did not make.
 * Checked against markdown-it as VS Code's preview configures it (HTML, linkify and KaTeX on).
 */

const directions = '\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069';
const zeroWidth = '\\u00ad\\u180e\\u200b\\u2060-\\u2064\\ufeff\\u{e0000}-\\u{e007f}';
const hidden = new RegExp(`[${directions}${zeroWidth}]`, 'gu');
/** Joiners shape emoji and some scripts; beside ASCII they only hide. */
const looseJoiner = /(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])/gu;
const unprintable = /[\p{Cs}\p{Cc}]/gu;

/**
 * Text without characters that reorder or hide others; control characters become U+FFFD. Line feeds and tabs stay,
 * other line ends become line feeds.
 */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(hidden, '')
    .replace(looseJoiner, '')
    .replace(unprintable, (character) => (character === '\n' || character === '\t' ? character : '\ufffd'));
}

/** `visibleText` on one line, with one kind of blank. */
export const oneLine = (text: string): string => visibleText(text).replace(/[\p{Z}\t\n]/gu, ' ');

/**
 * What Markdown reads inside a line: emphasis, code, links, HTML, table cells, math; entities and images also where the
 * text ends, since what follows is not known; and what linkify takes for addresses.
 */
const special =
  /[\\`*[\]<|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&(?=[#A-Za-z]|$)|!(?=\[|$)|(?<=\/)\/|(?<=\S)@/gu;

/** A piece of a line. Put together, the pieces of a line still need `escapeLineStart`. */
export const escapeInline = (text: string): string => oneLine(text).replace(special, '\\$&');

/** Markdown of a whole line, kept from starting a heading, list, quote, table or underline. */
export function escapeLineStart(markdown: string): string {
  const line = markdown.trim();
  return line.replace(/^(?:#{1,6}(?=\s|$)|[-+=:>])/, '\\$&').replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
}

/** Text as one line of Markdown that shows it and nothing else; line breaks become blanks. */
export const escapeMarkdown = (text: string): string => escapeLineStart(escapeInline(text));

/** Text as a code span, or nothing where there is no text. `inTable`: a bar would end the cell. */
export function inlineCode(text: string, inTable = false): string {
  const line = oneLine(text);
  if (line.trim() === '') return '';
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = /^[` ]|[` ]$/.test(line) ? ' ' : '';
  const code = `${fence}${pad}${line}${pad}${fence}`;
  return inTable ? code.replaceAll('|', '\\|') : code;
}

/** Languages whose blocks a preview draws instead of showing. */
const drawn = new Set(['mermaid', 'math', 'katex', 'latex', 'geojson', 'topojson', 'stl']);

/** Text as a fenced block that nothing in it can end. */
export function codeBlock(text: string, language = ''): string {
  const code = visibleText(text);
  const fence = '`'.repeat(Math.max(3, longestRun(code) + 1));
  const name = language.toLowerCase();
  const info = /^[a-z0-9+#._-]{1,30}$/.test(name) && !drawn.has(name) ? name : '';
  return `${fence}${info}\n${code.replace(/\n$/, '')}\n${fence}`;
}

function longestRun(text: string): number {
  let longest = 0;
  for (const run of text.match(/`+/g) ?? []) longest = Math.max(longest, run.length);
  return longest;
}

const maxLink = 8192;

/**
 * An address that may stay a link (`http`, `https`, `mailto`), normalized and fit to stand in `[…](…)` and `<…>`;
 * undefined for everything else, `command:`, `vscode:`, `file:`, `javascript:` and relative addresses among it.
 */
export function safeLink(href: string): string | undefined {
  const text = href.trim();
  if (text.length > maxLink || /[\p{Cc}\p{Cf}\p{Cs}\s]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!['http:', 'https:', 'mailto:'].includes(url.protocol)) return undefined;
  // A user name before the host makes one site look like another.
  if (url.username !== '' || url.password !== '') return undefined;
  return url.href.replace(
    /[()<>\\|`^{}"'*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** A link of ours: `label` is Markdown, `href` comes from `safeLink`. */
export function link(label: string, href: string): string {
  // An entity in a destination is decoded; in an address, "&copy;" is only text.
  return `[${label}](${href.replace(/&(?=#|[A-Za-z][A-Za-z0-9]{1,40};)/g, '&amp;')})`;
}
