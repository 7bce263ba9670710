import type { LedgerWorktree } from './ledger';

/**
 * Finds the innermost worktree of ours around a directory. Climbs from the directory to its parents, so that a
 * thousand worktrees cost no more than one; what was found is remembered by directory.
 */
export function worktreeFinder(
  worktrees: readonly LedgerWorktree[],
): (host: string, directory: string | undefined) => LedgerWorktree | undefined {
  const byPlace = new Map(worktrees.map((one) => [placeOf(one.host, plain(one.directory)), one]));
  const found = new Map<string, LedgerWorktree | undefined>();

  return (host, directory) => {
    if (directory === undefined || byPlace.size === 0) return undefined;
    const place = placeOf(host, directory);
    if (!found.has(place))
      found.set(
        place,
        upwards(directory)
          .map((at) => byPlace.get(placeOf(host, at)))
          .find(Boolean),
      );
    return found.get(place);
  };
}

/** The directory and its parents, innermost first, without the root. */
export function upwards(directory: string): string[] {
  if (leavesItself(directory)) return [];
  const all: string[] = [];
  for (let at = plain(directory); at.length > 1; at = at.slice(0, Math.max(0, at.lastIndexOf('/'))))
    all.push(at);
  return all;
}

/** `/w/PAY-1/../PAY-2` is not where it seems to be. */
const leavesItself = (path: string): boolean => /(?:^|\/)\.\.?(?:\/|$)/.test(path);

export const plain = (directory: string): string =>
  directory.endsWith('/') ? directory.replace(/\/+$/, '') : directory;

export const placeOf = (host: string, directory: string): string => `${host}\n${directory}`;
