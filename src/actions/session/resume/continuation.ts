import { shortId } from '../../../model/names';
import type { Session } from '../../../model/session/session';
import type { Inquiry } from './inquiry';
import { Refusal } from './refusal';

/**
 * An old Claude gave a session a new id at each resume: what came after is under the newest. Resuming an older one would
 * go on without it; a fork of it is nobody's loss.
 */
export function checkContinuation({ session, snapshot, onCheck }: Inquiry): void {
  const newest = newestOf(session, snapshot.sessions);
  if (!newest) return;
  const where = newest.host === session.host ? '' : ` on ${newest.host}`;
  const detail = `it went on as ${shortId(newest.id)}${where}, under a new id, as old versions of Claude do`;
  onCheck({ check: 'transcript', ok: false, detail, fix: `Resume ${shortId(newest.id)}.` });
  throw new Refusal(
    `This session went on as ${shortId(newest.id)}${where}: an old version of Claude gave it a new id.`,
    `Resume ${newest.id}, which holds all of this one and what came after. A fork of this one leaves that out.`,
    ['fork'],
  );
}

/** The last of the chain; undefined where the session is that itself, or where the next is gone. */
export function newestOf(session: Session, sessions: readonly Session[]): Session | undefined {
  const passed = new Set([session.id]);
  let newest: Session | undefined;
  for (let next = session.continuedBy; next !== undefined && !passed.has(next);) {
    passed.add(next);
    const id = next;
    const found = sessions.find((one) => one.id === id && one.state !== 'missing');
    if (!found) break;
    newest = found;
    next = found.continuedBy;
  }
  return newest;
}
