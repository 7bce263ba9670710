import { posix } from 'node:path';
import type { Host } from '../../../../hosts/host';
import type { Settings } from '../../../../model/settings';
import { fillIn } from '../../../../model/task/repository';

/**
 * Directories of a host under which a directory that only a record names may be used: its `roots`, its repositories,
 * and where their worktrees go. Absolute, or beginning with `~` for the account's home. Worktrees that lie elsewhere
 * are known to git on the host only; see `allowedDirectory`.
 */
export function rootsOf(
  settings: Settings,
  { local, settings: own }: Pick<Host, 'local' | 'settings'>,
): string[] {
  const { repository } = own;
  const repositories = [
    ...(typeof repository === 'string' ? [repository] : Object.values(repository ?? {})),
    ...(local
      ? [settings.repository, ...Object.values(settings.repositories).map((one) => one.directory)]
      : []),
  ].flatMap((directory) => (directory ? [directory] : []));
  const worktrees = repositories.flatMap((one) => worktreesOf(one, settings.worktrees.directory) ?? []);
  return [...new Set([...own.roots, ...repositories, ...worktrees])];
}

/** The folder of a repository's worktrees; none where other things lie in it too. */
function worktreesOf(repository: string, pattern: string): string | undefined {
  const filled = fillIn(pattern, { repository: posix.basename(repository), key: '\0' });
  const fixed = filled.includes('\0') ? posix.dirname(filled.slice(0, filled.indexOf('\0') + 1)) : filled;
  const folder = clean(/^[~/]/.test(fixed) ? fixed : posix.join(repository, fixed));
  const isBelowAnything = /^(?:~|\/[^/]+)\/./.test(folder) && !folder.split('/').includes('..');
  return isBelowAnything && !isUnder(repository, folder) ? folder : undefined;
}

const clean = (directory: string): string => posix.normalize(directory).replace(/(.)\/+$/, '$1');

const isUnder = (directory: string, root: string): boolean =>
  clean(directory) === clean(root) || clean(directory).startsWith(clean(root).replace(/\/?$/, '/'));

/** By the names alone, for a line that is only shown: where links lead is asked of the host before anything starts. */
export const isNamedUnder = (
  directory: string,
  roots: readonly string[],
  home: string | undefined,
): boolean =>
  roots
    .map((root) => (home === undefined ? root : root.replace(/^~(?=$|\/)/, () => home)))
    .some((root) => isUnder(directory, root));

/**
 * POSIX sh: `allowed DIRECTORY ROOT…` enters the directory and answers 0 if it really lies, its links followed, under a
 * root or in a worktree of a repository that a root is; 1 if it lies elsewhere, 2 if nobody can enter it.
 */
export const allowedFunction = `
allowed() {
  cd -- "$1" 2>/dev/null || return 2
  real=$(pwd -P) || return 2
  shift
  for root in "$@"; do
    case $root in '~') root=$HOME ;; '~/'*) root=$HOME/\${root#'~/'} ;; esac
    root=$(cd -- "$root" 2>/dev/null && pwd -P) || continue
    case $real/ in "\${root%/}"/*) return 0 ;; esac
    [ -e "$root/.git" ] || continue
    GIT_ALLOW_PROTOCOL=none git -c core.fsmonitor=false -C "$root" worktree list --porcelain 2>/dev/null | (
      while IFS= read -r line; do
        case $line in 'worktree /'*) ;; *) continue ;; esac
        tree=$(cd -- "\${line#worktree }" 2>/dev/null && pwd -P) || continue
        case $real/ in "\${tree%/}"/*) exit 0 ;; esac
      done
      exit 1
    ) && return 0
  done
  return 1
}`;

/** Whether a directory may be used that only a record names: by where it really lies on the host. */
export async function allowedDirectory(
  host: Host,
  directory: string,
  roots: readonly string[],
  signal?: AbortSignal,
): Promise<'allowed' | 'outside' | 'gone'> {
  const { code } = await host.script(`${allowedFunction}\nallowed "$@"`, [directory, ...roots], {
    ...(signal && { signal }),
  });
  return code === 0 ? 'allowed' : code === 1 ? 'outside' : 'gone';
}

/** What to do where a record's directory lies outside. */
export const addRoot = ({ local, name }: Pick<Host, 'local' | 'name'>): string =>
  `add its root to taskSessions.${local ? 'local' : `hosts.${name}`}.roots`;
