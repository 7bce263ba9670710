import type * as vscode from 'vscode';
import { errorLine } from '../../model/errors';
import type { Log } from '../../util/log';
import type { TreeNode } from './nodes';
import type { TaskTree } from './taskTree';

/**
 * Shows a task's newest run, or the task, in the tree, chosen and unfolded. `isAgain`: for the same, a moment later; does
 * nothing where the person has gone elsewhere.
 */
export function revealer(
  tree: TaskTree,
  view: vscode.TreeView<TreeNode>,
  log: Log,
): (key: string, isAgain?: boolean) => Promise<void> {
  /** The row that was chosen before. */
  let left: string | undefined;
  return async (key, isAgain = false) => {
    const node = tree.runNodeOf(key) ?? tree.nodeOf(key);
    const [chosen] = view.selection;
    if (!isAgain) left = chosen?.id;
    const isAway = chosen && chosen.id !== left && !('task' in chosen && chosen.task.key === key);
    if (!node || (isAgain && isAway)) return;
    try {
      await view.reveal(node, { select: true, focus: !isAgain, expand: true });
    } catch (error) {
      // VS Code refuses a row that it draws anew at that moment.
      log.debug(`Reveal ${key}: ${errorLine(error)}`);
    }
  };
}
