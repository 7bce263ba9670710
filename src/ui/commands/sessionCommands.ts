import type { App } from '../../app';
import type { Session } from '../../model/session/session';
import { plural } from '../../model/describe';
import { shortId } from '../../model/names';
import { candidatesBySession, isLive, placeOf } from '../../model/session/listing';
import type { CommandTable } from './commandTable';
import { pickAnySession, pickTaskFor } from '../pickers/sessionPicker';
import { nodesOf, targetsOf } from './target';
import { endSession } from '../verbs/endVerb';
import type { KeepVerbs } from '../verbs/keepVerbs';
import type { LinkVerbs } from '../verbs/linkVerbs';
import type { ReferenceVerbs } from '../verbs/referenceVerbs';
import { askName } from '../verbs/renameVerb';
import { revealTranscript } from '../verbs/revealVerbs';
import type { SessionVerbs } from '../verbs/sessionVerbs';

export interface SessionActs {
  sessions: SessionVerbs;
  links: LinkVerbs;
  keeps: KeepVerbs;
  references: ReferenceVerbs;
  /** The session on which the keyboard is in the view *Sessions*. */
  selected(): Session | undefined;
}

export type SessionCommands = Pick<
  CommandTable,
  | 'link'
  | 'unlink'
  | 'publishRecord'
  | 'withdrawRecord'
  | 'keep'
  | 'putBack'
  | 'dropCopy'
  | 'copyReference'
  | 'resumeReference'
  | 'renameSession'
  | 'revealTranscript'
  | 'endSession'
>;

/** What can be done to any session, linked to a task or not. */
export function sessionCommands(app: App, acts: SessionActs): SessionCommands {
  const { sessions, links, keeps, references, selected } = acts;
  const { store, ending, ledger } = app;

  /** What a command was called on is looked up anew; called on nothing, it means nothing of the active editor. */
  const calledOn = (argument: unknown): Session | undefined =>
    argument === undefined ? undefined : targetsOf(app)(argument).session;

  /** The session that a command was called on, or one that the user picks among those that fit. */
  const sessionOf = async (
    argument: unknown,
    title: string,
    fits: Fits = () => true,
  ): Promise<Session | undefined> =>
    calledOn(argument) ?? pickAnySession(store.snapshot.sessions.filter(fits), title, Date.now());

  /** The same where several may be selected. */
  const sessionsOf = async (
    argument: unknown,
    selection: unknown,
    title: string,
    fits?: Fits,
  ): Promise<Session[]> => {
    const named = nodesOf(argument, selection).flatMap((node) => calledOn(node) ?? []);
    if (named.length > 0) return named;
    return [await sessionOf(argument, title, fits)].filter((session) => session !== undefined);
  };

  /** Asks for the task, unless the command was called on a candidate of one. */
  async function keyFor(chosen: readonly Session[]): Promise<string | undefined> {
    const [only] = chosen;
    if (chosen.length === 1 && only?.evidence === 'candidate' && only.key !== undefined) return only.key;
    const candidates = candidatesBySession(store.snapshot.tasks);
    const title =
      chosen.length === 1
        ? `Link ${shortId(only!.id)} to Task`
        : `Link ${plural(chosen.length, 'Session')} to Task`;
    return pickTaskFor(
      // Those of several sessions would be a list of its own.
      chosen.length === 1 ? (candidates.get(placeOf(only!)) ?? []) : [],
      store.snapshot.tasks,
      title,
      Date.now(),
    );
  }

  const hostsAgain = (): Promise<unknown> => store.refresh({ hostsOnly: true });

  return {
    link: async (argument, selection) => {
      const chosen = await sessionsOf(argument, selection, 'Link to Task', ({ key }) => key === undefined);
      const key = chosen.length > 0 ? await keyFor(chosen) : undefined;
      if (key !== undefined) await links.link(chosen, key);
    },
    unlink: async (argument) => {
      const session = await sessionOf(argument, 'Unlink', isLinked);
      if (session) await links.unlink(session, session.key);
    },
    publishRecord: async (argument) => {
      const session = await sessionOf(argument, 'Publish on the Issue', isLinked);
      if (session?.key !== undefined) await links.publish(session, session.key);
    },
    withdrawRecord: async (argument) => {
      const session = await sessionOf(argument, 'Withdraw the Record', isLinked);
      if (session?.key !== undefined) await links.withdraw(session, session.key);
    },
    keep: async (argument, selection) => {
      const chosen = await sessionsOf(
        argument,
        selection,
        'Keep Session',
        ({ state }) => state !== 'missing',
      );
      if (chosen.length === 0) return;
      try {
        await keeps.keep(chosen);
      } finally {
        await hostsAgain();
      }
    },
    putBack: async (argument) => {
      const session = await sessionOf(argument, 'Put Back Session', isKept);
      if (session && (await keeps.putBack(session))) await hostsAgain();
    },
    dropCopy: async (argument) => {
      const session = await sessionOf(argument, 'Remove Copy', isKept);
      if (session && (await keeps.drop(session))) await hostsAgain();
    },
    copyReference: async (argument) => {
      const session = await sessionOf(argument, 'Copy Session Reference');
      if (session) await references.copy(session);
    },
    resumeReference: async () => {
      const reference = await references.ask();
      const found = reference && (await references.resolve(reference));
      if (found) await sessions.resume(found.session, found.task);
    },
    renameSession: async (argument) => {
      const session =
        (argument === undefined ? selected() : undefined) ?? (await sessionOf(argument, 'Rename Session'));
      const name = session && (await askName(session));
      if (!session || name === undefined) return;
      await ledger.rename(session.id, session.host, name === '' ? undefined : name);
      await store.reread();
    },
    revealTranscript: async (argument) => {
      const session = await sessionOf(argument, 'Reveal Transcript', ({ state }) => state !== 'missing');
      if (session) await revealTranscript(session, store, () => sessions.openShell(session));
    },
    endSession: async (argument) => {
      const session = await sessionOf(argument, 'End Session', isLive);
      if (session && (await endSession(session, ending))) await hostsAgain();
    },
  };
}

type Fits = (session: Session) => boolean;

const isLinked: Fits = ({ key }) => key !== undefined;
const isKept: Fits = ({ kept }) => kept !== undefined;
