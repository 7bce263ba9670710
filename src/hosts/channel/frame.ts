import { Buffer } from 'node:buffer';

/** The lines that a shell prints around one answer, on stdout and on stderr alike. */
export const frameOpening = (nonce: string): string => `\n${nonce}<\n`;
export const frameClosing = (nonce: string): string => `\n${nonce}>`;

/**
 * Takes one answer out of a stream: what lies between two marker lines, byte for byte.
 * What comes before is noise (a greeting of .bashrc), what comes after belongs to nobody.
 */
export class Frame {
  /** Bytes of the answer so far, kept or not. */
  size = 0;
  started = false;
  /** What followed the closing mark: the exit status. Set when the frame is complete. */
  trailer: string | undefined;

  private readonly opening: Buffer;
  private readonly closing: Buffer;
  private readonly kept: Buffer[] = [];
  private pending: Buffer = Buffer.alloc(0);

  /** Keeps at most the first `limit` bytes of the answer, or hands them to `take` as they come. */
  constructor(
    nonce: string,
    private readonly limit: number,
    private readonly take: (bytes: Buffer) => void = (bytes) => void this.kept.push(bytes),
  ) {
    this.opening = Buffer.from(frameOpening(nonce));
    this.closing = Buffer.from(frameClosing(nonce));
  }

  push(chunk: Buffer): void {
    if (this.trailer !== undefined) return;
    this.pending = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    if (!this.started && !this.start()) return;
    const at = this.pending.indexOf(this.closing);
    // A mark may be cut in two by the chunks: its length less one stays back.
    if (at < 0) return this.keep(Math.max(0, this.pending.length - this.closing.length + 1));
    const end = this.pending.indexOf('\n', at + this.closing.length);
    if (end >= 0) this.trailer = this.pending.toString('latin1', at + this.closing.length, end);
    this.keep(at);
  }

  body(): Buffer {
    return Buffer.concat(this.kept);
  }

  private start(): boolean {
    const at = this.pending.indexOf(this.opening);
    this.started = at >= 0;
    const from = this.started
      ? at + this.opening.length
      : Math.max(0, this.pending.length - this.opening.length + 1);
    this.pending = this.pending.subarray(from);
    return this.started;
  }

  private keep(length: number): void {
    const room = Math.max(0, this.limit - this.size);
    if (length > 0 && room > 0) this.take(this.pending.subarray(0, Math.min(length, room)));
    this.size += length;
    this.pending = this.pending.subarray(length);
  }
}
