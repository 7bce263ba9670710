import { shellHost } from './shellHost';
import type { ShellHost } from './shellHost';

/** A host on which the logs of detached runs lie where `logs` says. */
export function loggingHost(env: NodeJS.ProcessEnv, logs: string[], shell?: readonly string[]): ShellHost {
  const host = shellHost(env, shell);
  return Object.assign(host, { settings: { ...host.settings, logs } });
}
