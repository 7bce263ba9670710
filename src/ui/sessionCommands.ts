import type { App } from '../app';
import type { Session } from '../model/session/session';
import type { CommandTable } from './commandTable';
import { workingFileTask } from './commands';
import { pickAnySession } from './pickers/sessionPicker';
import { isLive } from './sessions/nodes';
import { targetOf } from './target';
import { endSession } from './verbs/endVerb';
import type { ReferenceVerbs } from './verbs/referenceVerbs';
import { askName } from './verbs/renameVerb';
import { revealTranscript } from './verbs/revealVerbs';
import type { SessionVerbs } from './verbs/sessionVerbs';

export interface SessionActs {
  sessions: SessionVerbs;
  references: ReferenceVerbs;
  /** The session on which the keyboard is in the view *Sessions*. */
  selected(): Session | undefined;
}

export type SessionCommands = Pick<
  CommandTable,
  'copyReference' | 'resumeReference' | 'renameSession' | 'revealTranscript' | 'endSession'
>;

/** What can be done to any session, linked to a task or not. */
export function sessionCommands(app: App, { sessions, references, selected }: SessionActs): SessionCommands {
  const { store, ending, ledger } = app;

  /** The session that a command was called on, or one that the user picks among those that fit. */
  const sessionOf = async (
    argument: unknown,
    title: string,
    fits: (session: Session) => boolean = () => true,
  ): Promise<Session | undefined> => {
    // What a command was called on is looked up anew; without it, nothing of the active editor is meant.
    const { session } =
      argument === undefined ? {} : targetOf(argument, store.snapshot, workingFileTask(app));
    return session ?? pickAnySession(store.snapshot.sessions.filter(fits), title, Date.now());
  };

  return {
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
      await store.refresh({ hostsOnly: true });
    },
    revealTranscript: async (argument) => {
      const session = await sessionOf(argument, 'Reveal Transcript', ({ state }) => state !== 'missing');
      if (session) await revealTranscript(session, store, () => sessions.openShell(session));
    },
    endSession: async (argument) => {
      const session = await sessionOf(argument, 'End Session', isLive);
      if (session && (await endSession(session, ending))) await store.refresh({ hostsOnly: true });
    },
  };
}
