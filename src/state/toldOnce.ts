import { createHash } from 'node:crypto';
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorLine, UserError } from '../model/errors';

/** What is older nobody tells any more. */
const keptMs = 7 * 24 * 3_600_000;

/** What programs of this user on this machine have told: each name is given once, whoever asks (as of runs on their hosts). */
export class ToldOnce {
  private readonly folder: string;

  constructor(stateDirectory: string) {
    this.folder = join(stateDirectory, 'told');
  }

  /** True for the first who asks. Throws UserError where that cannot be kept. */
  async claim(name: string): Promise<boolean> {
    await this.prune();
    const file = createHash('sha256').update(name).digest('hex').slice(0, 40);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await mkdir(join(this.folder, file), { mode: 0o700 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw new UserError(
        `${this.folder} cannot be written: ${errorLine(error)}`,
        'Make room there, or check whose it is.',
        { cause: error },
      );
    }
  }

  private async prune(): Promise<void> {
    for (const name of (await readdir(this.folder).catch(() => [])).slice(0, 1000)) {
      const path = join(this.folder, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (Date.now() - mtimeMs > keptMs) await rmdir(path).catch(() => undefined);
    }
  }
}
