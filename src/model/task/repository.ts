import { isBranchName, isIssueKey, isTrunk, projectOf } from '../names';
import type { HostSettings, Settings } from '../settings';

/** Where a repository lies: one directory on one host. */
export interface Place {
  /** Configured name (`repositories`), else the folder's name. */
  name: string;
  /** `Host.name`. */
  host: string;
  /** Absolute, or beginning with `~` for the account's home. */
  directory: string;
  /** Remote URL, where known. */
  remote?: string;
}

/** A repository that the workspace has open. */
export interface WorkspaceRepository {
  directory: string;
  /** URLs of its remotes. */
  remotes: readonly string[];
}

/** One repository in all the places where it lies, this machine's first. */
export interface Repository {
  name: string;
  places: Place[];
}

export type RepositoryAnswer =
  | ({ kind: 'found' } & Repository)
  | { kind: 'ambiguous'; choices: Repository[] }
  /** `reason` and `next` are for people. */
  | { kind: 'none'; reason: string; next: string };

export interface RepositoryQuestion {
  key: string;
  settings: Pick<Settings, 'repository' | 'repositories' | 'hosts' | 'local'>;
  /** `Host.name` of this machine. */
  localHost: string;
  workspace: readonly WorkspaceRepository[];
  /** The name or directory that the user chose before among several. */
  remembered?: string;
}

/**
 * The repository of a task: `repositories` by project key, else the workspace's, else `repository`
 * (README, "Settings"). An entry without `projects` serves every project that no other entry names.
 */
export function repositoryFor(question: RepositoryQuestion): RepositoryAnswer {
  const { key, settings, workspace } = question;
  const project = projectOf(key);
  const entries = Object.entries(settings.repositories);
  const named = entries.filter(([, entry]) => entry.projects.includes(project));
  const matching = named.length > 0 ? named : entries.filter(([, entry]) => entry.projects.length === 0);
  if (matching.length > 0) {
    const answer = choose(
      matching.map(([name]) => configured(name, question)),
      question.remembered,
    );
    if (answer.kind !== 'found' || answer.places.length > 0) return answer;
    return {
      kind: 'none',
      reason: `The repository "${answer.name}" of ${project} is on no known host.`,
      next: `Open its folder, or set its "directory" in taskSessions.repositories.`,
    };
  }
  if (workspace.length > 0)
    return choose(
      workspace.map((repository) => inWorkspace(repository, question)),
      question.remembered,
    );

  const name = folderName(settings.repository || stringOf(settings.local.repository) || project);
  const directory = settings.repository || stringOf(settings.local.repository);
  const places = [
    ...(directory ? [{ name, host: question.localHost, directory }] : []),
    ...onHosts(name, settings),
  ];
  if (places.length > 0) return { kind: 'found', name, places };
  return {
    kind: 'none',
    reason: `No repository is known for ${project}.`,
    next: 'Open its folder, or set taskSessions.repository or taskSessions.repositories.',
  };
}

function choose(choices: Repository[], remembered: string | undefined): RepositoryAnswer {
  const [first, ...others] = choices;
  if (first && others.length === 0) return { kind: 'found', ...first };
  const chosen = choices.find(
    ({ name, places }) => name === remembered || places.some(({ directory }) => directory === remembered),
  );
  return chosen ? { kind: 'found', ...chosen } : { kind: 'ambiguous', choices };
}

function configured(name: string, question: RepositoryQuestion): Repository {
  const { settings, workspace, localHost } = question;
  const entry = settings.repositories[name];
  const remote = entry?.remote;
  const wanted = remote === undefined ? undefined : normalizeRemote(remote);
  const open = workspace.find(({ directory, remotes }) =>
    wanted === undefined
      ? folderName(directory) === name
      : remotes.some((url) => normalizeRemote(url) === wanted),
  );
  // An open folder is the checkout that the user works in, so it goes before the configured directory.
  const directory =
    open?.directory ?? entry?.directory ?? directoryOn(settings.local, name, onlyOne(settings));
  const extra = remote === undefined ? {} : { remote };
  return {
    name,
    places: [
      ...(directory ? [{ name, host: localHost, directory, ...extra }] : []),
      ...onHosts(name, settings).map((place) => ({ ...place, ...extra })),
    ],
  };
}

function inWorkspace(repository: WorkspaceRepository, question: RepositoryQuestion): Repository {
  const name = folderName(repository.directory);
  const [remote] = repository.remotes;
  const place: Place = {
    name,
    host: question.localHost,
    directory: repository.directory,
    ...(remote === undefined ? {} : { remote }),
  };
  // Several open folders: a host's single `repository` could be any of them.
  const elsewhere = question.workspace.length === 1 ? onHosts(name, question.settings) : [];
  return { name, places: [place, ...elsewhere] };
}

function onHosts(name: string, settings: RepositoryQuestion['settings']): Place[] {
  return Object.entries(settings.hosts).flatMap(([host, { repository }]) => {
    const directory = directoryOn({ repository }, name, onlyOne(settings));
    return directory ? [{ name, host, directory }] : [];
  });
}

const onlyOne = (settings: RepositoryQuestion['settings']): boolean =>
  Object.keys(settings.repositories).length <= 1;

/** A plain string is *the* repository, so it says nothing where several are configured. */
function directoryOn(
  account: { repository?: HostSettings['repository'] | undefined },
  name: string,
  only: boolean,
): string | undefined {
  const { repository } = account;
  if (typeof repository === 'string') return only && repository ? repository : undefined;
  return repository && Object.hasOwn(repository, name) ? repository[name] : undefined;
}

const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The last part of a path, POSIX or Windows. */
export const folderName = (directory: string): string =>
  directory.split(/[\\/]/).findLast((part) => part !== '') ?? directory;

/**
 * One spelling for the addresses of one repository: `git@Host:a/b.git`, `ssh://git@host:22/a/b` and
 * `https://user@host/a/b/` are all `host/a/b`. Ports and users are left out, since they differ by protocol.
 */
export function normalizeRemote(url: string): string {
  const trimmed = url.trim();
  const address = /^(?:[a-z][a-z0-9+.-]*):\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)(?::\d*)?(?:\/(.*))?$/is.exec(
    trimmed,
  );
  // scp-like: no slash before the first colon; a single letter is a Windows drive.
  const scp = /^(?:[^/@:]+@)?(\[[^\]]*\]|[^/:@]{2,}):(?!\/\/)(.*)$/s.exec(trimmed);
  const [, host = '', path = ''] = address ?? scp ?? [undefined, '', trimmed];
  return `${host.toLowerCase()}/${plainPath(path)}`;
}

function plainPath(path: string): string {
  const bare = path
    .replaceAll('\\', '/')
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}

/**
 * The branch of a task: what its records name, else `branchPattern`. Undefined where neither is a branch name. A session
 * on the trunk is recorded as such, but no task has the trunk for its own.
 */
export function branchFor(
  key: string,
  recorded: string | undefined,
  branchPattern: string,
): string | undefined {
  if (recorded !== undefined && isBranchName(recorded) && !isTrunk(recorded)) return recorded;
  const branch = fillIn(branchPattern, { key });
  return isIssueKey(key) && isBranchName(branch) ? branch : undefined;
}

/** The documents' directory inside the repository, '' for its root; undefined where the pattern leads out of it. */
export function docsDirectoryFor(key: string, pattern: string): string | undefined {
  const parts = fillIn(pattern, { key })
    .split('/')
    .filter((part) => part !== '' && part !== '.');
  return parts.includes('..') || parts.some((part) => /\p{Cc}/u.test(part)) ? undefined : parts.join('/');
}

/** Replaces each `${name}` that is known; the rest stays as it is. */
export function fillIn(pattern: string, values: Readonly<Record<string, string>>): string {
  return pattern.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
