import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../hosts/host';
import { hostNamed } from '../hosts/hosts';
import type { Screen, Terminals, TerminalSpec } from '../hosts/terminals';
import { UserError } from '../model/errors';
import { isTerminalName } from '../model/names';
import type { TerminalInfo } from '../model/session/session';

/** `HOST/NAME`, or `NAME` on this machine. */
export interface TerminalRef {
  host: string;
  name: string;
}

/** How often to look whether a process has ended, in milliseconds: tmux sends no event. */
const releaseMs = 1000;

/** Terminals on every host, under one name each. */
export class TerminalActions {
  constructor(
    private readonly hosts: readonly Host[],
    /** What keeps processes alive on a host. Throws `NotKeptAlive` where nothing can. */
    readonly on: (host: Host) => Promise<Terminals>,
  ) {}

  /** Reads `[HOST/]NAME`; `local` and this machine's own name mean this machine. */
  ref(text: string): TerminalRef {
    const slash = text.indexOf('/');
    const host = slash === -1 ? 'local' : text.slice(0, slash);
    const name = text.slice(slash + 1);
    if (!isTerminalName(name))
      throw new UserError(
        `"${name.slice(0, 80)}" is not the name of a terminal.`,
        'Names are letters, digits, "-" and "_", and begin with a letter or digit.',
      );
    return { host: this.host(host).name, name };
  }

  /** Every terminal of every host that answers, and one line for each that does not. */
  async list(signal?: AbortSignal): Promise<{ terminals: TerminalInfo[]; problems: string[] }> {
    const problems: string[] = [];
    const lists = await Promise.all(
      this.hosts.map(async (host) => {
        try {
          return await (await this.on(host)).list(signal);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          problems.push(`${host.name}: ${error.line}`);
          return [];
        }
      }),
    );
    if (problems.length === this.hosts.length)
      throw new UserError(problems.join(' '), 'task-sessions doctor says what to fix.');
    return { terminals: lists.flat(), problems };
  }

  /** Creates a login shell of that name, or finds it there; with `mustBeNew` an existing one is an error. */
  async attach(
    ref: TerminalRef,
    { mustBeNew = false }: { mustBeNew?: boolean } = {},
  ): Promise<{ argv: string[]; env?: Readonly<Record<string, string>> }> {
    const host = this.host(ref.host);
    const terminals = await this.on(host);
    const { created, ended } = await terminals.create({
      ...(await this.shell(ref)),
      ...(mustBeNew && { keepEnded: true as const }),
    });
    if (ended)
      throw new UserError(
        `The terminal ${ref.name} exists on ${host.name}, and what ran in it has ended.`,
        'Leave out --new to start it anew, or kill it first.',
      );
    if (mustBeNew && !created)
      throw new UserError(
        `The terminal ${ref.name} exists on ${host.name} already.`,
        'Leave out --new to attach to it.',
      );
    return { argv: terminals.attachArgv(ref.name), ...(terminals.attachEnv && { env: terminals.attachEnv }) };
  }

  async send(ref: TerminalRef, text: string, signal?: AbortSignal): Promise<void> {
    await (await this.on(this.host(ref.host))).send(ref.name, text, signal && { signal });
  }

  async capture(ref: TerminalRef, signal?: AbortSignal): Promise<Screen> {
    return (await this.on(this.host(ref.host))).capture(ref.name, signal);
  }

  async kill(ref: TerminalRef, signal?: AbortSignal): Promise<void> {
    await (await this.on(this.host(ref.host))).kill(ref.name, signal);
  }

  /** Sends those away who look at a terminal, once its process has ended. Rejects when `signal` comes first. */
  async releaseAtEnd(ref: TerminalRef, signal: AbortSignal): Promise<void> {
    const terminals = await this.on(this.host(ref.host));
    for (;;) {
      await pause(releaseMs, undefined, { signal });
      const found = (await terminals.list(signal)).find(({ name }) => name === ref.name);
      if (!found) return;
      if (found.dead) return terminals.release?.(ref.name, signal);
    }
  }

  /** Sends those away who look at a terminal whose process ended well; the last screen of a failure stays. */
  async releaseEnded(ref: TerminalRef, signal?: AbortSignal): Promise<void> {
    const terminals = await this.on(this.host(ref.host));
    const { dead } = await terminals.capture(ref.name, signal);
    if (dead?.status === 0) await terminals.release?.(ref.name, signal);
  }

  /** Those of this machine that no tmux server reports. */
  async supervised(signal?: AbortSignal): Promise<TerminalInfo[]> {
    const keeper = await this.on(this.host('local')).catch(() => undefined);
    return keeper?.kind === 'supervisor' ? keeper.list(signal) : [];
  }

  /** A host by its name; throws where the configuration has none of that name. */
  host(name: string): Host {
    return hostNamed(this.hosts, name);
  }

  private async shell(ref: TerminalRef): Promise<TerminalSpec> {
    const home = await this.host(ref.host).script('printf %s "$HOME"', []);
    return {
      name: ref.name,
      argv: ['sh', '-c', 'exec "${SHELL:-sh}" -l'],
      directory: home.stdout.toString() || '/',
    };
  }
}
