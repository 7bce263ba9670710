import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors';
import { privateFolder } from './privateFolder';
import { quoteForLoginShell } from './quoting';

/** How another account is reached. */
export interface Route {
  /** As the user would type it: `ssh dev`, `docker exec -i dev`. */
  readonly by: string;
  /** The argv that starts a sh there, fed through stdin, without a TTY. */
  shell(): string[];
  /** The argv that runs `argv` there, on the terminal that it is started in. */
  terminal(argv: readonly string[]): string[];
  /** True if the next shell would go through a connection that is there already. */
  isShared(): boolean;
  /** That connection hangs: for a while, the next ones do without. */
  avoidSharing(): void;
}

export interface SshRouteOptions {
  destination: string;
  configFile: string;
  env: NodeJS.ProcessEnv;
}

/** ssh adds 17 bytes while it makes the socket, and `%C` is 40: the folder may have 50 with its slash. */
const longestControlFolder = 49;
/** So long a connection that hung is not used again. */
const avoidMs = 2 * 60_000;

/** Through the system's ssh, so that its configuration, agents and jump hosts work. */
export class SshRoute implements Route {
  readonly by: string;
  private shared: { folder: string } | 'users' | 'none' | undefined;
  private avoidUntil = 0;

  constructor(private readonly options: SshRouteOptions) {
    // Anything that ssh could read as an option or that its %-tokens would expand.
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.@:%[\]-]*$/.test(options.destination))
      throw new UserError(
        `"${options.destination}" is not a destination of ssh.`,
        'Write a name of your ssh configuration, or user@host.',
      );
    this.by = options.configFile
      ? `ssh -F ${options.configFile} ${options.destination}`
      : `ssh ${options.destination}`;
  }

  shell(): string[] {
    const connect = ['-T', ...options('BatchMode=yes', 'ConnectTimeout=10', ...alive(5))];
    return [...this.ssh(), ...connect, ...this.sharing(), '--', this.options.destination, 'exec sh'];
  }

  /** Not in batch mode: the user may have to type a password or a one-time code. */
  terminal(argv: readonly string[]): string[] {
    const connect = ['-tt', ...options('ConnectTimeout=30', ...alive(15))];
    return [
      ...this.ssh(),
      ...connect,
      ...this.sharing(),
      '--',
      this.options.destination,
      quoteForLoginShell(argv),
    ];
  }

  isShared(): boolean {
    this.shared ??= this.chooseSharing();
    return typeof this.shared === 'object' && Date.now() >= this.avoidUntil && hasSocket(this.shared.folder);
  }

  avoidSharing(): void {
    this.avoidUntil = Date.now() + avoidMs;
  }

  private ssh(): string[] {
    const { configFile } = this.options;
    // The user's own RemoteCommand would refuse ours; their forwarded ports belong to their own sessions.
    const ours = options('RemoteCommand=none', 'ClearAllForwardings=yes', 'PermitLocalCommand=no');
    return ['ssh', ...(configFile ? ['-F', configFile] : []), ...ours];
  }

  /**
   * One connection for all shells and terminals of the host: the second opens in milliseconds, and a one-time code that
   * was typed in a terminal serves the polling too.
   */
  private sharing(): string[] {
    if (Date.now() < this.avoidUntil) return options('ControlMaster=no', 'ControlPath=none');
    this.shared ??= this.chooseSharing();
    if (typeof this.shared === 'string') return [];
    const path = join(this.shared.folder, '%C');
    return options('ControlMaster=auto', `ControlPath=${path}`, 'ControlPersist=60');
  }

  private chooseSharing(): { folder: string } | 'users' | 'none' {
    if (process.platform === 'win32') return 'none';
    const { configFile, destination, env } = this.options;
    const asked = ['-G', ...(configFile ? ['-F', configFile] : []), '--', destination];
    const { stdout } = spawnSync('ssh', asked, { env, encoding: 'utf8', timeout: 2000 });
    const users = /^controlpath (.+)$/m.exec(stdout || '')?.[1];
    if (users && users !== 'none') return 'users';
    const base = privateFolder(env, 'ssh', { longest: longestControlFolder - 9 });
    if (base === undefined) return 'none';
    const folder = join(base, createHash('sha256').update(this.by).digest('hex').slice(0, 8));
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return { folder };
    } catch {
      return 'none';
    }
  }
}

const options = (...settings: string[]): string[] => settings.flatMap((setting) => ['-o', setting]);

/** A connection that is silent for four such intervals is given up. */
const alive = (seconds: number): string[] => [`ServerAliveInterval=${seconds}`, 'ServerAliveCountMax=4'];

function hasSocket(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

/** Through a command prefix: `docker exec -i dev`, `kubectl exec -i pod --`, `wsl`, `runuser -u dev --`. */
export class PrefixRoute implements Route {
  readonly by: string;

  constructor(private readonly prefix: readonly string[]) {
    this.by = prefix.join(' ');
  }

  shell(): string[] {
    return [...withStreams(this.prefix, false), 'sh'];
  }

  terminal(argv: readonly string[]): string[] {
    return [...withStreams(this.prefix, true), ...argv];
  }

  isShared(): boolean {
    return false;
  }

  avoidSharing(): void {}
}

/** Container tools have to be told whether there is a terminal; whatever of `-i` and `-t` the user wrote is replaced. */
function withStreams(prefix: readonly string[], terminal: boolean): string[] {
  const program = (prefix[0] ?? '').replace(/^.*[\\/]/, '').replace(/\.exe$/i, '');
  const at = prefix.indexOf('exec');
  if (at < 0 || !['docker', 'podman', 'nerdctl', 'kubectl', 'oc'].includes(program)) return [...prefix];
  const streams = ['-i', '-t', '-it', '-ti', '--interactive', '--tty', '--stdin'];
  const rest = prefix.slice(at + 1);
  const end = rest.indexOf('--');
  const kept = rest.filter((word, index) => !streams.includes(word) || (end >= 0 && index > end));
  return [...prefix.slice(0, at + 1), terminal ? '-it' : '-i', ...kept];
}
