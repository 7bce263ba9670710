import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, UserError } from '../../model/errors';
import { isTerminalName } from '../../model/names';
import type { Pane, TerminalInfo } from '../../model/session/session';
import { HostError } from '../host';
import type { Host, RunResult } from '../host';
import type { Creation, Screen, Terminals, TerminalSpec } from '../terminals';
import { attachPaneScript, attachScript, killScript, startInDirectory, viewPrefix } from './tmuxScripts';
import { beforeEnterMs, bindings, checkName, checkSpec, endedTerminal, noSuchTerminal, typed } from './words';

/** Our own server, so that the user's tmux keeps its options and we keep ours. */
export const tmuxSocket = 'task-sessions';

/** A stopped server hangs every call. */
const timeoutMs = 10_000;
/** tmux may tell that a process is dead this long before it knows how. */
const statusMs = 3000;
const historyLines = 2000;

const deadFormat = '#{pane_dead}|#{pane_dead_status}|#{pane_dead_signal}';
// The name comes last, since it is the only part that others may choose freely.
const listFormat = `#{session_attached}|#{session_windows}|#{session_created}|#{pane_pid}|${deadFormat}|#{@ts_key}|#{@ts_session}|#{session_name}`;

/** tmux on any host; tried with tmux 3.3a. */
export class TmuxTerminals implements Terminals {
  readonly kind = 'tmux';

  constructor(
    private readonly host: Host,
    private readonly socket = tmuxSocket,
  ) {}

  async list(signal?: AbortSignal): Promise<TerminalInfo[]> {
    const { code, stdout, stderr } = await this.tmux([['list-sessions', '-F', listFormat]], { signal });
    if (code === 0) return parseList(stdout.toString(), this.host.name);
    if (hasNoServer(stderr)) return [];
    throw this.failure('list the terminals', stderr);
  }

  async create(spec: TerminalSpec, signal?: AbortSignal): Promise<Creation> {
    const { name } = checkSpec(spec);
    let found: { dead?: Screen['dead'] } | undefined;
    for (let attempt = 1; !found; attempt++) {
      const first = await this.newSession(spec, signal);
      if (first.code === 0) return { created: true };
      if (!/duplicate session/.test(first.stderr))
        throw this.failure(`create the terminal ${name}`, first.stderr);
      found = await this.find(name, signal);
      // It was there and has gone meanwhile with its process, and the name is free again.
      if (!found && attempt === 3) throw noSuchTerminal(name, this.host.name);
    }
    const { dead } = found;
    if (!dead) return { created: false };
    if (spec.keepEnded) return { created: false, ended: true };
    // Whoever comes second finds it alive again.
    const again = await this.tmux(
      [['respawn-pane', '-t', `=${name}:`, '--', ...launch(spec)], ...ownOptions(spec)],
      { signal },
    );
    if (again.code === 0) return { created: true };
    if (/still active/.test(again.stderr)) return { created: false };
    throw this.failure(`create the terminal ${name}`, again.stderr);
  }

  attachArgv(name: string, { readOnly = false } = {}): string[] {
    const flags = readOnly ? ['-r'] : [];
    return this.host.interactive(['sh', '-c', attachScript, 'sh', this.socket, checkName(name), ...flags]);
  }

  async send(
    name: string,
    text: string,
    { enter = true, signal }: { enter?: boolean; signal?: AbortSignal } = {},
  ): Promise<void> {
    checkName(name);
    const { dead } = await this.state(name, signal);
    if (dead) throw endedTerminal(name, this.host.name);
    const buffer = `ts-${randomBytes(6).toString('hex')}`;
    const target = ['-t', `=${name}:`];
    const stdin = typed(text);
    if (stdin !== '') {
      const paste = ['paste-buffer', '-p', '-d', '-b', buffer, ...target];
      await this.must(name, [['load-buffer', '-b', buffer, '-'], paste], { signal, stdin });
    }
    if (!enter) return;
    if (stdin !== '') await pause(beforeEnterMs, signal);
    await this.must(name, [['send-keys', ...target, 'Enter']], { signal });
  }

  async capture(name: string, signal?: AbortSignal): Promise<Screen> {
    checkName(name);
    const { dead } = await this.state(name, signal);
    const { stdout } = await this.must(
      name,
      [['capture-pane', '-p', '-J', '-S', `-${historyLines}`, '-t', `=${name}:`]],
      { signal },
    );
    const text = stdout
      .toString()
      .replaceAll(/[ \t]+$/gm, '')
      .replace(dead ? /\n+Pane is dead[^\n]*\s*$|\s+$/ : /\s+$/, '');
    return { text: text.trimEnd(), ...(dead ? { dead } : {}) };
  }

  async kill(name: string, signal?: AbortSignal): Promise<void> {
    checkName(name);
    const { code, stderr } = await this.host.script(killScript, [this.socket, name], {
      timeoutMs: 3 * timeoutMs,
      ...(signal ? { signal } : {}),
    });
    if (code === 0) return;
    throw isMissing(stderr) ? noSuchTerminal(name, this.host.name) : this.failure(`kill ${name}`, stderr);
  }

  async release(name: string, signal?: AbortSignal): Promise<void> {
    // That nobody looks is no failure.
    await this.tmux([['detach-client', '-s', `=${checkName(name)}`]], { signal });
  }

  /** The argv that, in a terminal of this machine, shows a pane of any tmux server of the account. */
  paneAttachArgv(pane: Pane, { readOnly = false } = {}): string[] {
    if (!pane.socket.startsWith('/') || !/^%[0-9]{1,9}$/.test(pane.id))
      throw new UserError('That is not a tmux pane.', 'Refresh, and try again.');
    const flags = readOnly ? ['-r'] : [];
    return this.host.interactive(['sh', '-c', attachPaneScript, 'sh', pane.socket, pane.id, ...flags]);
  }

  private async newSession(spec: TerminalSpec, signal: AbortSignal | undefined): Promise<RunResult> {
    // Started by itself: the server keeps the command line of the call that started it, and one that names a session's
    // id would look like that session alive.
    await this.insist([['start-server'], ['set-option', '-s', '-q', 'exit-empty', 'off']], signal);
    const commands = [
      // What others may have put into the server's environment must not reach new windows either.
      ...['CLAUDECODE', 'CLAUDE_CODE_CHILD_SESSION', 'CLAUDE_CODE_SESSION_ID', 'CLAUDE_CODE_ENTRYPOINT'].map(
        (variable) => ['set-environment', '-g', '-u', variable],
      ),
      ['set-option', '-g', '-q', 'history-limit', '20000'],
      // Claude is steered by Escape, which tmux would hold back for half a second.
      ['set-option', '-s', '-q', 'escape-time', '20'],
      ['set-option', '-s', '-q', 'focus-events', 'on'],
      ['new-session', '-d', '-s', spec.name, '-x', '200', '-y', '50', '--', ...launch(spec)],
      ['set-option', '-w', '-t', `=${spec.name}:`, 'remain-on-exit', spec.goesWhenEnded ? 'off' : 'on'],
      ...['status off', 'mouse on', 'destroy-unattached off'].map((option) => [
        'set-option',
        '-t',
        `=${spec.name}:`,
        ...option.split(' '),
      ]),
      ['set-option', '-s', '-q', 'exit-empty', 'on'],
      ...ownOptions(spec),
    ];
    return this.insist(commands, signal);
  }

  /** A server that is just ending takes the call with it: once more. */
  private async insist(commands: readonly string[][], signal: AbortSignal | undefined): Promise<RunResult> {
    const result = await this.tmux(commands, { signal });
    if (!/server exited unexpectedly|lost server/.test(result.stderr)) return result;
    await pause(300, signal);
    return this.tmux(commands, { signal });
  }

  /** Throws where there is no such terminal. */
  private async state(name: string, signal: AbortSignal | undefined): Promise<{ dead?: Screen['dead'] }> {
    const found = await this.find(name, signal);
    if (found) return found;
    throw noSuchTerminal(name, this.host.name);
  }

  /** Undefined where there is no such terminal. */
  private async find(
    name: string,
    signal: AbortSignal | undefined,
  ): Promise<{ dead?: Screen['dead'] } | undefined> {
    const deadline = Date.now() + statusMs;
    for (;;) {
      const { code, stdout, stderr } = await this.tmux(
        [
          ['has-session', '-t', `=${name}`],
          ['display-message', '-p', '-t', `=${name}:`, deadFormat],
        ],
        { signal },
      );
      if (code !== 0) {
        // A server goes with its last terminal.
        if (isMissing(stderr) || /server exited unexpectedly|lost server/.test(stderr)) return undefined;
        throw this.failure(`reach the terminal ${name}`, stderr);
      }
      const [dead = '', status = '', by = ''] = stdout.toString().trim().split('|');
      if (dead !== '1') return {};
      if (status !== '' || by !== '' || Date.now() > deadline) return { dead: readDead(status, by) };
      await pause(50, signal);
      // tmux 3.3a now and then misses that a child has ended, and leaves a zombie until the next one ends: give it one.
      await this.tmux([['run-shell', '-b', 'true']], { signal });
    }
  }

  private async must(
    name: string,
    commands: readonly (readonly string[])[],
    options: { signal?: AbortSignal | undefined; stdin?: string },
  ): Promise<RunResult> {
    const result = await this.tmux(commands, options);
    if (result.code === 0) return result;
    if (isMissing(result.stderr)) throw noSuchTerminal(name, this.host.name);
    throw this.failure(`reach the terminal ${name}`, result.stderr);
  }

  /** Runs commands in one call, up to the first that fails. */
  private async tmux(
    commands: readonly (readonly string[])[],
    { signal, stdin }: { signal?: AbortSignal | undefined; stdin?: string },
  ): Promise<RunResult> {
    const words = commands.flatMap((command, index) => [...(index > 0 ? [';'] : []), ...command.map(escape)]);
    try {
      return await this.host.run(['tmux', '-u', '-L', this.socket, '-f', '/dev/null', ...words], {
        timeoutMs,
        ...(signal ? { signal } : {}),
        ...(stdin === undefined ? {} : { stdin }),
      });
    } catch (error) {
      if (error instanceof HostError && error.kind === 'notFound')
        throw new UserError(
          `tmux is not installed on ${this.host.name}.`,
          'Install it there (Debian: apt install tmux; macOS: brew install tmux), or set taskSessions.terminal.keepAlive to "none".',
          { cause: error },
        );
      throw error;
    }
  }

  private failure(what: string, stderr: string): UserError {
    const said = stderr.trim().split('\n')[0] ?? '';
    if (/command too long/.test(said))
      return new UserError(`Could not ${what}: the command is too long for tmux.`, 'Shorten it below 15 KB.');
    return new UserError(
      `Could not ${what} on ${this.host.name}: ${said || 'tmux gave no reason'}.`,
      `Run "tmux -L ${this.socket} list-sessions" there to see the server's state.`,
    );
  }
}

/** tmux ends a command at an argument's final semicolon. */
const escape = (word: string): string => (word.endsWith(';') ? `${word.slice(0, -1)}\\;` : word);

const isMissing = (stderr: string): boolean =>
  /can't find (?:session|pane|window)|no current target/.test(stderr) || hasNoServer(stderr);

const hasNoServer = (stderr: string): boolean =>
  /no server running|error connecting to .*(?:No such file|Connection refused)|no sessions/.test(stderr);

function launch(spec: TerminalSpec): string[] {
  const env = Object.entries(spec.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const argv = env.length > 0 ? ['env', ...env, ...spec.argv] : spec.argv;
  return ['sh', '-c', startInDirectory, 'sh', spec.directory, ...argv];
}

function ownOptions({ name, key = '', sessionId = '' }: TerminalSpec): string[][] {
  const known = bindings(key, sessionId);
  return [
    ['set-option', '-t', `=${name}:`, '@ts_key', known.key ?? ''],
    ['set-option', '-t', `=${name}:`, '@ts_session', known.sessionId ?? ''],
  ];
}

function parseList(text: string, host: string): TerminalInfo[] {
  const terminals: TerminalInfo[] = [];
  for (const line of text.split('\n')) {
    const [attached, windows, created, pid, dead, status = '', by = '', key = '', sessionId = '', ...rest] =
      line.split('|');
    const name = rest.join('|');
    if (!isTerminalName(name) || name.startsWith(viewPrefix)) continue;
    terminals.push({
      host,
      name,
      attached: Number(attached),
      windows: Number(windows),
      createdAt: Number(created) * 1000,
      ...bindings(key, sessionId),
      ...(dead === '1' ? { dead: readDead(status, by) } : { pid: Number(pid) }),
    });
  }
  return terminals;
}

function readDead(status: string, signal: string): NonNullable<Screen['dead']> {
  return {
    ...(/^[0-9]+$/.test(status) ? { status: Number(status) } : {}),
    ...(signal === '' ? {} : { signal }),
  };
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await wait(milliseconds, undefined, signal ? { signal } : {}).catch(() => {
    throw new CancelledError();
  });
}
