import type { HostSettings } from '../model/settings';
import type { Log } from '../util/log';
import { checkBegun, commandText, scriptText } from './channel/callText';
import type { CallText } from './channel/callText';
import { Channel } from './channel/channel';
import { scrubbedEnv } from './environment';
import { remoteFailure, tookTooLong } from './channel/failure';
import { HostError } from './host';
import type { Host, RunOptions, RunResult } from './host';
import { defaultMaxBytes, defaultTimeoutMs } from './local';
import { ChannelPool } from './channel/pool';
import { PrefixRoute, SshRoute } from './route';
import type { Route } from './route';

export interface SshHostOptions {
  name: string;
  /** With `ssh` or `via`. */
  settings: HostSettings;
  log: Log;
  /** Passed as `ssh -F`; empty: the user's own configuration. */
  configFile?: string;
  /** Of this side, scrubbed before use; default this process's. */
  env?: NodeJS.ProcessEnv;
  /** Until the first answer of a new shell; default 15,000. */
  openTimeoutMs?: number;
  /** A shell that nobody used for so long is asked first whether it still answers; default 10,000. */
  doubtMs?: number;
}

/** A shell on a connection that is there already comes at once, or the connection hangs. */
const sharedOpenMs = 5000;

/** An account that is reached over ssh, or by a command prefix. Nothing but a POSIX sh is needed there. */
export class SshHost implements Host {
  readonly local = false;
  readonly name: string;
  readonly settings: HostSettings;
  private readonly env: NodeJS.ProcessEnv;
  private readonly route: Route;
  private readonly openTimeoutMs: number;
  private readonly pool: ChannelPool;

  constructor({
    name,
    settings,
    log,
    configFile = '',
    env = process.env,
    openTimeoutMs = 15_000,
    doubtMs,
  }: SshHostOptions) {
    this.name = name;
    this.settings = settings;
    this.env = scrubbedEnv(env);
    this.openTimeoutMs = openTimeoutMs;
    this.route = settings.via
      ? new PrefixRoute(settings.via)
      : new SshRoute({ destination: settings.ssh ?? '', configFile, env: this.env });
    this.pool = new ChannelPool({
      log,
      open: () => this.open(),
      late: (milliseconds) => tookTooLong(name, milliseconds),
      suspect: () => this.route.avoidSharing(),
      doubtMs,
    });
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const result = await this.call(commandText(argv, options), options);
    return checkBegun(result, this.name, argv[0] ?? '', options.cwd);
  }

  async script(body: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const result = await this.call(scriptText(body, args, options), options);
    return checkBegun(result, this.name, 'sh', options.cwd);
  }

  interactive(argv: readonly string[]): string[] {
    return this.route.terminal(argv);
  }

  wake(): void {
    this.pool.wake();
  }

  dispose(): void {
    this.pool.dispose();
  }

  private call({ text, stdin }: CallText, options: RunOptions): Promise<RunResult> {
    const { timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, signal, onStdout } = options;
    return this.pool.call(text, { timeoutMs, maxBytes, signal, stdin, onStdout });
  }

  private async open(): Promise<Channel> {
    await this.route.prepare();
    const argv = this.route.shell();
    const shared = this.route.isShared();
    const connect = (argv: string[], timeoutMs: number): Promise<Channel> =>
      Channel.open(argv, timeoutMs, {
        env: this.env,
        failure: (end) => remoteFailure({ host: this.name, by: this.route.by }, end),
      });
    try {
      return await connect(argv, shared ? Math.min(sharedOpenMs, this.openTimeoutMs) : this.openTimeoutMs);
    } catch (error) {
      // A shared connection whose other end is gone hangs: one more try without it.
      if (!shared || !(error instanceof HostError) || error.kind !== 'timeout') throw error;
      this.route.avoidSharing();
      return connect(this.route.shell(), this.openTimeoutMs);
    }
  }
}
