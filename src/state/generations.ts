import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const kept = 4;
const ringSize = 256;
const staleTempMs = 60_000;

/**
 * A value shared by processes as numbered files `g<N>.json`, replaced by compare-and-swap: whoever links the next
 * number has written. No lock, so nothing to go stale; a kill at any byte leaves the last whole generation. A damaged
 * file is passed over and keeps its number, so that nobody takes a later good one for it.
 * A ring of operation ids tells a writer whose number had been pruned meanwhile that its change is not in the newest.
 */
export class Generations<T> {
  private readonly fileSchema: z.ZodType<{ ops: string[]; value: T }>;

  constructor(
    private readonly directory: string,
    schema: z.ZodType<T>,
    private readonly initial: T,
  ) {
    this.fileSchema = z.object({
      ops: z.array(z.string()),
      value: schema,
    });
  }

  async read(): Promise<T> {
    return (await this.newest()).value;
  }

  /** Applies `change` to the newest value; runs it again on a conflict, so it must be pure. Returns what was written. */
  async update(change: (value: T) => T): Promise<T> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    for (;;) {
      const newest = await this.newest();
      const value = change(newest.value);
      const op = randomUUID();
      const next = newest.number + 1;
      if (!(await this.publish(next, { ops: [...newest.ops, op].slice(-ringSize), value }))) continue;
      const after = await this.newest();
      if (after.number > next && !after.ops.includes(op)) continue;
      await this.sweep(after.number);
      return value;
    }
  }

  /** The newest whole generation; `number` is the highest in use. */
  private async newest(): Promise<{ number: number; ops: string[]; value: T }> {
    for (let before: number[] = []; ;) {
      const numbers = await this.numbers();
      const newest = { number: numbers[0] ?? 0, ops: [], value: this.initial };
      let swept = false;
      for (const number of numbers) {
        const text = await readFile(this.path(number), 'utf8').catch(absent);
        const content = text === undefined ? undefined : this.parse(text);
        if (content) return { ...newest, ...content };
        swept ||= text === undefined;
      }
      // While we read, others wrote and removed what was listed: look again.
      if (!swept || String(numbers) === String(before)) return newest;
      before = numbers;
    }
  }

  private parse(text: string): { ops: string[]; value: T } | undefined {
    try {
      return this.fileSchema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }

  /** Existing generations, newest first. */
  private async numbers(): Promise<number[]> {
    const names = (await readdir(this.directory).catch(absent)) ?? [];
    return names
      .flatMap((name) => /^g(\d{1,15})\.json$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => b - a);
  }

  private async publish(number: number, content: { ops: string[]; value: T }): Promise<boolean> {
    const temp = join(this.directory, `t${process.pid}-${randomUUID()}.tmp`);
    const file = await open(temp, 'wx', 0o600);
    try {
      await file.writeFile(JSON.stringify(content));
      await file.sync();
    } finally {
      await file.close();
    }
    try {
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

  /** Removes old generations and the temporary files of killed writers. */
  private async sweep(newest: number): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const number = Number(/^g(\d+)\.json$/.exec(name)?.[1] ?? Number.NaN);
      const path = join(this.directory, name);
      const old = number <= newest - kept;
      const abandoned =
        name.endsWith('.tmp') &&
        Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now()) > staleTempMs;
      if (old || abandoned) await unlink(path).catch(() => undefined);
    }
  }

  private path(number: number): string {
    return join(this.directory, `g${number}.json`);
  }
}

/** For reading what may not be there; any other failure is one. */
function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
