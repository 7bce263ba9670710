import { plural } from '../../model/describe';
import type { Ledger } from '../../state/ledger';
import { writableIn } from '../../state/writable';
import { attempt, type Check } from './check';
import { UserError } from '../../model/errors';

/** Whether the ledger is whole, ours to write, and owes nothing. */
export async function ledgerChecks(ledger: Pick<Ledger, 'condition' | 'read'>): Promise<Check[]> {
  const whole = await attempt('ledger', async () => {
    const { directory, entries, unread, newer, damaged, aside, lost } = await ledger.condition();
    if (newer)
      throw new UserError(
        `a newer Task Sessions has written ${directory}: it is read as far as possible, and not changed`,
        'Update Task Sessions, and reload windows that still run the old one.',
      );
    if (lost)
      throw new UserError(
        `every file of it in ${directory} was damaged: what we started, linked and named is not known any more`,
        'Run task-sessions doctor --rebuild: terminals, worktrees and your records tell a part of it.',
      );
    await writableIn(directory);
    return [
      `${plural(entries, 'session')} in ${directory}`,
      ...(unread > 0 ? [`${unread} ${unread === 1 ? 'entry' : 'entries'} of another version, kept`] : []),
      ...(damaged > 0 ? [`${plural(damaged, 'damaged file')}, set aside at the next write`] : []),
      ...(aside.length > 0
        ? [`${plural(aside.length, 'damaged file')} set aside, the newest ${aside[0]}`]
        : []),
    ].join('; ');
  });
  const { owed } = await ledger.read().catch(() => ({ owed: [] }));
  return [
    whole,
    ...owed.slice(0, 10).map(({ kind, issueKey, attempts, lastError }): Check => ({
      check: `${kind} owed to ${issueKey}`,
      ok: false,
      detail: `tried ${plural(attempts, 'time')}${lastError === undefined ? '' : `, at last: ${lastError}`}`,
      fix: 'task-sessions settle tries again.',
    })),
  ];
}
