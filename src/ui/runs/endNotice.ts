import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { plural } from '../../model/describe';
import type { Run } from '../../model/run/run';
import { isCheckFailed } from '../../model/run/words';
import type { CommandId } from '../commands/commandTable';
import { newEnds } from './runEnds';

const memoryKey = 'taskSessions.toldRuns';
/** So many ends are remembered as told. */
const remembered = 300;

/** Says once, over all windows, how a run of the user's ended. */
export function noticeEnds(
  store: Pick<SnapshotStore, 'onDidChange' | 'snapshot'>,
  memory: vscode.Memento,
  refresh: () => Promise<void>,
): vscode.Disposable {
  return store.onDidChange((snapshot) => {
    const told = memory.get<string[]>(memoryKey, []);
    const ends = newEnds(snapshot, Date.now(), told);
    if (ends.length === 0) return;
    void memory.update(memoryKey, [...told, ...ends.map(({ id }) => id)].slice(-remembered));
    for (const { run } of ends.slice(0, 3)) void say(run);
    if (ends.length > 3)
      void vscode.window.showInformationMessage(`${ends.length - 3} more runs have ended: see the tree.`);
  });

  async function say(run: Run): Promise<void> {
    const { key, state, kind } = run;
    const target = { key, runId: run.id, host: run.host };
    const message = `The ${kind} of ${key} ${endText(run)}`;
    const { notify, doing } = choicesOf(run);
    const choice = await notify(message, ...Object.keys(doing));
    const command = choice === undefined ? undefined : doing[choice];
    if (command === undefined) return;
    // What was pushed just now may not be read yet.
    const isUnread = !store.snapshot.tasks.find((task) => task.key === key)?.docs.length;
    if (command === 'openDocuments' && state.kind === 'complete' && isUnread) await refresh();
    await vscode.commands.executeCommand(`taskSessions.${command}`, target);
  }
}

type Notify = (message: string, ...items: string[]) => Thenable<string | undefined>;

/** What a person does next: labels of buttons, and the commands behind them. */
function choicesOf(run: Run): { notify: Notify; doing: Partial<Record<string, CommandId>> } {
  const { showInformationMessage, showWarningMessage } = vscode.window;
  if (run.state.kind === 'complete')
    return {
      notify: showInformationMessage,
      doing:
        run.kind === 'implementation'
          ? { 'Open Pull Request': 'openPullRequest', 'View Run Log': 'viewRunLog' }
          : { 'Open Documents': 'openDocuments', Resume: 'resume' },
    };
  if (isCheckFailed(run))
    return {
      notify: showWarningMessage,
      doing: {
        'Fix and Continue': 'fixAndContinue',
        'Skip Step and Continue': 'skipStep',
        'View Run Log': 'viewRunLog',
      },
    };
  return {
    notify: showWarningMessage,
    doing: { 'Continue Run': 'continueRun', 'View Run Log': 'viewRunLog' },
  };
}

function endText(run: Run): string {
  const { state, host, kind, steps, docs, branch } = run;
  if (state.kind === 'complete') {
    const written = steps.filter(({ n }) => n !== undefined);
    const what = kind === 'implementation' ? plural(written.length, 'step') : plural(docs.length, 'document');
    return `is complete: ${what} on ${branch}.`;
  }
  return state.kind === 'failed'
    ? `failed: ${state.failure.message} ${isCheckFailed(run) ? '' : state.failure.next}`.trim()
    : `was interrupted on ${host}. Continue Run goes on from there.`;
}
