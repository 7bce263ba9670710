import { CancelledError, errorLine } from '../../model/errors';
import type { Log } from '../../util/log';
import type { Channel, CallOptions } from './channel';
import { HostError } from '../host';
import type { RunResult } from '../host';

export interface PoolOptions {
  log: Log;
  open: () => Promise<Channel>;
  /** The error of a call whose time was up before a shell was free. */
  late: (milliseconds: number) => HostError;
  /** A shell that had answered is silent now: so may be what it shares with others. */
  suspect: () => void;
  /** Shells that stay for the next call. */
  size?: number;
  /** A shell that nobody used for so long is asked whether it still answers: the laptop may have slept. Default 10,000. */
  doubtMs?: number | undefined;
}

interface Waiter {
  give(channel: Channel): void;
  fail(error: unknown): void;
}

/** What a shell may take to say that it is there. */
const answerMs = 3000;
/** Shells beyond the first end when nobody used them for so long. */
const idleMs = 60_000;
/** Calls that may take longer get a shell of their own, so that they block no quick one. */
const longCallMs = 60_000;

/** Shells of one host: several calls at once, opened when needed and opened again after a failure, less and less often. */
export class ChannelPool {
  private readonly idle: Channel[] = [];
  private readonly open = new Set<Channel>();
  private readonly own = new Set<Channel>();
  private readonly waiters: Waiter[] = [];
  private opening = 0;
  private failure: { error: unknown; count: number; until: number } | undefined;
  private sweeper: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: PoolOptions) {}

  /** Throws the `HostError` of the channel, `CancelledError` on abort. */
  async call(text: string, call: CallOptions): Promise<RunResult> {
    if (call.signal?.aborted) throw new CancelledError();
    const deadline = Date.now() + call.timeoutMs;
    const left = (): CallOptions => ({ ...call, timeoutMs: Math.max(1, deadline - Date.now()) });
    if (call.stdin !== undefined || call.timeoutMs > longCallMs) return this.callAlone(text, left);
    for (;;) {
      const channel = await this.acquire(left());
      if (!(await this.answers(channel, call.signal))) continue;
      try {
        return await channel.call(text, left());
      } finally {
        this.release(channel);
      }
    }
  }

  /** Forgets a failure: the next call tries at once. */
  wake(): void {
    this.failure = undefined;
  }

  dispose(): void {
    this.disposed = true;
    clearTimeout(this.sweeper);
    for (const channel of [...this.open, ...this.own]) channel.close();
    for (const waiter of this.waiters.splice(0)) waiter.fail(new CancelledError());
  }

  private async callAlone(text: string, left: () => CallOptions): Promise<RunResult> {
    const channel = await bounded(this.connect(), left(), this.options.late, (late) => late.close());
    this.own.add(channel);
    try {
      return await channel.call(text, left());
    } catch (error) {
      // Its stdin is the command's, so the end of it may end nothing: another shell has to.
      if (left().stdin !== undefined && channel.killScript)
        this.call(channel.killScript, { timeoutMs: 10_000, maxBytes: 1024 }).catch((failed: unknown) =>
          this.options.log.debug(`Could not end what was given up: ${errorLine(failed)}`),
        );
      throw error;
    } finally {
      this.own.delete(channel);
      channel.close();
    }
  }

  private async acquire(call: CallOptions): Promise<Channel> {
    const channel = this.idle.pop();
    if (channel) return channel;
    const waiter: Waiter = { give() {}, fail() {} };
    const turn = new Promise<Channel>((resolve, reject) => {
      waiter.give = resolve;
      waiter.fail = reject;
    });
    this.waiters.push(waiter);
    this.grow();
    try {
      return await bounded(turn, call, this.options.late, (late) => this.release(late));
    } finally {
      const at = this.waiters.indexOf(waiter);
      if (at >= 0) this.waiters.splice(at, 1);
    }
  }

  private async answers(channel: Channel, signal: AbortSignal | undefined): Promise<boolean> {
    if (channel.usable && Date.now() - channel.lastUsed < (this.options.doubtMs ?? 10_000)) return true;
    try {
      await channel.call(':', { timeoutMs: answerMs, maxBytes: 1024, signal });
      return true;
    } catch (error) {
      if (error instanceof CancelledError) {
        this.release(channel);
        throw error;
      }
      if (error instanceof HostError && error.kind === 'timeout') this.options.suspect();
      return false;
    }
  }

  private release(channel: Channel): void {
    if (!channel.usable) return;
    const waiter = this.waiters.shift();
    if (waiter) waiter.give(channel);
    else this.idle.push(channel);
    this.sweeper ??= setTimeout(() => this.sweep(), idleMs).unref();
  }

  private sweep(): void {
    this.sweeper = undefined;
    for (const channel of this.idle.slice(0, -1))
      if (Date.now() - channel.lastUsed >= idleMs) channel.close();
    if (this.idle.length > 1) this.sweeper = setTimeout(() => this.sweep(), idleMs).unref();
  }

  /** Opens one more where calls wait; the first one alone, since the others go through its connection. */
  private grow(): void {
    const { size = 6 } = this.options;
    while (
      this.waiters.length > this.opening &&
      this.open.size + this.opening < size &&
      (this.open.size > 0 || this.opening === 0)
    ) {
      this.opening += 1;
      this.connect()
        .then(
          (channel) => {
            this.opening -= 1;
            this.open.add(channel);
            channel.onEnd = () => this.forget(channel);
            if (channel.usable) this.release(channel);
            else this.forget(channel);
          },
          (error: unknown) => {
            this.opening -= 1;
            // While another shell works, the calls wait for that one.
            if (this.open.size + this.opening > 0) return;
            for (const waiter of this.waiters.splice(0)) waiter.fail(error);
          },
        )
        .then(() => this.open.size > 0 && this.grow())
        .catch((error: unknown) => this.options.log.error('A shell could not be taken into use.', error));
    }
  }

  private forget(channel: Channel): void {
    this.open.delete(channel);
    const at = this.idle.indexOf(channel);
    if (at >= 0) this.idle.splice(at, 1);
    if (!this.disposed) this.grow();
  }

  private async connect(): Promise<Channel> {
    if (this.disposed) throw new CancelledError();
    if (this.failure && Date.now() < this.failure.until) throw this.failure.error;
    try {
      const channel = await this.options.open();
      this.failure = undefined;
      if (!this.disposed) return channel;
      channel.close();
    } catch (error) {
      this.options.log.debug(errorLine(error));
      // While a shell works, the host is not down.
      const count = (this.failure?.count ?? 0) + 1;
      if (this.open.size === 0) this.failure = { error, count, until: Date.now() + pause(error, count) };
      throw error;
    }
    throw new CancelledError();
  }
}

/** Milliseconds until the next try. A refused sign-in waits longer: servers lock out who tries too often. */
function pause(error: unknown, count: number): number {
  const kind = error instanceof HostError ? error.kind : undefined;
  const [first, most] = kind === 'auth' || kind === 'hostKey' ? [30_000, 300_000] : [1000, 15_000];
  return Math.min(most, first * 2 ** (count - 1));
}

/** `work`, unless its time is up or it is given up before; what then still comes goes to `unused`. */
async function bounded<T>(
  work: Promise<T>,
  { timeoutMs, signal }: CallOptions,
  late: (milliseconds: number) => HostError,
  unused: (value: T) => void,
): Promise<T> {
  if (signal?.aborted) {
    work.then(unused, () => {});
    throw new CancelledError();
  }
  return new Promise<T>((resolve, reject) => {
    let over = false;
    const giveUp = (error: Error): void => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      reject(error);
    };
    const cancel = (): void => giveUp(new CancelledError());
    const timer = setTimeout(() => giveUp(late(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    work.then(
      (value) => {
        if (over) return unused(value);
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        resolve(value);
      },
      (error: Error) => {
        if (!over) giveUp(error);
      },
    );
  });
}
