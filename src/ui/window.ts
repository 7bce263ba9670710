import { join } from 'node:path';
import * as vscode from 'vscode';
import { createApp } from '../app';
import { errorLine } from '../model/errors';
import { openRules } from '../model/links/openRule';
import type { Session } from '../model/session/session';
import type { Task } from '../model/task/task';
import type { Log } from '../util/log';
import { BranchFileSystem, readOnlyBecause, scheme } from './documents/branchFiles';
import { taskCommands } from './commands/taskCommands';
import { commandIds, needTrust, type CommandTable } from './commands/commandTable';
import { calledOn, forgottenRow, forgottenText } from './commands/calledOn';
import { readConfiguration } from './ports/configuration';
import { trackDocumentContext } from './documents/documentContext';
import { refuseUntrusted, reportFailure } from './failures';
import { noticeLedger } from './notices/ledgerNotice';
import { DeepLinks } from './links/deepLinks';
import { gateCommands } from './gate/gateCommands';
import { watchRequests } from './gate/ownRequests';
import { linkCommands } from './links/linkCommands';
import { addressOpener } from './links/openAddress';
import { RefreshLoop } from './refreshLoop';
import { secretStore } from './ports/secretStore';
import { SessionTerminals } from './terminals/sessionTerminals';
import { ConversationDocuments } from './documents/conversations';
import { ReadOnlyTexts } from './documents/readOnlyTexts';
import { TaskDocuments, taskScheme } from './documents/taskDocuments';
import { revealer } from './tree/reveal';
import { TaskTree } from './tree/taskTree';
import { rowCommands } from './commands/rowCommands';
import { runCommands } from './commands/runCommands';
import { sessionCommands } from './commands/sessionCommands';
import { noticeExpiring } from './notices/expiryNotice';
import { LogVerbs } from './runs/logVerbs';
import { watchRuns } from './runs/watchRuns';
import { setUpCommands } from './setUp/setUpCommands';
import { workflowHint } from './setUp/workflowHint';
import { SessionsViewPane } from './sessions/sessionsView';
import { rememberedView, treeCommands } from './commands/treeCommands';
import { CheckoutVerbs } from './verbs/checkoutVerbs';
import { ConversationVerbs } from './verbs/conversationVerbs';
import { DocumentVerbs } from './verbs/documentVerbs';
import { KeepVerbs } from './verbs/keepVerbs';
import { LinkVerbs } from './verbs/linkVerbs';
import { ReferenceVerbs } from './verbs/referenceVerbs';
import { SessionVerbs, viewId } from './verbs/sessionVerbs';
import { showViewState } from './welcome';
import { workingFileTask } from './commands/target';

const urlKey = 'taskSessions.jiraUrl';
const repositoriesKey = 'taskSessions.repositories';

export type TaskWindow = vscode.Disposable;

/** One window's face of the core, for the settings and the trust that hold now. */
export function startWindow(
  context: vscode.ExtensionContext,
  channel: vscode.LogOutputChannel,
  log: Log,
): TaskWindow {
  const owned: vscode.Disposable[] = [];
  const own = <T extends vscode.Disposable>(item: T): T => {
    owned.push(item);
    return item;
  };
  const { settings, problems } = readConfiguration();
  for (const problem of problems) log.warn(`Setting taskSessions.${problem}`);

  const choices = (): Record<string, string> => context.workspaceState.get(repositoriesKey, {});
  const app = own(
    createApp({
      settings,
      log,
      env: process.env,
      secrets: secretStore(context.secrets, 'jira'),
      webhookSecrets: secretStore(context.secrets, 'webhook'),
      jiraUrl: context.globalState.get(urlKey, ''),
      rememberUrl: async (url) => context.globalState.update(urlKey, url),
      supervisor: join(context.extensionPath, 'dist', 'supervisor.js'),
      folders: () =>
        (vscode.workspace.workspaceFolders ?? [])
          .filter(({ uri }) => uri.scheme === 'file')
          .map(({ uri }) => uri.fsPath),
      repositoryMemory: {
        get: (project) => choices()[project],
        set: async (project, choice) =>
          context.workspaceState.update(repositoriesKey, { ...choices(), [project]: choice }),
      },
      trusted: () => vscode.workspace.isTrusted,
    }),
  );
  const { store, account } = app;

  const tree = own(
    new TaskTree(store, settings.docs.names, rememberedView(context.workspaceState), app.documents),
  );
  const view = own(
    vscode.window.createTreeView('taskSessions.tasks', {
      treeDataProvider: tree,
      showCollapseAll: true,
      canSelectMany: true,
    }),
  );
  /** Before it has looked who is signed in, a window says nothing of that. */
  let isRestored = false;
  const shown = (): void => {
    if (isRestored) showViewState(view, tree, store.snapshot, store.busy);
  };
  own(store.onDidChange(shown));
  own(account.onDidChange(shown));
  own(store.onDidChangeBusy((busy) => (busy ? progressWhileBusy(store.onDidChangeBusy) : shown())));

  own(noticeExpiring(store, context.globalState));
  const sessionsPane = own(new SessionsViewPane(store, context.workspaceState));

  const files = own(new BranchFileSystem(app.documents, store));
  own(
    vscode.workspace.registerFileSystemProvider(scheme, files, {
      isReadonly: new vscode.MarkdownString(readOnlyBecause),
      isCaseSensitive: true,
    }),
  );
  const documents = own(new TaskDocuments((key, signal) => app.tasks.markdown(key, signal), store));
  own(vscode.workspace.registerTextDocumentContentProvider(taskScheme, documents));
  const conversations = own(
    new ConversationDocuments(app.conversations, store, (error) =>
      log.warn(`A conversation: ${errorLine(error)}`),
    ),
  );
  own(trackDocumentContext(store, workingFileTask(app)));

  const runs = own(watchRuns(app, context.globalState, () => loop.now()));
  own(watchRequests(app, () => loop.after()));
  /** What runs came to is told, and branches are as the remotes have them, as often as the fetcher allows. */
  const refreshed = async (): Promise<void> => {
    runs.settle();
    if (vscode.workspace.isTrusted)
      await app.checkouts.fetchDue(store.snapshot.tasks.map((task) => task.key));
  };
  const loop: RefreshLoop = own(
    new RefreshLoop(
      store,
      account,
      settings.jira.pollSeconds,
      () => view.visible || sessionsPane.visible || conversations.visible,
      refreshed,
      log,
    ),
  );
  const refresh = (): Promise<void> => loop.now({ full: true });
  own(app.fetcher.onDidFetch(() => void (vscode.window.state.focused && loop.now())));

  const terminals = own(new SessionTerminals(context.workspaceState, () => settings.terminal.location));
  const released = new Set<string>();
  own(
    store.onDidChange((snapshot) => {
      // Who left Claude in an orderly way need not look at tmux's "Pane is dead".
      for (const { host, name, sessionId, dead } of snapshot.terminals) {
        const id = viewId(`${host}/${sessionId}`, name);
        if (!dead) released.delete(id);
        else if (terminals.isOpen(id) && !released.has(id)) {
          released.add(id);
          app.terminals
            .releaseEnded({ host, name })
            .catch((error: unknown) => log.debug(`${name}: ${errorLine(error)}`));
        }
      }
    }),
  );
  const linkVerbs = new LinkVerbs({
    ...app,
    isPublished: async ({ id, host }, key) =>
      (await app.ledger.read()).entries.some(
        (one) => one.sessionId === id && one.host === host && one.published?.issueKey === key,
      ),
    refresh: () => loop.now(),
  });
  const sessions = new SessionVerbs(app.sessions, store, terminals, {
    ...app,
    publish: (session, key) => linkVerbs.publish(session, key),
  });
  const conversationVerbs = own(new ConversationVerbs(conversations));
  const texts = own(new ReadOnlyTexts());
  const references = new ReferenceVerbs(() => ({ snapshot: store.snapshot, hosts: app.reports }));
  const openAddress = addressOpener(() => openRules(settings, account.state.url));
  const documentVerbs = new DocumentVerbs(app.documents, () => account.state.url, openAddress);
  const acts = {
    own,
    documents: documentVerbs,
    openAddress,
    texts,
    resume: (session: Session, task?: Task) => sessions.resume(session, task),
    reveal: revealer(tree, view, log),
    refresh: () => loop.after(),
  };
  const table: CommandTable = {
    ...treeCommands(tree, context.workspaceState, shown),
    ...sessionsPane.commands,
    ...sessionCommands(app, {
      sessions,
      references,
      links: linkVerbs,
      keeps: new KeepVerbs(app.keeping),
      selected: () => sessionsPane.selected,
    }),
    ...runCommands(app, {
      ...acts,
      logs: own(
        new LogVerbs({
          logs: app.runLogs,
          store,
          texts,
          viewConversation: (session) => conversationVerbs.view(session),
          log,
        }),
      ),
    }),
    ...gateCommands(app, acts),
    ...setUpCommands(app),
    ...linkCommands(app, openAddress),
    ...taskCommands(app, {
      sessions,
      references,
      checkout: new CheckoutVerbs(app.checkouts, app.repositories, () => loop.now()),
      documents: documentVerbs,
      conversations: conversationVerbs,
      refresh,
      showLog: () => channel.show(),
    }),
  };
  const onRows = rowCommands(context.extension.packageJSON);
  const hint = workflowHint(app, context.globalState);
  for (const id of commandIds)
    own(
      vscode.commands.registerCommand(`taskSessions.${id}`, async (...given: unknown[]) => {
        const [argument, selection] = calledOn(given);
        try {
          if (argument === forgottenRow && onRows.has(`taskSessions.${id}`))
            void vscode.window.showInformationMessage(forgottenText);
          else if (needTrust.has(id) && !vscode.workspace.isTrusted) await refuseUntrusted();
          else await table[id](argument, selection);
          hint(id);
        } catch (error) {
          await reportFailure(error, log);
        }
      }),
    );

  // After activation has returned: first the last picture, then what is true now.
  const begin = async (): Promise<void> => {
    // Without them it begins with nothing.
    await Promise.all([store.load(), account.restore()]).catch((error: unknown) =>
      log.error(`Start: ${errorLine(error)}`, error),
    );
    isRestored = true;
    shown();
    await loop.now();
    noticeLedger(app).catch((error: unknown) => reportFailure(error, log));
  };
  const ready = new Promise<void>((resolve) => setImmediate(resolve))
    .then(begin)
    .catch((error: unknown) => log.error(`Start: ${errorLine(error)}`, error));
  const links = new DeepLinks({
    store,
    account,
    documents: documentVerbs,
    sessions,
    openAddress,
    ready,
    log,
  });
  own(vscode.window.registerUriHandler(links));
  return vscode.Disposable.from(...owned.reverse());
}

/** The view's own progress bar, for as long as a refresh takes. */
function progressWhileBusy(onDidChangeBusy: (listener: (busy: boolean) => void) => vscode.Disposable): void {
  void vscode.window.withProgress(
    { location: { viewId: 'taskSessions.tasks' } },
    () =>
      new Promise<void>((resolve) => {
        const listener = onDidChangeBusy((busy) => {
          if (busy) return;
          listener.dispose();
          resolve();
        });
      }),
  );
}
