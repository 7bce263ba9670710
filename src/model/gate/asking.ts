import type { Session } from '../session/session';
import { askedRequests, type ApprovalRequest, type ToldRequests } from './request/request';

/** Puts what they ask on the sessions that ask, look after look: what is the same as before is the same object. */
export class AskingSessions {
  private readonly made = new WeakMap<Session, { request: ApprovalRequest; session: Session }>();

  of(sessions: Session[], told: readonly ToldRequests[]): Session[] {
    if (told.every(({ requests = [] }) => requests.length === 0)) return sessions;
    const asked = new Map(askedRequests(told, sessions).map(({ session, request }) => [session, request]));
    return sessions.map((session) => {
      const request = asked.get(session);
      return request ? this.asking(session, request) : session;
    });
  }

  private asking(session: Session, request: ApprovalRequest): Session {
    const before = this.made.get(session);
    if (before?.request === request) return before.session;
    const asking = { ...session, asks: request };
    this.made.set(session, { request, session: asking });
    return asking;
  }
}
