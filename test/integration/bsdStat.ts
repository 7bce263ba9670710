import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../bed/prepare';

/** Fills a folder for PATH with a `stat` that knows BSD's options alone, of its formats those that we use. */
export async function bsdStat(folder: string): Promise<string> {
  const real = findProgram('stat') ?? 'stat';
  const script = `#!/bin/sh
[ "$1" = -f ] && [ "$2" = '%m %z %i %Xp %N' ] || { echo "usage: stat [-FLnq] [-f format]" >&2; exit 1; }
shift 2
for file; do ${real} -c '%Y %s %i %f %n' "$file" || missed=1; done
exit \${missed:-0}
`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'stat'), script, { mode: 0o755 });
  return folder;
}
