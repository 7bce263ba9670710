import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecords } from '../../../src/model/record/parse';
import type { RecordFields } from '../../../src/model/record/record';
import { markupLines } from '../../../src/sources/jira/markup/lines';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import { analyst, type AnalystKnobs } from '../../bed/analyst';
import type { Bed } from '../../bed/bed';
import { installClaude, makeClaudeAccount } from '../../bed/claude';
import { makeRepository, type Repository } from '../../bed/git';
import { startModelStub, type ModelStub } from '../../bed/modelStub';
import { startSsh, type Ssh } from '../../bed/sshd';
import { makeTmux, type Tmux } from '../../bed/tmux';
import { startJira, type Jira } from '../../jira/simulator';
import type { Person } from './startApp';

export const branchOf = (key: string): string => `task/${key}-analysis`;

export interface StartBed {
  folder: string;
  jira: Jira;
  stub: ModelStub;
  analyst: AnalystKnobs;
  /** On this machine. */
  repository: Repository;
  home: string;
  tmux: Tmux;
  ssh?: Ssh<'devserver'>;
  /** The clone on the devserver. */
  remoteClone: string;
  person(user?: 'dana' | 'pat', settings?: Record<string, unknown>): Promise<Person>;
  /** What the comments of an issue record. */
  records(key: string): RecordFields[];
  /** Names of the files on a branch of origin. */
  pushed(branch: string): Promise<string[]>;
}

export interface StartBedOptions {
  deployment?: 'cloud' | 'dataCenter';
  /** With a host `devserver` over sshd. */
  remote?: boolean;
  keys?: readonly string[];
}

/** One developer's machine (and a host), with the real git, tmux and claude against a model that plays an analyst. */
export async function makeStartBed(bed: Bed, options: StartBedOptions = {}): Promise<StartBed> {
  const { deployment = 'cloud', remote = false, keys = ['PAY-1', 'PAY-2', 'PAY-3'] } = options;
  const folder = await bed.folder('start');
  const home = join(folder, 'home');
  await mkdir(home);
  const [jira, stub, ssh] = await Promise.all([
    bed.add(startJira({ deployment })),
    bed.add(startModelStub()),
    remote ? bed.add(startSsh(join(folder, 'ssh'), { devserver: {} })) : undefined,
  ]);
  for (const key of keys) jira.state.addIssue({ key, summary: `What ${key} is about`, assignee: 'dana' });
  const knobs: AnalystKnobs = {};
  stub.respond(analyst(knobs));
  const repository = await makeRepository(join(folder, 'git'), { tasks: [] });
  const tmux = await bed.add(makeTmux(join(folder, 'tmux'), { HOME: home }));
  const gitconfig = '[user]\n\tname = Dana Developer\n\temail = dana@acme.example\n';
  await prepareHome(home, gitconfig, stub);
  await writeFile(join(home, '.profile'), 'PATH="$HOME/.local/bin:$PATH"\n');
  const remoteHome = ssh?.hosts.devserver.home;
  const remoteClone = remoteHome === undefined ? '' : join(remoteHome, 'platform');
  if (remoteHome !== undefined) {
    await prepareHome(remoteHome, gitconfig, stub);
    await repository.git(['clone', '--quiet', repository.origin, remoteClone], folder);
  }

  const person: StartBed['person'] = async (user = 'dana', settings = {}) => {
    const state = join(folder, user);
    await mkdir(state, { recursive: true });
    const runtime = join(folder, 'r');
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    return {
      jiraUrl: jira.url,
      settings: {
        jira: { url: jira.url, jql: 'project = PAY ORDER BY key ASC' },
        local: { name: 'laptop', repository: repository.clone },
        repositories: { platform: { projects: ['PAY'], directory: repository.clone } },
        phases: { backlog: 'To Do', analyzing: 'AI Analysis', awaitingReview: 'Ready for Review' },
        ...(ssh && {
          ssh: { configFile: ssh.configFile },
          hosts: { devserver: { ssh: 'devserver', repository: remoteClone } },
        }),
        ...settings,
      },
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: home,
        SHELL: '/bin/sh',
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        TMPDIR: folder,
        TMUX_TMPDIR: tmux.folder,
        XDG_RUNTIME_DIR: runtime,
        XDG_STATE_HOME: state,
        GIT_CONFIG_NOSYSTEM: '1',
        TASK_SESSIONS_JIRA_TOKEN: deployment === 'cloud' ? `${user}-token` : `${user}-pat`,
        ...(deployment === 'cloud' && { TASK_SESSIONS_JIRA_EMAIL: `${user}@acme.example` }),
      },
    };
  };

  return {
    folder,
    jira,
    stub,
    analyst: knobs,
    repository,
    home,
    tmux,
    ...(ssh && { ssh }),
    remoteClone,
    person,
    records: (key) =>
      jira.state.issue(key).comments.flatMap(({ body }) => parseRecords(markupLines(readMarkup(body)))),
    pushed: async (branch) => {
      const list = await repository.git(['ls-tree', '-r', '--name-only', branch], repository.origin);
      return list.split('\n').filter((path) => path.startsWith('docs/'));
    },
  };
}

async function prepareHome(home: string, gitconfig: string, stub: ModelStub): Promise<void> {
  const account = await makeClaudeAccount({ home, stub });
  await installClaude(account, join(home, '.local/bin'));
  await writeFile(join(home, '.gitconfig'), gitconfig);
}
