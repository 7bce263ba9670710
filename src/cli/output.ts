/** The one JSON document that `--json` prints. */
export function printJson(document: Record<string, unknown>): void {
  process.stdout.write(
    `${JSON.stringify({ schema: 1, ...document }, undefined, process.stdout.isTTY ? 2 : undefined)}\n`,
  );
}

export function printLine(line = ''): void {
  process.stdout.write(`${line}\n`);
}

/** A line for people beside what the verb prints: on stderr. */
export const say = (line: string): void => void process.stderr.write(`${plain(line)}\n`);

/**
 * Text from outside as one line that cannot steer a terminal: control and direction characters become visible.
 */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => {
    if (character === '\t' || character === '\n' || character === '\r') return ' ';
    return character === '\u200d'
      ? character
      : `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`;
  });
}

const graphemes = new Intl.Segmenter();
/** Characters as a person counts them; wide ones may still shift a column. */
const width = (text: string): number =>
  // Segmenting takes long over ten thousand rows.
  /^[ -~]*$/.test(text) ? text.length : Array.from(graphemes.segment(text)).length;

/** Aligned columns, the last one as long as it likes. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const cells = rows.map((row) => row.map(plain));
  const widths: number[] = [];
  for (const row of cells)
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  return cells.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      )
      .join('  ')
      .trimEnd(),
  );
}

const colors = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34 } as const;

/** Colour for people only: never into a pipe, and never against NO_COLOR (no-color.org). */
export function paint(color: keyof typeof colors, text: string): string {
  const wanted = process.stdout.isTTY && !process.env.NO_COLOR;
  return wanted ? `\u001b[${colors[color]}m${text}\u001b[0m` : text;
}
