import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { until } from '../until';

/** An npm package too heavy for everyone's `devDependencies`, installed on demand, outside the checkout. */
export interface HeavyPackage {
  name: string;
  /** Exact. */
  version: string;
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
export async function installHeavy(heavy: HeavyPackage, say: (line: string) => void): Promise<string> {
  const folder = packageFolder(heavy);
  if (isInstalled(heavy)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const target = resolve(folder, ...heavy.name.split('/').map(() => '..'), '..');
  const unlock = await lock(`${target}.lock`, say);
  try {
    if (isInstalled(heavy)) return folder;
    const temporary = `${target}.${process.pid}.partial`;
    try {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary);
      await writeFile(join(temporary, 'package.json'), '{"private":true}\n');
      say(`installing ${heavy.name}@${heavy.version} (a few minutes, once)`);
      await npmInstall(`${heavy.name}@${heavy.version}`, temporary);
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

async function npmInstall(spec: string, cwd: string): Promise<void> {
  const child = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', spec], {
    cwd,
    env: installEnvironment(),
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    timeout: installTimeoutMs,
    killSignal: 'SIGKILL',
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (code !== 0) throw new Error(`npm install ${spec}: exit ${code ?? signal}. See its output above.`);
}

/** A lock file that names its holder; one whose holder is dead is taken over. */
async function lock(file: string, say: (line: string) => void): Promise<() => Promise<void>> {
  const mine = `${file}.${process.pid}`;
  await writeFile(mine, String(process.pid));
  let said = false;
  const take = async (): Promise<boolean> => {
    try {
      await link(mine, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (holder > 0 && !isAlive(holder)) await rename(file, `${mine}.stale`).catch(() => {});
    else if (!said) {
      said = true;
      say(`waiting for process ${holder}, which holds ${file}`);
    }
    return false;
  };
  try {
    await until(take, { what: `the lock ${file}`, timeoutMs: installTimeoutMs, intervalMs: 500 });
  } finally {
    await rm(mine, { force: true });
    await rm(`${mine}.stale`, { force: true });
  }
  return () => rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
