import { randomUUID } from 'node:crypto';
import { mkdir, readFile, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorLine, UserError } from '../model/errors';

/**
 * Puts `values` into the command line's configuration file, at its top level: the rest stays, in its order. Written
 * beside it and put in its place; a link stays one. Throws UserError where that cannot be.
 */
export async function mergeConfiguration(
  file: string,
  values: Readonly<Record<string, unknown>>,
): Promise<void> {
  const place = await realpath(file).catch(() => file);
  const before = await readOrNothing(place, file);
  const indent = /^\s+(?=")/m.exec(before)?.[0].replace(/^[\r\n]+/, '') ?? '  ';
  const text = `${JSON.stringify({ ...parsed(before, file), ...values }, undefined, indent)}\n`;
  const mode = await stat(place).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const fresh = `${place}.${randomUUID().slice(0, 8)}.new`;
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(fresh, text, { mode, flag: 'wx' });
    await rename(fresh, place);
  } catch (error) {
    await unlink(fresh).catch(() => undefined);
    throw new UserError(
      `${file} cannot be written: ${errorLine(error)}`,
      'Put the lines into it yourself, or name another by --config.',
    );
  }
}

async function readOrNothing(place: string, file: string): Promise<string> {
  try {
    return await readFile(place, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '{}';
    throw new UserError(`${file} cannot be read: ${errorLine(error)}`, 'Check --config.');
  }
}

function parsed(text: string, file: string): Record<string, unknown> {
  const refuse = (): never => {
    throw new UserError(`${file} holds no JSON object.`, 'Correct it first: nothing was changed.');
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuse();
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse();
}
