import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../src/hosts/host';
import { LocalHost } from '../../src/hosts/local';
import { SshHost } from '../../src/hosts/ssh';
import { settingsSchema } from '../../src/model/settings';
import { silentLog } from '../../src/util/log';
import type { Bed, Resource } from '../bed/bed';
import { findProgram } from '../bed/prepare';
import { startSsh } from '../bed/sshd';
import type { Ssh } from '../bed/sshd';

export const account = settingsSchema.parse({}).local;

/** Words that some shell reads as something else. */
export const hostile = String.raw`it's|"|$HOME|\|\\|'|!x||=ls|~|*|é✓|-n|;|#(id)`.split('|').concat('a\nb');

/** Greets loudly on both streams, as the files of many people do. */
const greeting = 'echo "Welcome to dev"; echo "mesg: ttyname failed" >&2\n';

/** Runs long, and can be told from everybody else's in the list of processes. */
export const sleeper = `sleep ${1_000_000 + process.pid}`;

export interface HostsBed extends Resource {
  readonly ssh: Ssh<'noisy' | 'fishy' | 'zshy' | 'tcshy'>;
  /** For programs that are started beside a host and shall share its connection. */
  readonly env: NodeJS.ProcessEnv;
  here(env?: NodeJS.ProcessEnv): LocalHost;
  /** By a name of the bed's ssh configuration. */
  remote(name: string, options?: { openTimeoutMs?: number; doubtMs?: number; configFile?: string }): SshHost;
  /** By a command prefix. */
  behind(...via: string[]): SshHost;
  /** Ends the hosts that were made so far. */
  closeHosts(): void;
  /** Makes a host that is ended with the bed only. */
  lasting<T extends Host>(open: () => T): T;
  /** Another configuration of ssh, with something replaced. */
  configuration(file: string, from: RegExp, to: string): Promise<string>;
  /** How many of `sleeper`, or of another command, run. */
  sleepers(command?: string): Promise<number>;
}

/** Real sshd's with login shells of all kinds (where they are installed), and hosts that are closed by themselves. */
export async function makeHostsBed(bed: Bed): Promise<HostsBed> {
  const base = await bed.folder('ssh');
  const runtime = await bed.folder('run');
  const shell = (name: string): { shell?: string } => {
    const found = findProgram(name);
    return found ? { shell: found } : {};
  };
  const ssh = await bed.add(
    startSsh(base, { noisy: {}, fishy: shell('fish'), zshy: shell('zsh'), tcshy: shell('tcsh') }),
  );
  for (const host of Object.values(ssh.hosts)) {
    for (const file of ['.bashrc', '.zshenv']) await writeFile(join(host.home, file), greeting);
    await writeFile(join(host.home, '.tcshrc'), 'echo "Welcome to dev"\n');
    await writeFile(join(host.home, '.config/fish/config.fish'), greeting);
  }
  const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
  const hosts: Host[] = [];
  const lasting: Host[] = [];
  const keep = <T extends Host>(host: T): T => {
    hosts.push(host);
    return host;
  };
  const here: HostsBed['here'] = (given = env) =>
    keep(new LocalHost({ name: 'here', settings: account, log: silentLog, env: given }));
  const closeHosts = (): void => {
    for (const host of hosts.splice(0)) host.dispose();
  };
  return {
    ssh,
    env,
    here,
    remote: (name, options = {}) => {
      const settings = { ...account, ssh: name };
      const { configFile } = ssh;
      return keep(new SshHost({ name, settings, log: silentLog, configFile, env, ...options }));
    },
    behind: (...via) =>
      keep(new SshHost({ name: 'behind', settings: { ...account, via }, log: silentLog, env })),
    closeHosts,
    configuration: async (file, from, to) => {
      const path = join(base, file);
      await writeFile(path, (await readFile(ssh.configFile, 'utf8')).replace(from, to));
      return path;
    },
    lasting: (open) => {
      const host = open();
      hosts.splice(hosts.indexOf(host), 1);
      lasting.push(host);
      return host;
    },
    sleepers: async (command = sleeper) => {
      const { stdout } = await here().run(['ps', '-A', '-o', 'args=']);
      return stdout
        .toString()
        .split('\n')
        .filter((line) => line === command).length;
    },
    dispose: () => {
      closeHosts();
      for (const host of lasting) host.dispose();
    },
  };
}
