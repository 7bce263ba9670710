import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, link, mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Bed } from '../bed/bed';
import { makeClaudeAccount } from '../bed/claude';
import type { ClaudeAccount } from '../bed/claude';
import { end, output } from '../bed/command';
import { kill } from '../bed/kill';
import type { ModelStub } from '../bed/modelStub';
import { claudeBinary } from '../bed/prepare';
import { until } from '../bed/until';

/** An account that is reached by a command prefix, with a `claude` of its own. Paths are as it sees them. */
export interface ViaPlace {
  via: string[];
  /** Of the prefix on this side. */
  env: NodeJS.ProcessEnv;
  home: string;
  project: string;
  claude: string;
  /** The model cannot be reached from there: turns are made by this account, outside. */
  offline?: ClaudeAccount;
}

interface Ground extends ViaPlace {
  account: ClaudeAccount;
  folder: string;
}

/** On this side of every prefix: a home, a project, and the program where every account may run it. */
async function ground(bed: Bed, stub: ModelStub): Promise<Ground> {
  const folder = await bed.folder('via');
  await chmod(folder, 0o755);
  const home = join(folder, 'home');
  const project = join(home, 'a project');
  await mkdir(project, { recursive: true });
  const account = await makeClaudeAccount({ home, stub, trusted: [project] });
  const claude = join(folder, 'claude');
  await place(claudeBinary(), claude);
  await mkdir(join(folder, 't'), { mode: 0o777 });
  const env = { ...account.env, TMUX_TMPDIR: join(folder, 't') };
  return { via: [], env, home, project, claude, account, folder };
}

/** 370 MB: linked where that is possible. */
async function place(from: string, to: string): Promise<void> {
  const file = await realpath(from);
  await link(file, to).catch(() => copyFile(file, to));
}

export async function emptyEnvironment(bed: Bed, stub: ModelStub): Promise<ViaPlace> {
  const made = await ground(bed, stub);
  const via = ['env', '-i', ...words(made.env)];
  return { ...made, via, env: { PATH: made.env['PATH'] } };
}

const words = (env: NodeJS.ProcessEnv): string[] =>
  Object.entries(env).map(([key, value]) => `${key}=${value}`);

export async function anotherAccount(bed: Bed, stub: ModelStub): Promise<ViaPlace> {
  const made = await ground(bed, stub);
  await output(['chown', '-R', 'nobody', made.home, join(made.folder, 't')]);
  // The home that the system knows for it is none.
  return { ...made, via: ['runuser', '-u', 'nobody', '--', 'env', `HOME=${made.home}`] };
}

/** A network of its own, in which nothing of this machine can be reached. */
export async function network(bed: Bed, stub: ModelStub): Promise<ViaPlace> {
  const made = await ground(bed, stub);
  const name = basename(made.folder);
  await output(['ip', 'netns', 'add', name]);
  await bed.add({ dispose: async () => void (await output(['ip', 'netns', 'delete', name])) });
  return { ...made, via: ['ip', 'netns', 'exec', name], offline: made.account };
}

/** Processes of its own, which no other namespace can see; the files are those of this machine. */
export async function processes(bed: Bed, stub: ModelStub): Promise<ViaPlace> {
  const made = await ground(bed, stub);
  const pid = await namespace(bed, ['sleep', '600']);
  return { ...made, via: ['nsenter', '-t', String(pid), '-p', '-m', '--'] };
}

/** A root directory of its own with busybox and `claude`, and processes of its own, as a small dev container has. */
export async function busyboxContainer(bed: Bed, stub: ModelStub): Promise<ViaPlace> {
  const made = await ground(bed, stub);
  const root = join(made.folder, 'root');
  for (const path of ['bin', 'lib64', 'proc', 'dev', 'tmp', 'etc', 'opt', 'home'])
    await mkdir(join(root, path), { recursive: true });
  await symlink('lib64', join(root, 'lib'));
  const busybox = join(root, 'bin/busybox');
  await copyFile((await output(['which', 'busybox'])).trim(), busybox);
  await output([busybox, '--install', join(root, 'bin')]);
  for (const program of [busybox, claudeBinary()])
    for (const [library = ''] of (await output(['sh', '-c', 'ldd "$1" || :', 'sh', program])).matchAll(
      /\/\S+(?= \()/g,
    )) {
      await mkdir(join(root, dirname(library)), { recursive: true });
      await copyFile(library, join(root, library));
    }
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0::/home/dev:/bin/sh\n');
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  await place(claudeBinary(), join(root, 'opt/claude'));
  const [home, project] = ['/home/dev', '/home/dev/a project'];
  await output(['cp', '-R', made.home, join(root, home)]);
  const state = join(root, home, '.claude.json');
  await writeFile(state, (await readFile(state, 'utf8')).replaceAll(made.home, home));
  const enter =
    'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$1" /bin/sleep 600';
  const pid = await namespace(bed, ['sh', '-c', enter, 'sh', root]);
  const env = { ...made.account.env, HOME: home, PATH: '/bin' };
  const via = ['nsenter', '-t', String(pid), '-p', '-m', '-r', '--', '/bin/env', '-i', ...words(env)];
  return { via, env: made.env, home, project, claude: '/opt/claude' };
}

/** Starts the first process of a namespace of processes and mounts, which ends with it. Returns its number out here. */
async function namespace(bed: Bed, argv: string[]): Promise<number> {
  const options = ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--propagation', 'private'];
  const child = spawn('unshare', [...options, ...argv], { stdio: 'ignore' });
  await once(child, 'spawn');
  const first = await until(
    async () => Number((await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim()),
    { what: 'the first process of the namespace' },
  );
  await bed.add({
    dispose: async () => {
      kill(first);
      await end(child);
    },
  });
  // It is there when it runs what it was started for.
  await until(async () => (await readFile(`/proc/${first}/comm`, 'utf8')).trim() === 'sleep', {
    what: 'its program',
  });
  return first;
}
