import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '../../../src/hosts/host';
import { LocalHost } from '../../../src/hosts/local';
import { SshHost } from '../../../src/hosts/ssh';
import type { Terminals } from '../../../src/hosts/terminals';
import { TmuxTerminals } from '../../../src/hosts/terminals/tmux';
import { documentsOf } from '../../../src/model/run/documents';
import { runFolder } from '../../../src/model/run/folder';
import type { RunOrder } from '../../../src/model/run/order';
import { settingsSchema } from '../../../src/model/settings';
import { placeRun } from '../../../src/runs/place';
import { docsDirectory, reviewDirectory, turnArgv, type TurnKind } from '../../../src/runs/turn';
import { silentLog } from '../../../src/util/log';
import { analyst, type AnalystKnobs } from '../../bed/analyst';
import type { Bed } from '../../bed/bed';
import { installClaude, makeClaudeAccount, type ClaudeAccount } from '../../bed/claude';
import { makeRepository, type Repository } from '../../bed/git';
import { startModelStub, type ModelStub } from '../../bed/modelStub';
import { findProgram } from '../../bed/prepare';
import { startSsh } from '../../bed/sshd';
import { makeTmux, type Tmux } from '../../bed/tmux';
import { until } from '../../bed/until';
import { busyboxTools } from '../busyboxTools';

/** Stands in the client's environment, where no run may see it. */
export const marker = 'this-must-not-get-out';

/** A line of `run.jsonl`. */
export interface Line {
  at: number;
  step: string;
  state: string;
  pid?: number;
  reason?: string;
  text?: string;
  names?: string[];
  commit?: string;
  code?: number;
  /** Of a plan: the step, from 1; the session and how the turn took it up. */
  n?: number;
  session?: string;
  how?: string;
}

/** An account in which runs can be placed and launched; the model is played by `analyst`. */
export interface RunBed {
  host: Host;
  terminals: Terminals;
  account: ClaudeAccount;
  stub: ModelStub;
  knobs: AnalystKnobs;
  tmux: Tmux;
  repository: Repository;
  /** Makes branch and worktree, and writes the run's folder. */
  place(options?: PlaceOptions): Promise<PlacedRun>;
}

export interface PlaceOptions {
  key?: string;
  critic?: boolean;
  perHost?: number;
  claude?: Record<string, unknown>;
  claudePath?: string;
  /** Folder of the documents. */
  docs?: string;
  /** A run whose worktree and branch it shares. */
  beside?: RunOrder;
}

export interface PlacedRun {
  order: RunOrder;
  folder: string;
  lines(): Promise<Line[]>;
  /** `analysis done`, `commit done 2` … of all lines. */
  story(): Promise<string[]>;
  /** Waits until the run says so of itself. */
  ends(state: 'complete' | 'failed' | 'stopped', timeoutMs?: number): Promise<void>;
  /** Waits for a line, as the story tells it. */
  says(what: string, timeoutMs?: number): Promise<Line>;
  /** Paths that the branch of the origin has more than the base, and how many commits. */
  pushed(): Promise<{ paths: string[]; commits: number }>;
}

/** `local`: this machine; `odd`: with a home behind a link, and paths that a shell could misread; `busybox`: with nothing but its tools and git; else an sshd with this login shell. */
export async function makeRunBed(
  bed: Bed,
  where: 'local' | 'odd' | 'busybox' | 'bash' | 'fish' = 'local',
): Promise<RunBed> {
  const root = await bed.folder('run');
  const stub = await bed.add(startModelStub());
  const knobs: AnalystKnobs = {};
  stub.respond(analyst(knobs));
  const isOdd = where === 'odd';
  const { host, home, tmux } =
    where === 'local' || where === 'odd' || where === 'busybox'
      ? await here(bed, root, where)
      : await there(bed, root, where);
  const account = await makeClaudeAccount({ home, stub });
  await installClaude(account, join(home, '.local/bin'));
  await bed.add({ dispose: () => host.dispose() });
  const folderOfGit = join(root, isOdd ? `it's "git" $HOME` : 'git');
  const repository = await makeRepository(folderOfGit, {
    tasks: [],
    files: { 'src/code.txt': 'a needle\n' },
  });
  await repository.git(['config', 'user.name', 'Dana Developer']);
  await repository.git(['config', 'user.email', 'dana@example.com']);
  const base = { branch: 'main', commit: await repository.git(['rev-parse', 'HEAD']) };
  let count = 0;

  const place: RunBed['place'] = async ({
    key = `PAY-${++count}`,
    critic = true,
    perHost = 10,
    claude = {},
    claudePath = 'claude',
    docs: docsFolder = `docs/tasks/${key}`,
    beside,
  } = {}) => {
    const branch = beside?.branch ?? `task/${key}-analysis`;
    const directory = beside?.directory ?? join(folderOfGit, 'trees', key);
    if (!beside) await repository.git(['worktree', 'add', '--quiet', '-b', branch, directory, 'main']);
    const order: RunOrder = {
      schema: 1,
      id: randomUUID(),
      kind: 'analysis',
      key,
      startedBy: { id: '1', name: 'Dana' },
      host: host.name,
      sessionId: randomUUID(),
      ...(critic && { reviewId: randomUUID() }),
      repository: repository.clone,
      directory,
      branch,
      base,
      remote: 'origin',
      docs: { directory: docsFolder, names: settingsSchema.parse({}).docs.names },
      flags: [],
      createdAt: Date.now(),
    };
    const runDirectory = runFolder(home, order.id);
    const argv = (kind: TurnKind): string[] =>
      turnArgv({ kind, order, claude: settingsSchema.parse({ claude }).claude, runDirectory, claudePath });
    const names = documentsOf(order);
    const list = (folder: string, files: string[]): string =>
      files.map((name) => `- ${folder}/${name}\n`).join('');
    const ask = (verb: string, folder: string, files: string[]): string =>
      `${verb} ${key}: \`$(touch hacked)\` "quoted"\n\nFiles to write:\n${list(folder, files)}`;
    const docs = docsDirectory(order);
    const folder = await placeRun(host, order, {
      prompts: {
        analysis: ask('Analyze', docs, names.analysis),
        documents: ask('Complete', docs, names.analysis),
        ...(critic && { review: ask('Judge', reviewDirectory(runDirectory), names.review) }),
      },
      turns: { analysis: argv('analysis'), documents: argv('documents'), review: argv('review') },
      perHost,
    });
    return placedRun(order, folder, repository);
  };
  return { host, terminals: new TmuxTerminals(host), account, stub, knobs, tmux, repository, place };
}

async function here(
  bed: Bed,
  root: string,
  where: 'local' | 'odd' | 'busybox',
): Promise<{ host: Host; home: string; tmux: Tmux }> {
  const home = join(root, where === 'odd' ? "Dana's link" : 'home');
  const real = where === 'odd' ? join(root, 'dana "d" $(id) #1') : home;
  await mkdir(real);
  if (real !== home) await symlink(real, home);
  await writeFile(
    join(home, '.profile'),
    `export TASK_SESSIONS_JIRA_TOKEN=${marker}\nPATH="$HOME/.local/bin:$PATH"\n`,
  );
  const tmux = await bed.add(makeTmux(join(root, 't'), { HOME: home }));
  const env = {
    ...tmux.env,
    ...(where === 'busybox' && { PATH: await smallPath(root) }),
    CLAUDE_CODE_CHILD_SESSION: marker,
    TASK_SESSIONS_JIRA_TOKEN: marker,
    VSCODE_PID: marker,
  };
  const settings = settingsSchema.parse({}).local;
  return { host: new LocalHost({ name: 'here', settings, log: silentLog, env }), home, tmux };
}

/** A machine without GNU's tools and perl; `sh` is busybox, too. */
async function smallPath(root: string): Promise<string> {
  const tools = await busyboxTools(join(root, 'bin'));
  await symlink(findProgram('git') ?? '', join(tools, 'git'));
  return tools;
}

async function there(
  bed: Bed,
  root: string,
  shell: string,
): Promise<{ host: Host; home: string; tmux: Tmux }> {
  const path = shell === 'fish' ? { shell: '/usr/bin/fish' } : {};
  const ssh = await bed.add(startSsh(join(root, 's'), { devserver: path }));
  const settings = { ...settingsSchema.parse({}).local, ssh: 'devserver' };
  const env = { ...process.env, TASK_SESSIONS_JIRA_TOKEN: marker, CLAUDE_CODE_CHILD_SESSION: marker };
  const host = new SshHost({ name: 'devserver', settings, log: silentLog, configFile: ssh.configFile, env });
  return { host, home: ssh.hosts.devserver.home, tmux: ssh.hosts.devserver.tmux };
}

export function placedRun(order: RunOrder, folder: string, { origin, git }: Repository): PlacedRun {
  const file = join(folder, 'run.jsonl');
  const lines: PlacedRun['lines'] = async () =>
    existsSync(file)
      ? (await readFile(file, 'utf8'))
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Line)
      : [];
  const words = ({ step, state, n }: Line): string => `${step} ${state}${n === undefined ? '' : ` ${n}`}`;
  const story: PlacedRun['story'] = async () => (await lines()).map(words);
  const says: PlacedRun['says'] = async (what, timeoutMs = 120_000) => {
    try {
      return await until(async () => (await lines()).findLast((line) => words(line) === what), {
        what,
        timeoutMs,
      });
    } catch (error) {
      const said = existsSync(file) ? await readFile(file, 'utf8') : 'nothing';
      const complaints = await readFile(join(folder, 'runner.err'), 'utf8').catch(() => '');
      throw new Error(`the run did not say "${what}", but\n${said}${complaints}`, { cause: error });
    }
  };
  return {
    order,
    folder,
    lines,
    story,
    says,
    ends: async (state, timeoutMs = 120_000) => {
      const end = await until(
        async () => {
          const last = (await lines()).at(-1);
          return last?.step === 'run' && last.state !== 'started' && last;
        },
        { what: `the run is ${state}`, timeoutMs },
      ).catch(() => says(`run ${state}`, 1));
      if (end.state !== state) throw new Error(`the run is ${end.state}:\n${await readFile(file, 'utf8')}`);
    },
    pushed: async () => {
      const name = `refs/heads/${order.branch}`;
      const range = `${order.base.commit}..${name}`;
      const paths = await git(['diff', '--name-only', `${order.base.commit}...${name}`], origin);
      return {
        paths: paths.split('\n').filter(Boolean),
        commits: Number(await git(['rev-list', '--count', range], origin)),
      };
    },
  };
}
