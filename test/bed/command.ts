import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { kill } from './kill';

export interface CommandOptions {
  cwd?: string;
  /** The whole environment, when given; nothing of ours is added. */
  env?: NodeJS.ProcessEnv;
  input?: string;
  timeoutMs?: number;
}

export interface CommandResult {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, whatever its exit code. Rejects when it cannot start or takes longer than `timeoutMs`. */
export async function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { cwd, env = process.env, input, timeoutMs = 120_000 } = options;
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that never reads its input closes the pipe early; its exit code tells the story.
  child.stdin.on('error', () => {}).end(input);
  let late = false;
  const deadline = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
    // A grandchild that holds the pipes open would keep us waiting.
    child.stdout.destroy();
    child.stderr.destroy();
  }, timeoutMs);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (late) throw new Error(`${argv.join(' ')}: not done within ${timeoutMs} ms\n${stdout}${stderr}`);
    return { code, signal, stdout, stderr };
  } finally {
    clearTimeout(deadline);
  }
}

/** Like `run`, but any exit code other than 0 is an error that carries the output. Returns stdout. */
export async function output(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, signal, stdout, stderr } = await run(argv, options);
  if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code ?? signal}\n${stderr || stdout}`);
  return stdout;
}

export interface ShowOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs a command whose output people follow: it goes to stderr, since stdout may be a listing. Rejects unless it exits
 * with 0 in time; then it is ended with all that it started.
 */
export async function show(argv: readonly string[], options: ShowOptions = {}): Promise<void> {
  const { cwd, env = process.env, timeoutMs = 15 * 60_000, signal } = options;
  signal?.throwIfAborted();
  const [file = '', ...args] = argv;
  // A group of its own, so that a compiler below npm ends too; by SIGTERM, so that dpkg can finish its step.
  const stdio: StdioOptions = ['ignore', process.stderr.fd, process.stderr.fd];
  const child = spawn(file, args, { cwd, env, stdio, detached: true });
  const late = AbortSignal.timeout(timeoutMs);
  const stop = signal ? AbortSignal.any([signal, late]) : late;
  const endGroup = (): void => kill(-(child.pid ?? NaN), 'SIGTERM');
  stop.addEventListener('abort', endGroup);
  try {
    const [code, ended] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    signal?.throwIfAborted();
    if (late.aborted) throw new Error(`${argv.join(' ')}: not done within ${timeoutMs / 60_000} minutes`);
    if (code !== 0) throw new Error(`${argv.join(' ')}: exit ${code ?? ended}. See its output above.`);
  } finally {
    stop.removeEventListener('abort', endGroup);
  }
}

/** Ends a child: politely, then by force after `graceMs`. */
export async function end(child: ChildProcess, graceMs = 2000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const late = new AbortController();
  const force = delay(graceMs, undefined, { signal: late.signal }).then(
    () => child.kill('SIGKILL'),
    () => false,
  );
  await exited;
  late.abort();
  await force;
}
