import { UserError } from '../../model/errors';
import { shortId } from '../../model/names';
import type { SessionReference } from '../../model/session/reference';
import type { Session } from '../../model/session/session';
import type { HostState, Snapshot, Task } from '../../model/task/task';
import type { ReportSource } from '../store';
import type { PreflightCheck } from './resume/plan';
import { unknownHost } from './resume/refusal';

/** The session that a reference names, as our own hosts know it, and how far the reference says the same. */
export interface Referenced {
  session: Session;
  task?: Task;
  /** What the reference says otherwise, each in a few words. */
  differences: string[];
  /** The same for a plan. */
  check: PreflightCheck;
}

export interface ReferenceContext {
  snapshot: Pick<Snapshot, 'sessions' | 'tasks' | 'hosts'>;
  hosts: readonly Pick<ReportSource, 'name' | 'local' | 'names'>[];
}

/**
 * Looks up what a colleague pasted. The host must be one of the user's own, by name or alias; where the session really
 * is, its transcript decides, and what the reference says otherwise is told in the check. Throws UserError.
 */
export function resolveReference(
  reference: SessionReference,
  { snapshot, hosts }: ReferenceContext,
): Referenced {
  const { sessionId } = reference;
  const host = hostOf(reference.host, hosts);
  const known = snapshot.sessions.filter(({ id, hostKnown }) => id === sessionId && hostKnown);
  const present = known.filter(({ state }) => state !== 'missing');
  if (host === undefined) throw notOurs(reference, present);
  // Who does not answer may well have it: another host's copy is not taken for it, and planning asks again.
  const where = answers(snapshot.hosts.find(({ name }) => name === host))
    ? present
    : present.filter((one) => one.host === host);
  const session = oneOf(where, host) ?? known.find((one) => one.host === host) ?? blank(sessionId, host);
  // The issue that the evidence names, never the one that the reference does.
  const task = snapshot.tasks.find(({ key }) => key === session.key);
  const differences = compare(reference, session, host);
  return { session, ...(task && { task }), differences, check: checkOf(session, host, differences) };
}

const answers = (host: HostState | undefined): boolean =>
  host?.asOf !== undefined && host.error === undefined && !host.earlier;

/** `local` is everybody's name for their own machine, so in a reference it means none. */
function hostOf(name: string, hosts: ReferenceContext['hosts']): string | undefined {
  const exact = hosts.find((host) => host.name === name);
  if (exact || name === 'local') return exact?.name;
  const [alias, ...others] = hosts.filter(({ names }) => names.includes(name));
  if (others.length > 0)
    throw new UserError(
      `"${name}" is an alias of several of your hosts.`,
      'Leave it to one of them in taskSessions.hosts.',
    );
  return alias?.name;
}

function notOurs({ host, sessionId }: SessionReference, present: readonly Session[]): UserError {
  const { reason, next } = unknownHost(host);
  const [elsewhere] = present;
  return new UserError(
    reason,
    elsewhere ? `${next} On ${elsewhere.host} there is a session ${shortId(sessionId)} too.` : next,
  );
}

/** Of several, the one on the host that is named; else the user has to say which. */
function oneOf(present: readonly Session[], host: string): Session | undefined {
  const there = present.find((one) => one.host === host);
  if (there || present.length < 2) return there ?? present[0];
  throw new UserError(
    `Session ${shortId(present[0]!.id)} is not on ${host}, but on ${present.map((one) => one.host).join(' and ')}.`,
    'Resume it by its id, on the one that you mean.',
  );
}

/** Nobody has seen it yet: planning asks the host itself. */
const blank = (id: string, host: string): Session => ({
  id,
  host,
  hostKnown: true,
  kind: 'other',
  state: 'unknown',
});

function compare(reference: SessionReference, session: Session, host: string): string[] {
  return [
    ...(session.host === host ? [] : [`it says host ${host}, but the session is on ${session.host}`]),
    ...(['directory', 'branch', 'task'] as const).flatMap((hint) => {
      const said = reference[hint];
      const found = hint === 'task' ? session.key : session[hint];
      if (said === undefined || said === found) return [];
      if (found !== undefined) return [`it says ${hint} ${said}, but here it is ${found}`];
      return hint === 'task' ? [`it says task ${said}, but here the session is not linked`] : [];
    }),
  ];
}

const checkOf = (session: Session, host: string, differences: readonly string[]): PreflightCheck =>
  differences.length === 0
    ? { check: 'reference', ok: true, detail: `${host}/${shortId(session.id)}, as it says` }
    : {
        check: 'reference',
        ok: false,
        detail: `the reference differs: ${differences.join('; ')}`,
        fix: 'What is found here counts.',
      };
