import { execFile } from 'node:child_process';
import type { Host, RunResult } from '../../../src/hosts/host';
import { settingsSchema } from '../../../src/model/settings';

export interface ShellHost extends Host {
  /** Scripts run so far: on an SSH host each is a round trip. */
  scripts: number;
}

/** The least that a host is: POSIX sh on this machine, with an environment of the test's own. */
export function shellHost(env: NodeJS.ProcessEnv, name = 'local'): ShellHost {
  const start = (argv: readonly string[], options: Parameters<Host['run']>[1] = {}): Promise<RunResult> =>
    new Promise((resolve, reject) => {
      const [file = '', ...args] = argv;
      const child = execFile(
        file,
        args,
        {
          cwd: options.cwd,
          env: { ...env, ...options.env },
          encoding: 'buffer',
          maxBuffer: options.maxBytes ?? 64 << 20,
          timeout: options.timeoutMs ?? 20_000,
          signal: options.signal,
        },
        (error, stdout, stderr) => {
          if (error && typeof error.code !== 'number') reject(error);
          else resolve({ code: Number(error?.code ?? 0), stdout, stderr: stderr.toString() });
        },
      );
      child.stdin?.on('error', () => {}).end(options.stdin);
    });
  const host: ShellHost = {
    name,
    local: true,
    settings: settingsSchema.parse({}).local,
    scripts: 0,
    run: start,
    script(body, args, options) {
      host.scripts++;
      return start(['sh', '-c', `f() {\n${body}\n}\nf "$@"`, 'sh', ...args], options);
    },
    interactive: (argv) => [...argv],
    dispose() {},
  };
  return host;
}
