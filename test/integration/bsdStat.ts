import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../bed/prepare';

/** Fills a folder for PATH with a `stat` that knows BSD's options alone, of its formats those that we use. */
export async function bsdStat(folder: string): Promise<string> {
  const real = findProgram('stat') ?? 'stat';
  const script = `#!/bin/sh
usage() { echo "usage: stat [-FLnq] [-f format]" >&2; exit 1; }
[ "$1" = -f ] || usage
case $2 in
  '%m %z %i %Xp %N') format='%Y %s %i %f %n' ;;
  '%c %m %z %i %Xp %N') format='%Z %Y %s %i %f %n' ;;
  *) usage ;;
esac
shift 2
for file; do ${real} -c "$format" "$file" || missed=1; done
exit \${missed:-0}
`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'stat'), script, { mode: 0o755 });
  return folder;
}
