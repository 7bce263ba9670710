import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { show } from '../command';
import type { Progress } from './progress';

/** Debian packages that tests and demo need, with the files that show that one is there (any of them). */
const packages = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  tmux: ['tmux'],
  'openssh-server': ['sshd'],
  'openssh-client': ['ssh'],
  git: ['git'],
  busybox: ['busybox'],
  iproute2: ['ip'],
  fish: ['fish'],
  zsh: ['zsh'],
  tcsh: ['tcsh'],
  python3: ['python3'],
  make: ['make'],
  'g++': ['g++'],
  'pkg-config': ['pkg-config'],
  'libkrb5-dev': ['/usr/include/gssapi.h', '/usr/include/gssapi/gssapi.h'],
} as const satisfies Record<string, readonly string[]>;

export type AptPackage = keyof typeof packages;

/** What Homebrew calls them; null comes with macOS or its command line tools. */
const homebrew: Record<AptPackage, string | null> = {
  chromium: '--cask chromium',
  tmux: 'tmux',
  'openssh-server': null,
  'openssh-client': null,
  git: 'git',
  busybox: null,
  iproute2: null,
  fish: 'fish',
  zsh: null,
  tcsh: null,
  python3: 'python3',
  make: null,
  'g++': null,
  'pkg-config': 'pkgconf',
  'libkrb5-dev': null,
};

/** sshd is outside a user's PATH on Debian. */
const systemFolders = [
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
  '/usr/bin',
  '/bin',
  '/opt/homebrew/bin',
  '/usr/local/bin',
];

/** The absolute path of a program, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...systemFolders];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function isThere(name: AptPackage): boolean {
  return packages[name].some((probe) =>
    probe.startsWith('/') ? existsSync(probe) : findProgram(probe) !== undefined,
  );
}

/**
 * Makes sure that the packages are there. As root on Debian they are installed; elsewhere the error names what is
 * missing and the command that brings it.
 */
export async function installPackages(
  wanted: readonly AptPackage[],
  { say, signal }: Progress,
): Promise<void> {
  if (process.platform === 'darwin') {
    const missing = wanted.filter((name) => homebrew[name] !== null && !isThere(name));
    if (missing.length === 0) return;
    const commands = missing.map((name) => `brew install ${homebrew[name]}`).join(' && ');
    throw new Error(`Missing on this Mac: ${missing.join(', ')}. Install them: ${commands}`);
  }
  const missing = wanted.filter((name) => !isThere(name));
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install --yes --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get'))
    throw new Error(
      `Missing: ${missing.join(', ')} (names of Debian packages). Install them with your package manager.`,
    );
  if (process.getuid?.() !== 0)
    throw new Error(`Missing: ${missing.join(', ')}. Install them: sudo sh -c '${command}'`);

  say(`installing ${missing.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Two at once queue on dpkg's own lock.
  const aptGet = ['apt-get', '--quiet', '--option', 'DPkg::Lock::Timeout=300'];
  await show([...aptGet, 'update'], { env, signal });
  await show([...aptGet, 'install', '--yes', '--no-install-recommends', ...missing], { env, signal });
  const absent = missing.filter((name) => !isThere(name));
  if (absent.length > 0) throw new Error(`apt-get installed ${absent.join(', ')}, but they cannot be found.`);
}
