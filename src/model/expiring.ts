import { expiryWarningMs } from './describe';
import type { Session } from './session/session';
import type { Snapshot } from './task/task';

/** Sessions of tasks that are not done, whose transcript goes within three days and of which we keep no copy. */
export function expiringSessions({ tasks, sessions, hosts, at }: Snapshot): Session[] {
  const open = new Set(tasks.filter(({ phase }) => phase !== 'done').map(({ key }) => key));
  // What was known in an earlier run may be resolved by now.
  const answered = new Set(hosts.filter(({ earlier, error }) => !earlier && !error).map(({ name }) => name));
  return sessions.filter(
    ({ key, host, state, kept, expiresAt }) =>
      key !== undefined &&
      open.has(key) &&
      answered.has(host) &&
      state !== 'missing' &&
      !kept &&
      expiresAt !== undefined &&
      expiresAt - at <= expiryWarningMs,
  );
}
