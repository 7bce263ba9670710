/** What a Markdown text is built of, as far as a plan needs it. Lines are counted from 0. */
export type Mark =
  | { kind: 'heading'; line: number; level: number; text: string }
  /** Of a list that is in no other. */
  | { kind: 'item'; line: number; list: 'numbers' | 'tasks'; text: string }
  /** Something else begins, after lists: a paragraph, a rule, code. */
  | { kind: 'other'; line: number };

/** A line that is longer says nothing more. */
const longestLine = 2000;

/**
 * Headings and the items of numbered and of task lists, in their order. Code, HTML comments, quotes and nested lists are
 * no marks. Takes time linear in the text.
 */
export function outline(lines: readonly string[]): Mark[] {
  const marks: Mark[] = [];
  let fence = '';
  let isComment = false;
  /** Where the text of the list item begins that we are in: what is indented so far belongs to it. */
  let inside: number | undefined;
  /** First line of the paragraph that we are in: underlined, it is a heading. */
  let paragraph: number | undefined;
  let isAfterBlank = true;

  for (let at = frontMatterEnd(lines); at < lines.length; at++) {
    const whole = expanded((lines[at] ?? '').slice(0, longestLine));
    const text = whole.trim();
    const indent = whole.length - whole.trimStart().length;

    if (isComment) {
      isComment = !text.includes('-->');
      continue;
    }
    if (fence !== '') {
      if (text.startsWith(fence) && /^(?:`+|~+)$/.test(text)) fence = '';
      continue;
    }
    if (text === '') {
      paragraph = undefined;
      isAfterBlank = true;
      continue;
    }
    const wasAfterBlank = isAfterBlank;
    isAfterBlank = false;
    const isNested = inside !== undefined && indent >= inside;
    const leaveList = (): void => {
      if (inside !== undefined) marks.push({ kind: 'other', line: at });
      inside = undefined;
    };

    // Indented further it is code already, or goes on with a paragraph.
    const isBlock = indent - (isNested ? inside! : 0) < 4;
    const opened = isBlock ? /^(?:`{3,}(?=[^`]*$)|~{3,})/.exec(text)?.[0] : undefined;
    if (opened !== undefined || text.startsWith('<!--')) {
      fence = opened ?? '';
      isComment = opened === undefined && !text.includes('-->', 4);
      paragraph = undefined;
      if (!isNested) leaveList();
      continue;
    }
    if (isNested || !isBlock) continue;

    const heading = /^(#{1,6})(?:\s+(.*))?$/.exec(text);
    const underlined = paragraph !== undefined && /^(?:=+|-+)$/.test(text);
    const listed = listMark.exec(text);
    if (heading) {
      const words = (heading[2] ?? '').replace(/(?:^|\s)#+$/, '').trim();
      marks.push({ kind: 'heading', line: at, level: heading[1]!.length, text: words });
      inside = paragraph = undefined;
    } else if (underlined) {
      const words = lines.slice(paragraph, at).join(' ').slice(0, longestLine).trim();
      marks.push({ kind: 'heading', line: paragraph!, level: text.startsWith('=') ? 1 : 2, text: words });
      paragraph = undefined;
    } else if (isRule(text)) {
      leaveList();
      paragraph = undefined;
    } else if (listed) {
      const [marker, sign = ''] = listed;
      const words = text.slice(marker.length);
      // A blank behind the sign belongs to it; more than four begin code.
      inside = indent + (marker.length > sign.length + 4 ? sign.length + 1 : Math.max(marker.length, sign.length + 1)); // prettier-ignore
      paragraph = undefined;
      const isTask = /^\[[ xX]\]\s/.test(words);
      if (/\d/.test(sign)) marks.push({ kind: 'item', line: at, list: 'numbers', text: words });
      else if (isTask) marks.push({ kind: 'item', line: at, list: 'tasks', text: words });
    } else {
      if (wasAfterBlank) leaveList();
      // Lines of a quote or of a table are not underlined.
      if (/^[>|]/.test(text)) paragraph = undefined;
      else if (inside === undefined) paragraph ??= at;
    }
  }
  return marks;
}

/** `-`, `*`, `+`, `1.`, `1)`, and the blanks behind it. */
const listMark = /^([-*+]|\d{1,9}[.)])(?:\s+|$)/;

const isRule = (text: string): boolean => /^(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/.test(text);

/** With the columns that tabs before the text stand for. */
const expanded = (line: string): string =>
  line.replace(/^[ \t]+/, (blanks) => {
    let columns = 0;
    for (const blank of blanks) columns += blank === '\t' ? 4 - (columns % 4) : 1;
    return ' '.repeat(columns);
  });

/** The line after YAML at the beginning, whose last line looks as if it underlined a heading. */
function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0;
  const end = lines.slice(1, 200).findIndex((line) => /^(?:---|\.\.\.)\s*$/.test(line));
  return end < 0 ? 0 : end + 2;
}
