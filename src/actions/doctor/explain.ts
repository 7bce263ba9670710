import type { LedgerState } from '../../model/binding/ledger';
import { UserError } from '../../model/errors';
import { isIssueKey } from '../../model/names';
import type { RecordClaim } from '../../model/record/record';
import type { HostReport } from '../../model/session/transcript';
import type { Snapshot } from '../../model/task/task';
import type { Check } from './check';
import { explainSession } from './explainSession';
import { explainTask } from './explainTask';

/** Everything that was looked at, as each source last said it. */
export interface Looked {
  snapshot: Snapshot;
  /** Last report of each host that ever answered. */
  reports: readonly HostReport[];
  ledger: LedgerState;
  /** What records claim, on every listed issue. */
  claims: readonly RecordClaim[];
}

/** Why a session or a task is shown as it is, or not shown: every place that was looked at, and what was there. */
export function explain(text: string, looked: Looked): Check[] {
  const wanted = text.trim();
  const key = wanted.toUpperCase();
  if (isIssueKey(key)) return explainTask(key, looked);
  const id = wanted.toLowerCase();
  if (!/^[0-9a-f-]{4,36}$/.test(id))
    throw new UserError(
      `"${text.slice(0, 80)}" is neither a session id nor a task key.`,
      'A session id is a UUID, or its first digits; a key looks like PAY-456.',
    );
  const ids = knownIds(looked).filter((one) => one.startsWith(id));
  if (ids.length > 1)
    throw new UserError(
      `${ids.length} sessions begin with ${id}: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ', …' : ''}`,
      'Give more digits.',
    );
  return explainSession(ids[0] ?? id, looked);
}

/** Ids that any source names, whether they are shown or not. */
function knownIds({ snapshot, reports, ledger, claims }: Looked): string[] {
  const ids = new Set([
    ...snapshot.sessions.map(({ id }) => id),
    ...reports.flatMap(({ stale, naming, traces = [], kept = [] }) =>
      [...stale, ...naming, ...traces, ...kept].map(({ sessionId }) => sessionId),
    ),
    ...ledger.entries.map(({ sessionId }) => sessionId),
    ...claims.flatMap(({ sessionId }) => sessionId ?? []),
  ]);
  return [...ids];
}
