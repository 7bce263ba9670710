import { posix } from 'node:path';
import * as vscode from 'vscode';
import {
  aheadBehind,
  boundSessions,
  expiryText,
  isUnproven,
  plural,
  presentDocs,
  sessionRole,
  sessionSummary,
  taskSummary,
} from '../../model/describe';
import { shortId } from '../../model/names';
import { phaseTitle } from '../../model/task/phase';
import type { Run } from '../../model/run/run';
import type { Session } from '../../model/session/session';
import type { Phase, Task } from '../../model/task/task';
import { documentLook, documentsLook, missingDocumentLook } from '../gate/documentLook';
import { isStarting, runLook, runWords, stepLook } from './runLook';
import { shownRuns } from './runNodes';
import { rowCommand, type Look } from './look';
import type { TreeNode } from './nodes';
import { noticeLook } from './noticeLook';
import { icon, rowName, sessionContext, sessionIcon, sessionName } from '../sessions/sessionLook';
import { sessionTooltip } from './tooltips/sessionTooltip';
import { branchTooltip, taskTooltip } from './tooltips/tooltip';

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
    case 'jiraNotice':
    case 'earlierNotice':
    case 'branchesNotice':
    case 'hostNotice':
    case 'repositoryNotice':
      return noticeLook(node, now);
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
      return { ...documentsLook(node), state: node.task.docs.length > 0 ? Expanded : Collapsed };
    case 'document':
      return documentLook(node, now);
    case 'missingDocument':
      return missingDocumentLook(node);
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
        command: rowCommand('viewSessions', 'View Sessions', node),
      };
    case 'run':
      return runLook(node, now);
    case 'runStep':
      return stepLook(node, now);
    case 'branch':
      return branchLook(node.task);
  }
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
  const empty =
    task.sessions.length === 0 && task.docs.length === 0 && !task.checkout && shownRuns(task).length === 0;
  return {
    label: `${task.key}  ${task.summary}`,
    description: taskSummary(task),
    icon: taskIcon(task, now),
    tooltip: taskTooltip(task, now),
    state: empty ? None : Collapsed,
    context: [
      'task',
      ...(boundSessions(task).length ? ['sessions'] : []),
      ...(task.docs.length ? ['docs'] : []),
      ...(task.checkout ? ['branch'] : []),
      ...(isRipe(task) ? ['ripe'] : []),
      ...(task.phase === 'inReview' && task.checkout ? ['inReview'] : []),
      ...runWords(task, now),
    ].join('.'),
    ...(empty && { command: rowCommand('openTask', 'Open Task', node) }),
    spoken: [task.key, task.summary, phaseTitle(task.phase), taskSummary(task)].filter(Boolean).join(', '),
  };
}

/** All its documents wait for a person's yes. */
const isRipe = (task: Task): boolean =>
  task.docs.length > 0 &&
  presentDocs(task) >= task.docsExpected &&
  (task.phase === 'awaitingReview' || task.approval?.stale === true || isUnproven(task));

/** As far as can be seen. */
const isAtWork = ({ state, asOf }: Run): boolean => state.kind === 'running' && asOf === undefined;

function taskIcon(task: Task, now: number): vscode.ThemeIcon {
  const isWorking =
    task.runs?.some((run) => isAtWork(run) || isStarting(run, now)) === true ||
    boundSessions(task).some((session) => session.state === 'working');
  if (task.needsYou?.sessionId) return icon('bell-dot', 'charts.yellow');
  // What works again has failed before, at most.
  if (isWorking) return icon('loading~spin', 'charts.blue');
  // Who stopped it knows.
  if (task.runs?.[0]?.state.kind === 'stopped') return icon('stop-circle');
  if (task.failed || task.needsYou?.runId !== undefined) return icon('error', 'list.errorForeground');
  if (task.runs?.some(({ state }) => state.kind === 'queued')) return icon('watch', 'charts.blue');
  return isUnproven(task) ? icon('unverified', 'charts.yellow') : phaseIcons[task.phase];
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
    command: rowCommand('resume', 'Resume Task Session', node),
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
