import { groupBy } from '../../util/groupBy';
import {
  byRank,
  filterSessions,
  isLive,
  lastSeen,
  placeOf,
  type SessionFilter,
} from '../../model/session/listing';
import type { Session } from '../../model/session/session';
import type { HostState, Snapshot } from '../../model/task/task';

interface NodeBase {
  /** Stable over refreshes, so that expansion and selection stay. */
  id: string;
}

export interface SessionHostNode extends NodeBase {
  kind: 'sessionHost';
  name: string;
  /** Undefined for a host that only a record names. */
  host?: HostState;
  /** Those that the view lets through. */
  sessions: readonly Session[];
}

export interface SessionGroupNode extends NodeBase {
  kind: 'sessionGroup';
  parent: SessionHostNode;
  label: SessionGroup;
  sessions: readonly Session[];
  /** Shown open: what one most likely looks for, and whatever a filter has left. */
  open: boolean;
}

export interface ListedSessionNode extends NodeBase {
  kind: 'listedSession';
  parent: SessionGroupNode;
  session: Session;
  /** Tasks that an unlinked session might belong to, best first. */
  candidates: readonly Session[];
}

export interface MoreSessionsNode extends NodeBase {
  kind: 'moreSessions';
  parent: SessionGroupNode;
  left: number;
}

/** Every session by host, as values: no I/O, no vscode. */
export type SessionNode = SessionHostNode | SessionGroupNode | ListedSessionNode | MoreSessionsNode;

export const sessionGroups = ['Live', 'Today', 'This Week', 'Older', 'Missing'] as const;
export type SessionGroup = (typeof sessionGroups)[number];

/** So many rows of a group at once: VS Code takes long over thousands. */
export const pageSize = 200;

/** Configured hosts in their order, then names that only records know. */
export function hostNodes(snapshot: Snapshot, view: SessionFilter): SessionHostNode[] {
  const found = groupBy(filterSessions(snapshot.sessions, view), ({ host, hostKnown }) =>
    hostKnown ? host : `?${host}`,
  );
  const known = snapshot.hosts.map((host): SessionHostNode => {
    const sessions = found.get(host.name) ?? [];
    return { kind: 'sessionHost', id: `host/${host.name}`, name: host.name, host, sessions };
  });
  const others = [...found]
    .filter(([name]) => name.startsWith('?'))
    .map(([name, sessions]): SessionHostNode => {
      return { kind: 'sessionHost', id: `unknownHost/${name.slice(1)}`, name: name.slice(1), sessions };
    });
  const all = [...known, ...others];
  return isNarrowed(view) ? all.filter(({ sessions }) => sessions.length > 0) : all;
}

export const isNarrowed = ({ words, unlinkedOnly }: SessionFilter): boolean => unlinkedOnly || words !== '';

/** What lives first, then by last activity. `now` is epoch ms. */
export function groupNodes(parent: SessionHostNode, view: SessionFilter, now: number): SessionGroupNode[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const groups = groupBy(parent.sessions, (session) => groupOf(session, midnight));
  const newest = sessionGroups.find((label) => groups.has(label));
  return sessionGroups.flatMap((label): SessionGroupNode[] => {
    const sessions = groups.get(label);
    if (!sessions) return [];
    const open = isNarrowed(view) || label === 'Live' || label === 'Today' || label === newest;
    // VS Code remembers what was open by id: what is narrowed has its own memory.
    const id = `${parent.id}/${label}${isNarrowed(view) ? '/narrowed' : ''}`;
    return [{ kind: 'sessionGroup', id, parent, label, sessions: sessions.sort(byRank), open }];
  });
}

/** The first `limit` sessions of a group, and a row that leads to more. */
export function listedNodes(
  parent: SessionGroupNode,
  limit: number,
  candidates: ReadonlyMap<string, readonly Session[]>,
): SessionNode[] {
  const rows = parent.sessions.slice(0, limit).map((session): ListedSessionNode => ({
    kind: 'listedSession',
    // The host is part of it: the same session may lie on two.
    id: `${parent.id}/${session.id}`,
    parent,
    session,
    candidates: candidates.get(placeOf(session)) ?? [],
  }));
  const left = parent.sessions.length - rows.length;
  return left > 0 ? [...rows, { kind: 'moreSessions', id: `${parent.id}/more`, parent, left }] : rows;
}

function groupOf(session: Session, midnight: number): SessionGroup {
  if (isLive(session)) return 'Live';
  // Known by a record or the ledger only: there is nothing to resume.
  if (session.state === 'missing') return 'Missing';
  const at = lastSeen(session);
  if (at >= midnight) return 'Today';
  return at >= midnight - 6 * 86_400_000 ? 'This Week' : 'Older';
}
