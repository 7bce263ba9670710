import { z } from 'zod';
import type { Host } from '../../../hosts/host';
import { parseSessionId } from '../../../model/names';
import { isOlder } from './findClaude';

/** Since which version `claude agents --json` answers without a terminal. */
const since = '2.1.145';

const listed = z.array(z.looseObject({ sessionId: z.string().max(200).optional() })).max(10_000);

/**
 * The sessions that Claude itself says are alive. It takes 175 ms and 125 MB a call and tells nothing that the live
 * registry does not, so it is for checking that we read that rightly, never for a refresh. Undefined where this version
 * gives no list. Throws `HostError` as the host does.
 */
export async function agentsOf(
  host: Host,
  claude: { path: string; version: string },
  signal?: AbortSignal,
): Promise<string[] | undefined> {
  if (isOlder(claude.version, since)) return undefined;
  const { configDir } = host.settings;
  const { code, stdout } = await host.run([claude.path, 'agents', '--json'], {
    ...(configDir !== undefined && { env: { CLAUDE_CONFIG_DIR: configDir } }),
    ...(signal && { signal }),
  });
  const answer = code === 0 ? listed.safeParse(json(stdout.toString())).data : undefined;
  return answer?.flatMap(({ sessionId }) => parseSessionId(sessionId ?? '') ?? []);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
