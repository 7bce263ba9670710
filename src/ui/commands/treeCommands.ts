import type * as vscode from 'vscode';
import type { CommandTable } from './commandTable';
import { askFilter } from '../pickers/askFilter';
import { groupings, type Grouping, type TreeView } from '../tree/nodes';
import type { TaskTree } from '../tree/taskTree';

const memoryKey = 'taskSessions.treeView';

/** What the user chose to see the last time in this workspace. */
export function rememberedView(memory: vscode.Memento): TreeView {
  const groupBy = memory.get<Grouping>(memoryKey);
  return { groupBy: groupBy && groupings.includes(groupBy) ? groupBy : 'phase', filter: '' };
}

type TreeCommands = Pick<
  CommandTable,
  'filter' | 'clearFilter' | 'groupByPhase' | 'groupByStatus' | 'groupByPriority' | 'groupFlat'
>;

/** Grouping and filter of the tree. */
export function treeCommands(tree: TaskTree, memory: vscode.Memento, shown: () => void): TreeCommands {
  const set = (change: Partial<TreeView>): void => {
    tree.setView({ ...tree.treeView, ...change });
    shown();
  };
  const group = (groupBy: Grouping) => async (): Promise<void> => {
    set({ groupBy });
    await memory.update(memoryKey, groupBy);
  };
  return {
    filter: () =>
      askFilter({
        title: 'Filter Tasks',
        placeholder: 'Words of key, summary, status, phase, branch or host',
        before: tree.treeView.filter,
        apply: (filter) => set({ filter }),
      }),
    clearFilter: () => set({ filter: '' }),
    groupByPhase: group('phase'),
    groupByStatus: group('status'),
    groupByPriority: group('priority'),
    groupFlat: group('flat'),
  };
}
