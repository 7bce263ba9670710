import * as vscode from 'vscode';
import type { App } from '../../app';
import { UserError } from '../../model/errors';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import type { CommandTable } from './commandTable';
import { withProgress } from '../failures';
import { pickTask } from '../pickers/sessionPicker';
import { askToSignIn } from '../pickers/signIn';
import { askWebhookAddress } from '../pickers/webhookAddress';
import { chooseSession } from './chooseSession';
import { nodesOf, targetsOf } from './target';
import type { CheckoutVerbs } from '../verbs/checkoutVerbs';
import type { RunCommands } from './runCommands';
import type { LinkCommands } from '../links/linkCommands';
import type { SessionCommands } from './sessionCommands';
import type { GateCommands } from '../gate/gateCommands';
import type { SetUpCommands } from '../setUp/setUpCommands';
import type { SessionsViewPane } from '../sessions/sessionsView';
import type { treeCommands } from './treeCommands';
import { onConversation, type ConversationVerbs } from '../verbs/conversationVerbs';
import type { DocumentVerbs } from '../verbs/documentVerbs';
import type { ReferenceVerbs } from '../verbs/referenceVerbs';
import type { SessionVerbs } from '../verbs/sessionVerbs';
import { refuseWithoutDocuments } from '../documents/refuseWithoutDocuments';

export interface Verbs {
  sessions: SessionVerbs;
  references: ReferenceVerbs;
  checkout: CheckoutVerbs;
  documents: DocumentVerbs;
  conversations: ConversationVerbs;
  /** Everything anew, for the user who pressed the button. */
  refresh(): Promise<void>;
  showLog(): void;
}

type Handlers = Omit<
  CommandTable,
  | keyof ReturnType<typeof treeCommands>
  | keyof SessionsViewPane['commands']
  | keyof SessionCommands
  | keyof RunCommands
  | keyof LinkCommands
  | keyof GateCommands
  | keyof SetUpCommands
>;

/** What each command does: find out what it was called on, ask for what is missing, call the verb. */
export function taskCommands(app: App, verbs: Verbs): Handlers {
  const { store, account, checkouts, settings } = app;
  const target = targetsOf(app);

  const taskOf = async (argument: unknown, title: string): Promise<Task | undefined> =>
    target(argument).task ?? pickTask(store.snapshot.tasks, title, Date.now());

  /** For a verb that needs a session; a task without one leads to its documents. */
  const withSession =
    (title: string, verb: (session: Session, task?: Task) => unknown) =>
    async (argument?: unknown): Promise<void> => {
      const found = await chooseSession(title, target(argument), argument, app, verbs.references);
      if (!found) return;
      if (found.session) await verb(found.session, found.task);
      else if (found.task) await offerDocuments(found.task);
    };

  async function offerDocuments(task: Task): Promise<void> {
    if (task.docs.length === 0)
      throw new UserError(`${task.key} has no session and no documents yet.`, 'Start an analysis first.');
    const start = 'Start New Session from Documents';
    if (await vscode.window.showInformationMessage(`${task.key} has no session, but documents.`, start))
      await verbs.sessions.startFromDocuments(task);
  }

  return {
    signIn: async () => {
      const before = account.address;
      if (!(await askToSignIn(account, account.state.url ?? settings.jira.url, settings.jira.email))) return;
      // The tasks of one Jira are not shown as another's, not even for a moment.
      if (account.address !== before && before !== '') await store.forgetIssues();
      await verbs.refresh();
    },
    signOut: async () => {
      try {
        await account.signOut();
      } finally {
        // Last, so that the picture is drawn of a user who is signed out.
        await store.forgetIssues();
      }
    },
    refresh: () => verbs.refresh(),
    resume: withSession('Resume Task Session', (session, task) => verbs.sessions.resume(session, task)),
    fork: withSession('Fork Session', (session, task) => verbs.sessions.fork(session, task)),
    viewLive: withSession('View Live', (session, task) => verbs.sessions.viewLive(session, task)),
    viewConversation: withSession('View Conversation', (session) => verbs.conversations.view(session)),
    showEarlierTurns: (argument) =>
      onConversation(argument, (uri) => verbs.conversations.earlier(uri, false)),
    showAllTurns: (argument) => onConversation(argument, (uri) => verbs.conversations.earlier(uri, true)),
    reloadConversation: (argument) => onConversation(argument, (uri) => verbs.conversations.reload(uri)),
    openShell: withSession('Open Shell', (session, task) => verbs.sessions.openShell(session, task)),
    copyResumeCommand: withSession('Copy Resume Command', (session, task) =>
      verbs.sessions.copyResumeCommand(session, task),
    ),
    copySessionId: withSession('Copy Session ID', (session) => vscode.env.clipboard.writeText(session.id)),
    startFromDocuments: async (argument) => {
      const task = await taskOf(argument, 'Start New Session from Documents');
      const { session } = target(argument);
      if (task)
        await verbs.sessions.startFromDocuments(task, session?.key === task.key ? session : undefined);
    },
    openTask: async (argument) => {
      const task = await taskOf(argument, 'Open Task');
      if (task) await verbs.documents.openTask(task);
    },
    openInJira: async (argument) => {
      const task = await taskOf(argument, 'Open in Jira');
      if (task) await verbs.documents.openInJira(task);
    },
    copyKey: async (argument, selection) => {
      const selected = nodesOf(argument, selection).flatMap((node) => target(node).task ?? []);
      const tasks = selected.length > 1 ? selected : [await taskOf(argument, 'Copy Task Key')];
      const keys = new Set(tasks.flatMap((task) => task?.key ?? []));
      if (keys.size > 0) await vscode.env.clipboard.writeText([...keys].join('\n'));
    },
    openDocument: async (argument) => {
      const { task, path } = target(argument);
      if (task && path !== undefined) await verbs.documents.open(task, path);
    },
    openDocuments: async (argument) => {
      const task = await taskOf(argument, 'Open Documents');
      if (!task) return;
      refuseWithoutDocuments(task);
      await verbs.documents.openAll(task);
    },
    checkOut: async (argument) => {
      const task = await taskOf(argument, 'Check Out Task Branch');
      if (task) await verbs.checkout.checkOut(task);
    },
    openInWorktree: async (argument) => {
      const task = await taskOf(argument, 'Open in Worktree');
      if (task) await verbs.checkout.openInWorktree(task);
    },
    fetch: async () => {
      const failed = await withProgress('Fetching task branches', (signal) =>
        checkouts.fetchAll(
          store.snapshot.tasks.map((task) => task.key),
          signal,
        ),
      );
      await verbs.refresh();
      if (failed.length > 0)
        throw new UserError(failed.join(' '), 'The branches are shown as they were last fetched.');
    },
    setWebhookAddress: () => askWebhookAddress(settings, app.webhookAddresses),
    showLog: () => verbs.showLog(),
    openSettings: () =>
      vscode.commands.executeCommand('workbench.action.openSettings', '@ext:task-sessions.task-sessions'),
  };
}
