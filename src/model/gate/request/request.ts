import { shortId } from '../../names';
import type { Session } from '../../session/session';

/**
 * Where an account keeps its requests for approval, below its home. `XDG_STATE_HOME` does not count, as for runs
 * (model/run/folder).
 */
export const requestsFolder = '.local/state/task-sessions/requests';

/** That a session asks for approval, as its host has it. What it says of itself is a claim. Times are epoch ms. */
export interface ApprovalRequest {
  id: string;
  /** Of the Claude Code that asked; absent where it was asked from a shell. */
  sessionId?: string;
  /** The task that whoever asked named: it binds nothing. */
  key?: string;
  directory: string;
  branch?: string;
  commit?: string;
  /** One line. */
  note?: string;
  at: number;
}

/** A request on a host, and the session that asked. */
export interface AskedRequest {
  host: string;
  request: ApprovalRequest;
  session: Session;
}

/** What one host tells. */
export interface ToldRequests {
  host: string;
  requests?: readonly ApprovalRequest[];
}

/**
 * The sessions that ask, with the newest request of each. A session is who the request's own id names, on that host;
 * where it names none, the one session of a task that works in exactly that directory, living before ended.
 */
export function askedRequests(told: readonly ToldRequests[], sessions: readonly Session[]): AskedRequest[] {
  const asked = new Map<Session, AskedRequest>();
  for (const { host, requests = [] } of told)
    for (const request of requests) {
      const session = askerOf(request, host, sessions);
      const before = session && asked.get(session)?.request;
      if (session && (!before || before.at < request.at)) asked.set(session, { host, request, session });
    }
  return [...asked.values()];
}

function askerOf(
  { sessionId, directory }: ApprovalRequest,
  host: string,
  sessions: readonly Session[],
): Session | undefined {
  const there = sessions.filter((session) => session.host === host);
  if (sessionId !== undefined) return there.find(({ id }) => id === sessionId);
  const here = there.filter((session) => session.directory === directory && isBound(session));
  const living = here.filter(({ live }) => live !== undefined);
  const [newest, ...others] = (living.length > 0 ? living : here).toSorted(
    (a, b) => (b.lastActivity ?? 0) - (a.lastActivity ?? 0),
  );
  // Two tasks in one directory: who of them asks, nobody knows.
  return newest && others.every(({ key }) => key === newest.key) ? newest : undefined;
}

const isBound = ({ key, evidence }: Session): boolean =>
  key !== undefined && evidence !== undefined && evidence !== 'candidate';

/** The task whose approval is asked for: by the session's own evidence alone. */
export function taskOfRequest({
  request,
  session,
}: Pick<AskedRequest, 'request' | 'session'>): string | undefined {
  if (!isBound(session)) return undefined;
  // Who names another task is wrong about one of the two: a person decides.
  return request.key === undefined || request.key === session.key ? session.key : undefined;
}

/** Why a request goes to no issue, with the next step. */
export function requestTrouble({
  request,
  session,
}: Pick<AskedRequest, 'request' | 'session'>): string | undefined {
  if (taskOfRequest({ request, session }) !== undefined) return undefined;
  const short = shortId(session.id);
  return isBound(session)
    ? `Session ${short} asks for approval of ${request.key}, and belongs to ${session.key}. Unlink it, or let it ask again.`
    : `Session ${short} asks for approval, and is linked to no task. Link it first.`;
}

export const requestReason = (note: string | undefined): string =>
  note === undefined || note === '' ? 'approval requested' : `approval requested: ${note}`;
