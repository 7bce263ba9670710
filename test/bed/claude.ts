import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command';
import type { CommandResult } from './command';
import type { ModelStub } from './modelStub';
import { claudeBinary } from './prepare';
import type { Tmux } from './tmux';
import { until } from './until';

const notAKey = 'sk-ant-api03-this-is-not-a-real-key-0000000000';

/** An account in which the real `claude` runs against the model stub, and nothing of the developer's own is seen. */
export interface ClaudeAccount {
  home: string;
  /** The whole environment; give it as it is. */
  env: NodeJS.ProcessEnv;
}

export interface ClaudeAccountOptions {
  home: string;
  stub: Pick<ModelStub, 'url'>;
  /** Directories whose trust dialog has been answered; with a repository also its subfolders and worktrees. */
  trusted?: readonly string[];
  /** Written to `.claude/settings.json`: hooks, permissions. */
  settings?: Record<string, unknown>;
}

export function claudeEnv({ home, stub }: Pick<ClaudeAccountOptions, 'home' | 'stub'>): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    SHELL: '/bin/sh',
    ANTHROPIC_BASE_URL: stub.url,
    ANTHROPIC_API_KEY: notAKey,
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '1',
  };
}

/** Makes the account: onboarding, key and trust have been answered, so that a start blocks on no dialog. */
export async function makeClaudeAccount(options: ClaudeAccountOptions): Promise<ClaudeAccount> {
  const { home, trusted = [], settings } = options;
  await mkdir(join(home, '.claude'), { recursive: true });
  await trust(home, trusted);
  if (settings) await writeFile(join(home, '.claude/settings.json'), JSON.stringify(settings));
  return { home, env: claudeEnv(options) };
}

/** Answers the trust dialog for further directories. Not while a `claude` of this account runs: it writes there too. */
export async function trust(home: string, directories: readonly string[]): Promise<void> {
  const file = join(home, '.claude.json');
  const state = existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as { projects?: object }) : {};
  const projects: Record<string, object> = { ...state.projects };
  for (const directory of directories)
    projects[await realpath(directory)] = {
      hasTrustDialogAccepted: true,
      hasCompletedProjectOnboarding: true,
    };
  const answered = {
    hasCompletedOnboarding: true,
    theme: 'dark',
    customApiKeyResponses: { approved: [notAKey.slice(-20)], rejected: [] },
  };
  await writeFile(file, JSON.stringify({ ...state, ...answered, projects }), { mode: 0o600 });
}

/** Where many start at once on few cores, one start alone takes half a minute. */
const turnTimeoutMs = 180_000;

/** Runs the real `claude` to its end, without a terminal. */
export function runClaude(
  account: ClaudeAccount,
  args: readonly string[],
  options: { cwd: string; timeoutMs?: number },
): Promise<CommandResult> {
  return run([claudeBinary(), ...args], {
    env: account.env,
    input: '',
    timeoutMs: turnTimeoutMs,
    ...options,
  });
}

export interface PrintOptions {
  sessionId: string;
  cwd: string;
  prompt: string;
  /** Continue the session instead of starting it. */
  resume?: boolean;
  args?: readonly string[];
}

/** One turn of a session with `-p`: writes or continues its transcript. Returns the answer's text. */
export async function printTurn(account: ClaudeAccount, options: PrintOptions): Promise<string> {
  const { sessionId, cwd, prompt, resume = false, args = [] } = options;
  const which = [resume ? '--resume' : '--session-id', sessionId];
  const argv = ['-p', ...which, ...args, '--output-format', 'json', '--', prompt];
  const { stdout, stderr } = await runClaude(account, argv, { cwd });
  if (!stdout.startsWith('{')) throw new Error(`claude -p: ${stderr || stdout}`);
  // An error of the API comes as a result too, with exit code 1.
  const answer = JSON.parse(stdout) as { is_error: boolean; result: string };
  if (answer.is_error) throw new Error(`claude -p: ${answer.result}`);
  return answer.result;
}

/** The transcript of a session, wherever among the projects it lies. */
export async function transcriptOf({ home }: ClaudeAccount, sessionId: string): Promise<string | undefined> {
  const projects = join(home, '.claude/projects');
  for (const folder of existsSync(projects) ? await readdir(projects) : []) {
    const file = join(projects, folder, `${sessionId}.jsonl`);
    if (existsSync(file)) return file;
  }
  return undefined;
}

/** An entry of Claude's live registry; the rest of its fields is left out. */
export interface LiveEntry {
  pid: number;
  sessionId: string;
  cwd: string;
  status?: string;
  waitingFor?: string;
  /** Milliseconds since 1970. */
  statusUpdatedAt?: number;
  procStart?: string;
}

/** What the live registry says, stale entries included. */
export async function liveEntries({ home }: ClaudeAccount): Promise<LiveEntry[]> {
  const folder = join(home, '.claude/sessions');
  const entries: LiveEntry[] = [];
  for (const name of existsSync(folder) ? await readdir(folder) : []) {
    if (!/^\d+\.json$/.test(name)) continue;
    try {
      entries.push(JSON.parse(await readFile(join(folder, name), 'utf8')) as LiveEntry);
    } catch {
      // Just being written or removed: the next look shows it.
    }
  }
  return entries;
}

export interface TuiOptions {
  /** Of the tmux session. */
  name: string;
  cwd: string;
  /** `--session-id …` or `--resume …`, a prompt. */
  args: readonly string[];
  /** The tmux server's socket. Default: the product's own. */
  socket?: string;
}

export interface Tui {
  /** Waits until the live registry shows it with this status, reached since the last `type`. */
  reaches(status: 'idle' | 'busy' | 'waiting'): Promise<LiveEntry>;
  /** Types a prompt and sends it. */
  type(text: string): Promise<void>;
  screen(): Promise<string>;
}

/** Starts the interactive `claude` in a tmux session. Ended with the tmux server. */
export async function startTui(account: ClaudeAccount, tmux: Tmux, options: TuiOptions): Promise<Tui> {
  const { name, cwd, args, socket = 'task-sessions' } = options;
  // tmux servers keep the environment of whoever started them, so the account's own is given in the pane.
  const env = Object.entries(account.env).map(([key, value]) => `${key}=${value}`);
  const size = ['-x', '120', '-y', '40'];
  const command = ['env', '-i', ...env, `TMUX_TMPDIR=${tmux.folder}`, claudeBinary(), ...args];
  const enter = ['sh', '-c', 'cd -- "$1" || exit 96; shift; exec "$@"', 'sh', cwd];
  const started = await tmux.run(['new-session', '-d', '-s', name, ...size, '--', ...enter, ...command], {
    socket,
  });
  if (started.code !== 0) throw new Error(`tmux: ${started.stderr}`);

  let typedAt = 0;
  const shown = (): Promise<string> => tmux.screen(name, socket);
  const panes = async (): Promise<number[]> => {
    const { stdout } = await tmux.run(['list-panes', '-s', '-t', `=${name}`, '-F', '#{pane_pid}'], {
      socket,
    });
    return stdout.split('\n').filter(Boolean).map(Number);
  };
  return {
    screen: shown,
    reaches: async (status) => {
      const look = async (): Promise<LiveEntry | undefined> => {
        const pids = await panes();
        const entry = (await liveEntries(account)).find(({ pid }) => pids.includes(pid));
        return entry?.status === status && (entry.statusUpdatedAt ?? 0) >= typedAt ? entry : undefined;
      };
      try {
        return await until(look, { what: `claude is ${status}` });
      } catch (error) {
        throw new Error(`claude did not become ${status}; its screen:\n${await shown()}`, { cause: error });
      }
    },
    type: async (text) => {
      typedAt = Date.now();
      await tmux.run(['load-buffer', '-b', 'typed', '-'], { socket, input: text });
      const before = await shown();
      await tmux.run(['paste-buffer', '-p', '-d', '-b', 'typed', '-t', `=${name}:`], { socket });
      // A Claude that is slow takes Enter for a part of what was pasted.
      await until(async () => (await shown()) !== before, { what: 'what was typed is shown' });
      await tmux.run(['send-keys', '-t', `=${name}:`, 'Enter'], { socket });
    },
  };
}

/**
 * Writes a `claude` into a folder for programs (`~/.local/bin` of a host) which runs the real one in the account,
 * whatever environment it is called in; the rest of that environment gets through.
 */
export async function installClaude({ env }: ClaudeAccount, folder: string): Promise<string> {
  const exports = Object.entries(env)
    .filter(([key]) => !['PATH', 'TERM', 'LANG', 'SHELL'].includes(key))
    .map(([key, value]) => `export ${key}='${String(value).replaceAll("'", String.raw`'\''`)}'\n`);
  const file = join(folder, 'claude');
  await mkdir(folder, { recursive: true });
  await writeFile(file, `#!/bin/sh\n${exports.join('')}exec '${claudeBinary()}' "$@"\n`, { mode: 0o755 });
  return file;
}
