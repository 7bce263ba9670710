import * as vscode from 'vscode';
import { ago } from '../model/age';
import type { Snapshot } from '../model/task/task';
import { setContext } from './ports/contextKey';
import type { TreeNode } from './tree/nodes';
import type { TaskTree } from './tree/taskTree';

/** Which welcome text fits an empty tree. */
function emptyState(snapshot: Snapshot, busy: boolean, filtered: boolean): string {
  if (!snapshot.jira.signedIn) return 'signedOut';
  if (snapshot.tasks.length > 0) return filtered ? 'filteredEmpty' : 'tasks';
  if (busy || snapshot.at === 0) return 'loading';
  return snapshot.jira.error === undefined ? 'empty' : 'error';
}

/** Keeps context keys, message, description and badge of the view as the snapshot says. */
export function showViewState(
  view: vscode.TreeView<TreeNode>,
  tree: TaskTree,
  snapshot: Snapshot,
  busy: boolean,
): void {
  const { filter } = tree.treeView;
  void setContext('signedIn', snapshot.jira.signedIn);
  void setContext('filtered', filter !== '');
  void setContext('state', emptyState(snapshot, busy, filter !== ''));
  // Beside a message VS Code shows no welcome text, and `undefined` cannot be assigned (`delete` would take the setter).
  const { error } = snapshot.jira;
  const withoutList = snapshot.jira.signedIn && snapshot.tasks.length === 0 && error !== undefined;
  if (withoutList) view.message = [error, snapshot.jira.next].filter(Boolean).join(' ');
  else
    view.message =
      filter && tree.shown > 0 ? `Filter: ${filter} (${tree.shown} of ${snapshot.tasks.length})` : '';
  // VS Code sends title and description together, and an unset title as none: then the view has no name. In a remote
  // window "this machine" is the remote one; a description does not show where ours is the container's only view.
  const local = snapshot.hosts.find((host) => host.local)?.name;
  view.title = vscode.env.remoteName && local ? `Tasks on ${local}` : 'Tasks';
  const { asOf, earlier } = snapshot.jira;
  const old = error !== undefined || earlier === true;
  view.description = old && asOf !== undefined ? `as of ${ago(asOf, Date.now())}` : '';
  const waiting = snapshot.tasks.filter((task) => task.needsYou?.sessionId).length;
  view.badge = waiting
    ? {
        value: waiting,
        tooltip: waiting === 1 ? 'A session waits for you' : `${waiting} sessions wait for you`,
      }
    : undefined;
}
