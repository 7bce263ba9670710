import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * A folder for sockets that only this user can enter, the same for every process of the user on this machine, or undefined
 * where there is none. Its path is at most `longest` bytes, since socket paths are limited to about 100.
 * A `lasting` one survives the user's logout; the others are as short as can be.
 */
export function privateFolder(
  env: NodeJS.ProcessEnv,
  name: string,
  { longest, lasting = false }: { longest: number; lasting?: boolean },
): string | undefined {
  return candidates(env, name, lasting).find(
    (folder) => Buffer.byteLength(folder) <= longest && isUsable(folder),
  );
}

function candidates(env: NodeJS.ProcessEnv, name: string, lasting: boolean): string[] {
  if (process.platform === 'win32')
    return env['LOCALAPPDATA'] ? [join(env['LOCALAPPDATA'], 'task-sessions', name)] : [];
  const temporary = [tmpdir(), '/tmp'].map((base) => join(base, `task-sessions-${userInfo().uid}`, name));
  if (!lasting) {
    const runtime = env['XDG_RUNTIME_DIR'];
    return runtime?.startsWith('/') ? [join(runtime, 'task-sessions', name), ...temporary] : temporary;
  }
  // A home may be shared by machines; a socket is not.
  const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  const state = env['XDG_STATE_HOME'];
  const base = state?.startsWith('/') ? state : join(env['HOME'] || homedir(), '.local/state');
  return [join(base, 'task-sessions', `${name}-${machine}`), ...temporary];
}

function isUsable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return isOurs(folder) && isSafe(dirname(dirname(folder)), dirname(folder));
  } catch {
    return false;
  }
}

/** In a shared /tmp, somebody else may have made the folder before us, or a link in its place. */
function isOurs(folder: string): boolean {
  if (process.platform === 'win32') return true;
  const stat = lstatSync(folder);
  return stat.isDirectory() && stat.uid === userInfo().uid && (stat.mode & 0o077) === 0;
}

/** Where everybody may write into `base`, the folder in it has to be ours too. */
function isSafe(base: string, folder: string): boolean {
  if (process.platform === 'win32') return true;
  return (lstatSync(base).mode & 0o022) === 0 || isOurs(folder);
}
