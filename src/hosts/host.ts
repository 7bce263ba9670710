import type { HostSettings } from '../model/settings';
import { UserError } from '../model/errors';

export interface RunOptions {
  /** Working directory on the host, `~` its home; a missing one is an error (`notFound`), never another directory. */
  cwd?: string;
  /** Added to the scrubbed environment of the host. */
  env?: Readonly<Record<string, string>>;
  stdin?: string | Uint8Array;
  /** Milliseconds until the work is given up and its process ended; default 20,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Bytes of stdout after which the work is given up; default 64 MiB. */
  maxBytes?: number;
  /** `script` only: is given stdout as it comes, so that the result has none. What it throws is not caught. */
  onStdout?: (bytes: Buffer) => void;
}

/** A finished command. A non-zero `code` is an answer, not an error; 128+n stands for a signal. */
export interface RunResult {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** Where commands run: one account on one machine. */
export interface Host {
  readonly name: string;
  /** True for this machine. */
  readonly local: boolean;
  readonly settings: HostSettings;
  /** Runs `argv` without any shell reading its words. Throws `HostError` when no answer came. */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs a POSIX-sh `body` as a function with `args` as `$1…`, its children's stdin empty unless `options.stdin` is given. */
  script(body: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The argv that, started in a terminal of this machine, runs `argv` on the host with a TTY. */
  interactive(argv: readonly string[]): string[];
  /** Forgets that the host was down, so that the next call tries at once: for what a person asks for. */
  wake?(): void;
  dispose(): void;
}

export type HostFailure =
  | 'unreachable' // refused, no route, unknown name
  | 'hostKey' // unknown or changed key
  | 'auth'
  | 'timeout'
  | 'lost' // the connection ended in the middle
  | 'tooMuch' // maxBytes
  | 'notFound'; // program or directory

/** The host gave no answer, or could not start the command. */
export class HostError extends UserError {
  constructor(
    readonly kind: HostFailure,
    readonly host: string,
    message: string,
    next: string,
    options?: ErrorOptions,
  ) {
    super(message, next, options);
  }
}
