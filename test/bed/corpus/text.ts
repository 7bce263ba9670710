import { seeded } from './random';
import type { Random } from './random';

const words =
  'the retry of a payment loses its key when invoice and refund arrive together, so check where customs totals are rounded before the export writes rows again'.split(
    ' ',
  );

/** Words of a person or of Claude, without anything that JSON escapes. */
export function prose(random: Random, count: number): string {
  return Array.from({ length: count }, () => words[random.below(words.length)]).join(' ');
}

/** Characters of the stock from which bulk is cut, and of one cut. */
const stockSize = 1 << 21;
const step = 512;

/** What tools print and prompts are made of, escaped as in JSON; made once. */
const stock = ((): string => {
  const random = seeded(7);
  const pieces: string[] = [];
  for (let size = 0; size < stockSize; size += step) {
    const line = `${String(pieces.length).padStart(5)}\\tconst \\"${prose(random, 3)}\\" = read(${random.uuid()});\\n`;
    pieces.push(
      line.repeat(Math.ceil(step / line.length)).slice(0, line.length * Math.floor(step / line.length)),
    );
    pieces[pieces.length - 1] = pieces.at(-1)!.padEnd(step, '.');
  }
  return pieces.join('');
})();

/** About `size` characters for the inside of a JSON string: copied, not made, since gigabytes are wanted. */
export function bulk(random: Random, size: number): string {
  const length = Math.min(stockSize / 2, Math.max(step, Math.round(size / step) * step));
  const start = random.below((stockSize - length) / step) * step;
  return stock.slice(start, start + length);
}
