import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { scrubbedEnv } from '../hosts/environment';
import { UserError } from '../model/errors';

/** Hands this terminal over to a program until it ends. Answers its exit code; 128+n for a signal. */
export function runHere(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const [program = '', ...args] = argv;
  // While it runs, Ctrl-C is the program's to understand.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  return new Promise<number>((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: { ...scrubbedEnv(process.env), ...env } });
    child.on('error', (error) =>
      reject(new UserError(`${program} does not start: ${error.message}.`, 'Install it, or correct PATH.')),
    );
    child.on('exit', (code, signal) =>
      resolve(code ?? 128 + (signal ? (constants.signals[signal] ?? 0) : 0)),
    );
  }).finally(() => process.off('SIGINT', ignore));
}
