import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

function base(env: Environment, variable: string, fallback: string[]): string {
  const set = env[variable];
  // The XDG specification: a relative path is invalid and is ignored.
  return set?.startsWith('/') ? set : join(env.HOME ?? homedir(), ...fallback);
}

/** Where our state lives: the ledger and the last snapshot. One place for command line and extension. */
export function stateDirectory(env: Environment): string {
  if (process.platform === 'win32' && env.LOCALAPPDATA && !env.XDG_STATE_HOME)
    return join(env.LOCALAPPDATA, 'task-sessions');
  return join(base(env, 'XDG_STATE_HOME', ['.local', 'state']), 'task-sessions');
}

/** The command line's configuration file, unless `--config` or `$TASK_SESSIONS_CONFIG` names another. */
export function configFile(env: Environment): string {
  return (
    env.TASK_SESSIONS_CONFIG ??
    join(base(env, 'XDG_CONFIG_HOME', ['.config']), 'task-sessions', 'config.json')
  );
}
