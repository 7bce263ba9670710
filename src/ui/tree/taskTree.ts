import * as vscode from 'vscode';
import type { Documents } from '../../actions/documents';
import type { SnapshotStore } from '../../actions/store';
import type { Snapshot, Task } from '../../model/task/task';
import { childNodes, filterTasks, rootNodes, taskNode, type TreeNode, type TreeView } from './nodes';
import { treeItem } from './treeItem';

/** Projects the snapshot onto the tree. `getTreeItem` does no I/O; nodes carry stable ids. */
export class TaskTree implements vscode.TreeDataProvider<TreeNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>();
  private readonly subscription: vscode.Disposable;
  private roots: TreeNode[] | undefined;
  private picture: Picture | undefined;
  /** The rows of tasks that VS Code was given, by key: it knows a row by its object. */
  private readonly rows = new Map<string, TaskNode>();
  /** When documents changed, by task; asked when they are looked at. */
  private readonly times = new Map<string, ReadonlyMap<string, number>>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
    private readonly docNames: readonly string[],
    private view: TreeView,
    private readonly documents: Pick<Documents, 'changeTimes'>,
  ) {
    this.subscription = store.onDidChange((snapshot) => this.update(snapshot));
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
    if (node?.kind === 'documents') return this.documentNodes(node);
    if (node) return this.given(childNodes(node, this.docNames));
    this.roots ??= this.rootNodes();
    return this.given(this.roots);
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

  /** The row of the newest run of a task. */
  runNodeOf(key: string): TreeNode | undefined {
    const task = this.nodeOf(key);
    return task && childNodes(task, this.docNames).find(({ kind }) => kind === 'run');
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private rootNodes(): TreeNode[] {
    return this.shown === 0 ? this.emptyRoots() : rootNodes(this.store.snapshot, this.view);
  }

  private given(nodes: TreeNode[]): TreeNode[] {
    for (const node of nodes) if (node.kind === 'task') this.rows.set(node.task.key, node);
    return nodes;
  }

  /**
   * Draws what changed, or aged by a minute. Drawing all anew closes tooltips, and a menu that is open forgets its row:
   * so only the tasks that look otherwise, unless notices, groups or their order have changed.
   */
  private update(snapshot: Snapshot): void {
    const before = this.picture;
    const fresh = this.rootNodes();
    this.picture = pictureOf(snapshot, fresh);
    if (!before || !this.roots || before.frame !== this.picture.frame) return this.render();
    const changed: TaskNode[] = [];
    for (const [index, root] of this.roots.entries()) {
      const other = fresh[index];
      if (root.kind === 'group' && other?.kind === 'group') root.tasks = other.tasks;
    }
    for (const task of snapshot.tasks) {
      if (before.tasks.get(task.key) === this.picture.tasks.get(task.key)) continue;
      const row = this.rows.get(task.key);
      if (!row) continue;
      row.task = task;
      changed.push(row);
    }
    if (changed.length > 0) this.changed.fire(changed);
  }

  /** Notices alone would keep the welcome text away, which offers the way on; a failure has its own words and way. */
  private emptyRoots(): TreeNode[] {
    const { jira, tasks } = this.store.snapshot;
    if (!jira.signedIn || jira.error === undefined || tasks.length > 0) return [];
    return [
      { kind: 'jiraNotice', id: 'notice/jira', error: jira.error, ...(jira.next && { next: jira.next }) },
    ];
  }

  /** At once with what is known of their age, and again when git has told the rest. */
  private documentNodes(node: TreeNode & { kind: 'documents' }): TreeNode[] {
    const { task } = node;
    const known = this.times.get(task.key);
    if (vscode.workspace.isTrusted)
      void this.documents.changeTimes(task).then(
        (times) => {
          if (times === known || times.size === 0) return;
          this.times.set(task.key, times);
          this.changed.fire(node);
        },
        // Without its age a document is as good.
        () => undefined,
      );
    return childNodes(node, this.docNames).map((child) => {
      const changedAt = child.kind === 'document' ? known?.get(child.doc.path) : undefined;
      return child.kind === 'document' && changedAt !== undefined
        ? { ...child, doc: { ...child.doc, changedAt } }
        : child;
    });
  }

  private render(): void {
    this.roots = undefined;
    this.rows.clear();
    this.changed.fire(undefined);
  }
}

type TaskNode = TreeNode & { kind: 'task' };

/** What the tree shows, as text to compare. */
interface Picture {
  /** Notices, groups, and which tasks are in them, in order. */
  frame: string;
  /** By key. */
  tasks: ReadonlyMap<string, string>;
}

function pictureOf({ tasks, hosts, jira, branches, at }: Snapshot, roots: readonly TreeNode[]): Picture {
  const frame = JSON.stringify([
    Math.floor(at / 60_000),
    hosts.map(({ name, error, next, earlier }) => [name, error, next, earlier]),
    [jira.signedIn, jira.error, jira.next, jira.earlier],
    [branches?.error, branches?.next, branches?.earlier],
    roots.map((root) => [
      root.id,
      root.kind === 'group'
        ? root.tasks.map(({ key }) => key)
        : root.kind === 'repositoryNotice' && root.tasks,
    ]),
  ]);
  return { frame, tasks: new Map(tasks.map((task) => [task.key, textOf(task)])) };
}

const texts = new WeakMap<Task, string>();

/** Tasks that have not changed are the same objects. */
function textOf(task: Task): string {
  let text = texts.get(task);
  if (text === undefined) texts.set(task, (text = JSON.stringify(task)));
  return text;
}
