import { mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const folder = 'damaged';
const kept = 20;

/**
 * Moves a damaged file out of the way, for whoever can make something of it; of those, the newest 20 stay. Answers
 * where it lies now, or undefined where somebody else moved it first.
 */
export async function setAside(directory: string, name: string, at: number): Promise<string | undefined> {
  const place = join(directory, folder);
  await mkdir(place, { recursive: true, mode: 0o700 });
  const path = join(place, `${String(at).padStart(13, '0')}-${name}`);
  try {
    await rename(join(directory, name), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  for (const old of (await listAside(directory)).slice(kept)) await unlink(old).catch(() => undefined);
  return path;
}

/** Paths of the damaged files that were set aside, newest first. */
export async function listAside(directory: string): Promise<string[]> {
  const names = await readdir(join(directory, folder)).catch(() => []);
  return names
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .toReversed()
    .map((name) => join(directory, folder, name));
}
