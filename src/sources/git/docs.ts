import { isIssueKey, projectOf } from '../../model/names';
import { docsDirectoryFor } from '../../model/task/repository';
import type { Settings } from '../../model/settings';
import type { TaskDoc } from '../../model/task/task';

/** `docs` of the settings. */
export type DocsSettings = Settings['docs'];

/** One entry of a git tree. */
export interface TreeEntry {
  /** Octal, as git writes it: 100644, 100755, 120000 (symlink), 40000 (tree), 160000 (submodule). */
  mode: string;
  /** Its last part, or a path where a whole tree was listed. */
  path: string;
  object: string;
}

/** Symlinks are not documents: they would show something that is not on the branch. */
const isFile = ({ mode }: TreeEntry): boolean => mode.startsWith('100');

/** The content of a tree object as `cat-file --batch` gives it: `mode SP name NUL id`, ids of `idBytes` bytes. */
export function parseTree(content: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + idBytes > content.length) break;
    entries.push({
      mode: content.toString('latin1', at, space),
      path: content.toString('utf8', space + 1, end),
      object: content.toString('hex', end + 1, end + 1 + idBytes),
    });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** A line of `ls-tree` without `-z`, under `core.quotePath=false`. */
export function parseTreeLine(line: string): TreeEntry | undefined {
  const match = /^(\d{5,6}) \w+ ([0-9a-f]{40,64})\t(.+)$/s.exec(line);
  const [, mode, object, path] = match ?? [];
  return mode && object && path ? { mode, object, path: unquotePath(path) } : undefined;
}

/** The documents among the entries of the documents' own directory, in the order of `names`. */
export function docsInDirectory(
  entries: readonly TreeEntry[],
  directory: string,
  names: readonly string[],
): TaskDoc[] {
  return names.flatMap((name) => {
    const entry = entries.find((entry) => entry.path === name && isFile(entry));
    return entry ? [{ name, path: directory ? `${directory}/${name}` : name, blob: entry.object }] : [];
  });
}

/**
 * The documents by name among paths of the whole branch: paths that carry the task's key first, then the shortest, then
 * by alphabet. What lies in another task's folder is that task's (a branch also holds what was merged before).
 */
export function docsElsewhere(
  entries: readonly TreeEntry[],
  key: string,
  { names, directory }: DocsSettings,
): TaskDoc[] {
  const candidates = entries
    .filter((entry) => isFile(entry) && !belongsToAnother(entry.path, key, directory))
    .map((entry) => ({ ...entry, own: parts(entry.path).some((part) => keysIn(part).includes(key)) }))
    .sort(
      (a, b) => Number(b.own) - Number(a.own) || a.path.length - b.path.length || (a.path < b.path ? -1 : 1),
    );
  return names.flatMap((name) => {
    const best = candidates.find(({ path }) => path === name || path.endsWith(`/${name}`));
    return best ? [{ name, path: best.path, blob: best.object }] : [];
  });
}

function belongsToAnother(path: string, key: string, docsDirectory: string): boolean {
  const keys = parts(path).flatMap(keysIn);
  if (keys.includes(key)) return false;
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return keys.some(
    (other) => projectOf(other) === projectOf(key) || docsDirectoryFor(other, docsDirectory) === folder,
  );
}

const parts = (path: string): string[] => path.split('/').slice(0, -1);

/** Issue keys in one part of a path: `PAY-456`, `PAY-456-refunds`. */
const keysIn = (part: string): string[] =>
  (part.match(/(?<![A-Za-z0-9])[A-Z][A-Z0-9_]+-[1-9]\d*(?![A-Za-z0-9])/g) ?? []).filter(isIssueKey);

const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** A path as git prints it: in C quotes where it holds quotes, backslashes or control characters. */
export function unquotePath(text: string): string {
  if (!text.startsWith('"') || !text.endsWith('"') || text.length < 2) return text;
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:([0-7]{3})|(.))/gs, (_, octal: string | undefined, letter: string | undefined) =>
      octal ? String.fromCharCode(parseInt(octal, 8)) : (escapes[letter ?? ''] ?? letter ?? ''),
    );
}

/** A file name as it stands inside git's C quotes; names of documents hold no control characters. */
export const quotedName = (name: string): string => name.replaceAll(/["\\]/g, '\\$&');
