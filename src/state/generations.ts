import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../model/errors';
import { setAside } from './damaged';
import { readGeneration, type Format, type Generation } from './generation';

const kept = 4;
const ringSize = 256;
const staleTempMs = 60_000;

/** The newest whole generation, and what stands in its way. */
export interface Reading<T> extends Generation<T> {
  /** The highest number in use; 0 for none. */
  number: number;
  /** Numbers above it that cannot be read. */
  damaged: number[];
  /** There were generations, and not one of them is whole. */
  lost: boolean;
}

export interface GenerationsOptions {
  now?(): number;
  /** Told of each damaged file that was set aside. */
  onDamaged?(path: string): void;
}

/**
 * A value shared by processes as numbered files `g<N>.json`, replaced by compare-and-swap: whoever links the next
 * number has written. No lock, so nothing to go stale; a kill at any byte leaves the last whole generation.
 * A ring of operation ids tells a writer whose number had been pruned meanwhile that its change is not in the newest.
 *
 * A damaged file is passed over. It gives its number up only once a whole one stands above it, so that nobody takes a
 * later good one for it; then it is set aside, by whoever writes next: looking never writes.
 *
 * A file of a newer format is never passed over: going back behind it would undo what the newer program wrote. What
 * is understood of it is read, and nothing is written until this program is updated.
 */
export class Generations<T> {
  /** Generations never change once they are there: the newest is parsed once. */
  private cached: { stamp: string; reading: Reading<T> } | undefined;

  constructor(
    readonly directory: string,
    private readonly format: Format<T>,
    private readonly options: GenerationsOptions = {},
  ) {}

  async read(): Promise<T> {
    return (await this.newest()).value;
  }

  /** Applies `change` to the newest value; runs it again on a conflict, so it must be pure. Returns what was written. */
  async update(change: (value: T) => T): Promise<T> {
    try {
      return await this.write(change);
    } catch (error) {
      throw unwritable(error, this.directory);
    }
  }

  private async write(change: (value: T) => T): Promise<T> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    for (;;) {
      const newest = await this.newest();
      if (newest.version > this.format.version) throw newerFormat(this.directory);
      const value = change(newest.value);
      const op = randomUUID();
      const next = newest.number + 1;
      const ops = [...newest.ops, op].slice(-ringSize);
      if (!(await this.publish(next, { version: this.format.version, ops, value }))) continue;
      const after = await this.newest();
      if (after.number > next && !after.ops.includes(op)) continue;
      await this.sweep(after.number, newest.damaged);
      return value;
    }
  }

  async newest(): Promise<Reading<T>> {
    for (let before: number[] = []; ;) {
      const numbers = await this.numbers();
      const [number = 0] = numbers;
      const stamp = await this.stamp(number);
      if (stamp !== undefined && this.cached?.stamp === stamp) return this.cached.reading;
      const damaged: number[] = [];
      let swept = false;
      for (const candidate of numbers) {
        const text = await readFile(this.path(candidate), 'utf8').catch(absent);
        const content = text === undefined ? undefined : readGeneration(text, this.format);
        if (content) {
          const reading = { ...content, number, damaged, lost: false };
          if (stamp !== undefined && candidate === number) this.cached = { stamp, reading };
          return reading;
        }
        if (text === undefined) swept = true;
        else damaged.push(candidate);
      }
      // While we read, others wrote and removed what was listed: look again.
      if (!swept || String(numbers) === String(before)) {
        const lost = damaged.length > 0;
        return { version: this.format.version, ops: [], value: this.format.initial(lost), number, damaged, lost }; // prettier-ignore
      }
      before = numbers;
    }
  }

  /** Tells one file from another of the same number, after somebody has emptied the directory or spoilt the file. */
  private async stamp(number: number): Promise<string | undefined> {
    const file = await stat(this.path(number)).catch(() => undefined);
    return file && [number, file.ino, file.size, file.mtimeMs, file.ctimeMs].join(':');
  }

  /** Existing generations, newest first. */
  private async numbers(): Promise<number[]> {
    const names = (await readdir(this.directory).catch(absent)) ?? [];
    return names.flatMap((name) => numberOf(name) ?? []).sort((a, b) => b - a);
  }

  private async publish(number: number, content: Generation<T>): Promise<boolean> {
    const temp = join(this.directory, `t${process.pid}-${randomUUID()}.tmp`);
    const file = await open(temp, 'wx', 0o600);
    try {
      try {
        await file.writeFile(JSON.stringify(content));
        await file.sync();
      } finally {
        await file.close();
      }
      await link(temp, this.path(number));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await unlink(temp).catch(() => undefined);
      await this.syncDirectory();
    }
  }

  private async syncDirectory(): Promise<void> {
    // Windows cannot open a directory for fsync; its rename and link are journalled.
    const directory = await open(this.directory, 'r').catch(() => undefined);
    await directory?.sync().catch(() => undefined);
    await directory?.close();
  }

  /** Removes old generations and the temporary files of killed writers; sets aside what is damaged. */
  private async sweep(newest: number, damaged: readonly number[]): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const number = numberOf(name);
      if (number !== undefined && (number <= newest - kept || damaged.includes(number)))
        await this.sweepGeneration(number);
      if (name.endsWith('.tmp')) await this.sweepTemp(join(this.directory, name));
    }
  }

  private async sweepGeneration(number: number): Promise<void> {
    const text = await readFile(this.path(number), 'utf8').catch(() => undefined);
    if (text === undefined) return;
    if (readGeneration(text, this.format)) return unlink(this.path(number)).catch(() => undefined);
    // A change that is written does not fail for what could not be tidied.
    const path = await setAside(this.directory, `g${number}.json`, this.now()).catch(() => undefined);
    if (path !== undefined) this.options.onDamaged?.(path);
  }

  private async sweepTemp(path: string): Promise<void> {
    const written = await stat(path).catch(() => undefined);
    if (written && this.now() - written.mtimeMs > staleTempMs) await unlink(path).catch(() => undefined);
  }

  private now(): number {
    return this.options.now?.() ?? Date.now();
  }

  private path(number: number): string {
    return join(this.directory, `g${number}.json`);
  }
}

const numberOf = (name: string): number | undefined => {
  const digits = /^g(\d{1,15})\.json$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

const newerFormat = (directory: string): UserError =>
  new UserError(
    `A newer Task Sessions has written ${directory}; this one cannot add to it.`,
    'Update Task Sessions, and reload windows that still run the old one.',
  );

/** What the machine does not let us write is the user's to mend; anything else is a defect. */
export function unwritable(error: unknown, directory: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new UserError(`There is no room to write in ${directory}; nothing was changed.`, 'Free some space.', { cause: error }); // prettier-ignore
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
    case 'ENOTDIR':
    case 'EEXIST':
      return new UserError(`${directory} cannot be written.`, 'Let this account write there, or set XDG_STATE_HOME to where it may.', { cause: error }); // prettier-ignore
    default:
      return error;
  }
}

/** For reading what may not be there; any other failure is one. */
function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
