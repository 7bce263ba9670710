import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { IPty, spawn as spawnPty } from 'node-pty';
import { scrubbedEnv } from '../environment';
import { beforeEnterMs, typed } from '../terminals/words';
import { claim, rewrite, sweep } from './cards';
import type { Card, StoredCard } from './cards';
import { readFrames, requestSchema, write } from './frames';
import type { End, Request } from './frames';
import type { Order, Outcome } from './order';
import { Screen } from './screen';

const firstSize = { columns: 200, rows: 50 };
/** Output that is not on the screen yet; beyond it the program has to wait. */
const mostPending = 1024 * 1024;
/** What a client may lag behind; then it gets the screen anew when it is ready. */
const mostBehind = 4 * 1024 * 1024;
const keptDays = 7;
const graceMs = 2000;

interface Watcher {
  readOnly: boolean;
  columns: number;
  rows: number;
  behind: boolean;
}

/** Becomes the supervisor of one terminal, unless there is one of that name. Ends the process when its work is done. */
export async function serve(order: Order): Promise<Outcome> {
  let spawn: typeof spawnPty;
  try {
    ({ spawn } = await import('node-pty'));
  } catch (error) {
    return { kind: 'noPty', reason: String(error).split('\n')[0] ?? '' };
  }
  const server = createServer();
  const random = randomBytes(6).toString('hex');
  const address =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\task-sessions-${random}`
      : join(order.folder, `${random}.sock`);
  server.listen(address);
  await once(server, 'listening');
  const { key, sessionId, name } = order;
  const claimed: Card = {
    name,
    createdAt: Date.now(),
    address,
    token: randomBytes(24).toString('hex'),
    ...(key ? { key } : {}),
    ...(sessionId ? { sessionId } : {}),
  };
  const card = await claim(order.folder, claimed, order);
  if (card === 'taken' || card === 'ended') {
    server.close();
    return { kind: card };
  }
  await sweep(order.folder, Date.now() - keptDays * 86_400_000);
  const [file, ...args] = process.platform === 'win32' ? order.argv : inDirectory(order);
  try {
    const child = spawn(file ?? '', args, {
      name: 'xterm-256color',
      cols: firstSize.columns,
      rows: firstSize.rows,
      // What made an Electron a Node for us is not for the program.
      env: { ...scrubbedEnv(process.env), TERM: 'xterm-256color', COLORTERM: 'truecolor', ...order.env },
      ...(process.platform === 'win32' ? { cwd: order.directory } : {}),
    });
    new Supervisor(order, card, server, child).start();
  } catch (error) {
    await rm(card.file, { force: true });
    server.close();
    return { kind: 'failed', reason: String(error) };
  }
  return { kind: 'created' };
}

function inDirectory({ directory, argv }: Order): string[] {
  return ['/bin/sh', '-c', 'cd -- "$1" || exit 96; shift; exec "$@"', 'sh', directory, ...argv];
}

class Supervisor {
  private readonly screen = new Screen(firstSize.columns, firstSize.rows);
  private readonly watchers = new Map<Socket, Watcher>();
  private pending = 0;
  private killed = false;

  constructor(
    private readonly order: Order,
    private readonly card: StoredCard,
    private readonly server: Server,
    private readonly child: IPty,
  ) {}

  start(): void {
    this.child.onData((data) => this.take(data));
    this.child.onExit(({ exitCode, signal }) => {
      const end: End = signal ? { signal: String(signal) } : { status: exitCode };
      void this.finish(end).finally(() => process.exit(0));
    });
    // A real terminal answers for itself; two answers would be one too many.
    this.screen.onAnswer = (data) => {
      if (![...this.watchers.values()].some(({ readOnly }) => !readOnly)) this.child.write(data);
    };
    this.server.on('connection', (socket) => this.greet(socket));
    process.on('SIGHUP', () => {});
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.end());
  }

  private take(data: string): void {
    this.pending += data.length;
    if (this.pending > mostPending) this.child.pause();
    this.screen.write(data, () => {
      this.pending -= data.length;
      if (this.pending < mostPending / 2) this.child.resume();
    });
    for (const [socket, watcher] of this.watchers) {
      if (watcher.behind) continue;
      write(socket, { kind: 'output', data });
      watcher.behind = socket.writableLength > mostBehind;
    }
  }

  private greet(socket: Socket): void {
    let known = false;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.watchers.delete(socket));
    socket.on('drain', () => {
      const watcher = this.watchers.get(socket);
      if (watcher?.behind) void this.show(socket, watcher);
    });
    readFrames(socket, requestSchema, (request) => {
      if (request.kind === 'hello') known = isSame(request.token, this.card.token);
      if (!known) return socket.destroy();
      this.answer(socket, request).catch(() => socket.destroy());
    });
  }

  private async answer(socket: Socket, request: Request): Promise<void> {
    const watcher = this.watchers.get(socket);
    switch (request.kind) {
      case 'hello':
        return;
      case 'watch': {
        const { readOnly, columns, rows } = request;
        return this.show(socket, { readOnly, columns, rows, behind: false });
      }
      case 'input':
        if (!watcher || watcher.readOnly) return;
        this.fit(watcher);
        return this.child.write(request.data);
      case 'resize':
        if (!watcher) return;
        watcher.columns = request.columns;
        watcher.rows = request.rows;
        return watcher.readOnly ? undefined : this.fit(watcher);
      case 'info':
        return write(socket, { kind: 'info', attached: this.watchers.size, pid: this.child.pid });
      case 'capture':
        await this.screen.settled();
        return write(socket, { kind: 'screen', text: this.screen.text() });
      case 'send':
        await this.type(request.text, request.enter);
        return write(socket, { kind: 'done' });
      case 'kill':
        this.killed = true;
        return this.end();
    }
  }

  /** The whole screen, then what follows: nothing is missed and nothing comes twice. */
  private async show(socket: Socket, watcher: Watcher): Promise<void> {
    if (!watcher.readOnly) this.fit(watcher);
    await this.screen.settled();
    watcher.behind = false;
    write(socket, { kind: 'output', data: `\u001b[0m\u001b[H\u001b[2J${this.screen.replay()}` });
    if (socket.writable) this.watchers.set(socket, watcher);
  }

  /** Whoever did something last sets the size. */
  private fit({ columns, rows }: Watcher): void {
    if (columns === this.child.cols && rows === this.child.rows) return;
    this.child.resize(columns, rows);
    this.screen.resize(columns, rows);
  }

  private async type(text: string, enter: boolean): Promise<void> {
    await this.screen.settled();
    const keys = typed(text).replaceAll('\n', '\r');
    if (keys !== '')
      this.child.write(this.screen.wantsBracketedPaste ? `\u001b[200~${keys}\u001b[201~` : keys);
    if (!enter) return;
    if (keys !== '') await wait(beforeEnterMs);
    this.child.write('\r');
  }

  /** As if its window were closed; harder if it does not go. */
  private end(): void {
    const signal = (name: 'SIGHUP' | 'SIGTERM' | 'SIGKILL'): void => {
      try {
        if (process.platform === 'win32') this.child.kill();
        else process.kill(-this.child.pid, name);
      } catch {
        // Gone already.
      }
    };
    signal('SIGHUP');
    setTimeout(signal, graceMs / 2, 'SIGTERM');
    setTimeout(signal, graceMs, 'SIGKILL');
  }

  private async finish(end: End): Promise<void> {
    await this.screen.settled();
    if (this.killed || this.order.goesWhenEnded) await rm(this.card.file, { force: true });
    else {
      const ended = { at: Date.now(), end, text: this.screen.text() };
      const { file, generation: _, ...card } = this.card;
      await rewrite(this.order.folder, file, { ...card, ended });
    }
    const closing = [...this.watchers.keys()].map(async (socket) => {
      write(socket, { kind: 'ended', end });
      socket.end();
      await once(socket, 'close');
    });
    this.server.close();
    await Promise.race([Promise.allSettled(closing), wait(graceMs)]);
  }
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
