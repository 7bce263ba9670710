import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { childNodes, filterTasks, rootNodes, taskNode, type TreeNode, type TreeView } from './nodes';
import { treeItem } from './treeItem';

/** Projects the snapshot onto the tree. `getTreeItem` does no I/O; nodes carry stable ids. */
export class TaskTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly subscription: vscode.Disposable;
  private roots: TreeNode[] | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
    private readonly docNames: readonly string[],
    private view: TreeView,
  ) {
    this.subscription = store.onDidChange(() => this.render());
  }

  get treeView(): TreeView {
    return this.view;
  }

  setView(view: TreeView): void {
    this.view = view;
    this.render();
  }

  /** How many tasks the filter lets through. */
  get shown(): number {
    return filterTasks(this.store.snapshot.tasks, this.view.filter).length;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return treeItem(node, Date.now());
  }

  getChildren(node?: TreeNode): TreeNode[] {
    if (node) return childNodes(node, this.docNames);
    this.roots ??= rootNodes(this.store.snapshot, this.view);
    return this.roots;
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  /** The node of a task as it stands in the tree now, to reveal it. */
  nodeOf(key: string): TreeNode | undefined {
    for (const root of this.getChildren()) {
      if (root.kind === 'task' && root.task.key === key) return root;
      const task = root.kind === 'group' ? root.tasks.find((one) => one.key === key) : undefined;
      if (task) return taskNode(task, root);
    }
    return undefined;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private render(): void {
    this.roots = undefined;
    this.changed.fire(undefined);
  }
}
