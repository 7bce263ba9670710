// The world of the demo: Jira, an origin, two accounts with their clones and sessions, one host that is down.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed, type Resource } from '../bed/bed';
import { installClaude, makeClaudeAccount, type ClaudeAccount } from '../bed/claude';
import { startModelStub, type ModelStub } from '../bed/modelStub';
import { startReceiver, type Receiver } from '../bed/receiver';
import { claudeBinary, findProgram } from '../bed/prepare';
import { closedPort } from '../bed/proxy';
import { startSsh, type Ssh } from '../bed/sshd';
import { makeTmux, type Tmux } from '../bed/tmux';
import { seedDemo } from '../jira/seed';
import { startJira, type Jira, type JiraOptions } from '../jira/simulator';
import { Ledger } from '../../src/state/ledger';
import { stateDirectory } from '../../src/state/directories';
import { commandScript, demoSettings } from './configuration';
import { makeClone, makeLaptopClone } from './world/checkouts';
import { demoResponder } from './world/conversation';
import { makeOrigin } from './world/history';
import { startLiving } from './world/living';
import { living, placeSessions, sessionBranch, sessionWorktrees, type PlacedSession } from './world/sessions';
import { writeRunLog } from './world/others';
import { placeRuns } from './world/runs';
import { writeTranscripts } from './world/transcripts';

export interface DemoOptions {
  /**
   * Transcripts on laptop and devserver, by the real `claude` where it is installed (default); `generated`: in its
   * shape, in no time, but nothing can be resumed; `false`: only records.
   */
  sessions?: boolean | 'generated';
  /** Two of them live in tmux on devserver. Default true; needs the real `claude`. */
  living?: boolean;
  deployment?: JiraOptions['deployment'];
  /** Jira's, if it is free. Default: any. */
  port?: number;
  /** How long the model takes for each step of an analysis, ms. Default 2500. */
  paceMs?: number;
  /** Told what is being done. */
  say?(line: string): void;
  signal?: AbortSignal;
}

/** One account of the demo's world. */
export interface DemoHost {
  home: string;
  account: ClaudeAccount;
  clone: string;
  tmux: Tmux;
}

export interface Demo extends Resource {
  /** Everything lies in it, and goes with it. */
  folder: string;
  /** The whole environment for VS Code or the command line on the laptop, Jira's token included. */
  env: Record<string, string>;
  /** As the command line's configuration file has them; `vscodeSettings` has the other spelling. */
  settings: Record<string, unknown>;
  /** For `--config`. */
  settingsFile: string;
  /** The laptop's clone, on main and clean. */
  workspace: string;
  jira: Jira;
  stub: ModelStub;
  /** Slack, as far as webhooks see it. */
  receiver: Receiver;
  ssh: Ssh<'devserver'>;
  hosts: { laptop: DemoHost; devserver: DemoHost };
  sessions: readonly PlacedSession[];
  /** Who wrote the transcripts. */
  claude: 'real' | 'generated' | 'none';
}

/** Makes it all; what has begun is ended again when a part fails. Needs tmux, git and openssh. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const bed = new Bed();
  try {
    return await build(bed, options);
  } catch (error) {
    await bed.dispose();
    throw error;
  }
}

async function build(bed: Bed, options: DemoOptions): Promise<Demo> {
  const { deployment = 'cloud' } = options;
  const say = (line: string): void => {
    options.signal?.throwIfAborted();
    options.say?.(line);
  };
  const claude = claudeFor(options.sessions ?? true);
  const lives = claude === 'real' && options.living !== false;
  const now = Date.now();
  const folder = await bed.folder('demo');
  const origin = join(folder, 'origin.git');
  const homes = { laptop: join(folder, 'laptop'), devserver: join(folder, 'ssh/devserver/home') };
  const clones = {
    laptop: join(homes.laptop, 'code/platform'),
    devserver: join(homes.devserver, 'platform'),
  };
  const sessions = placeSessions(clones, now);

  say('Jira, the repository, a host to reach by ssh');
  const worktrees = sessionWorktrees();
  const branches = await makeOrigin(origin, now);
  const [jira, stub, receiver, ssh, laptopTmux] = await Promise.all([
    bed.add(startJiraAt(deployment, options.port)),
    bed.add(startModelStub()),
    bed.add(startReceiver()),
    bed.add(startSsh(join(folder, 'ssh'), { devserver: {} })),
    bed.add(makeTmux(join(folder, 'tmux'), { HOME: homes.laptop })),
    makeLaptopClone(origin, clones.laptop, worktrees.laptop, now),
    makeClone(origin, clones.devserver, worktrees.devserver),
  ]);
  stub.respond(demoResponder(sessions, options.paceMs ?? 2500));
  seedDemo(jira, {
    now,
    branches,
    sessions: sessions.map((one) => ({ ...one, branch: sessionBranch(one) })),
  });

  const account = async (name: 'laptop' | 'devserver'): Promise<DemoHost> => {
    const home = homes[name];
    const settings = { cleanupPeriodDays: 28 };
    const made = await makeClaudeAccount({ home, stub, trusted: [clones[name]], settings });
    // Claude's own scratch files too.
    made.env['TMPDIR'] = join(home, '.tmp');
    await mkdir(join(home, '.tmp'));
    if (claude === 'real') await installClaude(made, join(home, '.local/bin'));
    await writeFile(join(home, '.gitconfig'), dana);
    const tmux = name === 'laptop' ? laptopTmux : ssh.hosts.devserver.tmux;
    return { home, account: made, clone: clones[name], tmux };
  };
  const hosts = { laptop: await account('laptop'), devserver: await account('devserver') };
  const env = {
    ...(await laptopEnvironment(folder, hosts.laptop, jira)),
    TASK_SESSIONS_WEBHOOK_TEAM: receiver.addresses.slack,
  };
  const sshConfigFile = await sshConfiguration(folder, ssh);
  if (claude !== 'none') await rememberSessions(env, sessions);

  if (claude !== 'none') {
    say(claude === 'real' ? 'sessions, by the real claude' : 'sessions, made up: claude is not installed');
    const written = writeTranscripts(
      sessions.filter(({ slot }) => !lives || slot !== living.waiting),
      hosts,
      claude,
    );
    const { devserver } = homes;
    const clone = clones.devserver;
    const placed = placeRuns(sessions, { home: devserver, clone, sshConfigFile, env, jiraUrl: jira.url });
    await Promise.all([written, placed]);
  }
  for (const session of sessions)
    if (claude !== 'none' && session.host !== 'buildbox') await writeRunLog(homes[session.host], session);
  if (lives) {
    say('two sessions that live in tmux on devserver');
    await startLiving(sessions, hosts.devserver.account, hosts.devserver.tmux);
  }

  const settings = demoSettings(jira, clones, homes, sshConfigFile);
  const settingsFile = join(folder, 'config.json');
  await writeFile(settingsFile, JSON.stringify(settings, undefined, 2));
  await writeFile(join(folder, 'task-sessions'), commandScript(env, clones.laptop, settingsFile), {
    mode: 0o755,
  });
  return {
    folder,
    env,
    settings,
    settingsFile,
    workspace: clones.laptop,
    jira,
    stub,
    receiver,
    ssh,
    hosts,
    sessions,
    claude,
    dispose: () => bed.dispose(),
  };
}

function claudeFor(sessions: boolean | 'generated'): Demo['claude'] {
  if (sessions === false) return 'none';
  return sessions === true && existsSync(claudeBinary()) ? 'real' : 'generated';
}

async function startJiraAt(deployment: JiraOptions['deployment'], port = 0): Promise<Jira> {
  return startJira({ deployment, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    return startJira({ deployment });
  });
}

/** The bed's configuration, and a host that refuses. */
async function sshConfiguration(folder: string, ssh: Ssh<'devserver'>): Promise<string> {
  const file = join(folder, 'ssh_config');
  const buildbox = `Host buildbox\n  HostName 127.0.0.1\n  Port ${await closedPort()}\n`;
  await writeFile(file, `${buildbox}Match all\nInclude ${ssh.configFile}\n`);
  return file;
}

const dana = '[user]\n\tname = Dana Developer\n\temail = dana@acme.example\n';

/** What the laptop's owner would have, and nothing of whoever runs the demo. */
async function laptopEnvironment(
  folder: string,
  { home, tmux }: DemoHost,
  jira: Jira,
): Promise<Record<string, string>> {
  const cloud = jira.deployment === 'cloud';
  // As short as can be: ssh's shared connections have their sockets in it.
  const runtime = join(folder, 'r');
  await mkdir(runtime, { mode: 0o700 });
  await writeFile(join(home, '.profile'), 'PATH="$HOME/.local/bin:$PATH"\n');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    SHELL: findProgram('bash') ?? '/bin/sh',
    LANG: 'C.UTF-8',
    TERM: process.env['TERM'] ?? 'xterm-256color',
    TMPDIR: join(home, '.tmp'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_STATE_HOME: join(home, '.local/state'),
    XDG_DATA_HOME: join(home, '.local/share'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_RUNTIME_DIR: runtime,
    TMUX_TMPDIR: tmux.folder,
    GIT_CONFIG_NOSYSTEM: '1',
    TASK_SESSIONS_JIRA_TOKEN: cloud ? 'dana-token' : 'dana-pat',
    ...(cloud && { TASK_SESSIONS_JIRA_EMAIL: 'dana@acme.example' }),
  };
}

/** What the ledger knows by now: a session that the user linked, a fork that they made. */
async function rememberSessions(
  env: Record<string, string>,
  sessions: readonly PlacedSession[],
): Promise<void> {
  const ledger = new Ledger(stateDirectory(env));
  const idOf = (slot: string): string => sessions.find((one) => one.slot === slot)?.id ?? '';
  for (const { id, host, task, directory, kind, begun, continues, forkOf, linked, unpublished } of sessions)
    if (unpublished && (continues !== undefined || forkOf !== undefined || linked))
      await ledger.remember({
        sessionId: id,
        host,
        evidence: forkOf === undefined ? 'linked' : 'started',
        key: task.key,
        directory,
        flags: [],
        kind,
        ...(continues !== undefined && { continues: idOf(continues) }),
        ...(forkOf !== undefined && { forkedFrom: forkOf }),
        createdAt: begun,
      });
}
