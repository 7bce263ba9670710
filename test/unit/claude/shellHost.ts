import { spawn } from 'node:child_process';
import { settingsSchema } from '../../../src/model/settings';
import type { Host, RunOptions, RunResult } from '../../../src/hosts/host';

export interface ShellHost extends Host {
  /** Calls of `script` so far. */
  calls: number;
  /** Bytes that the scripts answered. */
  bytes: number;
}

/** A host whose scripts are run by the given shell, under exactly the given environment. */
export function shellHost(environment: NodeJS.ProcessEnv, shell: readonly string[] = ['sh']): ShellHost {
  const quote = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
  const start = (
    argv: readonly string[],
    input: string | Uint8Array,
    options: RunOptions,
    last?: string,
  ): Promise<RunResult> =>
    new Promise((resolve, reject) => {
      const [file = '', ...args] = argv;
      const child = spawn(file, args, {
        env: { ...environment, ...options.env },
        cwd: options.cwd ?? '/',
        signal: options.signal ?? AbortSignal.timeout(options.timeoutMs ?? 20_000),
      });
      const stdout: Buffer[] = [];
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => {
        stdout.push(chunk);
        if (last && chunk.toString('latin1').endsWith(last)) child.stdout.destroy();
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? 137, stdout: Buffer.concat(stdout), stderr }));
      child.stdin.on('error', () => {}).end(input);
    });
  const host: ShellHost = {
    name: 'test',
    local: true,
    settings: settingsSchema.parse({}).local,
    calls: 0,
    bytes: 0,
    run: (argv, options = {}) => start(argv, options.stdin ?? '', options),
    async script(body, args, options = {}) {
      host.calls++;
      // A stopped tmux server keeps the pipe of its client open: a last word tells the end, as with the real hosts.
      const last = '\nthat is all\n';
      const call = `f ${args.map(quote).join(' ')} </dev/null\nprintf ${quote(last)}\nexit\n`;
      const result = await start([...shell, '-s'], `f() {\n${body}\n}\n${call}`, options, last);
      result.stdout = result.stdout.subarray(0, -last.length);
      host.bytes += result.stdout.length;
      if (!options.onStdout) return result;
      options.onStdout(result.stdout);
      return { ...result, stdout: Buffer.alloc(0) };
    },
    interactive: (argv) => [...argv],
    dispose() {},
  };
  return host;
}
