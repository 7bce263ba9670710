import { spawn } from 'node-pty';
import type { Resource } from '../bed/bed';

export interface Pty extends Resource {
  /** Everything that came out so far, escape sequences included. */
  readonly output: string;
  /** Resolves when `text` has come out since the last `write`. */
  shows(text: string): Promise<void>;
  write(text: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: NodeJS.Signals): void;
  /** The exit status. */
  readonly exited: Promise<number>;
}

/** Starts `argv` on a terminal of its own, as VS Code's terminal would. */
export function openPty(
  argv: readonly string[],
  { env, columns = 80, rows = 24 }: { env: NodeJS.ProcessEnv; columns?: number; rows?: number },
): Pty {
  const [file = '', ...args] = argv;
  const terminal = spawn(file, args, { cols: columns, rows, env: { TERM: 'xterm-256color', ...env } });
  let output = '';
  let seen = 0;
  let running = true;
  const waiting = new Set<() => void>();
  const exited = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode }) => {
      running = false;
      resolve(exitCode);
      for (const check of waiting) check();
    });
  });
  terminal.onData((data) => {
    output += data;
    for (const check of waiting) check();
  });
  return {
    get output() {
      return output;
    },
    exited,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const fail = (): void => {
          waiting.delete(check);
          reject(new Error(`"${text}" did not come out, but:\n${JSON.stringify(output.slice(seen))}`));
        };
        const timer = setTimeout(fail, 60_000);
        const check = (): void => {
          if (!output.slice(seen).includes(text)) return running ? undefined : fail();
          clearTimeout(timer);
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    write: (text) => {
      seen = output.length;
      terminal.write(text);
    },
    resize: (width, height) => terminal.resize(width, height),
    kill: (signal) => terminal.kill(signal),
    dispose: () => {
      if (running) terminal.kill('SIGKILL');
    },
  };
}
