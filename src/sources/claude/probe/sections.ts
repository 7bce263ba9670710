import { randomBytes } from 'node:crypto';

/** One part of a script's answer: the words of its heading and the bytes below. */
export interface Section {
  name: string;
  args: string[];
  body: Buffer;
}

/** A word that no file can contain by chance: it marks the headings in an answer that carries raw bytes. */
export const newNonce = (): string => randomBytes(12).toString('hex');

/** Takes apart what `mark NAME ARG…` of our scripts wrote. Undefined if the last section is not `end`: the answer was cut. */
export function parseSections(output: Buffer, nonce: string): Section[] | undefined {
  const heading = Buffer.from(`\n${nonce} `);
  const sections: Section[] = [];
  let at = output.indexOf(heading);
  while (at >= 0) {
    const start = at + heading.length;
    const lineEnd = output.indexOf(10, start);
    if (lineEnd < 0) return undefined;
    const [name = '', ...args] = output.toString('utf8', start, lineEnd).split(' ');
    // The newline that ends this heading may also begin the next one.
    at = output.indexOf(heading, lineEnd);
    const body = output.subarray(lineEnd + 1, at < 0 ? output.length : Math.max(at, lineEnd + 1));
    sections.push({ name, args, body });
  }
  return sections.at(-1)?.name === 'end' ? sections : undefined;
}
