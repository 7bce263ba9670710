import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { recordText } from '../../src/model/record/text';
import type { Bed } from '../bed/bed';
import { installClaude, makeClaudeAccount, printTurn, transcriptOf } from '../bed/claude';
import type { ClaudeAccount } from '../bed/claude';
import { run } from '../bed/command';
import type { CommandResult } from '../bed/command';
import { makeRepository } from '../bed/git';
import type { Repository, TaskBranch } from '../bed/git';
import type { ModelStub } from '../bed/modelStub';
import { makeTmux } from '../bed/tmux';
import type { Tmux } from '../bed/tmux';
import { until } from '../bed/until';
import { startJira } from '../jira/simulator';
import type { Jira } from '../jira/simulator';
import { openPty } from './pty';
import type { Pty } from './pty';

const cliFile = resolve(__dirname, '../../dist/cli.js');
/** As a user's would be: the oldest Node that the product runs on, in CI. */
const node = process.env['TASK_SESSIONS_TEST_NODE'] ?? process.execPath;

const unreading = ['sh', '-c', '{ "$@"; echo "$?" >&2; } | true', 'sh'];

export interface CallOptions {
  /** Over the world's own; undefined removes a variable. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  timeoutMs?: number;
  /** Nobody reads stdout; its exit code stands on the last line of stderr. */
  unread?: boolean;
}

export interface RecordOptions {
  sessionId: string;
  host?: string;
  directory?: string;
  branch?: string;
  title?: 'AI Analysis Complete' | 'AI Implementation Complete';
}

/** One developer's machine: an account with its configuration file, a Jira, a repository, a tmux of its own. */
export interface World {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly jira: Jira;
  readonly repository: Repository;
  readonly tmux: Tmux;
  /** Writes the configuration file: what every test needs, and `settings` over it. */
  configure(settings?: Record<string, unknown>): Promise<void>;
  /** Runs the built command line to its end, without a terminal. */
  cli(args: readonly string[], options?: CallOptions): Promise<CommandResult>;
  /** Runs it in a terminal. */
  inTerminal(args: readonly string[], options?: CallOptions): Promise<Pty>;
  /** `--json`, which has to be one document of schema 1. */
  json<T = Record<string, unknown>>(args: readonly string[], options?: CallOptions): Promise<T>;
  /** Publishes a record on an issue, as Claude's account would; answers the comment's id. */
  record(key: string, record: RecordOptions): string;
}

export async function makeWorld(
  bed: Bed,
  { tasks = [], issues = tasks.map(({ key }) => key) }: { tasks?: readonly TaskBranch[]; issues?: string[] },
): Promise<World> {
  const folder = await bed.folder('cli');
  const home = join(folder, 'home');
  const runtime = join(folder, 'run');
  await mkdir(home);
  await mkdir(runtime, { mode: 0o700 });
  const jira = await bed.add(startJira({ deployment: 'cloud' }));
  for (const key of issues) jira.state.addIssue({ key, summary: `What ${key} is about`, assignee: 'dana' });
  const repository = await makeRepository(join(folder, 'git'), { tasks });
  const tmux = await bed.add(makeTmux(join(folder, 'tmux')));
  // A login shell finds claude there; nothing else does.
  await writeFile(join(home, '.profile'), 'PATH="$HOME/.local/bin:$PATH"\n');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: home,
    SHELL: '/bin/sh',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    TMPDIR: folder,
    TMUX_TMPDIR: tmux.folder,
    XDG_RUNTIME_DIR: runtime,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    TASK_SESSIONS_JIRA_EMAIL: 'dana@acme.example',
    TASK_SESSIONS_JIRA_TOKEN: 'dana-token',
  };
  const environment = (over: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv =>
    Object.fromEntries(Object.entries({ ...env, ...over }).filter(([, value]) => value !== undefined));
  const cli: World['cli'] = (args, { env: over, cwd = home, timeoutMs, unread } = {}) =>
    run([...(unread ? unreading : []), node, cliFile, ...args], {
      env: environment(over),
      cwd,
      input: '',
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  const world: World = {
    home,
    env,
    jira,
    repository,
    tmux,
    cli,
    configure: async (settings = {}) => {
      const file = join(home, '.config/task-sessions/config.json');
      await mkdir(join(file, '..'), { recursive: true });
      const { clone } = repository;
      const common = {
        jira: { url: jira.url, jql: 'project = PAY ORDER BY key ASC' },
        local: { name: 'laptop', repository: clone },
        repositories: { platform: { projects: ['PAY'], directory: clone } },
      };
      await writeFile(file, JSON.stringify({ ...common, ...settings }));
    },
    inTerminal: (args, { env: over, cwd = home } = {}) =>
      bed.add(
        openPty(['sh', '-c', 'cd -- "$1" || exit 96; shift; exec "$@"', 'sh', cwd, node, cliFile, ...args], {
          env: environment(over),
          columns: 120,
          rows: 40,
        }),
      ),
    json: async (args, options) => {
      const { stdout, stderr } = await cli([...args, '--json'], options);
      if (!stdout.endsWith('}\n') || stdout.trimEnd().includes('\n'))
        throw new Error(`not one document: ${JSON.stringify(stdout)}\n${stderr}`);
      const document = JSON.parse(stdout) as { schema?: number };
      if (document.schema !== 1) throw new Error(`not schema 1: ${stdout}`);
      return document as never;
    },
    record: (key, { title = 'AI Analysis Complete', ...fields }) => {
      const lines = recordText({ title, ...fields }, { issueKey: key });
      const content = lines.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] }));
      return jira.state.addComment(key, { author: 'claude', body: { type: 'doc', version: 1, content } }).id;
    },
  };
  await world.configure();
  return world;
}

/** A folder to be the whole PATH: everything that is on this machine's but one program. */
export async function pathWithout(bed: Bed, program: string): Promise<string> {
  const folder = await bed.folder('path');
  for (const from of ['/usr/local/bin', '/usr/bin', '/bin'])
    for (const name of await readdir(from).catch(() => []))
      if (name !== program) await symlink(join(from, name), join(folder, name)).catch(() => undefined);
  return folder;
}

/** Claude on the developer's own machine, found by the login shell only. */
export async function addClaude(world: World, stub: ModelStub): Promise<ClaudeAccount> {
  const account = await makeClaudeAccount({ home: world.home, stub, trusted: [world.repository.clone] });
  await installClaude(account, join(world.home, '.local/bin'));
  return account;
}

interface Written {
  sessionId: string;
  /** Of its transcript. */
  folder: string;
  text: string;
}

/** What claude has written for `writeSession`, by account, directory and prompt. */
const written = new Map<string, Promise<Written>>();

/**
 * A session with one turn, whose transcript is quiet already. Claude writes the first of its kind; the others are that
 * transcript with other ids, since a start of Claude takes a core for a second or two.
 */
export async function writeSession(account: ClaudeAccount, cwd: string, prompt = 'Analyze'): Promise<string> {
  const kind = JSON.stringify([account.home, cwd, prompt]);
  const known = written.get(kind);
  const first = known ?? takeTurn(account, cwd, prompt);
  written.set(kind, first);
  const sessionId = known ? await copySession(await first) : (await first).sessionId;
  await quiet(account, sessionId);
  return sessionId;
}

async function takeTurn(account: ClaudeAccount, cwd: string, prompt: string): Promise<Written> {
  const sessionId: string = randomUUID();
  await printTurn(account, { sessionId, cwd, prompt });
  const file = (await transcriptOf(account, sessionId)) ?? '';
  return { sessionId, folder: dirname(file), text: await readFile(file, 'utf8') };
}

async function copySession({ sessionId, folder, text }: Written): Promise<string> {
  const copy: string = randomUUID();
  const ids = new Map([[sessionId, copy]]);
  const renewed = (id: string): string => {
    const other = ids.get(id) ?? randomUUID();
    ids.set(id, other);
    return other;
  };
  const ofAll = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;
  await writeFile(join(folder, `${copy}.jsonl`), text.replaceAll(ofAll, renewed), { mode: 0o600 });
  return copy;
}

/** Waits until nobody has written to the transcript for a second. */
export async function settled(account: ClaudeAccount, sessionId: string): Promise<void> {
  const file = (await transcriptOf(account, sessionId)) ?? '';
  await until(async () => Date.now() - (await stat(file)).mtimeMs > 1000, {
    what: 'the transcript is written',
  });
}

/** Makes the transcript as old as one that nobody writes any more. */
export async function quiet(account: ClaudeAccount, sessionId: string): Promise<void> {
  const file = await transcriptOf(account, sessionId);
  const then = Date.now() / 1000 - 60;
  if (file) await utimes(file, then, then);
}
