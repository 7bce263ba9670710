import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { age } from '../../model/age';
import { expiryText } from '../../model/describe';
import type { Session } from '../../model/session/session';
import type { Snapshot } from '../../model/task/task';
import {
  candidatesBySession,
  filterSessions,
  groupNodes,
  hostNodes,
  lastSeen,
  listedNodes,
  pageSize,
  type SessionNode,
  type SessionsView,
} from './nodes';
import { sessionItem } from './sessionItem';

/** Projects every session onto the view *Sessions*. `getTreeItem` does no I/O; nodes carry stable ids. */
export class SessionTree implements vscode.TreeDataProvider<SessionNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<SessionNode | undefined>();
  private readonly subscription: vscode.Disposable;
  private roots: SessionNode[] | undefined;
  private candidates: ReadonlyMap<string, readonly Session[]> = new Map();
  private drawn: Snapshot | undefined;
  /** Rows of a group that the user asked for, by its id. */
  private readonly limits = new Map<string, number>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
    private view: SessionsView,
    /** Nothing is drawn that nobody sees. */
    private readonly visible: () => boolean,
  ) {
    this.subscription = store.onDidChange(() => this.update());
  }

  get sessionsView(): SessionsView {
    return this.view;
  }

  setView(change: Partial<SessionsView>): void {
    this.view = { ...this.view, ...change };
    this.limits.clear();
    this.render();
  }

  /** Draws what changed since the last time, if anything did. */
  update(): void {
    // A redraw closes tooltips and menus under the pointer.
    if (this.visible() && (!this.drawn || !looksSame(this.drawn, this.store.snapshot))) this.render();
  }

  /** How many sessions the view lets through. */
  get shown(): number {
    return filterSessions(this.store.snapshot, this.view).length;
  }

  showMore(node: SessionNode): void {
    if (node.kind !== 'moreSessions') return;
    this.limits.set(node.parent.id, this.limitOf(node.parent.id) + pageSize);
    this.changed.fire(node.parent);
  }

  getTreeItem(node: SessionNode): vscode.TreeItem {
    return sessionItem(node, Date.now());
  }

  getChildren(node?: SessionNode): SessionNode[] {
    switch (node?.kind) {
      case undefined:
        return (this.roots ??= this.rootNodes());
      case 'sessionHost':
        return groupNodes(node, this.view, Date.now());
      case 'sessionGroup':
        return listedNodes(node, this.limitOf(node.id), this.candidates);
      case 'listedSession':
      case 'moreSessions':
        return [];
    }
  }

  getParent(node: SessionNode): SessionNode | undefined {
    return node.kind === 'sessionHost' ? undefined : node.parent;
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private rootNodes(): SessionNode[] {
    const { snapshot } = this.store;
    this.drawn = snapshot;
    this.candidates = candidatesBySession(snapshot);
    const nodes = hostNodes(snapshot, this.view);
    // Where there is nothing to list, the welcome text says why; a host that fails has its own row to say it.
    const isTelling = nodes.some(({ sessions, host }) => sessions.length > 0 || host?.error !== undefined);
    return isTelling ? nodes : [];
  }

  private limitOf(groupId: string): number {
    return this.limits.get(groupId) ?? pageSize;
  }

  private render(): void {
    this.roots = undefined;
    this.changed.fire(undefined);
  }
}

/** True where both show the same rows. Most sessions are the same objects: then this takes no time. */
function looksSame(before: Snapshot, after: Snapshot): boolean {
  if (Math.floor(before.at / 60_000) !== Math.floor(after.at / 60_000)) return false;
  if (hostsPicture(before) !== hostsPicture(after) || candidatesPicture(before) !== candidatesPicture(after))
    return false;
  return (
    before.sessions.length === after.sessions.length &&
    before.sessions.every((one, index) => {
      const other = after.sessions[index]!;
      return one === other || picture(one, before.at) === picture(other, after.at);
    })
  );
}

const hostsPicture = ({ hosts }: Snapshot): string =>
  JSON.stringify(
    hosts.map(({ name, asOf, error, next, earlier }) => [name, asOf === undefined, error, next, earlier]),
  );

const candidatesPicture = (snapshot: Snapshot): string =>
  JSON.stringify(
    [...candidatesBySession(snapshot)].map(([place, some]) => [
      place,
      some.map(({ key, score, reason }) => [key, score, reason]),
    ]),
  );

/** All that a row and its tooltip show; of times only what is said of them. */
function picture(session: Session, now: number): string {
  const { lastActivity: _, expiresAt: __, traces: ___, ...rest } = session;
  return JSON.stringify([rest, age(lastSeen(session), now), expiryText(session, now)]);
}
