import type { MarkupNode } from '../../markup/node';
import { wikiLine } from './wikiInline';

/** Rows of wiki markup, each beginning with `|`, as a table: `||header||`, `|cell|`. */
export function wikiTable(rows: readonly string[]): MarkupNode {
  return {
    type: 'table',
    content: rows.map((row) => ({
      type: 'tableRow',
      content: wikiCells(row).map(({ header, text }) => ({
        type: header ? 'tableHeader' : 'tableCell',
        content: [{ type: 'paragraph', content: wikiLine(text) }],
      })),
    })),
  };
}

/** Cells of a row; a bar inside `[text|url]`, `{{…}}` or `{…}`, or after a backslash, separates nothing. */
function wikiCells(row: string): { header: boolean; text: string }[] {
  const cells: { header: boolean; text: string }[] = [];
  let header = row.startsWith('||');
  let start = header ? 2 : 1;
  let depth = 0;
  for (let at = start; at < row.length; at++) {
    const character = row.charAt(at);
    if (character === '\\') at++;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    else if (character === '|' && (depth === 0 || !closes(row, at))) {
      cells.push({ header, text: row.slice(start, at).trim() });
      header = row.charAt(at + 1) === '|';
      if (header) at++;
      start = at + 1;
      depth = 0;
    }
  }
  const rest = row.slice(start).trim();
  if (rest !== '') cells.push({ header, text: rest });
  return cells;
}

/** Whether a bracket that was opened before `at` is closed soon after it: else it was only a character. */
function closes(row: string, at: number): boolean {
  return /^[^[\]{}]{0,2000}[\]}]/.test(row.slice(at, at + 2001));
}
