// A temporary place for one VS Code: HOME, extensions, environment. Gone, with every process in it, on `remove`.
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../bed/bed';
import type { HostOptions } from './host';
import { endOnExit, killMarked } from './processes';

const mark = 'TASK_SESSIONS_TEST_VSCODE';
const inherited = ['PATH', 'LANG', 'LC_ALL', 'TMPDIR', 'USER', 'LOGNAME', 'NODE_EXTRA_CA_CERTS'];
const display = ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR'];

export interface Place {
  readonly directory: string;
  readonly home: string;
  readonly extensionsDir: string;
  /** The whole environment of what runs here; it marks each process as ours. */
  readonly env: Record<string, string>;
  remove(): Promise<void>;
}

export async function makePlace(options: HostOptions): Promise<Place> {
  const scratch = await scratchFolder('vscode');
  const directory = scratch.path;
  const id = randomUUID();
  const forget = endOnExit(() => {
    killMarked(mark, id);
    rmSync(directory, { recursive: true, force: true });
  });
  const home = options.env?.['HOME'] ?? join(directory, 'home');
  const extensionsDir = options.extensionsDir ?? join(directory, 'extensions');
  await Promise.all([mkdir(home, { recursive: true }), mkdir(extensionsDir, { recursive: true })]);
  for (const folder of options.extensions ?? []) await linkExtension(folder, extensionsDir);
  const kept = [...inherited, ...display].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    directory,
    home,
    extensionsDir,
    env: {
      ...Object.fromEntries(kept),
      SHELL: '/bin/bash',
      HOME: home,
      // No marketplace: a test asks nobody outside.
      EXTENSIONS_GALLERY: '{}',
      ...options.env,
      [mark]: id,
    },
    async remove() {
      killMarked(mark, id);
      await scratch.dispose();
      forget();
    },
  };
}

/**
 * Lays an extension as if installed. What it is made of is copied: VS Code may write into the manifest, and knows whose
 * code calls it by where the file really lies.
 */
async function linkExtension(folder: string, extensionsDir: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const target = join(extensionsDir, `${manifest['publisher']}.${manifest['name']}-${manifest['version']}`);
  await mkdir(target);
  for (const entry of await readdir(folder)) {
    if (/^(?:package\.|dist$|media$)|\.js$/.test(entry))
      await cp(join(folder, entry), join(target, entry), { recursive: true });
    else if (!entry.startsWith('.')) await symlink(join(folder, entry), join(target, entry));
  }
}
