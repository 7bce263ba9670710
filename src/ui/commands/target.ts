import * as vscode from 'vscode';
import { boundSessions } from '../../model/describe';
import { isIssueKey } from '../../model/names';
import type { Run } from '../../model/run/run';
import { resumeChoices } from '../../model/session/choice';
import type { Session } from '../../model/session/session';
import type { Snapshot, Task } from '../../model/task/task';
import { parseBranchFileUri, scheme } from '../documents/branchFiles';
import { parseConversationUri } from '../documents/conversations';
import { taskDocumentKey } from '../documents/taskDocuments';
import { parseVersionUri } from '../documents/versions';
import type { App } from '../../app';

/** What a command was called on. */
export interface Target {
  task?: Task;
  session?: Session;
  run?: Run;
  /** Path of a document on the task's branch. */
  path?: string;
}

/**
 * Resolves a command's argument against the newest snapshot: a tree node, `{key, path?, runId?, host?}` from a link, the
 * URI of an editor, or nothing, which means the active editor. Arguments may be made up by a link, so nothing is
 * believed.
 */
export function targetOf(
  argument: unknown,
  snapshot: Snapshot,
  workingFileTask: (file: string) => Task | undefined,
): Target {
  const runOf = (id: unknown, host: unknown, task?: Task): Run | undefined =>
    [...(task?.runs ?? []), ...(snapshot.runs ?? [])].find((run) => run.id === id && run.host === host);
  const taskOf = (key: unknown): Task | undefined =>
    typeof key === 'string' && isIssueKey(key) ? snapshot.tasks.find((task) => task.key === key) : undefined;
  if (argument === undefined) {
    const uri = activeUri();
    return uri ? ofUri(uri) : {};
  }
  if (argument instanceof vscode.Uri) return ofUri(argument);
  if (typeof argument !== 'object' || argument === null) return {};
  if ('key' in argument) {
    const task = taskOf(argument.key);
    const path = 'path' in argument && typeof argument.path === 'string' ? argument.path : undefined;
    const run = 'runId' in argument && 'host' in argument && runOf(argument.runId, argument.host, task);
    return {
      ...(task && { task }),
      ...(run && { run }),
      ...(task?.docs.some((doc) => doc.path === path) && path !== undefined && { path }),
    };
  }
  if ('kind' in argument && argument.kind === 'listedSession' && 'session' in argument)
    return ofListed(argument.session as Partial<Session>);
  if (!('kind' in argument) || !('task' in argument)) return {};
  const node = argument as { task: Task; session?: Session; run?: Run; doc?: { path: string } };
  const task = taskOf(node.task.key);
  const session = task?.sessions.find((one) => one.id === node.session?.id && one.host === node.session.host);
  const run = node.run && runOf(node.run.id, node.run.host, task);
  return {
    ...(task && { task }),
    ...(session && { session }),
    ...(run && { run }),
    ...(node.doc && { path: node.doc.path }),
  };

  function ofListed({ id, host }: Partial<Session>): Target {
    const session = snapshot.sessions.find((one) => one.id === id && one.host === host);
    const task = taskOf(session?.key);
    return { ...(session && { session }), ...(task && { task }) };
  }

  function ofUri(uri: vscode.Uri): Target {
    if (uri.scheme === scheme) {
      const { key, path } = parseBranchFileUri(uri);
      const task = taskOf(key);
      return task ? { task, path } : {};
    }
    const version = parseVersionUri(uri);
    if (version) {
      const task = taskOf(version.key);
      return task ? { task, path: version.path } : {};
    }
    const conversation = parseConversationUri(uri);
    if (conversation) return ofListed(conversation);
    if (uri.scheme === 'file') return ofFile(uri.fsPath);
    const task = taskOf(taskDocumentKey(uri));
    return task ? { task } : {};
  }

  function ofFile(file: string): Target {
    const task = workingFileTask(file);
    const tree = task?.checkout?.worktree?.directory;
    if (!task || tree === undefined) return {};
    return { task, path: file.slice(tree.length + 1) };
  }
}

/** The same of a window's commands, each time against the newest snapshot. */
export const targetsOf =
  (app: Pick<App, 'store'>) =>
  (argument: unknown): Target =>
    targetOf(argument, app.store.snapshot, workingFileTask(app));

/** The task whose branch is checked out in the working tree that holds a file. */
export const workingFileTask =
  ({ store }: Pick<App, 'store'>) =>
  (file: string): Task | undefined =>
    store.snapshot.tasks.find((task) => {
      const tree = task.checkout?.worktree?.directory;
      return (
        tree !== undefined &&
        file.startsWith(`${tree}/`) &&
        task.docs.some((doc) => file === `${tree}/${doc.path}`)
      );
    });

/** The selected nodes that a command was called on, or the one. */
export const nodesOf = (argument: unknown, selection: unknown): unknown[] =>
  Array.isArray(selection) && selection.includes(argument) ? selection : [argument];

/**
 * The resource of the active tab, also where it is a Markdown preview, which has no text editor. Of a comparison it is
 * the right side, whichever has the cursor.
 */
export function activeUri(): vscode.Uri | undefined {
  // Before the editor with the cursor, which may be the input of a comment on the document.
  const uri = uriOfTab(vscode.window.tabGroups.activeTabGroup.activeTab?.input);
  return uri ?? vscode.window.activeTextEditor?.document.uri;
}

/** What a tab shows, by its input; of a comparison the right side. */
export function uriOfTab(input: unknown): vscode.Uri | undefined {
  if (input instanceof vscode.TabInputTextDiff) return input.modified;
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom
    ? input.uri
    : undefined;
}

/** The session of a task that is meant where none was named, if the choice is clear. */
export function onlySession(task: Task): Session | undefined {
  const [only, ...others] = resumeChoices(boundSessions(task));
  return others.length === 0 ? only : undefined;
}
