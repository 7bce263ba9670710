import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { show } from '../command';
import type { Progress } from './progress';

/** An npm package too heavy for everyone's `devDependencies`, installed on demand, outside the checkout. */
export interface HeavyPackage {
  name: string;
  /** Exact. */
  version: string;
  /** What it could use besides, hundreds of megabytes of programs, is left out. */
  withoutOptional?: boolean;
}

const projectFolder = resolve(__dirname, '../../..');
const installTimeoutMs = 15 * 60_000;

export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'task-sessions-test');
}

/** Where the package lies, or will lie, once installed: `<folder>/node_modules/<name>`. */
export function packageFolder({ name, version }: HeavyPackage): string {
  const short = name.slice(name.lastIndexOf('/') + 1);
  return join(cacheFolder(), `${short}-${version}`, 'node_modules', name);
}

export function isInstalled(heavy: HeavyPackage): boolean {
  return existsSync(packageFolder(heavy));
}

/** Node 24 first on PATH and its headers for native builds: both come from the development dependency `node`. */
function installEnvironment(): NodeJS.ProcessEnv {
  // What our own npm says about our own package would mislead the inner one.
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(npm_(package|lifecycle|config_local_prefix|config_prefix|command)|INIT_CWD$)/.test(key),
  );
  const architecture = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  return {
    ...Object.fromEntries(inherited),
    PATH: [join(projectFolder, 'node_modules', '.bin'), process.env['PATH']].join(delimiter),
    npm_config_nodedir: join(projectFolder, 'node_modules/node/node_modules', `node-${architecture}`),
  };
}

/**
 * Installs the package into the cache unless it is there, and returns its folder. It is installed beside and renamed
 * into place, so a folder that exists is whole; the lock only spares two at once the double work.
 */
export async function installHeavy(heavy: HeavyPackage, { say, signal }: Progress): Promise<string> {
  const folder = packageFolder(heavy);
  if (isInstalled(heavy)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const target = resolve(folder, ...heavy.name.split('/').map(() => '..'), '..');
  const unlock = await lock(`${target}.lock`, { say, signal });
  try {
    if (isInstalled(heavy)) return folder;
    const temporary = `${target}.${process.pid}.partial`;
    try {
      await sweep(target);
      await mkdir(temporary);
      await writeFile(join(temporary, 'package.json'), '{"private":true}\n');
      say(`installing ${heavy.name}@${heavy.version} (a few minutes, once)`);
      const npm = ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'];
      if (heavy.withoutOptional) npm.push('--omit=optional');
      const options = { cwd: temporary, env: installEnvironment(), timeoutMs: installTimeoutMs, signal };
      await show([...npm, `${heavy.name}@${heavy.version}`], options);
      await rename(temporary, target);
    } catch (error) {
      if (!isInstalled(heavy)) throw error;
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return folder;
  } finally {
    await unlock();
  }
}

/**
 * A lock file that names its holder; one whose holder is dead is taken over. Two may take it over at once: then the
 * package is installed twice, and the first rename wins.
 */
async function lock(file: string, { say, signal }: Progress): Promise<() => Promise<void>> {
  for (let said = false; ; said = true) {
    signal?.throwIfAborted();
    try {
      await writeFile(file, String(process.pid), { flag: 'wx' });
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
    else if (!said) say(`waiting for process ${holder}, which holds ${file}`);
    await delay(500);
  }
}

/** What killed installations left behind: hundreds of megabytes. */
async function sweep(target: string): Promise<void> {
  for (const name of await readdir(dirname(target))) {
    const [, pid] = /\.(\d+)\.partial$/.exec(name) ?? [];
    if (name.startsWith(basename(target)) && pid !== undefined && !isAlive(Number(pid)))
      await rm(join(dirname(target), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
