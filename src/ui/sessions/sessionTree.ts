import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import { age } from '../../model/age';
import { expiryText } from '../../model/describe';
import {
  candidatesBySession,
  filterSessions,
  lastSeen,
  placeOf,
  type SessionFilter,
} from '../../model/session/listing';
import type { Session } from '../../model/session/session';
import type { Snapshot } from '../../model/task/task';
import {
  groupNodes,
  hostNodes,
  listedNodes,
  pageSize,
  type ListedSessionNode,
  type SessionGroupNode,
  type SessionHostNode,
  type SessionNode,
} from './nodes';
import { sessionItem } from './sessionItem';

/** Projects every session onto the view *Sessions*. `getTreeItem` does no I/O; nodes carry stable ids. */
export class SessionTree implements vscode.TreeDataProvider<SessionNode>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<SessionNode | SessionNode[] | undefined>();
  private readonly subscription: vscode.Disposable;
  private roots: SessionHostNode[] | undefined;
  /** What VS Code was given of these, by id: it knows a row by its object. */
  private readonly groups = new Map<string, SessionGroupNode>();
  private readonly rows = new Map<string, ListedSessionNode>();
  private candidates: ReadonlyMap<string, readonly Session[]> = new Map();
  private drawn: Snapshot | undefined;
  /** Rows of a group that the user asked for, by its id. */
  private readonly limits = new Map<string, number>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'onDidChange'>,
    private view: SessionFilter,
    /** Nothing is drawn that nobody sees. */
    private readonly visible: () => boolean,
  ) {
    this.subscription = store.onDidChange(() => this.update());
  }

  get filter(): SessionFilter {
    return this.view;
  }

  setView(change: Partial<SessionFilter>): void {
    this.view = { ...this.view, ...change };
    this.limits.clear();
    this.render();
  }

  /** Draws what changed since the last time, if anything did. */
  update(): void {
    if (!this.visible()) return;
    const { snapshot } = this.store;
    const { drawn } = this;
    if (drawn && looksSame(drawn, snapshot)) return;
    // Drawing all anew closes tooltips, and a menu that is open forgets its row.
    if (!drawn || !this.roots || !this.updateRows(drawn, this.roots)) this.render();
  }

  /** How many sessions the view lets through. */
  get shown(): number {
    return filterSessions(this.store.snapshot.sessions, this.view).length;
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
      case 'sessionHost': {
        const groups = groupNodes(node, this.view, Date.now());
        for (const group of groups) this.groups.set(group.id, group);
        return groups;
      }
      case 'sessionGroup': {
        const rows = listedNodes(node, this.limitOf(node.id), this.candidates);
        for (const row of rows) if (row.kind === 'listedSession') this.rows.set(row.id, row);
        return rows;
      }
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

  private rootNodes(): SessionHostNode[] {
    const { snapshot } = this.store;
    this.drawn = snapshot;
    this.candidates = candidatesBySession(snapshot.tasks);
    const nodes = hostNodes(snapshot, this.view);
    // Where there is nothing to list, the welcome text says why; a host that fails has its own row to say it.
    const isTelling = nodes.some(({ sessions, host }) => sessions.length > 0 || host?.error !== undefined);
    return isTelling ? nodes : [];
  }

  /** Draws only the rows that look otherwise. False where hosts, groups or their order have changed. */
  private updateRows(drawn: Snapshot, roots: readonly SessionHostNode[]): boolean {
    const { snapshot } = this.store;
    const now = Date.now();
    const fresh = hostNodes(snapshot, this.view);
    const groups = fresh.flatMap((host) => groupNodes(host, this.view, now));
    const before = roots.flatMap((host) => groupNodes(host, this.view, drawn.at));
    if (hostsPicture(drawn) !== hostsPicture(snapshot) || shapeOf(before) !== shapeOf(groups)) return false;
    this.drawn = snapshot;
    this.candidates = candidatesBySession(snapshot.tasks);
    roots.forEach((host, index) => Object.assign(host, { sessions: fresh[index]!.sessions }));
    const changed: SessionNode[] = [];
    for (const { id, sessions } of groups) {
      const group = this.groups.get(id);
      if (group) group.sessions = sessions;
      for (const session of sessions) {
        const row = this.rows.get(`${id}/${session.id}`);
        if (!row) continue;
        const candidates = this.candidates.get(placeOf(session)) ?? [];
        const isOther =
          rowPicture(row.session, row.candidates, drawn.at) !== rowPicture(session, candidates, snapshot.at);
        Object.assign(row, { session, candidates });
        if (isOther) changed.push(row);
      }
    }
    if (changed.length > 0) this.changed.fire(changed);
    return true;
  }

  private limitOf(groupId: string): number {
    return this.limits.get(groupId) ?? pageSize;
  }

  private render(): void {
    this.roots = undefined;
    this.groups.clear();
    this.rows.clear();
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

/** All that the rows of hosts show, but for their sessions. */
const hostsPicture = ({ hosts, at }: Snapshot): string =>
  JSON.stringify(
    hosts.map(({ name, asOf, error, next, earlier }) => {
      const old = error !== undefined || earlier === true;
      return [
        name,
        asOf === undefined ? undefined : old && age(asOf, at),
        asOf === undefined,
        error,
        next,
        earlier,
      ];
    }),
  );

/** Which groups there are, and which sessions in which order. */
const shapeOf = (groups: readonly SessionGroupNode[]): string =>
  groups.map(({ id, sessions }) => `${id}\n${sessions.map((session) => session.id).join('\n')}`).join('\n\n');

const rowPicture = (session: Session, candidates: readonly Session[], now: number): string =>
  picture(session, now) + candidates.map(({ key, score, reason }) => `${key} ${score} ${reason}`).join('\n');

const candidatesPicture = (snapshot: Snapshot): string =>
  JSON.stringify(
    [...candidatesBySession(snapshot.tasks)].map(([place, some]) => [
      place,
      some.map(({ key, score, reason }) => [key, score, reason]),
    ]),
  );

/** All that a row and its tooltip show; of times only what is said of them. */
function picture(session: Session, now: number): string {
  const { lastActivity: _, expiresAt: __, traces: ___, ...rest } = session;
  return JSON.stringify([rest, age(lastSeen(session), now), expiryText(session, now)]);
}
