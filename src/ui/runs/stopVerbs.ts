import * as vscode from 'vscode';
import type { Starts } from '../../actions/run/starts';
import type { Stopping } from '../../actions/run/stopping';
import type { SnapshotStore } from '../../actions/store';
import { UserError } from '../../model/errors';
import type { Run } from '../../model/run/run';
import { isCheckFailed, isMending } from '../../model/run/words';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import { withProgress } from '../failures';

export interface StopVerbOptions {
  stopping: Pick<Stopping, 'stop'>;
  store: Pick<SnapshotStore, 'snapshot' | 'refresh'>;
  analyses: Pick<Starts, 'discard'>;
  resume(session: Session, task?: Task): Promise<void>;
}

/** Ending runs, once the person has seen what stays. */
export class StopVerbs {
  constructor(private readonly options: StopVerbOptions) {}

  async stop(run: Run): Promise<boolean> {
    return this.confirmed(
      run,
      `Stop the ${run.kind} of ${run.key}?`,
      isCheckFailed(run)
        ? `It is left at the check that failed, and asks for nobody any more. Files stay in ${run.directory}, the conversation stays, and Continue Run ${isMending(run) ? 'has Claude try again to mend it' : 'runs the check again'}.`
        : `Claude ends on ${run.host}; what it is writing just now is lost. Files stay in ${run.directory}, the conversation stays, and Continue Run goes on from there.`,
      'Stop Run',
    );
  }

  /** Ends the run, and resumes its conversation by hand. */
  async takeOver(run: Run, task?: Task): Promise<void> {
    const isStopped = await this.confirmed(
      run,
      `Stop the ${run.kind} of ${run.key} and take over?`,
      `Claude ends on ${run.host}; then its conversation opens in a terminal, where you go on by hand. What is written then is not committed by the run, unless you let Continue Run go on.`,
      'Stop and Take Over',
    );
    if (!isStopped) return;
    const { sessions } = this.options.store.snapshot;
    const session = sessions.find(({ id, host }) => id === run.sessionId && host === run.host);
    if (!session)
      throw new UserError(
        `The run of ${run.key} is stopped, but it had not begun a conversation yet.`,
        'Continue Run goes on.',
      );
    await this.options.resume(session, task);
  }

  /** Gives up a start that never came to its launch. */
  async discard({ id, host, key, state, branch, directory }: Run): Promise<void> {
    if (state.kind !== 'starting')
      throw new UserError(`The run of ${key} was launched.`, 'Stop Run ends it; what it wrote stays.');
    const accept = 'Discard Run';
    const detail = `Its record on the issue is withdrawn; ${branch} and its worktree ${directory} are removed, unless something was written in them.`;
    const choice = await vscode.window.showWarningMessage(
      `Discard the start of ${key}?`,
      { modal: true, detail },
      accept,
    );
    if (choice !== accept) return;
    const { analyses, store } = this.options;
    const notes = await withProgress(`Discarding the start of ${key}`, (signal) =>
      analyses.discard({ id, host }, { signal }),
    );
    void store.refresh();
    if (notes.length > 0) void vscode.window.showWarningMessage(`${key}: ${notes.join(' ')}`);
    else vscode.window.setStatusBarMessage(`$(check) The start of ${key} is discarded`, 6000);
  }

  private async confirmed(run: Run, question: string, detail: string, accept: string): Promise<boolean> {
    const { stopping, store } = this.options;
    if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, accept)) !== accept)
      return false;
    await withProgress(`Stopping the run of ${run.key}`, (signal) => stopping.stop(run, signal));
    await store.refresh({ hostsOnly: true });
    vscode.window.setStatusBarMessage(`$(check) The run of ${run.key} is stopped`, 6000);
    return true;
  }
}
