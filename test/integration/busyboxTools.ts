import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { output } from '../bed/command';
import { findProgram } from '../bed/prepare';

/** Fills a folder for PATH with busybox' tools alone, as on a small machine; tmux is the real one, and there is no perl. */
export async function busyboxTools(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await output(['busybox', '--install', '-s', folder]);
  const tmux = findProgram('tmux');
  if (tmux) await symlink(tmux, join(folder, 'tmux'));
  await writeFile(join(folder, 'perl'), '#!/bin/false\n', { mode: 0o755 });
  return folder;
}
