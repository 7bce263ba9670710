import { displayText } from '../../util/displayText';

const longest = 120;

/** A line of Markdown as one line of plain text, bounded: titles stand in lists, commit messages and records. */
export function plainTitle(markdown: string): string {
  const text = markdown
    .slice(0, 1000)
    .replace(/<!--[^>]{0,500}-->|<\/?[A-Za-z][^<>]{0,200}>/g, '')
    .replace(/!?\[([^[\]]{0,300})\](?:\([^()\s]{0,500}(?:\s+"[^"]{0,200}")?\)|\[[^[\]]{0,100}\])/g, '$1')
    .replace(/^\[[ xX]\]\s+/, '')
    .replace(/`+/g, '')
    .replace(/\*\*|__|~~/g, '')
    .replace(/(?<![\p{L}\p{N}_*])[*_](?=\S)|(?<=\S)[*_](?![\p{L}\p{N}_*])/gu, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1');
  const line = displayText(text).replace(/[\s:–—]+$/, '');
  if (line.length <= longest) return line;
  const cut = line.slice(0, longest);
  const blank = cut.lastIndexOf(' ');
  return `${(blank > longest / 2 ? cut.slice(0, blank) : wholeCharacters(cut)).trimEnd()}…`;
}

/** Without the first half of a character at its end. */
const wholeCharacters = (text: string): string => text.replace(/[\ud800-\udbff]$/, '');
