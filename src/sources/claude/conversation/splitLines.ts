import type { Line } from './entry';
import { readLine, readLongLine } from './readLine';

/** Bytes of a line beyond which only its beginning is looked at. */
export const longestLine = 1_000_000;
/** How much of it that is. */
const beginning = 64_000;

const newline = 10;

/** Reads a transcript from its beginning, in pieces, and holds no more than one line. */
export class ForwardSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;
  /** Bytes of the line that are not held. */
  private dropped = 0;

  /** The lines that end in these bytes. */
  push(bytes: Buffer): Line[] {
    const lines: Line[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      this.hold(bytes.subarray(start, end));
      lines.push(...this.end());
      start = end + 1;
    }
    this.hold(bytes.subarray(start));
    return lines;
  }

  /** What is held, as if the line ended here. */
  peek(): Line[] {
    const line = Buffer.concat(this.held);
    const total = line.length + this.dropped;
    return total === 0 ? [] : [lineOf(line, total)];
  }

  /** The last line, which lacks its end. */
  end(): Line[] {
    const lines = this.peek();
    this.held = [];
    this.heldBytes = 0;
    this.dropped = 0;
    return lines;
  }

  private hold(bytes: Buffer): void {
    const room = Math.max(0, longestLine - this.heldBytes);
    const kept = bytes.subarray(0, room);
    if (kept.length > 0) this.held.push(Buffer.from(kept));
    this.heldBytes += kept.length;
    this.dropped += bytes.length - kept.length;
  }
}

/** Reads a transcript from its end, in pieces, and holds no more than one line. */
export class BackwardSplitter {
  /** End of a line whose beginning lies before what was read. */
  private held: Buffer = Buffer.alloc(0);
  /** Bytes of that line behind \`held\` that are not kept: the line is too long. */
  private dropped = 0;

  /** The whole lines that begin in these bytes, which end where the bytes before began. */
  push(bytes: Buffer, isStart: boolean): Line[] {
    const all = Buffer.concat([bytes, this.held]);
    const first = isStart ? 0 : all.indexOf(newline) + 1;
    if (!isStart && first === 0) {
      this.held = all.subarray(0, longestLine);
      this.dropped += all.length - this.held.length;
      return [];
    }
    const lines: Line[] = [];
    for (let start = first; start < all.length;) {
      const found = all.indexOf(newline, start);
      const end = found < 0 ? all.length : found;
      const more = found < 0 ? this.dropped : 0;
      if (end + more > start) lines.push(lineOf(all.subarray(start, end), end - start + more));
      start = end + 1;
    }
    this.held = Buffer.from(all.subarray(0, first));
    this.dropped = 0;
    return lines;
  }
}

const lineOf = (line: Buffer, total: number): Line =>
  total > longestLine
    ? readLongLine(line.toString('utf8', 0, Math.min(line.length, beginning)), total)
    : readLine(line.toString('utf8'));
