import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Resource } from './bed';
import { output, run } from './command';
import type { CommandResult } from './command';
import { findProgram } from './prepare';
import { endProcessesOf, endTree } from './processes';
import { closedPort, startProxy } from './proxy';
import type { Proxy } from './proxy';
import { makeTmux } from './tmux';
import type { Tmux } from './tmux';

export interface SshHostOptions {
  /** The account's login shell. Default: bash. */
  shell?: string;
}

export interface SshHost {
  /** The account's own HOME there, with a `.profile` that puts `~/.local/bin` on the PATH of login shells only. */
  readonly home: string;
  /** Stands between client and sshd: delay, cut, stall and count here. */
  readonly proxy: Proxy;
  /** The host's tmux servers. */
  readonly tmux: Tmux;
  /** What its sshd logged. */
  log(): string;
}

export interface Ssh<Name extends string> extends Resource {
  /** For `ssh -F` and the setting `ssh.configFile`. */
  readonly configFile: string;
  readonly hosts: Record<Name, SshHost>;
  /** Runs `ssh -F … -T -- <host> <command>` as a client would, with BatchMode and a connect timeout. */
  run(
    host: string,
    command: string,
    options?: { input?: string; options?: string[]; timeoutMs?: number },
  ): Promise<CommandResult>;
}

/** In every configuration: a host whose port is closed, and one that accepts and never speaks. */
export const deadHost = 'deadhost';
export const hangingHost = 'hanghost';

/**
 * Starts a real sshd on loopback for each host, with keys of its own, and writes the client's configuration with the
 * hosts' names. All are this machine's account, but each has its own HOME, login shell and tmux. The proxies live in
 * this process: never wait for an ssh client with a blocking call.
 */
export async function startSsh<Name extends string>(
  folder: string,
  wanted: Record<Name, SshHostOptions>,
): Promise<Ssh<Name>> {
  await mkdir(folder, { recursive: true });
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(folder, 'user')]);
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', join(folder, 'host')]);
  const started: Resource[] = [];
  const dispose = async (): Promise<void> => {
    for (const resource of started.reverse()) await resource.dispose();
  };
  try {
    const hosts: Partial<Record<Name, SshHost>> = {};
    const ports: Record<string, number> = { [deadHost]: await closedPort() };
    for (const [name, options] of Object.entries(wanted) as [Name, SshHostOptions][]) {
      const host = await startHost(folder, name, options);
      started.push(host);
      hosts[name] = host;
      ports[name] = host.proxy.port;
    }
    const silence = await startProxy();
    started.push(silence);
    ports[hangingHost] = silence.port;

    const configFile = join(folder, 'config');
    await writeFile(configFile, await clientConfiguration(folder, ports));
    const ssh: Ssh<Name>['run'] = (host, command, { input, options = [], timeoutMs = 60_000 } = {}) => {
      // ssh takes the first value of an option.
      const flags = ['-T', ...options, '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=30'];
      return run(['ssh', '-F', configFile, ...flags, '--', host, command], {
        timeoutMs,
        ...(input === undefined ? {} : { input }),
      });
    };
    for (const [name, host] of Object.entries(hosts) as [Name, SshHost][]) {
      const { code, stderr } = await ssh(name, 'true');
      if (code !== 0) throw new Error(`sshd of ${name} lets nobody in: ${stderr}\n${host.log()}`);
    }
    return { configFile, hosts: hosts as Record<Name, SshHost>, run: ssh, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function startHost(
  folder: string,
  name: string,
  { shell }: SshHostOptions,
): Promise<SshHost & Resource> {
  const sshd = findProgram('sshd');
  if (!sshd) throw new Error('sshd is missing (Debian: openssh-server).');
  // sshd separates privileges in it when it runs as root; a service manager would have made it.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });

  const base = join(folder, name);
  const home = join(base, 'home');
  await makeHome(home);
  const tmux = await makeTmux(join(base, 'tmux'), { HOME: home });
  const entrance = join(base, 'entrance');
  // sshd starts in the real account's home and knows only its shell.
  const entering = `#!/bin/sh
cd "$HOME" || exit 1
[ -z "\${SSH_ORIGINAL_COMMAND+x}" ] || exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"
exec "$SHELL" -l
`;
  await writeFile(entrance, entering, { mode: 0o755 });
  const configuration = join(base, 'sshd_config');
  const account = { HOME: home, SHELL: shell ?? findProgram('bash') ?? '/bin/sh', TMUX_TMPDIR: tmux.folder };
  const lines = [
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'user.pub')}`,
    'ListenAddress 127.0.0.1',
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitUserRC no',
    'PrintMotd no',
    'MaxStartups 100',
    `SetEnv ${Object.entries(account)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ')}`,
    `ForceCommand ${entrance}`,
  ];
  await writeFile(configuration, `${lines.join('\n')}\n`);

  const daemon = await startDaemon(sshd, configuration, home);
  const proxy = await startProxy({ port: daemon.port });
  return {
    home,
    proxy,
    tmux,
    log: daemon.log,
    dispose: async () => {
      await proxy.dispose();
      await daemon.dispose();
      await tmux.dispose();
      await endProcessesOf(home);
    },
  };
}

async function makeHome(home: string): Promise<void> {
  await mkdir(join(home, '.config/fish'), { recursive: true });
  await mkdir(join(home, '.local/bin'), { recursive: true });
  await writeFile(join(home, '.profile'), 'PATH="$HOME/.local/bin:$PATH"\n');
  await writeFile(
    join(home, '.config/fish/config.fish'),
    'status is-login; and set -x PATH $HOME/.local/bin $PATH\n',
  );
}

interface Daemon extends Resource {
  port: number;
  log(): string;
}

/** sshd cannot choose a port itself; when somebody takes the free one that we found, it is tried again. */
async function startDaemon(sshd: string, configuration: string, home: string, attempts = 3): Promise<Daemon> {
  const port = await closedPort();
  // OpenSSH since 9.8 shuts out an address that failed often, and here all clients share one.
  const lenient = ['-o', 'PerSourcePenalties=no'];
  const isLenient = (await run([sshd, '-t', '-f', configuration, ...lenient])).code === 0;
  const args = ['-D', '-e', '-f', configuration, '-p', String(port), ...(isLenient ? lenient : [])];
  const child = spawn(sshd, args, {
    env: { PATH: process.env['PATH'], HOME: home },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const log: string[] = [];
  const listening = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.push(line);
      if (line.startsWith('Server listening on')) resolve(true);
    });
    child.once('exit', () => resolve(false));
  });
  if (!(await listening)) {
    if (attempts > 1) return startDaemon(sshd, configuration, home, attempts - 1);
    throw new Error(`sshd does not start:\n${log.join('\n')}`);
  }
  return {
    port,
    log: () => log.join('\n'),
    dispose: async () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      await endTree(child.pid);
      await exited;
    },
  };
}

async function clientConfiguration(folder: string, ports: Record<string, number>): Promise<string> {
  const [type, key] = (await readFile(join(folder, 'host.pub'), 'utf8')).split(' ');
  await writeFile(join(folder, 'known_hosts'), `test-bed ${type} ${key}\n`);
  const hosts = Object.entries(ports).map(([name, port]) => `Host ${name}\n  Port ${port}\n`);
  return `${hosts.join('')}Host ${Object.keys(ports).join(' ')}
  HostName 127.0.0.1
  HostKeyAlias test-bed
  User ${userInfo().username}
Host *
  IdentityFile ${join(folder, 'user')}
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile ${join(folder, 'known_hosts')}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
`;
}
