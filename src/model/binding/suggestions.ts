import { sameEntries, sameFields } from '../../util/same';
import type { KnownSession } from '../session/known/hostSessions';
import type { Session } from '../session/session';
import type { BindingIndex } from './binding';
import { candidateIndex, type CandidateIndex, type CandidateInput, type Kinship } from './candidates';

/** What was suggested for a session, and what it rests on. */
interface Suggested {
  index: CandidateIndex;
  kinship: Kinship | undefined;
  shown: Session[];
}

/** What each task might also have. Remembers what it found for sessions that are still the same objects. */
export class Suggestions {
  private readonly found = new WeakMap<Session, Suggested>();
  private last:
    { index: CandidateIndex; known: readonly KnownSession[]; byKey: Map<string, Session[]> } | undefined;
  private index: { input: CandidateInput; candidates: CandidateIndex } | undefined;

  /** Candidates by the key of their task, each a session with its score and reason. */
  byKey(input: CandidateInput, known: readonly KnownSession[]): Map<string, Session[]> {
    const index = this.indexOf(input);
    if (this.last?.index === index && this.last.known === known) return this.last.byKey;
    const keys = boundKeys(known);
    const byKey = new Map<string, Session[]>();
    for (const one of known)
      for (const session of this.of(one, input.binding, index, keys)) {
        const key = session.key ?? '';
        const others = byKey.get(key);
        if (others) others.push(session);
        else byKey.set(key, [session]);
      }
    this.last = { index, known, byKey };
    return byKey;
  }

  private of(
    { session, subject }: KnownSession,
    binding: BindingIndex,
    index: CandidateIndex,
    keys: ReadonlyMap<string, string>,
  ): Session[] {
    // A bound session is a candidate only where another issue's record claims it too.
    const elsewhere = session.key === undefined ? undefined : binding.claimed.get(session.id)?.others;
    if (elsewhere?.length === 0 || (session.key !== undefined && !elsewhere)) return [];
    const kinship = session.key === undefined ? kinshipOf(session, keys) : undefined;
    const before = this.found.get(session);
    if (before?.index === index && sameFields(before.kinship, kinship)) return before.shown;
    const shown = index
      .of(subject, kinship)
      .filter(({ key }) => !elsewhere || (key !== session.key && elsewhere.includes(key)))
      .map((candidate): Session => ({ ...session, ...candidate, evidence: 'candidate' }));
    this.found.set(session, { index, kinship, shown });
    return shown;
  }

  private indexOf(input: CandidateInput): CandidateIndex {
    const before = this.index?.input;
    if (
      !this.index ||
      before?.binding !== input.binding ||
      before.branches !== input.branches ||
      !sameEntries(before.branchNames, input.branchNames)
    )
      this.index = { input, candidates: candidateIndex(input) };
    return this.index.candidates;
  }
}

/** The task of every bound session, by its id: on whichever host it is bound. */
function boundKeys(known: readonly KnownSession[]): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { session } of known) if (session.key !== undefined) keys.set(session.id, session.key);
  return keys;
}

function kinshipOf(session: Session, keys: ReadonlyMap<string, string>): Kinship | undefined {
  for (const [sessionId, how] of [
    [session.forkedFrom, 'a fork of'],
    [session.continues, 'continues'],
    [session.clearedFrom, 'begun by /clear in'],
  ] as const) {
    const key = sessionId === undefined ? undefined : keys.get(sessionId);
    if (sessionId !== undefined && key !== undefined) return { sessionId, how, key };
  }
  return undefined;
}
