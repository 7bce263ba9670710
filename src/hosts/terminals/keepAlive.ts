import { UserError } from '../../model/errors';
import type { Settings } from '../../model/settings';
import type { Host } from '../host';
import type { Terminals } from '../terminals';
import { SupervisorTerminals } from './supervisor';
import { TmuxTerminals } from './tmux';

export interface KeepAliveOptions {
  /** `terminal.keepAlive`: holds for this machine. Hosts always have tmux, or nothing. */
  mode: Settings['terminal']['keepAlive'];
  /** `dist/supervisor.js`. */
  supervisor: string;
  env: NodeJS.ProcessEnv;
}

/** Nothing on a host keeps processes alive: known, and not only a question that failed. */
export class NotKeptAlive extends UserError {}

/**
 * What keeps processes alive on a host: tmux, or on this machine without tmux our supervisor. Throws `NotKeptAlive`
 * where nothing does, saying why. A tmux that was found is not looked for again.
 */
export function keepAlive({ mode, supervisor, env }: KeepAliveOptions): (host: Host) => Promise<Terminals> {
  const found = new Map<string, Terminals>();
  return async (host) => {
    const known = found.get(host.name);
    if (known) return known;
    if (host.local && mode === 'none')
      throw new NotKeptAlive(
        'taskSessions.terminal.keepAlive is "none": the session ends with its window.',
        'Set it to "auto" to keep sessions alive.',
      );
    const terminals = (await hasTmux(host))
      ? new TmuxTerminals(host)
      : host.local && mode === 'auto'
        ? new SupervisorTerminals({ host, program: supervisor, env })
        : undefined;
    if (!terminals)
      throw new NotKeptAlive(
        `There is no tmux on ${host.name}, so a session there ends with its window.`,
        'Install tmux there (Debian: apt install tmux; macOS: brew install tmux).',
      );
    found.set(host.name, terminals);
    return terminals;
  };
}

async function hasTmux(host: Host): Promise<boolean> {
  if (host.local && process.platform === 'win32') return false;
  return (await host.script('command -v tmux >/dev/null 2>&1', [])).code === 0;
}
