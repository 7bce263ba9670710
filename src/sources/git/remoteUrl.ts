import type { Host } from '../../hosts/host';

/** Address of a remote, for links; undefined where the repository does not name it. Throws `HostError`. */
export async function remoteUrl(
  host: Host,
  directory: string,
  remote: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { code, stdout } = await host.run(
    ['git', '-C', directory, 'config', '--get', `remote.${remote}.url`],
    { timeoutMs: 10_000, maxBytes: 65_536, ...(signal && { signal }) },
  );
  return code === 0 ? stdout.toString().trim() : undefined;
}
