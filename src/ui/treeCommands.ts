import * as vscode from 'vscode';
import type { CommandTable } from './commandTable';
import { groupings, type Grouping, type TreeView } from './tree/nodes';
import type { TaskTree } from './tree/taskTree';

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
    filter: () => askFilter(tree.treeView.filter, (filter) => set({ filter })),
    clearFilter: () => set({ filter: '' }),
    groupByPhase: group('phase'),
    groupByStatus: group('status'),
    groupByPriority: group('priority'),
    groupFlat: group('flat'),
  };
}

/** Filters while one types; Escape brings the earlier filter back. */
function askFilter(before: string, apply: (filter: string) => void): void {
  const input = vscode.window.createInputBox();
  input.title = 'Filter Tasks';
  input.value = before;
  input.placeholder = 'Words of key, summary, status, phase, branch or host';
  input.prompt = 'Every word must occur. Empty shows all.';
  let accepted = false;
  input.onDidChangeValue((value) => apply(value.trim()));
  input.onDidAccept(() => {
    accepted = true;
    input.hide();
  });
  input.onDidHide(() => {
    if (!accepted) apply(before);
    input.dispose();
  });
  input.show();
}
