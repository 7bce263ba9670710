import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { CancelledError } from '../../model/errors';
import { pathScript, scrubScript } from '../environment';
import { Frame, frameClosing, frameOpening } from './frame';
import type { HostError, RunResult } from '../host';
import { endGroup } from './processGroup';

/** Why a channel gave no answer. `opened`: the far shell had already answered once. */
export type ChannelEnd =
  | { kind: 'cannotStart'; program: string; error: NodeJS.ErrnoException }
  | { kind: 'exit'; code: number | null; stderr: string; opened: boolean }
  | { kind: 'timeout'; milliseconds: number; opened: boolean }
  | { kind: 'tooMuch'; bytes: number };

export interface ChannelOptions {
  env: NodeJS.ProcessEnv;
  /** Puts an end into words for the user. */
  failure: (end: ChannelEnd) => HostError;
}

export interface CallOptions {
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal | undefined;
  /** Given to the command as it is; the shell is used up by it. Without it the command's stdin is empty. */
  stdin?: Uint8Array | undefined;
  /** Takes stdout as it comes. */
  onStdout?: ((bytes: Buffer) => void) | undefined;
}

const stderrLimit = 256 * 1024;
/** A shell that was told to end has this long before its local process is killed. */
const closingMs = 3000;

interface Answer {
  out: Frame;
  err: Frame;
  progress(): void;
  fail(end: ChannelEnd): void;
}

/**
 * A POSIX sh that stays, here or behind ssh (or a command prefix), and answers one call at a time. It needs nothing but sh
 * on the other side and writes nothing there. stdout and stderr stay apart and unchanged: each answer stands between lines
 * that only we can know.
 *
 * While a call runs, the far shell reads its own stdin in the background: the end of it, by our will, by a cut or because we
 * died, ends everything that the call started. Killing the local ssh alone would leave it running.
 */
export class Channel {
  lastUsed = Date.now();
  onEnd: () => void = () => {};
  /** Leads the group of the far shell and of all that it starts. */
  private group: string | undefined;
  private ended: ChannelEnd | undefined;
  private answer: Answer | undefined;
  private errorTail = '';

  private constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly options: ChannelOptions,
    program: string,
  ) {
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => {
      this.answer?.out.push(chunk);
      this.answer?.progress();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.errorTail = (this.errorTail + chunk.toString()).slice(-8192);
      this.answer?.err.push(chunk);
      this.answer?.progress();
    });
    child.on('error', (error) => this.end({ kind: 'cannotStart', program, error }));
    const ended = (code: number | null): void =>
      this.end({ kind: 'exit', code, stderr: this.errorTail, opened: this.group !== undefined });
    child.on('close', ended);
    // Something that it left behind may hold its pipes open.
    child.on('exit', (code) => setTimeout(ended, 500, code).unref());
  }

  /** Starts `argv`, which has to be a sh that reads its stdin, and waits for its first answer. Throws as `failure` says. */
  static async open(argv: readonly string[], timeoutMs: number, options: ChannelOptions): Promise<Channel> {
    const [program = '', ...args] = argv;
    // A group of its own: ending it also ends what ssh started (a ProxyCommand).
    const child = spawn(program, args, {
      env: options.env,
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const channel = new Channel(child, options, program);
    const prepare = [
      'exec 3<&0',
      // The account's own profile set it, and Claude, started through the login shell, reads it too.
      scrubScript('CLAUDE_CONFIG_DIR'),
      pathScript,
      'ts_g=$$; kill -s 0 -- "-$$" 2>/dev/null || ts_g=$(ps -o pgid= -p $$ 2>/dev/null | tr -d " ")',
      '',
    ].join('\n');
    const { stdout } = await channel.call('printf %s "$ts_g"', { timeoutMs, maxBytes: 64 }, prepare);
    channel.group = /^[0-9]+$/.exec(stdout.toString())?.[0] ?? '';
    return channel;
  }

  get usable(): boolean {
    return this.ended === undefined && this.child.stdin.writable;
  }

  /**
   * Runs `text` in a subshell. Throws a `HostError` when no answer came, `CancelledError` on abort;
   * in both cases the channel is at its end and so is what ran in it.
   */
  async call(text: string, options: CallOptions, before = ''): Promise<RunResult> {
    if (options.signal?.aborted) throw new CancelledError();
    if (this.ended) throw this.options.failure(this.ended);
    const nonce = `ts-${randomBytes(16).toString('hex')}`;
    try {
      return await new Promise<RunResult>((resolve, reject) => {
        const { timeoutMs, maxBytes, signal, stdin, onStdout } = options;
        const cancel = (): void => {
          settle();
          reject(new CancelledError());
          this.close();
        };
        const fail = (end: ChannelEnd): void => {
          settle();
          reject(this.options.failure(end));
          this.close();
        };
        const timer = setTimeout(
          () => fail({ kind: 'timeout', milliseconds: timeoutMs, opened: this.group !== undefined }),
          timeoutMs,
        );
        const settle = (): void => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', cancel);
          this.answer = undefined;
        };
        signal?.addEventListener('abort', cancel, { once: true });

        let input = stdin;
        const out = new Frame(nonce, maxBytes, onStdout);
        const err = new Frame(nonce, stderrLimit);
        const progress = (): void => {
          // Not before: the far shell reads ahead, and would take what is not meant for it.
          if (input && out.started) {
            this.child.stdin.end(input);
            input = undefined;
          }
          if (out.size > maxBytes) fail({ kind: 'tooMuch', bytes: maxBytes });
          else if (out.trailer !== undefined && err.trailer !== undefined) {
            settle();
            resolve({ code: Number(out.trailer), stdout: out.body(), stderr: err.body().toString() });
          }
        };
        this.answer = { out, err, progress, fail };
        this.child.stdin.write(before + (stdin ? lastCall(text, nonce) : watchedCall(text, nonce)));
      });
    } finally {
      this.lastUsed = Date.now();
    }
  }

  /** A script that ends whatever still runs in this channel, to be run in another one. */
  get killScript(): string | undefined {
    return this.group ? endGroupScript(this.group) : undefined;
  }

  /** Ends the far shell, with what runs in it, by ending its stdin; the local process follows. */
  close(): void {
    if (this.ended) return;
    this.child.stdin.end();
    const force = setTimeout(() => {
      endGroup(this.child, 'SIGKILL');
      this.child.stdout.destroy();
      this.child.stderr.destroy();
    }, closingMs).unref();
    this.child.once('close', () => clearTimeout(force));
    this.end({ kind: 'exit', code: null, stderr: this.errorTail, opened: this.group !== undefined });
  }

  private end(end: ChannelEnd): void {
    if (this.ended) return;
    this.ended = end;
    this.answer?.fail(end);
    this.onEnd();
  }
}

const endGroupScript = (group: string): string =>
  `kill -s TERM -- "-${group}"; sleep 2; kill -s KILL -- "-${group}"`;

/** Ends the far group when stdin ends; itself ended, and reaped, before the next call's first byte can come. */
function watchedCall(text: string, nonce: string): string {
  return `{
${printBoth(frameOpening(nonce))}
( read -r ts_x <&3; trap '' TERM; ${endGroupScript('$ts_g')} ) </dev/null >/dev/null 2>&1 & ts_w=$!
(
${text}
) </dev/null 3<&-
ts_c=$?
{ kill "$ts_w"; wait "$ts_w"; } 2>/dev/null
${printBoth(frameClosing(nonce), '"$ts_c"')}
}
`;
}

/** The shell's own stdin is the command's, to its end. */
function lastCall(text: string, nonce: string): string {
  return `{
${printBoth(frameOpening(nonce))}
(
${text}
) 3<&-
ts_c=$?
${printBoth(frameClosing(nonce), '"$ts_c"')}
exit
}
`;
}

function printBoth(mark: string, status?: string): string {
  const print = `printf '${mark.replaceAll('\n', '\\n')}${status ? '%s\\n' : ''}' ${status ?? ''}`;
  return `${print}; ${print} >&2`;
}
