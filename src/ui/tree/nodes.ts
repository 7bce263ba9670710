import { groupBy } from '../../util/groupBy';
import { boundSessions } from '../../model/describe';
import { goneSinceApproval, type GoneDoc } from '../../model/gate/review/review';
import { listedPhases, phaseTitle } from '../../model/task/phase';
import type { Run, RunStepState } from '../../model/run/run';
import type { Session } from '../../model/session/session';
import {
  phases,
  type HostState,
  type Phase,
  type Snapshot,
  type SourceState,
  type Task,
  type TaskDoc,
} from '../../model/task/task';
import { runNodes, stepNodes } from './runNodes';

export const groupings = ['phase', 'status', 'priority', 'flat'] as const;
export type Grouping = (typeof groupings)[number];

/** What the user chose to see. */
export interface TreeView {
  groupBy: Grouping;
  filter: string;
}

interface NodeBase {
  /** Stable over refreshes, so that expansion and selection stay. */
  id: string;
  parent?: TreeNode;
}

/** What is wrong, or not fresh: above the tasks. */
export type NoticeNode =
  | (NodeBase & { kind: 'jiraNotice'; error: string; next?: string; asOf?: number })
  | (NodeBase & { kind: 'earlierNotice'; sources: readonly string[]; asOf: number; signedIn: boolean })
  | (NodeBase & { kind: 'branchesNotice'; error: string; next?: string; asOf?: number })
  | (NodeBase & { kind: 'hostNotice'; host: HostState })
  | (NodeBase & { kind: 'repositoryNotice'; error: string; tasks: number });

/** The tree as values: no I/O, no vscode. */
export type TreeNode =
  | NoticeNode
  | (NodeBase & { kind: 'group'; label: string; phase?: Phase; tasks: readonly Task[] })
  | (NodeBase & { kind: 'task'; task: Task })
  | (NodeBase & { kind: 'documents'; task: Task; names: readonly string[] })
  | (NodeBase & { kind: 'document'; task: Task; doc: TaskDoc })
  | (NodeBase & { kind: 'missingDocument'; task: Task; name: string; gone?: GoneDoc })
  | (NodeBase & { kind: 'sessions'; task: Task })
  | (NodeBase & { kind: 'session'; task: Task; session: Session })
  | (NodeBase & { kind: 'moreCandidates'; task: Task; count: number })
  | (NodeBase & { kind: 'run'; task: Task; run: Run })
  | (NodeBase & { kind: 'runStep'; task: Task; run: Run; step: RunStepState })
  | (NodeBase & { kind: 'branch'; task: Task });

/** The first level: what is wrong, then groups or tasks. */
export function rootNodes(snapshot: Snapshot, view: TreeView): TreeNode[] {
  const tasks = filterTasks(snapshot.tasks, view.filter);
  return [
    ...notices(snapshot),
    ...(view.groupBy === 'flat' ? taskNodes(tasks) : groups(tasks, view.groupBy)),
  ];
}

export function childNodes(node: TreeNode, docNames: readonly string[]): TreeNode[] {
  switch (node.kind) {
    case 'group':
      return taskNodes(node.tasks, node);
    case 'task':
      return taskChildren(node, docNames);
    case 'documents':
      return documentNodes(node);
    case 'sessions':
      return sessionNodes(node);
    case 'run':
      return stepNodes(node);
    case 'jiraNotice':
    case 'earlierNotice':
    case 'branchesNotice':
    case 'hostNotice':
    case 'repositoryNotice':
    case 'document':
    case 'missingDocument':
    case 'session':
    case 'moreCandidates':
    case 'runStep':
    case 'branch':
      return [];
  }
}

/** Every word of the filter must occur in key, summary, status, priority, branch or a session's host. */
export function filterTasks(tasks: readonly Task[], filter: string): readonly Task[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return tasks;
  return tasks.filter((task) => {
    const text = [
      task.key,
      task.summary,
      task.status,
      phaseTitle(task.phase),
      task.priority ?? '',
      task.branch ?? '',
      task.assignee ?? '',
      ...task.sessions.map((session) => `${session.host} ${session.state} ${session.id}`),
    ]
      .join('\n')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function notices(snapshot: Snapshot): TreeNode[] {
  const { jira, branches } = snapshot;
  const nodes = earlierNotice(snapshot);
  if (jira.signedIn && jira.error !== undefined && snapshot.tasks.length > 0)
    nodes.push({
      kind: 'jiraNotice',
      id: 'notice/jira',
      error: jira.error,
      ...(jira.next !== undefined && { next: jira.next }),
      ...(jira.asOf !== undefined && { asOf: jira.asOf }),
    });
  if (branches?.error !== undefined && snapshot.tasks.length > 0)
    nodes.push({
      kind: 'branchesNotice',
      id: 'notice/branches',
      error: branches.error,
      ...(branches.next !== undefined && { next: branches.next }),
      ...(branches.asOf !== undefined && { asOf: branches.asOf }),
    });
  for (const host of snapshot.hosts)
    if (host.error !== undefined) nodes.push({ kind: 'hostNotice', id: `notice/host/${host.name}`, host });
  // What is the host's trouble has its row already, whose Enter asks the host again.
  const isOfHost = (error: string): boolean =>
    snapshot.hosts.some((host) => host.error !== undefined && error.startsWith(host.error));
  for (const [error, tasks] of sharedBranchErrors(snapshot.tasks))
    if (!isOfHost(error))
      nodes.push({ kind: 'repositoryNotice', id: `notice/repository/${error}`, error, tasks });
  return nodes;
}

/** One row for all that an earlier run has left and nobody has confirmed; who has failed since has a row of its own. */
function earlierNotice({ jira, hosts, branches, tasks }: Snapshot): TreeNode[] {
  const unconfirmed = (source: SourceState): boolean =>
    // A failure of Jira has its row only while somebody is signed in.
    source.earlier === true && (source.error === undefined || (source === jira && !jira.signedIn));
  const old = hosts.filter(unconfirmed);
  const where = old.length < hosts.length ? ` on ${old.map(({ name }) => name).join(', ')}` : '';
  const found = [
    { name: 'Jira', source: jira },
    ...old.map((source) => ({ name: `sessions${where}`, source })),
    { name: 'branches', source: branches ?? {} },
  ].filter(({ source }) => unconfirmed(source));
  if (found.length === 0 || tasks.length === 0) return [];
  return [
    {
      kind: 'earlierNotice',
      id: 'notice/earlier',
      sources: [...new Set(found.map(({ name }) => name))],
      asOf: Math.min(...found.map(({ source }) => source.asOf ?? 0)),
      signedIn: jira.signedIn,
    },
  ];
}

/** What is wrong with a repository concerns all of its tasks: said once, not under each. */
function sharedBranchErrors(tasks: readonly Task[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { branchError } of tasks)
    if (branchError !== undefined) counts.set(branchError, (counts.get(branchError) ?? 0) + 1);
  return counts;
}

function groups(tasks: readonly Task[], by: Exclude<Grouping, 'flat'>): TreeNode[] {
  const labelOf = (task: Task): string => {
    if (by === 'phase') return task.phase;
    return by === 'status' ? task.status : (task.priority ?? 'No priority');
  };
  const found = groupBy(tasks, labelOf);
  const labels = [...found.keys()];
  if (by === 'phase')
    labels.sort((a, b) => listedPhases.indexOf(a as Phase) - listedPhases.indexOf(b as Phase));
  if (by === 'priority') labels.sort((a, b) => priorityRank(a) - priorityRank(b) || a.localeCompare(b));
  return labels.map((label) => {
    const phase = by === 'phase' ? phases.find((one) => one === label) : undefined;
    return {
      kind: 'group',
      id: `group/${by}/${label}`,
      label: phase ? phaseTitle(phase) : label,
      ...(phase && { phase }),
      tasks: found.get(label)!,
    };
  });
}

/** Jira's default schemes; names of other schemes come between, in alphabetical order. */
const priorities = [
  'blocker',
  'highest',
  'critical',
  'high',
  'major',
  'medium',
  '',
  'minor',
  'low',
  'lowest',
  'trivial',
];
function priorityRank(name: string): number {
  if (name === 'No priority') return priorities.length;
  const rank = priorities.indexOf(name.toLowerCase());
  return rank === -1 ? priorities.indexOf('') : rank;
}

export const taskNode = (task: Task, parent?: TreeNode): TreeNode => ({
  kind: 'task',
  // Another one in each grouping: VS Code forgets the rows of the one before late, and by their ids.
  id: `task/${parent?.id.split('/')[1] ?? 'flat'}/${task.key}`,
  ...(parent && { parent }),
  task,
});

const taskNodes = (tasks: readonly Task[], parent?: TreeNode): TreeNode[] =>
  tasks.map((task) => taskNode(task, parent));

function taskChildren(node: TreeNode & { kind: 'task' }, docNames: readonly string[]): TreeNode[] {
  const { task } = node;
  const { asking, past } = runNodes(node);
  const children: TreeNode[] = [...asking];
  if (task.docs.length > 0 || task.checkout)
    children.push({ kind: 'documents', id: `${node.id}/documents`, parent: node, task, names: docNames });
  if (task.sessions.length > 0)
    children.push({ kind: 'sessions', id: `${node.id}/sessions`, parent: node, task });
  if (
    task.checkout ||
    task.branchError !== undefined ||
    boundSessions(task).some((session) => session.branch)
  )
    children.push({ kind: 'branch', id: `${node.id}/branch`, parent: node, task });
  return [...children, ...past];
}

function sessionNodes(node: TreeNode & { kind: 'sessions' }): TreeNode[] {
  const { id, task } = node;
  const count = task.moreCandidates ?? 0;
  return [
    ...task.sessions.map((session): TreeNode => {
      return { kind: 'session', id: `${id}/${session.host}/${session.id}`, parent: node, task, session };
    }),
    ...(count > 0
      ? [{ kind: 'moreCandidates', id: `${id}/more`, parent: node, task, count } satisfies TreeNode]
      : []),
  ];
}

/** In reading order; what is not on the branch, or no more, is shown as missing. */
function documentNodes(node: TreeNode & { kind: 'documents' }): TreeNode[] {
  const { task } = node;
  const others = task.docs.filter((doc) => !node.names.includes(doc.name));
  const gone = goneSinceApproval(task);
  const missing = (name: string, one?: GoneDoc): TreeNode => ({
    kind: 'missingDocument',
    id: `${node.id}/missing/${one?.path ?? name}`,
    parent: node,
    task,
    name,
    ...(one && { gone: one }),
  });
  const present = (doc: TaskDoc): TreeNode => ({
    kind: 'document',
    id: `${node.id}/${doc.path}`,
    parent: node,
    task,
    doc,
  });
  return [
    ...node.names.flatMap((name): TreeNode[] => {
      const docs = task.docs.filter((doc) => doc.name === name);
      if (docs.length > 0) return docs.map(present);
      return [
        missing(
          name,
          gone.find((one) => one.name === name),
        ),
      ];
    }),
    ...others.map(present),
    ...gone.filter(({ name }) => !node.names.includes(name)).map((one) => missing(one.name, one)),
  ];
}
