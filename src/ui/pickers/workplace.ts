import * as vscode from 'vscode';
import type { Workplace, Workplaces } from '../../actions/session/continuing';
import type { Task } from '../../model/task/task';

/** Where a new session or a person works; asked only where the clone could be switched to the branch. Undefined: given up. */
export async function pickWorkplace(
  task: Task,
  { isChoice, checkout, worktree }: Workplaces,
  title = `Where shall the new session for ${task.key} work?`,
): Promise<Workplace | undefined> {
  if (!isChoice) return 'worktree';
  const items: (vscode.QuickPickItem & { where: Workplace })[] = [
    {
      where: 'worktree',
      label: '$(folder-library) In a Worktree of Its Own',
      description: worktree,
      detail: 'Your working tree stays as it is.',
    },
    {
      where: 'clone',
      label: '$(git-branch) Check Out Here',
      description: checkout.root,
      detail: `Switches to ${checkout.branch}.`,
    },
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title,
  });
  return picked?.where;
}
