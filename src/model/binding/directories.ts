/** Directories as hosts name them: absolute, with slashes, and compared as text. */

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

/** Without slashes at its end. */
export const plain = (directory: string): string =>
  directory.endsWith('/') ? directory.replace(/\/+$/, '') : directory;

/** One word for a directory on a host. */
export const placeOf = (host: string, directory: string): string => `${host}\n${directory}`;
