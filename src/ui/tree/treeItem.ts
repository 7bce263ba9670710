import { posix } from 'node:path';
import * as vscode from 'vscode';
import { ago } from '../../model/age';
import {
  aheadBehind,
  boundSessions,
  expiryText,
  plural,
  presentDocs,
  sessionRole,
  sessionSummary,
  taskSummary,
} from '../../model/describe';
import { shortId } from '../../model/names';
import { phaseTitle } from '../../model/task/phase';
import type { Session } from '../../model/session/session';
import type { Phase, Task } from '../../model/task/task';
import type { TreeNode } from './nodes';
import { icon, rowName, sessionContext, sessionIcon, sessionName } from '../sessions/sessionLook';
import { sessionTooltip } from './sessionTooltip';
import { branchTooltip, taskTooltip } from './tooltip';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
const phaseIcons: Record<Phase, vscode.ThemeIcon> = {
  backlog: icon('circle-large-outline', 'disabledForeground'),
  analyzing: icon('beaker', 'charts.blue'),
  awaitingReview: icon('eye', 'charts.yellow'),
  approved: icon('verified', 'charts.green'),
  implementing: icon('tools', 'charts.blue'),
  inReview: icon('git-pull-request', 'charts.purple'),
  done: icon('pass-filled', 'charts.green'),
};

const command = (name: string, title: string, node: TreeNode): vscode.Command => ({
  command: `taskSessions.${name}`,
  title,
  arguments: [node],
});

interface Look {
  label: string;
  description?: string;
  icon?: vscode.ThemeIcon;
  tooltip?: string | vscode.MarkdownString;
  state?: vscode.TreeItemCollapsibleState;
  context?: string;
  command?: vscode.Command;
  /** What a screen reader says, where label and description do not say it all. */
  spoken?: string;
}

/** How a node looks. `now` is epoch ms. */
export function treeItem(node: TreeNode, now: number): vscode.TreeItem {
  const look = lookOf(node, now);
  const item = new vscode.TreeItem(look.label, look.state ?? None);
  item.id = node.id;
  item.contextValue = look.context ?? node.kind;
  item.tooltip = look.tooltip ?? look.label;
  if (look.description !== undefined) item.description = look.description;
  if (look.icon) item.iconPath = look.icon;
  if (look.command) item.command = look.command;
  item.accessibilityInformation = {
    label: look.spoken ?? [look.label, look.description].filter(Boolean).join(', '),
  };
  return item;
}

function lookOf(node: TreeNode, now: number): Look {
  switch (node.kind) {
    case 'jiraNotice': {
      // Without a list the view's message says what happened, in full; this row is the way on.
      const look =
        node.asOf === undefined
          ? { label: 'Try Again', icon: icon('refresh') }
          : {
              label: `Jira as of ${ago(node.asOf, now)}`,
              description: node.error,
              icon: icon('warning', 'list.warningForeground'),
            };
      return {
        ...look,
        tooltip: [node.error, node.next].filter(Boolean).join('\n'),
        command: { command: 'taskSessions.refresh', title: 'Refresh' },
        spoken: `${node.error} ${node.next ?? ''} Press Enter to try again.`,
      };
    }
    case 'earlierNotice': {
      const what = `${node.sources.join(', ')} as of ${ago(node.asOf, now)}`;
      const label = `${what[0]?.toUpperCase()}${what.slice(1)}`;
      const why = whyEarlier(node);
      return {
        label,
        description: why,
        icon: icon('history'),
        tooltip: `What was known when the tasks were last shown; ${why}.`,
        ...(node.signedIn
          ? { command: { command: 'taskSessions.refresh', title: 'Refresh' } }
          : { command: { command: 'taskSessions.signIn', title: 'Sign In' } }),
      };
    }
    case 'branchesNotice':
      return {
        label:
          node.asOf === undefined ? 'Branches could not be read' : `Branches as of ${ago(node.asOf, now)}`,
        description: node.error,
        icon: icon('warning', 'list.warningForeground'),
        tooltip: [node.error, node.next].filter(Boolean).join('\n'),
        command: { command: 'taskSessions.refresh', title: 'Refresh' },
        spoken: `The branches could not be read. ${node.error} ${node.next ?? ''} Press Enter to try again.`,
      };
    case 'hostNotice': {
      const known = node.host.asOf === undefined ? 'nothing known yet' : `as of ${ago(node.host.asOf, now)}`;
      return {
        label: node.host.name,
        description: `does not answer · ${known}`,
        icon: icon('debug-disconnect', 'list.warningForeground'),
        tooltip: [node.host.error, node.host.next].filter(Boolean).join('\n'),
        command: { command: 'taskSessions.refresh', title: 'Refresh' },
        spoken: `Host ${node.host.name} does not answer, ${known}. ${node.host.error ?? ''} ${node.host.next ?? ''}`,
      };
    }
    case 'repositoryNotice':
      return {
        label: node.error,
        description: plural(node.tasks, 'task'),
        icon: icon('info'),
        command: { command: 'taskSessions.openSettings', title: 'Open Settings' },
        spoken: `${node.error} Concerns ${plural(node.tasks, 'task')}. Press Enter to open the settings.`,
      };
    case 'group':
      return {
        label: node.label,
        description: String(node.tasks.length),
        state: node.phase === 'backlog' || node.phase === 'done' ? Collapsed : Expanded,
        spoken: `${node.label}, ${plural(node.tasks.length, 'task')}`,
      };
    case 'task':
      return taskLook(node, now);
    case 'documents':
      return {
        label: 'Documents',
        description: `${presentDocs(node.task)} of ${node.task.docsExpected}`,
        icon: icon('book'),
        state: node.task.docs.length > 0 ? Expanded : Collapsed,
      };
    case 'document':
      return {
        label: node.doc.name,
        ...(node.doc.changedAt !== undefined && { description: `changed ${ago(node.doc.changedAt, now)}` }),
        icon: icon('markdown'),
        tooltip: `${node.doc.path}\non ${node.task.branch ?? 'its branch'}`,
        command: command('openDocument', 'Open Document', node),
      };
    case 'missingDocument':
      return {
        label: node.name,
        description: 'not on the branch',
        icon: icon('circle-slash', 'disabledForeground'),
      };
    case 'sessions':
      return {
        label: 'Sessions',
        description: sessionCount(node.task),
        icon: icon('comment-discussion'),
        state: Expanded,
      };
    case 'session':
      return sessionLook(node, now);
    case 'moreCandidates':
      return {
        label: `${node.count} more ${node.count === 1 ? 'candidate' : 'candidates'}`,
        description: 'less likely',
        icon: icon('ellipsis'),
        command: command('viewSessions', 'View Sessions', node),
      };
    case 'branch':
      return branchLook(node.task);
  }
}

function whyEarlier({ signedIn, sources }: TreeNode & { kind: 'earlierNotice' }): string {
  if (!signedIn) return 'not signed in';
  return vscode.workspace.isTrusted || sources.includes('Jira')
    ? 'no answer yet'
    : 'not read in Restricted Mode';
}

function sessionCount(task: Task): string {
  const bound = boundSessions(task).length;
  const candidates = task.sessions.length - bound + (task.moreCandidates ?? 0);
  return [...(bound ? [String(bound)] : []), ...(candidates ? [plural(candidates, 'candidate')] : [])].join(
    ' · ',
  );
}

function taskLook(node: TreeNode & { kind: 'task' }, now: number): Look {
  const { task } = node;
  const empty = task.sessions.length === 0 && task.docs.length === 0 && !task.checkout;
  return {
    label: `${task.key}  ${task.summary}`,
    description: taskSummary(task),
    icon: taskIcon(task),
    tooltip: taskTooltip(task, now),
    state: empty ? None : Collapsed,
    context: [
      'task',
      ...(boundSessions(task).length ? ['sessions'] : []),
      ...(task.docs.length ? ['docs'] : []),
      ...(task.checkout ? ['branch'] : []),
    ].join('.'),
    ...(empty && { command: command('openTask', 'Open Task', node) }),
    spoken: [task.key, task.summary, phaseTitle(task.phase), taskSummary(task)].filter(Boolean).join(', '),
  };
}

function taskIcon(task: Task): vscode.ThemeIcon {
  if (task.failed) return icon('error', 'list.errorForeground');
  if (task.needsYou?.sessionId) return icon('bell-dot', 'charts.yellow');
  if (boundSessions(task).some((session) => session.state === 'working'))
    return icon('loading~spin', 'charts.blue');
  return phaseIcons[task.phase];
}

function sessionLook(node: TreeNode & { kind: 'session' }, now: number): Look {
  const { session } = node;
  if (session.evidence === 'candidate') return candidateLook(session, now);
  const role = sessionRole(session);
  const expiry = expiryText(session, now);
  const description = [
    `${shortId(session.id)}  ${role}`,
    // Whoever resumes this one should go there instead.
    ...(session.continuedBy ? [`continued as ${shortId(session.continuedBy)}`] : []),
    ...(expiry ? [expiry] : []),
  ].join(' · ');
  return {
    label: sessionSummary(session, now),
    description,
    icon: sessionIcon(session, now),
    tooltip: sessionTooltip(session, now),
    context: sessionContext(session),
    command: command('resume', 'Resume Task Session', node),
    spoken: `Session ${shortId(session.id)} on ${sessionSummary(session, now)}, ${role}${expiry ? `, ${expiry}` : ''}`,
  };
}

/** What it is about, and why it might belong here: by these a person decides. */
function candidateLook(session: Session, now: number): Look {
  const { reason = 'it fits', score } = session;
  const expiry = expiryText(session, now);
  const description = [
    `candidate: ${reason}`,
    ...(score === undefined ? [] : [String(score)]),
    sessionSummary(session, now),
    ...(expiry ? [expiry] : []),
  ].join(' · ');
  return {
    label: rowName(session),
    description,
    icon: icon('lightbulb'),
    tooltip: sessionTooltip(session, now),
    context: sessionContext(session),
    spoken: `Session ${sessionName(session)}, ${shortId(session.id)}, ${description}`,
  };
}

function branchLook(task: Task): Look {
  const { checkout } = task;
  const name = checkout?.name ?? task.branch ?? 'branch';
  if (!checkout && !vscode.workspace.isTrusted)
    return {
      label: name,
      description: 'not read in Restricted Mode',
      icon: icon('git-branch', 'disabledForeground'),
      context: 'branchMissing',
    };
  if (!checkout)
    return {
      label: name,
      description: task.branchError ?? 'not found in the repository',
      icon: icon('git-branch', 'disabledForeground'),
      tooltip:
        task.branchError ?? 'No local or remote branch has this name. Fetch Task Branches asks the remotes.',
      context: 'branchMissing',
    };
  const { worktree } = checkout;
  // Beside the repository most often: `../platform.worktrees/PAY-456` says it shorter.
  const held = worktree && !worktree.main && `in ${posix.relative(checkout.directory, worktree.directory)}`;
  return {
    label: name,
    description: [aheadBehind(task), worktree?.main ? 'checked out' : held].filter(Boolean).join(' · '),
    icon: icon('git-branch', checkout.worktree ? 'charts.green' : undefined),
    tooltip: branchTooltip(checkout),
    context: checkout.worktree ? 'branch.checkedOut' : 'branch',
  };
}
