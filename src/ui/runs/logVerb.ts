import type { RunLogs } from '../../actions/run/runLogs';
import type { SnapshotStore } from '../../actions/store';
import { shortId } from '../../model/names';
import type { Run } from '../../model/run/run';
import type { Session } from '../../model/session/session';
import { withProgress } from '../failures';
import type { ReadOnlyTexts } from '../documents/readOnlyTexts';
import { logText } from './runTexts';

export interface LogVerbOptions {
  logs: Pick<RunLogs, 'read'>;
  store: Pick<SnapshotStore, 'snapshot'>;
  texts: ReadOnlyTexts;
  viewConversation(session: Session): Promise<void>;
}

/** The conversation of the turn that Claude is in, as it grows; else what the run has written about itself. */
export async function viewRunLog(
  run: Run,
  { logs, store, texts, viewConversation }: LogVerbOptions,
): Promise<void> {
  const session = turnOf(run, store.snapshot.sessions);
  if (session) return viewConversation(session);
  const read = await withProgress(`Reading the log of ${run.key} from ${run.host}`, (signal) =>
    logs.read(run, signal),
  );
  await texts.show(
    `/${run.host}/${run.id}/${run.key} run ${shortId(run.id)}.md`,
    logText(run, read, Date.now()),
  );
}

/** The session that a run is talking in now, if its transcript can be read. */
function turnOf(
  { state, host, sessionId, reviewId }: Run,
  sessions: readonly Session[],
): Session | undefined {
  if (state.kind !== 'running') return undefined;
  const { step } = state;
  if (step !== 'analysis' && step !== 'documents' && step !== 'review') return undefined;
  const id = step === 'review' ? reviewId : sessionId;
  return sessions.find(
    (one) => one.id === id && one.host === host && one.state !== 'missing' && one.hasConversation !== false,
  );
}
