import { rmSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { scratchFolder } from './bed';
import { output } from './command';

/** A task branch with the documents on it. */
export interface TaskBranch {
  key: string;
  /** Default: `task/<key>-analysis`. */
  branch?: string;
  /** Path → text. A bare name goes to `docs/tasks/<key>/`. */
  docs: Record<string, string>;
  /** Further commits on the branch, each path → text; the times are an hour apart. */
  later?: Record<string, string>[];
}

export interface RepositoryOptions {
  tasks: readonly TaskBranch[];
  /** Files on the main branch. Default: a README. */
  files?: Record<string, string>;
  mainBranch?: string;
  /** When the first commit was made, in milliseconds since 1970. Default: 2026-11-02. */
  startedAt?: number;
  /** Task branches that exist in the clone only, by key: not pushed. */
  localOnly?: readonly string[];
}

export interface Repository {
  /** The bare origin. */
  origin: string;
  /** A clone on its main branch, which knows the task branches only as `origin/…`. */
  clone: string;
  mainBranch: string;
  /** Runs git in the clone (or in `folder`) and returns stdout, trimmed. */
  git(args: readonly string[], folder?: string): Promise<string>;
  /** Writes files, commits them on the branch that is checked out, and returns the commit. */
  commit(files: Record<string, string>, message: string, folder?: string): Promise<string>;
  /** Pushes `files` to a branch of origin from elsewhere: the clone does not know until it fetches. */
  commitUpstream(branch: string, files: Record<string, string>, message: string): Promise<string>;
}

/** Git's environment in tests: nobody's configuration but the repository's own, and a fixed committer. */
export function gitEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LANG: 'C.UTF-8',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Dana Developer',
    GIT_AUTHOR_EMAIL: 'dana@example.com',
    GIT_COMMITTER_NAME: 'Dana Developer',
    GIT_COMMITTER_EMAIL: 'dana@example.com',
  };
}

/** Makes `<folder>/origin.git` and `<folder>/<name>`, a clone of it, with a branch for each task. */
export async function makeRepository(
  folder: string,
  options: RepositoryOptions & { name?: string },
): Promise<Repository> {
  const { name = 'platform', ...wanted } = options;
  const model = await modelOf(wanted);
  const { repository } = repositoryIn(folder, name, { ...wanted, startedAt: model.now() });
  const { origin, clone, git } = repository;
  await mkdir(folder, { recursive: true });
  await cp(model.repository.origin, origin, { recursive: true });
  await cp(model.repository.clone, clone, { recursive: true });
  await git(['config', 'remote.origin.url', origin]);
  // The index knows the files by their inodes.
  await git(['update-index', '-q', '--refresh']);
  return repository;
}

interface Model {
  repository: Repository;
  /** When its last commit was made. */
  now(): number;
}

/** What was made for some options: git takes a while, copies do not. */
const models = new Map<string, Promise<Model>>();
let place: Promise<string> | undefined;

const placeOfModels = (): Promise<string> =>
  (place ??= scratchFolder('models').then(({ path }) => {
    process.once('exit', () => rmSync(path, { recursive: true, force: true }));
    return path;
  }));

function modelOf(options: RepositoryOptions): Promise<Model> {
  const kind = JSON.stringify(options);
  const model = models.get(kind) ?? makeModel(`model${models.size}`, options);
  models.set(kind, model);
  return model;
}

async function makeModel(name: string, options: RepositoryOptions): Promise<Model> {
  const folder = join(await placeOfModels(), name);
  await mkdir(folder);
  const { tasks, files = { 'README.md': '# Platform\n' }, localOnly = [] } = options;
  const model = repositoryIn(folder, 'platform', options);
  const { origin, clone, mainBranch, git, commit } = model.repository;
  await git(['init', '--quiet', '--bare', `--initial-branch=${mainBranch}`, origin], folder);
  await git(['init', '--quiet', `--initial-branch=${mainBranch}`, clone], folder);
  await output(['sh', '-c', 'rm -f "$1"/hooks/*.sample "$2"/.git/hooks/*.sample', 'sh', origin, clone]);
  await git(['remote', 'add', 'origin', origin]);
  await commit(files, 'Begin');
  await git(['push', '--quiet', '--set-upstream', 'origin', mainBranch]);
  await git(['remote', 'set-head', 'origin', mainBranch]);
  for (const task of tasks) {
    const branch = task.branch ?? `task/${task.key}-analysis`;
    await git(['switch', '--quiet', '--create', branch, mainBranch]);
    await commit(inDocsFolder(task.key, task.docs), `${task.key} Analyze`);
    for (const more of task.later ?? []) await commit(inDocsFolder(task.key, more), `${task.key} Revise`);
    if (!localOnly.includes(task.key)) await git(['push', '--quiet', 'origin', branch]);
    await git(['switch', '--quiet', mainBranch]);
    if (!localOnly.includes(task.key)) await git(['branch', '--quiet', '-D', branch]);
  }
  return model;
}

function repositoryIn(folder: string, name: string, options: RepositoryOptions): Model {
  const { mainBranch = 'main' } = options;
  const origin = join(folder, 'origin.git');
  const clone = join(folder, name);
  let now = options.startedAt ?? Date.UTC(2026, 10, 2, 9);

  const git: Repository['git'] = async (args, where = clone) => {
    const date = `${Math.floor(now / 1000)} +0000`;
    const env = { ...gitEnvironment(folder), GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    return (await output(['git', ...args], { cwd: where, env })).trim();
  };
  const commit: Repository['commit'] = async (contents, message, where = clone) => {
    for (const [path, text] of Object.entries(contents)) {
      await mkdir(dirname(join(where, path)), { recursive: true });
      await writeFile(join(where, path), text);
    }
    now += 3_600_000;
    await git(['add', '--', ...Object.keys(contents)], where);
    await git(['commit', '--quiet', '--message', message], where);
    return git(['rev-parse', 'HEAD'], where);
  };
  const commitUpstream: Repository['commitUpstream'] = async (branch, contents, message) => {
    const elsewhere = join(folder, '.colleague');
    await git(['clone', '--quiet', '--branch', branch, '--single-branch', origin, elsewhere], folder);
    const made = await commit(contents, message, elsewhere);
    await git(['push', '--quiet', 'origin', branch], elsewhere);
    await output(['rm', '-rf', elsewhere]);
    return made;
  };
  return { repository: { origin, clone, mainBranch, git, commit, commitUpstream }, now: () => now };
}

function inDocsFolder(key: string, docs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(docs).map(([path, text]) => [
      path.includes('/') ? path : `docs/tasks/${key}/${path}`,
      text,
    ]),
  );
}
