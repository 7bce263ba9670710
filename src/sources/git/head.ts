import type { Host } from '../../hosts/host';
import { tryGitScript } from './git';

/** The branch that a working tree is on; undefined where HEAD is detached, or there is no repository. */
export async function readHead(
  host: Host,
  directory: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const place = { name: '', host: host.name, directory };
  const { code, stdout } = await tryGitScript(
    host,
    place,
    '"$@" symbolic-ref --short -q HEAD',
    signal ? { signal } : {},
  );
  const branch = stdout.toString('utf8').trim();
  return code === 0 && branch !== '' ? branch : undefined;
}
