import type { LedgerEntry } from '../../../model/binding/ledger';
import type { RunOrder } from '../../../model/run/order';
import type { RunReading } from '../../../model/run/run';
import { sessionUses, type SessionUse } from '../../../model/run/sessions';
import type { Session } from '../../../model/session/session';
import type { Ledger } from '../../../state/ledger';

/**
 * Notes what an implementation of ours has had of its sessions: those that it went on in are ours as well, and how long
 * they may be resumed is known. What the user said of a session stays.
 */
export async function noteSessions(
  ledger: Pick<Ledger, 'read' | 'revise'>,
  order: RunOrder,
  { lines }: Pick<RunReading, 'lines'>,
  sessions: readonly Session[],
): Promise<void> {
  if (!order.implementation) return;
  const { host } = order;
  const { entries } = await ledger.read();
  for (const use of sessionUses(order, lines)) {
    const { sessionId } = use;
    const seen = sessions.find((one) => one.id === sessionId && one.host === host);
    const known = entries.find((entry) => entry.sessionId === sessionId && entry.host === host);
    const revised = (before: LedgerEntry | undefined): LedgerEntry => noted(before, order, use, seen);
    // Who settles again writes nothing anew.
    if (known && JSON.stringify(revised(known)) === JSON.stringify(known)) continue;
    await ledger.revise({ sessionId, host }, revised);
  }
}

function noted(
  before: LedgerEntry | undefined,
  { host, key, jira, directory, branch, flags, kind, continues }: RunOrder,
  use: SessionUse,
  seen: Session | undefined,
): LedgerEntry {
  const { sessionId, steps, begunAt, usedAt } = use;
  const from = use.continues ?? continues;
  const begun: LedgerEntry = {
    sessionId,
    host,
    evidence: 'started',
    key,
    ...(jira !== undefined && { jira }),
    directory,
    branch,
    flags,
    kind: kind === 'handoff' ? 'other' : kind,
    ...(from !== undefined && { continues: from }),
    createdAt: begunAt,
  };
  const entry = before && before.evidence !== 'seen' ? before : { ...before, ...begun };
  return {
    ...entry,
    steps: Math.max(steps, before?.steps ?? 0),
    lastUsedAt: Math.max(usedAt, before?.lastUsedAt ?? 0),
    ...(seen?.expiresAt !== undefined && { expiresAt: seen.expiresAt }),
  };
}
