import { placeOf, plain, upwards } from './directories';
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
