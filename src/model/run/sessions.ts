import type { RunOrder } from './order';
import type { Run, RunLine } from './run';

/** What a run has had of one of its sessions, as far as its lines go back. Times are epoch ms. */
export interface SessionUse {
  sessionId: string;
  /** The session of the run before it. */
  continues?: string;
  /** Steps of the plan that were written in it. */
  steps: number;
  begunAt: number;
  usedAt: number;
}

type Ordered = Pick<RunOrder, 'sessionId' | 'implementation' | 'createdAt'>;

/**
 * The sessions that the steps of a run were written in, in the order in which it went on in them. Only those that were
 * ordered: what a file on a host says else binds nobody's conversation.
 */
export function sessionUses(
  { sessionId, implementation, createdAt }: Ordered,
  lines: readonly RunLine[],
): SessionUse[] {
  const uses: (SessionUse & { written: Set<number> })[] = [];
  const use = (id: string, at: number): (typeof uses)[number] => {
    const known = uses.find((one) => one.sessionId === id);
    if (known) return known;
    const before = uses.at(-1)?.sessionId;
    const begun = {
      sessionId: id,
      ...(before !== undefined && { continues: before }),
      steps: 0,
      begunAt: at,
      usedAt: at,
      written: new Set<number>(),
    };
    uses.push(begun);
    return begun;
  };
  let now = use(sessionId, createdAt);
  for (const { step, state, session, at, n } of lines) {
    if (step !== 'implement') continue;
    if (session !== undefined && implementation?.spares.includes(session)) now = use(session, at);
    now.usedAt = Math.max(now.usedAt, at);
    if (state === 'done' && n !== undefined) now.written.add(n);
  }
  return uses.map(({ written, ...rest }) => ({ ...rest, steps: written.size }));
}

/** The session that a run is in, or was last, and those before. */
export function runSession(
  order: Ordered,
  lines: readonly RunLine[],
): Pick<Run, 'sessionId' | 'earlierSessions'> {
  const sessions = sessionUses(order, lines).map(({ sessionId }) => sessionId);
  const earlierSessions = sessions.slice(0, -1);
  return { sessionId: sessions.at(-1)!, ...(earlierSessions.length > 0 && { earlierSessions }) };
}
