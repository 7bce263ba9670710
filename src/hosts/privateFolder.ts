import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for sockets that only this user can enter, the same for every process of the user, gone after a reboot; or
 * undefined where there is none. Its path is at most `longest` bytes: socket paths are limited to about 100.
 */
export function privateFolder(env: NodeJS.ProcessEnv, name: string, longest: number): string | undefined {
  if (process.platform === 'win32') {
    const base = env['LOCALAPPDATA'];
    return base ? usable(join(base, 'task-sessions', name), longest) : undefined;
  }
  const runtime = env['XDG_RUNTIME_DIR'];
  const candidates = [
    ...(runtime?.startsWith('/') ? [join(runtime, 'task-sessions', name)] : []),
    join(tmpdir(), `task-sessions-${userInfo().uid}`, name),
    join('/tmp', `task-sessions-${userInfo().uid}`, name),
  ];
  for (const folder of candidates) {
    const found = usable(folder, longest);
    if (found) return found;
  }
  return undefined;
}

function usable(folder: string, longest: number): string | undefined {
  if (Buffer.byteLength(folder) > longest) return undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const part of [join(folder, '..'), folder]) if (!isOurs(part)) return undefined;
    return folder;
  } catch {
    return undefined;
  }
}

/** In a shared /tmp, somebody else may have made the folder before us, or a link in its place. */
function isOurs(folder: string): boolean {
  if (process.platform === 'win32') return true;
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === userInfo().uid && (stat.mode & 0o077) === 0;
}
