export type Unit = 'ms' | 'bytes' | 'count';

/** One line of the table: a figure of ours, of whom it is compared with, and what was aimed at. */
export interface Row {
  what: string;
  unit: Unit;
  ours: number;
  /** `ratio` is ours to theirs. */
  peer?: { name: string; value: number; ratio: number };
  /** In words: "at most 2 times". */
  target?: string;
  /** Undefined where nothing was aimed at. */
  met?: boolean;
}

/** Aimed at so many times the peer's figure, at most. */
export function atMostTimes(row: Row & Required<Pick<Row, 'peer'>>, times: number): Row {
  const target = times < 1 ? `≤ 1/${Math.round(1 / times)}` : `≤ ${times} ×`;
  return { ...row, target, met: row.peer.ratio <= times };
}

/** Aimed at so much, at most. */
export const atMost = (row: Row, limit: number): Row => ({
  ...row,
  target: `≤ ${shown(limit, row.unit)}`,
  met: row.ours <= limit,
});

/** As Markdown, aligned so that it can be read where it is printed. */
export function markdownTable(rows: readonly Row[]): string {
  const cells = [
    ['what', 'Task Sessions', 'compared with', 'ratio', 'target'],
    ...rows.map(({ what, unit, ours, peer, target, met }) => [
      what,
      shown(ours, unit),
      peer ? `${shown(peer.value, unit)}, ${peer.name}` : '',
      peer ? shownRatio(peer.ratio) : '',
      target ? `${target}${met ? '' : ' (missed)'}` : '',
    ]),
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`;
  const [heading, ...body] = cells.map(line);
  return `${heading}${line(widths.map((width) => '-'.repeat(width)))}${body.join('')}`;
}

/** "1/20" is twenty times less, "1.3 ×" more than theirs. */
function shownRatio(ratio: number): string {
  const times = Math.max(ratio, 1 / ratio);
  const number = times < 10 ? times.toFixed(2) : Math.round(times);
  return ratio < 1 ? `1/${number}` : `${number} ×`;
}

function shown(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
      return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
    case 'bytes':
      if (value >= 1e6) return `${(value / 1e6).toFixed(value < 1e7 ? 1 : 0)} MB`;
      if (value >= 1e3) return `${(value / 1e3).toFixed(value < 1e4 ? 1 : 0)} KB`;
      return `${Number(value.toFixed(2))} B`;
    case 'count':
      return String(Number(value.toFixed(1)));
  }
}
