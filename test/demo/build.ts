import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { show } from '../bed/command';

/** The folder that holds package.json. */
export const checkout = resolve(__dirname, '../..');

const outputs = ['extension.js', 'cli.js', 'supervisor.js'].map((name) => join(checkout, 'dist', name));

/** Builds `dist/` unless it is newer than everything that it is made of. */
export async function buildIfStale(say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  if (outputs.every((file) => existsSync(file)) && (await newest()) <= Math.min(...(await times(outputs))))
    return;
  say('building the extension');
  await show([process.execPath, 'esbuild.mjs'], { cwd: checkout, signal });
}

async function newest(): Promise<number> {
  const entries = await readdir(join(checkout, 'src'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const others = ['package.json', 'esbuild.mjs'].map((name) => join(checkout, name));
  return Math.max(...(await times([...files, ...others])));
}

const times = (files: readonly string[]): Promise<number[]> =>
  Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
