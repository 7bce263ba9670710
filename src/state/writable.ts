import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { unwritable } from './generations';

/** Of bytes: less, and the next note may be the last. */
const least = 1 << 20;

/**
 * Whether a file can be written in the directory, or in the one where it would be made; writes nothing. Throws UserError
 * with what to do.
 */
export async function writableIn(directory: string, leastBytes = least): Promise<void> {
  try {
    const there = await nearest(directory);
    await access(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(there);
    if (bavail * bsize < leastBytes) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  } catch (error) {
    throw unwritable(error, directory);
  }
}

/** The directory, or the next one above it that exists. */
async function nearest(directory: string): Promise<string> {
  try {
    await access(directory);
    return directory;
  } catch (error) {
    const above = dirname(directory);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === directory) throw error;
    return nearest(above);
  }
}
