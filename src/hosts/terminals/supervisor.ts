import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { CancelledError, isCancelled, UserError } from '../../model/errors';
import type { TerminalInfo } from '../../model/session/session';
import { scrubbedEnv } from '../environment';
import type { Host } from '../host';
import { privateFolder } from '../privateFolder';
import { dial, readCards } from '../supervisor/cards';
import type { StoredCard } from '../supervisor/cards';
import { readFrames, replySchema, write } from '../supervisor/frames';
import type { Reply, Request } from '../supervisor/frames';
import { outcomeSchema } from '../supervisor/order';
import type { Order, Outcome } from '../supervisor/order';
import type { Creation, Screen, Terminals, TerminalSpec } from '../terminals';
import { bindings, checkName, checkSpec, endedTerminal, noSuchTerminal } from './words';

export interface SupervisorOptions {
  /** This machine. */
  host: Host;
  /** `dist/supervisor.js`, beside the bundle that runs. */
  program: string;
  /** Node, or an Electron that can be one; default what runs us. */
  node?: string;
  /** Default this process's; scrubbed before use. */
  env?: NodeJS.ProcessEnv;
}

const timeoutMs = 10_000;
/** Lists wait for the slowest. */
const infoMs = 2000;
/** Socket paths are limited to 104 bytes on macOS; a socket's name takes 18. */
const longestFolder = 80;

/** For machines without tmux: one detached process of ours for each terminal, which outlives the window. */
export class SupervisorTerminals implements Terminals {
  readonly kind = 'supervisor';
  /** VS Code's own program is a Node only if told. */
  readonly attachEnv: Readonly<Record<string, string>>;
  private readonly node: string;
  private readonly env: NodeJS.ProcessEnv;

  constructor(private readonly options: SupervisorOptions) {
    this.node = options.node ?? process.execPath;
    const isElectron = !options.node && process.versions['electron'] !== undefined;
    this.attachEnv = isElectron ? { ELECTRON_RUN_AS_NODE: '1' } : {};
    this.env = scrubbedEnv(options.env ?? process.env);
  }

  async list(signal?: AbortSignal): Promise<TerminalInfo[]> {
    throwIfGone(signal);
    const cards = await readCards(this.folder());
    return Promise.all(cards.map((card) => this.describe(card, signal)));
  }

  async create(spec: TerminalSpec, signal?: AbortSignal): Promise<Creation> {
    const { name, argv, directory, env = {}, key = '', sessionId = '' } = checkSpec(spec);
    throwIfGone(signal);
    const known = bindings(key, sessionId);
    const outcome = await this.serve({
      folder: this.folder(),
      name,
      argv: [...argv],
      directory,
      env,
      ...known,
      ...(spec.keepEnded && { keepEnded: true }),
      ...(spec.goesWhenEnded && { goesWhenEnded: true }),
    });
    switch (outcome.kind) {
      case 'created':
        return { created: true };
      case 'taken':
        return { created: false };
      case 'ended':
        return { created: false, ended: true };
      case 'noPty':
        throw new UserError(
          'Without tmux, and without the optional package node-pty, a terminal cannot outlive its window.',
          'Install tmux, or go on in a plain terminal.',
          { cause: new Error(outcome.reason) },
        );
      case 'failed':
        throw new UserError(`The terminal ${name} could not be started: ${outcome.reason}`, 'Try again.');
    }
  }

  attachArgv(name: string, { readOnly = false } = {}): string[] {
    const argv = [this.node, this.options.program, 'attach', this.folder(), checkName(name)];
    return this.options.host.interactive(readOnly ? [...argv, '--read-only'] : argv);
  }

  async send(
    name: string,
    text: string,
    { enter = true, signal }: { enter?: boolean; signal?: AbortSignal } = {},
  ): Promise<void> {
    const card = await this.find(name, signal);
    const reply = await this.ask(card, { kind: 'send', text, enter }, signal);
    if (!reply) throw endedTerminal(name, this.options.host.name);
  }

  async capture(name: string, signal?: AbortSignal): Promise<Screen> {
    const card = await this.find(name, signal);
    const reply = await this.ask(card, { kind: 'capture' }, signal);
    if (reply?.kind === 'screen') return { text: reply.text };
    // It may have ended between the two.
    const { ended } = await this.find(name, signal);
    return { text: ended?.text ?? '', dead: ended?.end ? asDead(ended.end) : {} };
  }

  async kill(name: string, signal?: AbortSignal): Promise<void> {
    const card = await this.find(name, signal);
    const socket = await this.reach(card);
    // Its supervisor takes the card away. One that has ended, or was killed, cannot.
    if (socket) await this.converse(socket, card, { kind: 'kill' }, signal);
    else await rm(card.file, { force: true });
  }

  private folder(): string {
    const folder = privateFolder(this.env, 'terminals', { longest: longestFolder, lasting: true });
    if (folder) return folder;
    throw new UserError(
      'There is no private folder for the sockets of terminals.',
      'Set XDG_STATE_HOME to a folder with a short path that only you can enter, or install tmux.',
    );
  }

  private async find(name: string, signal: AbortSignal | undefined): Promise<StoredCard> {
    checkName(name);
    throwIfGone(signal);
    const card = (await readCards(this.folder())).find((candidate) => candidate.name === name);
    if (!card) throw noSuchTerminal(name, this.options.host.name);
    return card;
  }

  /** One that does not answer is shown without its process: it keeps nobody from the others. */
  private async describe(card: StoredCard, signal: AbortSignal | undefined): Promise<TerminalInfo> {
    const { name, createdAt, key = '', sessionId = '' } = card;
    const base = { host: this.options.host.name, name, windows: 1, createdAt, ...bindings(key, sessionId) };
    let reply: Reply | undefined;
    try {
      reply = await this.ask(card, { kind: 'info' }, signal);
    } catch (error) {
      if (isCancelled(error)) throw error;
      return { ...base, attached: 0 };
    }
    if (reply?.kind === 'info')
      return { ...base, attached: reply.attached, ...(reply.pid !== undefined && { pid: reply.pid }) };
    return { ...base, attached: 0, dead: asDead(card.ended?.end ?? {}) };
  }

  /** The supervisor's answer; undefined where it has ended, before or because of the question. */
  private async ask(
    card: StoredCard,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<Reply | undefined> {
    const socket = await this.reach(card);
    return socket && this.converse(socket, card, request, signal);
  }

  private async reach(card: StoredCard): Promise<Socket | undefined> {
    if (card.ended) return undefined;
    return dial(card).catch((cause: unknown) => {
      throw silent(card, this.options.host.name, { cause });
    });
  }

  private async converse(
    socket: Socket,
    card: StoredCard,
    request: Request,
    signal: AbortSignal | undefined,
  ): Promise<Reply | undefined> {
    try {
      return await answer(socket, card, request, this.options.host.name, signal);
    } finally {
      socket.destroy();
    }
  }

  private serve(order: Order): Promise<Outcome> {
    return new Promise((resolve) => {
      const child = spawn(this.node, [this.options.program, 'serve'], {
        env: { ...this.env, ...this.attachEnv },
        cwd: order.folder,
        detached: true,
        windowsHide: true,
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        child.stdout.destroy();
        child.unref();
        resolve(outcome);
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        settle({ kind: 'failed', reason: `no answer within ${timeoutMs / 1000} s.` });
      }, timeoutMs);
      child.on('error', (error) => settle({ kind: 'failed', reason: error.message }));
      child.on('exit', (code) => settle({ kind: 'failed', reason: `it ended with status ${code}.` }));
      child.stdin.on('error', () => {}).end(JSON.stringify(order));
      createInterface({ input: child.stdout }).once('line', (line) => {
        const outcome = outcomeSchema.safeParse(JSON.parse(line));
        settle(outcome.success ? outcome.data : { kind: 'failed', reason: 'it gave an unknown answer.' });
      });
    });
  }
}

function answer(
  socket: Socket,
  card: StoredCard,
  request: Request,
  host: string,
  signal: AbortSignal | undefined,
): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => reject(new CancelledError());
    const timer = setTimeout(() => reject(silent(card, host)), request.kind === 'info' ? infoMs : timeoutMs);
    signal?.addEventListener('abort', cancel, { once: true });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      resolve(undefined);
    });
    readFrames(socket, replySchema, resolve);
    write(socket, { kind: 'hello', token: card.token });
    write(socket, request);
  });
}

const silent = ({ name }: StoredCard, host: string, options?: ErrorOptions): UserError =>
  new UserError(
    `The terminal ${name} on ${host} does not answer.`,
    'Try again, or end its supervisor process.',
    options,
  );

function asDead({ status, signal }: { status?: number | undefined; signal?: string | undefined }): {
  status?: number;
  signal?: string;
} {
  return { ...(status === undefined ? {} : { status }), ...(signal === undefined ? {} : { signal }) };
}

function throwIfGone(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError();
}
