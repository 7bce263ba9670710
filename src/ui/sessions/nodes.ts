import { groupBy } from '../../util/groupBy';
import type { Session } from '../../model/session/session';
import type { HostState, Snapshot } from '../../model/task/task';

/** What the user chose to see. */
export interface SessionsView {
  filter: string;
  unlinkedOnly: boolean;
}

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
export function hostNodes(snapshot: Snapshot, view: SessionsView): SessionHostNode[] {
  const found = groupBy(filterSessions(snapshot, view), ({ host, hostKnown }) =>
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

export const isNarrowed = ({ filter, unlinkedOnly }: SessionsView): boolean => unlinkedOnly || filter !== '';

/** What lives first, then by last activity. `now` is epoch ms. */
export function groupNodes(parent: SessionHostNode, view: SessionsView, now: number): SessionGroupNode[] {
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

export const placeOf = ({ host, id }: Pick<Session, 'host' | 'id'>): string => `${host}/${id}`;

/** By place: the tasks under which a session is shown as a candidate, best first. */
export function candidatesBySession({ tasks }: Pick<Snapshot, 'tasks'>): Map<string, Session[]> {
  const candidates = groupBy(
    tasks.flatMap(({ sessions }) => sessions.filter(({ evidence }) => evidence === 'candidate')),
    placeOf,
  );
  for (const some of candidates.values()) some.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  return candidates;
}

/** Every word must occur in title, id, key, directory, branch, host or state. */
export function filterSessions(
  { sessions }: Pick<Snapshot, 'sessions'>,
  { filter, unlinkedOnly }: SessionsView,
): readonly Session[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && !unlinkedOnly) return sessions;
  return sessions.filter((session) => {
    if (unlinkedOnly && session.key !== undefined) return false;
    const text = words.length > 0 ? searchText(session) : '';
    return words.every((word) => text.includes(word));
  });
}

const texts = new WeakMap<Session, string>();

/** What a session is found by, in lower case. */
export function searchText(session: Session): string {
  let text = texts.get(session);
  if (text === undefined) {
    const { title, id, key, directory, branch, host, state } = session;
    text = [title, id, key ?? 'not linked', directory, branch, host, state].join('\n').toLowerCase();
    texts.set(session, text);
  }
  return text;
}

function groupOf(session: Session, midnight: number): SessionGroup {
  if (isLive(session)) return 'Live';
  // Known by a record or the ledger only: there is nothing to resume.
  if (session.state === 'missing') return 'Missing';
  const at = lastSeen(session);
  if (at >= midnight) return 'Today';
  return at >= midnight - 6 * 86_400_000 ? 'This Week' : 'Older';
}

export const isLive = ({ state, live }: Session): boolean =>
  live !== undefined || state === 'working' || state === 'waiting' || state === 'idle';

export const lastSeen = ({ lastActivity, createdAt }: Session): number => lastActivity ?? createdAt ?? 0;

/** Who waits for a person first, then the newest; the id decides what is equal, so that rows do not jump. */
const byRank = (a: Session, b: Session): number =>
  Number(b.state === 'waiting') - Number(a.state === 'waiting') ||
  lastSeen(b) - lastSeen(a) ||
  a.id.localeCompare(b.id);
