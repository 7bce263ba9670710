import type { Run } from '../../model/run/run';
import { isLiveRun } from '../../model/run/standing';
import type { Task } from '../../model/task/task';
import type { TreeNode } from './nodes';

/** The newest run of a task, and older ones that live or need somebody; the rest is history. */
export function shownRuns({ runs = [], needsYou }: Pick<Task, 'runs' | 'needsYou'>): Run[] {
  return runs.filter((run, index) => index === 0 || isLiveRun(run) || run.id === needsYou?.runId);
}

/** Rows of a task's runs: first those that work or need somebody; what is complete comes after all else. */
export function runNodes(node: TreeNode & { kind: 'task' }): { asking: TreeNode[]; past: TreeNode[] } {
  const rows = shownRuns(node.task).map((run): TreeNode & { kind: 'run' } => ({
    kind: 'run',
    id: `${node.id}/run/${run.host}/${run.id}`,
    parent: node,
    task: node.task,
    run,
  }));
  const isPast = ({ run }: { run: Run }): boolean => run.state.kind === 'complete';
  return { asking: rows.filter((row) => !isPast(row)), past: rows.filter(isPast) };
}

/** The steps of a run in their order. */
export const stepNodes = (node: TreeNode & { kind: 'run' }): TreeNode[] =>
  node.run.steps.map((step) => ({
    kind: 'runStep',
    id: [node.id, step.step, ...(step.n === undefined ? [] : [step.n])].join('/'),
    parent: node,
    task: node.task,
    run: node.run,
    step,
  }));
