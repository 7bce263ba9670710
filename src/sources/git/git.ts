import type { Host, RunOptions, RunResult } from '../../hosts/host';
import { UserError } from '../../model/errors';
import type { Place } from '../../model/task/repository';

export type GitFailure =
  | 'noDirectory'
  | 'noGit'
  | 'notRepository'
  | 'dubiousOwnership'
  | 'bareRepository'
  | 'ownTransport'
  | 'failed';

/** Git answered, and it was no. */
export class GitError extends UserError {
  constructor(
    readonly kind: GitFailure,
    message: string,
    next: string,
    options?: ErrorOptions,
  ) {
    super(message, next, options);
  }
}

/** What keeps a repository's own settings from running anything: configuration and environment of one git call. */
export interface Guard {
  config: readonly string[];
  env: Readonly<Record<string, string>>;
}

/**
 * For reading. Nothing of a hostile `.git` runs under it with rev-parse, rev-list, for-each-ref, ls-tree, cat-file and
 * `worktree list`; other commands need more (filters, textconv, gpg). No protocol is allowed, so a
 * partial clone cannot fetch what it lacks either, and objects are what their ids say (no `refs/replace`).
 */
export const reading: Guard = {
  config: [
    'core.fsmonitor=false',
    'core.hooksPath=/dev/null',
    'safe.bareRepository=explicit',
    'protocol.ext.allow=never',
    'core.quotePath=false',
  ],
  env: {
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  },
};

const noDirectory = 96;
const noGit = 97;

// Variables that would lead git to another repository than the one in the directory (`git rev-parse --local-env-vars`).
const prologue = `directory=$1; shift
case $directory in '~') directory=$HOME ;; '~/'*) directory=$HOME/\${directory#??} ;; esac
cd -- "$directory" 2>/dev/null || return ${noDirectory}
command -v git >/dev/null 2>&1 || return ${noGit}
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR
unset GIT_NAMESPACE GIT_CONFIG GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT GIT_PREFIX GIT_SHALLOW_FILE GIT_GRAFT_FILE
`;

export interface GitOptions extends Pick<RunOptions, 'stdin' | 'timeoutMs' | 'signal' | 'maxBytes'> {
  /** `$1…` of the body, before git's own words. */
  args?: readonly string[];
  guard?: Guard;
}

/**
 * Runs a POSIX-sh `body` in the repository, in one round trip. It finds `options.args` as `$1…` and shifts them away;
 * what is left, `"$@"`, is the guarded git. Any exit code but 0 is a `GitError`.
 */
export async function gitScript(
  host: Host,
  place: Place,
  body: string,
  options: GitOptions = {},
): Promise<Buffer> {
  const result = await tryGitScript(host, place, body, options);
  if (result.code !== 0) throw gitError(result, place);
  return result.stdout;
}

/** Like `gitScript`, for bodies whose output is of use even if something in it failed. */
export function tryGitScript(
  host: Host,
  place: Place,
  body: string,
  options: GitOptions = {},
): Promise<RunResult> {
  const { args = [], guard = reading, ...rest } = options;
  const git = ['git', ...guard.config.flatMap((setting) => ['-c', setting])];
  return host.script(prologue + body, [place.directory, ...args, ...git], { ...rest, env: guard.env });
}

/** What a failed script means, in words. */
export function gitError({ code, stderr }: Pick<RunResult, 'code' | 'stderr'>, place: Place): GitError {
  const where = `${place.directory} on ${place.host}`;
  if (code === noDirectory)
    return new GitError(
      'noDirectory',
      `There is no directory ${where}.`,
      'Correct it in the settings, or clone the repository there.',
    );
  if (code === noGit || code === 127)
    return new GitError(
      'noGit',
      `Git is not installed on ${place.host}.`,
      'Install git there, or add it to the PATH of a non-interactive login.',
    );
  if (/detected dubious ownership/.test(stderr)) {
    const owned = /safe\.directory (.+)/.exec(stderr)?.[1]?.trim() ?? place.directory;
    return new GitError(
      'dubiousOwnership',
      `Git refuses ${where}, because it belongs to somebody else.`,
      `If you trust its owner, run there: git config --global --add safe.directory ${owned}`,
    );
  }
  if (/not a git repository/.test(stderr))
    return new GitError(
      'notRepository',
      `There is no git repository in ${where}.`,
      'Correct the directory in the settings, or clone the repository there.',
    );
  if (/cannot use bare repository/.test(stderr))
    return new GitError(
      'bareRepository',
      `The repository in ${where} is bare.`,
      'Name a clone or a worktree of it in the settings.',
    );
  return new GitError(
    'failed',
    `Git failed in ${where}: ${firstComplaint(stderr) || `exit code ${code}`}.`,
    'Run git there by hand to see more.',
  );
}

/** Git's own first error line, short and free of control and direction characters. */
export function firstComplaint(stderr: string): string {
  const lines = stderr.split('\n').filter(Boolean);
  const line = lines.find((text) => /^(?:fatal|error):/.test(text)) ?? lines[0] ?? '';
  return line
    .replace(/^(?:fatal|error): /, '')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/\.$/, '')
    .slice(0, 300);
}
