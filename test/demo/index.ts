// npm run demo                    VS Code on a world of its own; Ctrl-C ends all of it
// npm run demo -- --cli [VERB …]  the command line on the same world; default: tasks
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../bed/prepare';
import { buildIfStale, checkout } from './build';
import { startDemo, type Demo } from './environment';
import { instructions } from './instructions';
import { desktopCode, openWindow } from './window';

const usage = 'Usage: npm run demo [-- --cli [VERB …]]';
const say = (line: string): void => void process.stderr.write(`demo: ${line}\n`);
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** Jira's, so that a page that is open in a browser still works the next time. */
const port = 7456;

const ending = new AbortController();
let ended: (typeof signals)[number] | undefined;
const stop = (signal: (typeof signals)[number]): void => {
  if (ended) return;
  ended = signal;
  ending.abort(new Error('ended'));
};

/** Everything has to be ended in order, so nobody else may decide how a signal ends this process. */
function listenForTheEnd(): void {
  for (const signal of signals) {
    process.removeAllListeners(signal);
    process.on(signal, stop);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const [option, ...words] = argv;
  if (option !== undefined && option !== '--cli') {
    (option === '--help' ? process.stdout : process.stderr).write(`${usage}\n`);
    return option === '--help' ? 0 : 2;
  }
  const { signal } = ending;
  const inWindow = option === undefined;
  await prepare({ apt: ['tmux', 'openssh-server', 'openssh-client', 'git'] }, signal);
  await prepare({ claude: true }, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    say(
      `claude cannot be installed (${error instanceof Error ? error.message : error}): sessions are made up`,
    );
  });
  if (inWindow && !desktopCode()) await prepare({ codeServer: true }, signal);
  await buildIfStale(say, signal);

  const demo = await startDemo({ port, say, signal });
  demo.receiver.onMessage((_kind, lines) => say(`Slack got: ${lines.join(' · ')}`));
  try {
    return await (inWindow ? showWindow(demo) : runCli(demo, words));
  } finally {
    say('ending');
    await demo.dispose();
  }
}

async function showWindow(demo: Demo): Promise<number> {
  say('VS Code');
  const window = await openWindow(demo);
  try {
    // The harness of VS Code ends its process at once on a signal.
    listenForTheEnd();
    process.stdout.write(instructions(demo, window.where));
    if (!ending.signal.aborted)
      await Promise.race([once(ending.signal, 'abort'), window.closed ?? new Promise(() => {})]);
    return 0;
  } finally {
    await window.dispose();
  }
}

/** In this terminal, so that `resume` and `attach` work too: then a Ctrl-C is the session's. */
async function runCli(demo: Demo, words: readonly string[]): Promise<number> {
  // What a user's npm runs on; inside npm scripts the development dependency \`node\` comes first.
  const node = process.env['npm_node_execpath'] ?? process.execPath;
  const argv = [join(checkout, 'dist/cli.js'), ...(words.length > 0 ? words : ['tasks'])];
  const env = { ...demo.env, TASK_SESSIONS_CONFIG: demo.settingsFile };
  process.removeListener('SIGINT', stop);
  process.on('SIGINT', () => {});
  const child = spawn(node, argv, { cwd: demo.workspace, env, stdio: 'inherit' });
  ending.signal.addEventListener('abort', () => child.kill());
  if (ending.signal.aborted) child.kill();
  const [code, killed] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + constants.signals[killed ?? 'SIGTERM'];
}

/** npm that is told to end takes only its shell with it, and this process would stay for ever. */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && stop('SIGTERM'), 1000).unref();
}

// A terminal that was closed takes no more lines; that may not keep us from ending the rest.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
listenForTheEnd();
endWithParent();
main(process.argv.slice(2)).then(
  (code) => process.exit(ended === 'SIGTERM' || ended === 'SIGHUP' ? 128 + constants.signals[ended] : code),
  (error: unknown) => {
    if (!ended) say(error instanceof Error ? error.message : String(error));
    process.exit(ended ? 128 + constants.signals[ended] : 1);
  },
);
