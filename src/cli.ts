import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { createApp, type App } from './app';
import { plain } from './cli/output';
import { UsageError } from './cli/usage';
import { verbs, type Verb } from './cli/verbs';
import { errorLine, isCancelled, UserError } from './model/errors';
import { readSettings, type Settings } from './model/settings';
import { configFile } from './state/directories';
import type { Log } from './util/log';

declare const __VERSION__: string;

const common = {
  json: { type: 'boolean' },
  config: { type: 'string' },
  verbose: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} satisfies ParseArgsConfig['options'];

/** argv → app → print → exit code: 0 done, 1 a failure that the user can act on, 2 usage. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    process.stdout.write(`${__VERSION__}\n`);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? process.stderr : process.stdout).write(help());
    return name === undefined ? 2 : 0;
  }
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) throw new UsageError(`There is no verb "${name}".`);
  const { values, positionals } = parse(name, verb, rest);
  if (values.help) {
    process.stdout.write(`${usage(name, verb)}\n\n${verb.does}\n`);
    return 0;
  }
  const app = open(typeof values.config === 'string' ? values.config : undefined, values.verbose === true);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort();
  process.once('SIGINT', interrupt);
  try {
    return (
      (await verb.run({ app, values, positionals, json: values.json === true, signal: abort.signal })) ?? 0
    );
  } finally {
    process.off('SIGINT', interrupt);
    app.dispose();
  }
}

function parse(name: string, verb: Verb, args: string[]) {
  try {
    // What follows `--` belongs to the verb as it stands.
    const parsed = parseArgs({ args, options: { ...common, ...verb.options }, allowPositionals: true });
    const [least, most] = verb.positionals;
    if (parsed.values.help) return parsed;
    if (parsed.positionals.length < least || parsed.positionals.length > most)
      throw new UsageError(usage(name, verb));
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${errorLine(error).split('. ')[0] ?? ''}. ${usage(name, verb)}`);
  }
}

const usage = (name: string, verb: Verb): string => `Usage: task-sessions ${`${name} ${verb.usage}`.trim()}`;

function help(): string {
  const width = Math.max(...Object.entries(verbs).map(([name, verb]) => `${name} ${verb.usage}`.length));
  const lines = Object.entries(verbs).map(
    ([name, verb]) => `  ${`${name} ${verb.usage}`.padEnd(width)}  ${verb.does}`,
  );
  return `Task Sessions: Jira tasks with their Claude Code sessions, on every host.

Usage: task-sessions VERB [options]

${lines.join('\n')}

Options of every verb: --json, --config FILE, --verbose, --help. Also: --version.
Configuration: --config, else $TASK_SESSIONS_CONFIG, else task-sessions/config.json under the XDG config home.
Jira token: $TASK_SESSIONS_JIRA_TOKEN (with $TASK_SESSIONS_JIRA_EMAIL on Cloud), else git's credential helper.
`;
}

function open(config: string | undefined, verbose: boolean): App {
  let configuring = true;
  const log = stderrLog(verbose, () => configuring);
  const { settings, problems } = readConfig(
    config ?? configFile(process.env),
    (config ?? process.env.TASK_SESSIONS_CONFIG) !== undefined,
  );
  for (const problem of problems) log.warn(`Configuration: ${problem}`);
  const app = createApp({
    settings,
    log,
    env: process.env,
    supervisor: join(__dirname, 'supervisor.js'),
    folders: () => [process.cwd()],
    repositoryMemory: { get: () => undefined, set: () => Promise.resolve() },
    trusted: () => true,
  });
  configuring = false;
  return app;
}

/** A file that was asked for must be there; the usual one may be missing. */
function readConfig(file: string, mustExist: boolean): { settings: Settings; problems: string[] } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!mustExist && (error as NodeJS.ErrnoException).code === 'ENOENT') return readSettings({});
    throw new UserError(
      `${file} cannot be read (${errorLine(error)}).`,
      'Check --config, or $TASK_SESSIONS_CONFIG.',
    );
  }
  try {
    return readSettings(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      `${file} is not JSON: ${errorLine(error)}.`,
      'Correct it; its keys are those of the settings.',
    );
  }
}

/** Warnings about the configuration are always shown; what fails later, the listings say themselves. */
function stderrLog(verbose: boolean, isConfiguring: () => boolean): Log {
  const write = (level: string, message: string): void => {
    process.stderr.write(`${plain(`${level}: ${message}`)}\n`);
  };
  return {
    debug: (message) => verbose && write('debug', message),
    info: (message) => verbose && write('info', message),
    warn: (message) => (verbose || isConfiguring()) && write('warning', message),
    error: (message, error) => {
      write('error', message);
      if (verbose && error instanceof Error) process.stderr.write(`${plain(error.stack ?? '')}\n`);
    },
  };
}

// Else a session's id among our arguments would look, to whoever asks this machine, like a process that holds the session.
process.title = 'task-sessions';

// Who reads the first lines only (`| head`) breaks off nothing that a verb still has to do.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

/** Ends the process without cutting what stdout still has to say into a pipe. */
main(process.argv.slice(2)).then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    const line = plain(errorLine(error));
    if (error instanceof UsageError) {
      process.stderr.write(`${line}\nSee task-sessions --help.\n`);
      process.exitCode = 2;
      return;
    }
    if (!isCancelled(error)) process.stderr.write(`${line}\n`);
    if (
      !(error instanceof UserError) &&
      !isCancelled(error) &&
      process.argv.includes('--verbose') &&
      error instanceof Error
    )
      process.stderr.write(`${plain(error.stack ?? '')}\n`);
    process.exitCode = isCancelled(error) ? 130 : 1;
  },
);
