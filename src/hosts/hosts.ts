import { hostname } from 'node:os';
import { UserError } from '../model/errors';
import { isHostName } from '../model/names';
import type { Settings } from '../model/settings';
import type { Log } from '../util/log';
import type { Host } from './host';
import { LocalHost } from './local';
import { SshHost } from './ssh';

export interface HostsOptions {
  /** Default this process's. */
  env?: NodeJS.ProcessEnv;
}

/** Every configured host, this machine first. A host that cannot be used is left out, with a warning in the log. */
export function createHosts(settings: Settings, log: Log, { env = process.env }: HostsOptions = {}): Host[] {
  // Claude's variables do not reach what we start, so its directory is handed on by name.
  const configDir = settings.local.configDir || env['CLAUDE_CONFIG_DIR'];
  const local = new LocalHost({
    name: settings.local.name ?? localName(hostname()),
    settings: { ...settings.local, ...(configDir ? { configDir } : {}) },
    log,
    env,
  });
  const hosts: Host[] = [local];
  for (const [name, host] of Object.entries(settings.hosts)) {
    if (name === local.name || name === 'local') {
      log.warn(`The host "${name}" of the settings is left out: that name means this machine.`);
      continue;
    }
    try {
      hosts.push(new SshHost({ name, settings: host, log, configFile: settings.ssh.configFile, env }));
    } catch (error) {
      log.warn(`The host "${name}" of the settings is left out: ${String(error)}`);
    }
  }
  return hosts;
}

/** A host by its name; `local` is this machine, the first of them. Throws UserError where none has that name. */
export function hostNamed(hosts: readonly Host[], name: string): Host {
  const host = name === 'local' ? hosts[0] : hosts.find((one) => one.name === name);
  if (host) return host;
  throw new UserError(
    `There is no host "${name.slice(0, 80)}" in your configuration.`,
    `Known: ${hosts.map((one) => one.name).join(', ')}. Others go into taskSessions.hosts.`,
  );
}

/** The first label of the machine's name, as far as it can be a host's name. */
export function localName(machine: string): string {
  const label = (machine.split('.')[0] ?? '')
    .replaceAll(/[^A-Za-z0-9_-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  const name = label.slice(0, 64);
  return isHostName(name) ? name : 'local';
}
