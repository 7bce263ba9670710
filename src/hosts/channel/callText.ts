import { randomBytes } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { UserError } from '../../model/errors';
import { isVariableName } from '../environment';
import { HostError } from '../host';
import type { RunOptions, RunResult } from '../host';
import { quote } from '../quoting';

/** Stands on stderr when a call could not begin; nobody else can know it. */
const absent = `ts-absent-${randomBytes(16).toString('hex')}`;
/** Text up to this many bytes goes along with the call; the rest needs a shell of its own. */
const inlineBytes = 64 * 1024;

/** What one call feeds to a far sh: the text, and stdin where that could not become part of the text. */
export interface CallText {
  text: string;
  stdin?: Uint8Array;
}

/** Runs `argv` as it stands. */
export function commandText(argv: readonly string[], options: RunOptions): CallText {
  const [program = ''] = argv;
  if (program === '' || program.startsWith('-'))
    throw new UserError(`"${program}" is not a program.`, 'Name the program to run.');
  const found = `command -v ${quote([program])} >/dev/null 2>&1 || { printf '${absent} program' >&2; exit 127; }`;
  return withStdin(`${surroundings(options)}${found}\nexec ${quote(argv)}`, options.stdin);
}

/** Runs `body` as a function: a syntax error stays inside, `return` and `$1…` work. */
export function scriptText(body: string, args: readonly string[], options: RunOptions): CallText {
  const define = `eval ${quote([`ts_main() {\n${body}\n}`])} || exit 2`;
  return withStdin(`${surroundings(options)}${define}\nts_main ${quote(args)}`, options.stdin);
}

/** Throws `HostError` (`notFound`) where `result` says that the call could not begin. */
export function checkBegun(result: RunResult, host: string, program: string, cwd = ''): RunResult {
  if (result.stderr === `${absent} directory`) throw missingDirectory(host, cwd);
  if (result.stderr === `${absent} program`) throw missingProgram(host, program);
  return result;
}

export const missingDirectory = (host: string, directory: string): HostError =>
  new HostError(
    'notFound',
    host,
    `The directory ${directory} does not exist on ${host}.`,
    'Check the path, or choose another directory.',
  );

export const missingProgram = (host: string, program: string, options?: ErrorOptions): HostError =>
  new HostError(
    'notFound',
    host,
    `The program ${program} was not found on ${host}.`,
    'Install it there, or put it on the PATH of that account.',
    options,
  );

function surroundings({ cwd, env = {} }: RunOptions): string {
  const lines: string[] = [];
  if (cwd !== undefined)
    lines.push(`cd -- ${directoryWord(cwd)} 2>/dev/null || { printf '${absent} directory' >&2; exit 96; }`);
  for (const [name, value] of Object.entries(env)) {
    if (!isVariableName(name))
      throw new UserError(
        `"${name}" is not the name of an environment variable.`,
        'Use letters, digits and _.',
      );
    lines.push(`export ${name}=${quote([value])}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** `~` is the account's home, which only the host knows. */
function directoryWord(cwd: string): string {
  if (cwd === '~') return '"$HOME"';
  return cwd.startsWith('~/') ? `"$HOME"${quote([cwd.slice(1)])}` : quote([cwd]);
}

function withStdin(text: string, stdin: string | Uint8Array | undefined): CallText {
  if (stdin === undefined) return { text };
  const bytes = Buffer.from(stdin);
  if (bytes.length > inlineBytes || bytes.includes(0) || !isUtf8(bytes)) return { text, stdin: bytes };
  return { text: `printf %s ${quote([bytes.toString()])} | (\n${text}\n)` };
}
