import { mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Issue } from '../model/issue';
import type { BranchReading, Snapshot } from '../model/task';
import type { HostReport } from '../model/transcript';

/** What is shown at once after a start, before anything has answered. */
export interface CachedPicture {
  snapshot: Snapshot;
  issues: Issue[];
  branches: [string, BranchReading][];
  /** Last good answer of each host. */
  reports: HostReport[];
}

const format = 1;

/** The last good picture on disk, one file for each Jira and query. A cache: a damaged or foreign file is no picture. */
export class SnapshotCache {
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly stateDirectory: string,
    /** What the picture is of: the Jira and the query, as they are now. */
    private readonly identity: () => string,
  ) {}

  async read(): Promise<CachedPicture | undefined> {
    try {
      const content = JSON.parse(await readFile(this.path(), 'utf8')) as {
        format?: number;
        picture?: CachedPicture;
      };
      return content.format === format ? content.picture : undefined;
    } catch {
      return undefined;
    }
  }

  /** After signing out nothing of the account stays on disk. */
  async forget(): Promise<void> {
    await this.writing;
    await unlink(this.path()).catch(() => undefined);
  }

  /** Whole or not at all; writes of one process follow one another. */
  write(picture: CachedPicture): Promise<void> {
    this.writing = this.writing.then(() => this.replace(picture)).catch(() => undefined);
    return this.writing;
  }

  private async replace(picture: CachedPicture): Promise<void> {
    await mkdir(join(this.stateDirectory, 'snapshots'), { recursive: true, mode: 0o700 });
    const path = this.path();
    const temp = `${path}.${randomUUID()}.tmp`;
    try {
      await writeFile(temp, JSON.stringify({ format, picture }), { mode: 0o600 });
      await rename(temp, path);
    } finally {
      await unlink(temp).catch(() => undefined);
    }
  }

  private path(): string {
    const name = createHash('sha256').update(this.identity()).digest('hex').slice(0, 16);
    return join(this.stateDirectory, 'snapshots', `${name}.json`);
  }
}
