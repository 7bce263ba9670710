// A developer's world for windows to look at: Jira with the demo's tasks, the repository, and sessions of the real claude.
import { randomUUID } from 'node:crypto';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { analyst, type AnalystKnobs } from '../../bed/analyst';
import type { Bed } from '../../bed/bed';
import {
  installClaude,
  makeClaudeAccount,
  printTurn,
  transcriptOf,
  type ClaudeAccount,
} from '../../bed/claude';
import { makeRepository, type Repository } from '../../bed/git';
import { startModelStub, type ModelStub } from '../../bed/modelStub';
import { deadHost, startSsh, type Ssh } from '../../bed/sshd';
import { makeTmux, type Tmux } from '../../bed/tmux';
import { demoDocuments } from '../../jira/demo/documents';
import { branchOf, demoPhases, type DemoTask } from '../../jira/demo/demoTask';
import { demoTasks } from '../../jira/demoTasks';
import { seedDemo, type SessionFacts } from '../../jira/seed';
import { startJira, type Jira } from '../../jira/simulator';
import { checkout, type HostOptions } from '../host';
import type { Tree } from '../parts/tree';
import type { Window } from '../useWindow';

/** A session that the real claude shall have, by its slot in the demo. */
export type Slot = (typeof demoTasks)[number]['sessions'][number]['slot'];

export interface WorldOptions {
  deployment?: 'cloud' | 'dataCenter';
  /** Where the demo's sessions are real: transcripts on this machine, or on `devserver` behind ssh. */
  sessions?: { local?: readonly Slot[]; remote?: readonly Slot[] };
  /** Instead of the demo's. */
  tasks?: DemoTask[];
  /** The model plays the analyst, and does wrong what these say; may be changed on the way. */
  analyst?: AnalystKnobs;
  /** False: nobody is signed in. */
  signedIn?: boolean;
}

export interface World {
  readonly jira: Jira;
  readonly repository: Repository;
  /** HOME of the window. */
  readonly home: string;
  readonly tmux: Tmux;
  readonly local: ClaudeAccount;
  readonly remote: ClaudeAccount | undefined;
  readonly ssh: Ssh<'devserver'> | undefined;
  readonly stub: ModelStub;
  /** For `startHost`. */
  readonly host: HostOptions;
  /** The id of one of `WorldOptions.sessions`. */
  idOf(slot: Slot): string;
}

const sessionOf = (slot: Slot) =>
  demoTasks.flatMap((task) => task.sessions).find((session) => session.slot === slot)!;

export async function makeWorld(bed: Bed, options: WorldOptions = {}): Promise<World> {
  const { deployment = 'cloud', sessions = {}, tasks = demoTasks, signedIn = true } = options;
  const folder = await bed.folder('world');
  const home = join(folder, 'home');
  const [jira, stub, tmux, repository, ssh] = await Promise.all([
    bed.add(startJira({ deployment })),
    bed.add(startModelStub()),
    bed.add(makeTmux(join(folder, 't'), { HOME: home })),
    makeRepository(folder, {
      tasks: tasks.flatMap((task) => {
        const docs = demoDocuments(task).map(({ path, content }) => [path, content]);
        return docs.length > 0
          ? [{ key: task.key, branch: branchOf(task), docs: Object.fromEntries(docs) }]
          : [];
      }),
    }),
    sessions.remote && bed.add(startSsh(join(folder, 's'), { devserver: {} })),
  ]);
  if (options.analyst) stub.respond(analyst(options.analyst));
  const there = ssh?.hosts.devserver.home;
  const remoteRepository = there && join(there, 'platform');
  const [here, far] = await Promise.all([
    makeAccount(home, stub, repository.clone, sessions.local, 'laptop').then(async (made) => {
      await writeFile(join(home, '.profile'), 'PATH="$HOME/.local/bin:$PATH"\n');
      return made;
    }),
    there && remoteRepository
      ? repository
          .git(['clone', '--quiet', repository.origin, remoteRepository], there)
          .then(() => makeAccount(there, stub, remoteRepository, sessions.remote, 'devserver'))
      : undefined,
  ]);
  const [local, remote] = [here.account, far?.account];
  const facts = [...here.facts, ...(far?.facts ?? [])];
  seedDemo(jira, { now: Date.now(), sessions: facts, tasks });

  const host: HostOptions = {
    workspace: repository.clone,
    extensions: [checkout],
    env: {
      HOME: home,
      GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
      TMUX_TMPDIR: tmux.folder,
      // Where scoped tokens are tried: nothing leaves this machine.
      TASK_SESSIONS_GATEWAY_URL: jira.gatewayUrl,
      ...(signedIn && {
        TASK_SESSIONS_JIRA_TOKEN: deployment === 'cloud' ? 'dana-token' : 'dana-pat',
        ...(deployment === 'cloud' && { TASK_SESSIONS_JIRA_EMAIL: 'dana@acme.example' }),
      }),
    },
    settings: {
      // What listens on this machine is not the window's affair.
      'remote.autoForwardPorts': false,
      ...(signedIn && { 'taskSessions.jira.url': jira.url }),
      'taskSessions.jira.jql': 'project in (PAY, PORTAL) ORDER BY updated DESC',
      'taskSessions.phases': demoPhases,
      'taskSessions.local': { name: 'laptop' },
      ...(ssh && {
        'taskSessions.ssh.configFile': ssh.configFile,
        'taskSessions.hosts': {
          devserver: { ssh: 'devserver', repository: remoteRepository },
          buildbox: { ssh: deadHost },
        },
      }),
    },
  };
  await writeFile(
    join(folder, 'gitconfig'),
    '[user]\n\tname = Dana Developer\n\temail = dana@acme.example\n',
  );
  const idOf = (slot: Slot): string => facts.find((one) => one.slot === slot)?.id ?? sessionOf(slot).id;
  return { jira, repository, home, tmux, local, remote, ssh, stub, host, idOf };
}

/** Our view; in a remote window, as VS Code Server's are, its title says whose hosts it shows. */
export async function openTasks({ host, workbench }: Window): Promise<Tree> {
  await workbench.openViewContainer('Task Sessions');
  return workbench.tree(host.kind === 'server' ? 'Tasks on laptop' : 'Tasks');
}

/** An account of Claude with sessions of one turn each, an hour ago, so that there is a transcript to resume. */
async function makeAccount(
  home: string,
  stub: ModelStub,
  directory: string,
  slots: readonly Slot[] = [],
  host: string,
): Promise<{ account: ClaudeAccount; facts: SessionFacts[] }> {
  const account = await makeClaudeAccount({ home, stub, trusted: [directory] });
  await installClaude(account, join(home, '.local/bin'));
  const hourAgo = Date.now() / 1000 - 3600;
  const facts = await Promise.all(
    slots.map(async (slot) => {
      const { id: known, prompt } = sessionOf(slot);
      // Two worlds at once: a process that names the id in the other one would count as the session's.
      const id = known.slice(0, 8) + randomUUID().slice(8);
      await printTurn(account, { sessionId: id, cwd: directory, prompt });
      await utimes((await transcriptOf(account, id))!, hourAgo, hourAgo);
      return { slot, id, host, directory };
    }),
  );
  return { account, facts };
}
