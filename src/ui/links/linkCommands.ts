import * as vscode from 'vscode';
import type { App } from '../../app';
import { UserError } from '../../model/errors';
import { redirectedLink, taskLink } from '../../model/links/deepLink';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import type { CommandTable } from '../commands/commandTable';
import { targetsOf } from '../commands/target';
import { pickAnySession, pickTask } from '../pickers/sessionPicker';
import type { OpenAddress } from './openAddress';

export type LinkCommands = Pick<CommandTable, 'openWebTerminal' | 'openSharedSession' | 'copyTaskLink'>;

/** Where sessions can be looked at in the browser, and links to tasks for others. */
export function linkCommands(app: App, openAddress: OpenAddress): LinkCommands {
  const { store, settings } = app;
  const target = targetsOf(app);

  /** Opens one of a session's addresses: of the one that a command was called on, or that the user picks. */
  const openOf =
    (title: string, addressOf: (session: Session) => string | undefined, none: [string, string]) =>
    async (argument?: unknown): Promise<void> => {
      const called = argument === undefined ? undefined : target(argument).session;
      const choices = store.snapshot.sessions.filter((one) => addressOf(one) !== undefined);
      if (!called && choices.length === 0) throw new UserError(`No session has ${none[0]}.`, none[1]);
      const session = called ?? (await pickAnySession(choices, title, Date.now()));
      if (!session) return;
      const address = addressOf(session);
      if (address === undefined)
        throw new UserError(`${shortId(session.id)} does not have ${none[0]}.`, none[1]);
      await openAddress(address);
    };

  return {
    openWebTerminal: openOf('Open Web Terminal', ({ webTerminalUrl }) => webTerminalUrl, [
      'a web terminal',
      'Set "webTerminal" of its host in taskSessions.hosts (or taskSessions.local).',
    ]),
    openSharedSession: openOf('Open Shared Session', ({ remoteUrl }) => remoteUrl, [
      'a shared address',
      'Claude names it where the session was shared; its record carries it.',
    ]),
    copyTaskLink: async (argument) => {
      const task =
        target(argument).task ?? (await pickTask(store.snapshot.tasks, 'Copy Link to Task', Date.now()));
      if (!task) return;
      const link = taskLink(vscode.env.uriScheme, task.key);
      await vscode.env.clipboard.writeText(redirectedLink(settings.links.redirect, link) ?? link);
      vscode.window.setStatusBarMessage(`$(check) Link to ${task.key} copied`, 4000);
    },
  };
}
