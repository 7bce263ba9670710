import { randomBytes } from 'node:crypto';

/** One part of a script's answer: the words of its heading and the bytes below. */
export interface Section {
  name: string;
  args: string[];
  body: Buffer;
}

/** A word that no file can contain by chance: it marks the headings in an answer that carries raw bytes. */
export const newNonce = (): string => randomBytes(12).toString('hex');

/** Takes apart what `mark NAME ARG…` of our scripts writes, while it comes: no more than one section is kept in memory. */
export class SectionReader {
  private readonly heading: Buffer;
  private pending: Buffer = Buffer.alloc(0);
  /** Up to here `pending` holds no further heading. */
  private searched = 0;
  private begun = false;
  private last = '';

  /** The body belongs to `take` only while it runs. */
  constructor(
    nonce: string,
    private readonly take: (section: Section) => void,
  ) {
    this.heading = Buffer.from(`\n${nonce} `);
  }

  push(bytes: Buffer): void {
    this.pending = this.pending.length > 0 ? Buffer.concat([this.pending, bytes]) : bytes;
    for (;;) {
      const next = this.pending.indexOf(this.heading, this.searched);
      if (next < 0) break;
      this.section(next);
      // The newline that ends this heading may also begin the next one.
      this.pending = this.pending.subarray(next);
      this.searched = this.heading.length - 1;
      this.begun = true;
    }
    this.searched = Math.max(this.searched, this.pending.length - this.heading.length + 1);
  }

  /** False if the last section is not `end`: the answer was cut. */
  end(): boolean {
    this.section(this.pending.length);
    return this.last === 'end';
  }

  /** What stands before the first heading is noise. */
  private section(end: number): void {
    if (!this.begun) return;
    const lineEnd = this.pending.indexOf(10, this.heading.length);
    const whole = lineEnd >= 0 && lineEnd <= end;
    const [name = '', ...args] = whole
      ? this.pending.toString('utf8', this.heading.length, lineEnd).split(' ')
      : [];
    this.last = name;
    if (whole)
      this.take({ name, args, body: this.pending.subarray(lineEnd + 1, Math.max(end, lineEnd + 1)) });
  }
}

/** The sections of a whole answer; undefined if it was cut. */
export function parseSections(output: Buffer, nonce: string): Section[] | undefined {
  const sections: Section[] = [];
  const reader = new SectionReader(nonce, (section) => sections.push(section));
  reader.push(output);
  return reader.end() ? sections : undefined;
}
