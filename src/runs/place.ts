import type { Host } from '../hosts/host';
import type { RunOrder } from '../model/run/order';

/** What a run takes with it to its host. */
export interface RunFiles {
  prompts: { analysis: string; documents: string; review?: string };
  /** Claude's argv for each turn, less session and prompt (runs/turn). */
  turns: { analysis: readonly string[]; documents: readonly string[]; review?: readonly string[] };
  /** So many runs work at once on the host. */
  perHost: number;
  /** `ssh.configFile`, for repositories on this machine. */
  sshConfigFile?: string;
}

/**
 * Writes the run's folder on its host, and returns its path; with a folder that is there already nothing changes.
 * Throws `UserError` where another order lies there or the disk is full, and `HostError`.
 */
export function placeRun(
  _host: Host,
  _order: RunOrder,
  _files: RunFiles,
  _signal?: AbortSignal,
): Promise<string> {
  return Promise.reject(new Error('not there yet'));
}
