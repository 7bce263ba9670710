import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CancelledError } from '../model/errors';
import type { LocalHostSettings } from '../model/settings';
import type { Log } from '../util/log';
import { checkBegun, missingDirectory, missingProgram, scriptText } from './channel/callText';
import { Channel } from './channel/channel';
import type { ChannelEnd } from './channel/channel';
import { scrubbedEnv } from './environment';
import { HostError } from './host';
import type { Host, RunOptions, RunResult } from './host';
import { ChannelPool } from './channel/pool';
import { endGroup } from './channel/processGroup';
import { tooMuch, tookTooLong } from './channel/failure';

export interface LocalHostOptions {
  name: string;
  settings: LocalHostSettings;
  log: Log;
  /** Scrubbed before use; default this process's. */
  env?: NodeJS.ProcessEnv;
}

export const defaultTimeoutMs = 20_000;
export const defaultMaxBytes = 64 * 1024 * 1024;
/** What was asked to end has this long before it is killed. */
const graceMs = 1000;
const stderrLimit = 256 * 1024;

/** This machine. */
export class LocalHost implements Host {
  readonly local = true;
  readonly name: string;
  readonly settings: LocalHostSettings;
  private readonly env: NodeJS.ProcessEnv;
  private readonly pool: ChannelPool;
  /** Ends a command that runs. */
  private readonly running = new Set<() => void>();

  constructor({ name, settings, log, env = process.env }: LocalHostOptions) {
    this.name = name;
    this.settings = settings;
    this.env = scrubbedEnv(env);
    this.pool = new ChannelPool({
      log,
      open: () =>
        Channel.open(['sh'], defaultTimeoutMs, { env: this.env, failure: (end) => this.failure(end) }),
      late: (milliseconds) => tookTooLong(name, milliseconds),
      suspect: () => {},
    });
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const cwd = expandHome(options.cwd, this.env);
    if (cwd !== undefined && !(await isDirectory(cwd))) throw missingDirectory(this.name, cwd);
    return this.spawn(argv, { ...options, ...(cwd === undefined ? {} : { cwd }) });
  }

  async script(body: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, signal, onStdout } = options;
    const { text, stdin } = scriptText(body, args, options);
    const result = await this.pool.call(text, { timeoutMs, maxBytes, signal, stdin, onStdout });
    return checkBegun(result, this.name, 'sh', options.cwd);
  }

  interactive(argv: readonly string[]): string[] {
    return [...argv];
  }

  wake(): void {
    this.pool.wake();
  }

  dispose(): void {
    for (const cancel of this.running) cancel();
    this.pool.dispose();
  }

  private spawn(argv: readonly string[], options: RunOptions): Promise<RunResult> {
    const { cwd, env, stdin, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, signal } = options;
    const [program = '', ...args] = argv;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new CancelledError());
      // A group of its own, so that the end of it is the end of all that it started.
      const child = spawn(program, args, {
        cwd,
        env: { ...this.env, ...env },
        detached: process.platform !== 'win32',
        windowsHide: true,
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      let size = 0;
      let errorSize = 0;
      let code: number | undefined;
      let silence: NodeJS.Timeout | undefined;

      const settle = (): void => {
        clearTimeout(timer);
        clearTimeout(silence);
        signal?.removeEventListener('abort', cancel);
        this.running.delete(cancel);
      };
      const giveUp = (error: Error): void => {
        settle();
        reject(error);
        if (code !== undefined) return;
        endGroup(child, 'SIGTERM');
        const force = setTimeout(() => {
          endGroup(child, 'SIGKILL');
          child.stdout.destroy();
          child.stderr.destroy();
        }, graceMs);
        child.once('close', () => clearTimeout(force));
      };
      const done = (): void => {
        settle();
        child.stdout.destroy();
        child.stderr.destroy();
        resolve({
          code: code ?? 255,
          stdout: Buffer.concat(stdout),
          stderr: Buffer.concat(stderr).toString(),
        });
      };
      const cancel = (): void => giveUp(new CancelledError());
      const timer = setTimeout(() => giveUp(tookTooLong(this.name, timeoutMs, program)), timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      this.running.add(cancel);

      child.stdout.on('data', (chunk: Buffer) => {
        silence?.refresh();
        size += chunk.length;
        stdout.push(chunk);
        if (size > maxBytes) giveUp(tooMuch(this.name, maxBytes, program));
      });
      child.stderr.on('data', (chunk: Buffer) => {
        silence?.refresh();
        errorSize += chunk.length;
        if (errorSize <= stderrLimit) stderr.push(chunk);
      });
      // A command that does not read its input closes it early; its exit code tells the story.
      child.stdin.on('error', () => {}).end(stdin);
      child.on('error', (error: NodeJS.ErrnoException) =>
        giveUp(this.failure({ kind: 'cannotStart', program, error })),
      );
      child.on('exit', (status, ended) => {
        code = status ?? 128 + signalNumber(ended);
        // What it left in the background may hold the pipes open for ever.
        silence = setTimeout(done, graceMs);
      });
      child.on('close', done);
    });
  }

  private failure(end: ChannelEnd): HostError {
    switch (end.kind) {
      case 'cannotStart':
        if (end.error.code === 'ENOENT') return missingProgram(this.name, end.program, { cause: end.error });
        return new HostError(
          'notFound',
          this.name,
          `${end.program} could not be started: ${end.error.code ?? end.error.message}.`,
          'Check that the file may be run.',
          { cause: end.error },
        );
      case 'timeout':
        return tookTooLong(this.name, end.milliseconds);
      case 'tooMuch':
        return tooMuch(this.name, end.bytes);
      case 'exit':
        return new HostError('lost', this.name, 'The shell on this machine ended early.', 'Try again.');
    }
  }
}

/** POSIX numbers; what is not listed ends rarely. */
function signalNumber(signal: NodeJS.Signals | null): number {
  const numbers: Partial<Record<NodeJS.Signals, number>> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return (signal && numbers[signal]) ?? 15;
}

function expandHome(directory: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (directory !== '~' && !directory?.startsWith('~/')) return directory;
  return join(env['HOME'] || homedir(), directory.slice(1));
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
