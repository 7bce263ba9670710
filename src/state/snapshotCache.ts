import { mkdir, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Issue } from '../model/task/issue';
import type { BranchReading, Snapshot } from '../model/task/task';
import type { HostReport } from '../model/session/transcript';

/** What is shown at once after a start, before anything has answered. */
export interface CachedPicture {
  snapshot: Snapshot;
  issues: Issue[];
  branches: [string, BranchReading][];
  /** Last good answer of each host. */
  reports: HostReport[];
}

/** To be counted up when the shape of anything in a picture changes. */
const format = 1;

const list = z.array(z.unknown());
const named = z.record(z.string(), z.unknown());

/** What we wrote ourselves, as far as its frame tells. */
const file = z.object({
  format: z.literal(format),
  picture: z.custom<CachedPicture>(
    (value) =>
      z
        .object({
          snapshot: z.object({
            jira: named,
            hosts: list,
            branches: named.optional(),
            tasks: list,
            sessions: list,
            terminals: list,
          }),
          issues: list,
          branches: z.array(z.tuple([z.string(), named])),
          reports: z.array(named),
        })
        .safeParse(value).success,
  ),
});

/** A picture that nobody has renewed for so long is of a query that is not asked any more. */
const forgottenMs = 30 * 86_400_000;

/** The last good picture on disk, one file for each Jira and query. A cache: a damaged or foreign file is no picture. */
export class SnapshotCache {
  private readonly directory: string;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    stateDirectory: string,
    /** What the picture is of: the Jira and the query, as they are now. */
    private readonly identity: () => string,
  ) {
    this.directory = join(stateDirectory, 'snapshots');
  }

  async read(): Promise<CachedPicture | undefined> {
    try {
      return file.parse(JSON.parse(await readFile(this.path(), 'utf8'))).picture;
    } catch {
      return undefined;
    }
  }

  /** After signing out nothing of the account stays on disk, of earlier queries neither. */
  forget(): Promise<void> {
    return this.next(() => rm(this.directory, { recursive: true, force: true }));
  }

  /** Whole or not at all; writes of one process follow one another. */
  write(picture: CachedPicture): Promise<void> {
    const path = this.path();
    return this.next(() => this.replace(path, picture));
  }

  /** A cache that cannot be written is none. */
  private next(step: () => Promise<void>): Promise<void> {
    this.writing = this.writing.then(step).catch(() => undefined);
    return this.writing;
  }

  private async replace(path: string, picture: CachedPicture): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const temp = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(temp, JSON.stringify({ format, picture }), { mode: 0o600 });
      await rename(temp, path);
    } finally {
      await unlink(temp).catch(() => undefined);
    }
    await this.sweep();
  }

  /** Removes old pictures and what killed writers left. */
  private async sweep(): Promise<void> {
    for (const name of await readdir(this.directory)) {
      const path = join(this.directory, name);
      if (Date.now() - (await stat(path)).mtimeMs > forgottenMs) await unlink(path);
    }
  }

  private path(): string {
    const name = createHash('sha256').update(this.identity()).digest('hex').slice(0, 16);
    return join(this.directory, `${name}.json`);
  }
}
