import { groupBy } from '../../util/groupBy';
import type { Task } from '../task/task';
import type { Session } from './session';

/** Which of all sessions to list, and in which order: the same in the window and on the command line. */
export interface SessionFilter {
  /** Every word must occur in title, id, task, directory, branch, host or state. */
  words: string;
  unlinkedOnly: boolean;
}

export function filterSessions(
  sessions: readonly Session[],
  { words, unlinkedOnly }: SessionFilter,
): readonly Session[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0 && !unlinkedOnly) return sessions;
  return sessions.filter((session) => {
    if (unlinkedOnly && session.key !== undefined) return false;
    const text = wanted.length > 0 ? searchText(session) : '';
    return wanted.every((word) => text.includes(word));
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

export const isLive = ({ state, live }: Session): boolean =>
  live !== undefined || state === 'working' || state === 'waiting' || state === 'idle';

/** Epoch ms; 0 where nothing tells. */
export const lastSeen = ({ lastActivity, createdAt }: Session): number => lastActivity ?? createdAt ?? 0;

/** What lives first, who waits for a person before all, then the newest; the id decides what is equal. */
export const byRank = (a: Session, b: Session): number =>
  Number(isLive(b)) - Number(isLive(a)) ||
  Number(b.state === 'waiting') - Number(a.state === 'waiting') ||
  lastSeen(b) - lastSeen(a) ||
  (a.id < b.id ? -1 : 1);

export const placeOf = ({ host, id }: Pick<Session, 'host' | 'id'>): string => `${host}/${id}`;

/** By place: the tasks under which a session is shown as a candidate, best first. */
export function candidatesBySession(tasks: readonly Task[]): Map<string, Session[]> {
  const candidates = groupBy(
    tasks.flatMap(({ sessions }) => sessions.filter(({ evidence }) => evidence === 'candidate')),
    placeOf,
  );
  for (const some of candidates.values()) some.sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  return candidates;
}

/** `candidate PAY-1 · 72 and 2 more`, for the best of several. */
export function candidateText([best, ...others]: readonly Session[]): string | undefined {
  if (best?.key === undefined) return undefined;
  const score = best.score === undefined ? '' : ` · ${best.score}`;
  return `candidate ${best.key}${score}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}
