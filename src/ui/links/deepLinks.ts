import * as vscode from 'vscode';
import type { JiraAccount } from '../../actions/account';
import type { SnapshotStore } from '../../actions/store';
import { UserError } from '../../model/errors';
import { type DeepLink, parseDeepLink } from '../../model/links/deepLink';
import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import type { Log } from '../../util/log';
import { oneLine } from '../../util/markdownText';
import { refuseUntrusted, reportFailure } from '../failures';
import type { DocumentVerbs } from '../verbs/documentVerbs';
import type { SessionVerbs } from '../verbs/sessionVerbs';
import type { OpenAddress } from './openAddress';

export interface DeepLinkActs {
  store: Pick<SnapshotStore, 'snapshot'>;
  account: Pick<JiraAccount, 'state'>;
  documents: Pick<DocumentVerbs, 'open' | 'openTask'>;
  sessions: Pick<SessionVerbs, 'resume'>;
  openAddress: OpenAddress;
  /** The first refresh is over: a link may be what started the window. */
  ready: Promise<unknown>;
  log: Log;
}

type Asked<Kind> = Extract<DeepLink, { kind: Kind }>;

/** Links to the extension (`…/open?task=KEY`, `…/resume?task=KEY&session=UUID`). They show and ask; they run nothing. */
export class DeepLinks implements vscode.UriHandler {
  constructor(private readonly acts: DeepLinkActs) {}

  async handleUri({ path, query }: vscode.Uri): Promise<void> {
    try {
      await this.follow(parseDeepLink(path, query));
    } catch (error) {
      await reportFailure(error, this.acts.log);
    }
  }

  private async follow(link: DeepLink): Promise<void> {
    switch (link.kind) {
      case 'refused':
        throw new UserError(
          link.why,
          'Nothing was opened. Look for the task in the tree, or ask for a new link.',
        );
      case 'open':
        return this.open(link);
      case 'resume':
        return this.resume(link);
    }
  }

  private async open({ key, document }: Asked<'open'>): Promise<void> {
    if (document !== undefined && !vscode.workspace.isTrusted) return refuseUntrusted();
    const task = await this.taskOf(key, (one) => document === undefined || hasDocument(one, document));
    if (!task) return;
    if (document === undefined) return this.acts.documents.openTask(task);
    const doc = task.docs.find(({ name }) => name === document);
    if (!doc)
      throw new UserError(
        `${key} has no document ${document} on its branch.`,
        'Fetch Task Branches asks the remotes.',
      );
    await this.acts.documents.open(task, doc.path);
  }

  private async resume({ key, sessionId }: Asked<'resume'>): Promise<void> {
    if (!vscode.workspace.isTrusted) return refuseUntrusted();
    const task = await this.taskOf(key, (one) => sessionOf(one, sessionId) !== undefined);
    if (!task) return;
    const session = sessionOf(task, sessionId);
    if (!session)
      throw new UserError(
        `${shortId(sessionId)} is no session of ${key}.`,
        'Open the task to see the sessions that it has.',
      );
    if (await isAgreed(task, session)) await this.acts.sessions.resume(session, task);
  }

  /** The task as soon as it is known with what is asked of it; tells the user where it is not. */
  private async taskOf(key: string, isEnough: (task: Task) => boolean): Promise<Task | undefined> {
    const { store, ready } = this.acts;
    const find = (): Task | undefined => store.snapshot.tasks.find((task) => task.key === key);
    const early = find();
    if (early && isEnough(early)) return early;
    await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Window, title: `Looking for ${key}` },
      () => ready,
    );
    const task = find();
    if (!task) await this.unknown(key);
    return task;
  }

  private async unknown(key: string): Promise<void> {
    const { url, signedIn } = this.acts.account.state;
    if (!signedIn) {
      const signIn = 'Sign In to Jira';
      const said = `You are not signed in to Jira, so ${key} cannot be shown.`;
      if (await vscode.window.showWarningMessage(said, signIn))
        await vscode.commands.executeCommand('taskSessions.signIn');
      return;
    }
    const { error } = this.acts.store.snapshot.jira;
    const said = `${key} is not among your tasks.${error === undefined ? '' : ` ${error}`}`;
    const choice = await vscode.window.showWarningMessage(
      said,
      ...(url === undefined ? [] : ['Open in Jira']),
    );
    if (choice && url !== undefined) await this.acts.openAddress(`${url}/browse/${key}`);
  }
}

const hasDocument = ({ docs }: Task, document: string): boolean => docs.some(({ name }) => name === document);

/** What is only a suggestion is no session of the task. */
const sessionOf = ({ sessions }: Task, sessionId: string): Session | undefined =>
  sessions.find(({ id, evidence }) => id === sessionId && evidence !== 'candidate');

/** The same session may lie on several hosts: the one that is named here is the one that goes on. */
async function isAgreed(task: Task, session: Session): Promise<boolean> {
  const resume = 'Resume';
  const rows: [string, string | undefined][] = [
    ['Task', `${task.key} ${task.summary}`],
    ['Session', [session.title, session.id].filter(Boolean).join(' · ')],
    ['Host', session.host || 'not recorded'],
    ['Directory', session.directory ?? 'not known'],
  ];
  const detail = rows.map(([label, value = '']) => `${label}: ${oneLine(value).trim()}`).join('\n');
  const choice = await vscode.window.showWarningMessage(
    `A link asks to resume a session of ${task.key}.`,
    { modal: true, detail: `${detail}\n\nNothing runs until you agree.` },
    resume,
  );
  return choice === resume;
}
