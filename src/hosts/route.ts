import { execFile, spawnSync } from 'node:child_process';
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
  /** Learns what the others need, so that they need not block to ask for it. Never rejects. */
  prepare(): Promise<void>;
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

/** The folder of our connection's socket; or the user's configuration shares its own; or there can be none. */
type Sharing = { folder: string } | 'users' | 'none';

/** Through the system's ssh, so that its configuration, agents and jump hosts work. */
export class SshRoute implements Route {
  readonly by: string;
  private shared: Sharing | undefined;
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

  async prepare(): Promise<void> {
    if (this.shared || process.platform === 'win32') return;
    const stdout = await new Promise<string>((resolve) => {
      execFile('ssh', this.question(), this.asking, (_, stdout) => resolve(stdout));
    });
    this.shared ??= this.chooseSharing(stdout);
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
    const shared = this.choice();
    return typeof shared === 'object' && Date.now() >= this.avoidUntil && hasSocket(shared.folder);
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
    const shared = this.choice();
    if (typeof shared === 'string') return [];
    const path = join(shared.folder, '%C');
    return options('ControlMaster=auto', `ControlPath=${path}`, 'ControlPersist=60');
  }

  /** Blocks where a terminal is the first that is asked for; shells are prepared. */
  private choice(): Sharing {
    this.shared ??=
      process.platform === 'win32'
        ? 'none'
        : this.chooseSharing(spawnSync('ssh', this.question(), this.asking).stdout);
    return this.shared;
  }

  private question(): string[] {
    const { configFile, destination } = this.options;
    return ['-G', ...(configFile ? ['-F', configFile] : []), '--', destination];
  }

  private get asking() {
    return { env: this.options.env, encoding: 'utf8', timeout: 2000 } as const;
  }

  /** By what `ssh -G` printed: nothing where it failed. */
  private chooseSharing(settings: string | null): Sharing {
    const users = /^controlpath (.+)$/m.exec(settings ?? '')?.[1];
    if (users && users !== 'none') return 'users';
    const base = privateFolder(this.options.env, 'ssh', { longest: longestControlFolder - 9 });
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

  async prepare(): Promise<void> {}

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

/**
 * Container tools have to be told whether there is a terminal; whatever of `-i` and `-t` the user wrote is replaced.
 * Compose takes a terminal for granted and has to be told that there is none; other programs (wsl, nsenter, runuser, ip)
 * pass on what they are given.
 */
function withStreams(prefix: readonly string[], terminal: boolean): string[] {
  const program = (prefix[0] ?? '').replace(/^.*[\\/]/, '').replace(/\.exe$/i, '');
  const at = prefix.indexOf('exec');
  if (at < 0 || !containerTools.includes(program)) return [...prefix];
  const rest = prefix.slice(at + 1);
  const end = rest.indexOf('--');
  const kept = rest.filter((word, index) => !streams.test(word) || (end >= 0 && index > end));
  const compose = program === 'docker-compose' || prefix.slice(0, at).includes('compose');
  const told = compose ? (terminal ? [] : ['-T']) : [terminal ? '-it' : '-i'];
  return [...prefix.slice(0, at + 1), ...told, ...kept];
}

const containerTools = ['docker', 'docker-compose', 'podman', 'nerdctl', 'kubectl', 'oc'];
const streams = /^(?:-i|-t|-it|-ti|-T|--interactive|--tty|--stdin|--no-tty|--no-TTY)(?:=(?:true|false))?$/;
