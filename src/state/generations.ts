import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const kept = 4;
const ringSize = 256;
const staleTempMs = 60_000;

/**
 * A value shared by processes as numbered files `g<N>.json`, replaced by compare-and-swap: whoever links the next
 * number has written. No lock, so nothing to go stale; a kill at any byte leaves the last whole generation.
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

  private async newest(): Promise<{ number: number; ops: string[]; value: T }> {
    for (const number of await this.numbers()) {
      const path = this.path(number);
      try {
        const parsed = this.fileSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
        if (parsed.success) return { number, ...parsed.data };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
        if (!(error instanceof SyntaxError)) throw error;
      }
      await rename(path, `${path}.damaged-${Date.now()}`).catch(() => undefined);
    }
    return { number: 0, ops: [], value: this.initial };
  }

  /** Existing generations, newest first. */
  private async numbers(): Promise<number[]> {
    const names = await readdir(this.directory).catch(() => []);
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
