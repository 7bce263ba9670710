import * as vscode from 'vscode';
import type { RunLogs } from '../../actions/run/runLogs';
import type { SnapshotStore } from '../../actions/store';
import { errorLine } from '../../model/errors';
import { shortId } from '../../model/names';
import type { Run, RunStep } from '../../model/run/run';
import type { Session } from '../../model/session/session';
import type { Log } from '../../util/log';
import { patiently } from '../failures';
import type { ReadOnlyTexts } from '../documents/readOnlyTexts';
import { logText } from './runTexts';

export interface LogVerbOptions {
  logs: Pick<RunLogs, 'read'>;
  store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>;
  texts: ReadOnlyTexts;
  viewConversation(session: Session): Promise<void>;
  log: Log;
}

/** A log that is open, and how its run was when it was read. */
interface OpenLog {
  uri: vscode.Uri;
  run: Run;
}

/** Reading what runs say: the conversation that one is in, or what it has written about itself. */
export class LogVerbs implements vscode.Disposable {
  private readonly open = new Map<string, OpenLog>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly options: LogVerbOptions) {
    this.subscription = options.store.onDidChange(() => this.follow());
  }

  /** The conversation of the turn that Claude is in, as it grows; else the run's own files, which are followed too. */
  async view(run: Run): Promise<void> {
    const { store, viewConversation } = this.options;
    const session = turnOf(run, store.snapshot.sessions);
    if (session) return viewConversation(session);
    const uri = await patiently(`Reading the log of ${run.key} from ${run.host}`, (signal) =>
      this.read(run, signal),
    );
    // As a page: a log is read, not edited.
    await vscode.commands.executeCommand('vscode.openWith', uri, 'vscode.markdown.preview.editor');
  }

  dispose(): void {
    this.subscription.dispose();
  }

  private async read(run: Run, signal?: AbortSignal): Promise<vscode.Uri> {
    const { logs, texts } = this.options;
    const read = await logs.read(run, signal);
    const uri = texts.hold(
      `/${run.host}/${run.id}/${run.key} run ${shortId(run.id)}.md`,
      logText(run, read, Date.now()),
    );
    this.open.set(`${run.host} ${run.id}`, { uri, run });
    return uri;
  }

  private follow(): void {
    const { store, texts, log } = this.options;
    for (const [key, { uri, run }] of this.open) {
      if (!texts.holds(uri)) {
        this.open.delete(key);
        continue;
      }
      const now = store.snapshot.runs?.find((one) => one.id === run.id && one.host === run.host);
      if (!now || (now.lines === run.lines && now.state.kind === run.state.kind)) continue;
      this.open.set(key, { uri, run: now });
      this.read(now).catch((error: unknown) => log.debug(`Log of ${now.key}: ${errorLine(error)}`));
    }
  }
}

/** The session that a run is talking in now, if its transcript can be read. */
function turnOf(
  { state, host, sessionId, reviewId }: Run,
  sessions: readonly Session[],
): Session | undefined {
  if (state.kind !== 'running') return undefined;
  const { step } = state;
  if (!isTurn.has(step)) return undefined;
  const id = step === 'review' ? reviewId : sessionId;
  return sessions.find(
    (one) => one.id === id && one.host === host && one.state !== 'missing' && one.hasConversation !== false,
  );
}

const isTurn: ReadonlySet<RunStep> = new Set<RunStep>(['analysis', 'documents', 'review', 'implement']);
