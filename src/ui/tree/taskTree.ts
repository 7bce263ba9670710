import * as vscode from 'vscode';
import type { Documents } from '../../actions/documents';
import type { SnapshotStore } from '../../actions/store';
import { age } from '../../model/age';
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

  private readonly texts = new WeakMap<Task, { minute: number; times: unknown; text: string }>();

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
   * Draws the rows that look otherwise, also by their age. Drawing all anew closes tooltips, and VS Code forgets meanwhile
   * what its rows stand for: so only where notices or groups come, go or change places.
   */
  private update(snapshot: Snapshot): void {
    const before = this.picture;
    const fresh = this.rootNodes();
    this.picture = this.pictureOf(snapshot, fresh);
    const { roots } = this;
    const isSameFrame = roots?.length === fresh.length && roots.every(({ id }, at) => id === fresh[at]!.id);
    if (!before || !roots || !isSameFrame) return this.render();
    const changed: TreeNode[] = [];
    const draw = (node: TreeNode | undefined, id: string): void => {
      if (node && before.get(id) !== this.picture?.get(id)) changed.push(node);
    };
    for (const [at, root] of roots.entries()) {
      if (root.kind === 'task') continue;
      become(root, fresh[at]!);
      draw(root, root.id);
    }
    for (const task of snapshot.tasks) {
      const row = this.rows.get(task.key);
      if (row) row.task = task;
      draw(row, task.key);
    }
    if (changed.length > 0) this.changed.fire(changed);
  }

  /** What rows show, by the ids of notices and groups, and by the keys of tasks. */
  private pictureOf({ tasks, at }: Snapshot, roots: readonly TreeNode[]): Picture {
    return new Map([
      ...roots
        .filter(({ kind }) => kind !== 'task')
        .map((root): [string, string] => [
          root.id,
          root.kind === 'group' ? root.tasks.map(({ key }) => key).join() : textOf(root, at),
        ]),
      ...tasks.map((task): [string, string] => [task.key, this.textOfTask(task, at)]),
    ]);
  }

  /** Tasks that have not changed are the same objects: then this takes no time, but once in a minute. */
  private textOfTask(task: Task, at: number): string {
    const times = this.times.get(task.key);
    const minute = Math.floor(at / 60_000);
    const known = this.texts.get(task);
    if (known?.minute === minute && known.times === times) return known.text;
    const text = textOf([task, times && [...times]], at);
    this.texts.set(task, { minute, times, text });
    return text;
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

/** Texts to compare. */
type Picture = ReadonlyMap<string, string>;

/** Numbers above it are times, in milliseconds: in 2001. */
const aTime = 1e12;

/** Of times only how long ago they are. */
const textOf = (value: unknown, now: number): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'number' && part > aTime ? ageEitherWay(part, now) : part,
  );

const ageEitherWay = (at: number, now: number): string => (at > now ? `in ${age(now, at)}` : age(at, now));

/** VS Code knows a row by its object: so it stays, and gets what the other holds. */
function become(node: TreeNode, other: TreeNode): void {
  for (const key of Object.keys(node)) if (!(key in other)) Reflect.deleteProperty(node, key);
  Object.assign(node, other);
}
