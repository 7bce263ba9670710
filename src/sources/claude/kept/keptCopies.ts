import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { parseSessionId } from '../../../model/names';
import { newNonce, parseSections } from '../probe/sections';
import { dropScript, keepScript, putBackScript } from './keptScripts';

/** What a copying script said of one transcript. */
export type KeptAnswer =
  | { kind: 'kept'; how: KeptHow; size: number; path: string }
  | { kind: 'back'; path: string }
  | { kind: 'there'; path: string }
  /** It came while ours was being made. */
  | { kind: 'late'; path: string }
  | { kind: 'full'; needed: number; free: number }
  | { kind: 'found' | 'dropped' | 'changed' | 'busy' }
  | { kind: 'failed'; why: string };

const hows = ['new', 'updated', 'unchanged', 'longer', 'both'] as const;
/**
 * `longer`: our copy holds all of it and more. `both`: it is no continuation of our copy, so that one stays beside the
 * new one.
 */
export type KeptHow = (typeof hows)[number];

const scripts = { keep: keepScript, putBack: putBackScript, drop: dropScript } as const;

/** Runs one of the scripts for a session. Throws `HostError` as the host does. */
export async function keptCopies(
  host: Host,
  verb: keyof typeof scripts,
  sessionId: string,
  signal?: AbortSignal,
): Promise<KeptAnswer[]> {
  const id = parseSessionId(sessionId);
  if (!id) return [];
  const anyCase = id.replaceAll(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
  const nonce = newNonce();
  const args = [nonce, host.settings.configDir ?? '', anyCase];
  // A transcript of 100 MB, on a slow disk that others use too.
  const { stdout, stderr } = await host.script(scripts[verb], args, {
    timeoutMs: 5 * 60_000,
    ...(signal ? { signal } : {}),
  });
  const sections = parseSections(stdout, nonce);
  if (!sections)
    throw new UserError(`${host.name} gave half an answer.`, stderr.trim().slice(0, 300) || 'Try again.');
  return sections.flatMap(({ name, args, body }): KeptAnswer[] => {
    const path = body.toString('utf8');
    switch (name) {
      case 'kept': {
        const how = hows.find((word) => word === args[0]);
        return how ? [{ kind: name, how, size: Number(args[1]), path }] : [];
      }
      case 'back':
      case 'there':
      case 'late':
        return [{ kind: name, path }];
      case 'full':
        return [{ kind: name, needed: Number(args[0]) * 1024, free: Number(args[1]) * 1024 }];
      case 'found':
      case 'dropped':
      case 'changed':
      case 'busy':
        return [{ kind: name }];
      case 'failed':
        return [{ kind: name, why: stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '' }];
      default:
        return [];
    }
  });
}
