import * as vscode from 'vscode';
import type { App } from '../../app';
import { statusesOf } from '../../model/task/phase';
import { phases } from '../../model/task/task';

const key = 'taskSessions.workflowHint';

/** Commands whose outcome the board would show, were phases mapped. */
const movers: ReadonlySet<string> = new Set([
  'startAnalysis',
  'approve',
  'startImplementation',
  'openPullRequest',
]);

/** Says once, after a command that would have moved an issue, that no status stands for a phase. */
export function workflowHint(
  { settings }: Pick<App, 'settings'>,
  memento: vscode.Memento,
): (command: string) => void {
  return (command) => {
    if (!movers.has(command) || memento.get(key) === true) return;
    if (phases.some((phase) => statusesOf(phase, settings.phases).length > 0)) return;
    void memento.update(key, true).then(async () => {
      const setUp = 'Set Up Workflow';
      const said = 'No Jira status stands for a phase yet, so issues stay where they are on the board.';
      if ((await vscode.window.showInformationMessage(said, setUp)) === setUp)
        await vscode.commands.executeCommand('taskSessions.setUpWorkflow');
    });
  };
}
