import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';

/** Below it git does not tell a repository's own settings from the user's (`git config --show-scope`). */
const minimum = '2.26';

/** Below it git does not know `safe.bareRepository`. */
const recommended = '2.38';

/** Git's version on a host, with what is wrong with it. Throws `UserError` where there is none, or one too old. */
export async function gitVersion(host: Host, signal?: AbortSignal): Promise<string> {
  const { stdout } = await host.script(
    'command -v git >/dev/null 2>&1 && LC_ALL=C git --version',
    [],
    signal ? { signal } : {},
  );
  const version = /^git version (\d+\.\d+[\w.-]*)/.exec(stdout.toString('utf8'))?.[1];
  if (version === undefined)
    throw new UserError('not found', 'Install git there, or add it to the PATH of a non-interactive login.');
  if (isOlder(version, minimum))
    throw new UserError(`${version} is too old`, `Install git ${minimum} or newer on ${host.name}.`);
  return isOlder(version, recommended)
    ? `${version}; from ${recommended} on it refuses repositories that are hidden in another`
    : version;
}

/** By major and minor number. */
function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = than.split('.').map(Number);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}
