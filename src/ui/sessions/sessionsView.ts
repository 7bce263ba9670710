import * as vscode from 'vscode';
import type { SnapshotStore } from '../../actions/store';
import type { SessionFilter } from '../../model/session/listing';
import type { Session } from '../../model/session/session';
import type { Snapshot } from '../../model/task/task';
import type { CommandTable } from '../commands/commandTable';
import { askFilter } from '../pickers/askFilter';
import { setContext } from '../ports/contextKey';
import { isNarrowed, type SessionNode } from './nodes';
import { SessionTree } from './sessionTree';

const viewId = 'taskSessions.sessions';
const unlinkedKey = 'taskSessions.unlinkedOnly';

type ViewCommands = Pick<
  CommandTable,
  | 'viewSessions'
  | 'filterSessions'
  | 'clearSessionFilter'
  | 'showUnlinkedSessions'
  | 'showAllSessions'
  | 'showMoreSessions'
>;

/** The view *Sessions*: every session on every host, linked or not. */
export class SessionsViewPane implements vscode.Disposable {
  readonly commands: ViewCommands;
  private readonly owned: vscode.Disposable[] = [];
  private readonly tree: SessionTree;
  private readonly view: vscode.TreeView<SessionNode>;

  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot' | 'busy' | 'onDidChange'>,
    memory: vscode.Memento,
  ) {
    this.tree = new SessionTree(
      store,
      { words: '', unlinkedOnly: memory.get(unlinkedKey) === true },
      () => this.visible,
    );
    this.view = vscode.window.createTreeView(viewId, {
      treeDataProvider: this.tree,
      showCollapseAll: true,
      canSelectMany: true,
    });
    this.owned.push(
      this.tree,
      this.view,
      this.view.onDidChangeVisibility(() => this.tree.update()),
      store.onDidChange(() => this.showState()),
    );
    const unlinkedOnly = async (unlinked: boolean): Promise<void> => {
      this.set({ unlinkedOnly: unlinked });
      await memory.update(unlinkedKey, unlinked);
    };
    this.commands = {
      viewSessions: () => vscode.commands.executeCommand(`${viewId}.focus`),
      filterSessions: async () => {
        await vscode.commands.executeCommand(`${viewId}.focus`);
        askFilter({
          title: 'Filter Sessions',
          placeholder: 'Words of title, id, key, directory, branch, host or state',
          before: this.tree.filter.words,
          apply: (words) => this.set({ words }),
        });
      },
      clearSessionFilter: () => this.set({ words: '' }),
      showUnlinkedSessions: () => unlinkedOnly(true),
      showAllSessions: () => unlinkedOnly(false),
      showMoreSessions: (node) => {
        if (isNode(node)) this.tree.showMore(node);
      },
    };
    this.showState();
  }

  get visible(): boolean {
    return this.view.visible;
  }

  /** The session on which the keyboard is, for keys that name none. */
  get selected(): Session | undefined {
    const [node] = this.view.selection;
    return node?.kind === 'listedSession' ? node.session : undefined;
  }

  dispose(): void {
    for (const item of this.owned.reverse()) item.dispose();
  }

  private set(change: Parameters<SessionTree['setView']>[0]): void {
    this.tree.setView(change);
    this.showState();
  }

  private showState(): void {
    const { snapshot, busy } = this.store;
    const { words, unlinkedOnly } = this.tree.filter;
    const narrowed = isNarrowed(this.tree.filter);
    const shown = narrowed ? this.tree.shown : snapshot.sessions.length;
    void setContext('sessionsFiltered', words !== '');
    void setContext('unlinkedOnly', unlinkedOnly);
    void setContext('sessionsState', emptyState(snapshot, busy, this.tree.filter));
    // Beside a message VS Code shows no welcome text.
    this.view.message =
      narrowed && shown > 0
        ? [
            ...(words ? [`Filter: ${words}`] : []),
            ...(unlinkedOnly ? ['Unlinked only'] : []),
            `${shown} of ${snapshot.sessions.length}`,
          ].join(' · ')
        : '';
  }
}

/** Which welcome text fits an empty view. */
function emptyState(
  { sessions, hosts }: Snapshot,
  busy: boolean,
  { words, unlinkedOnly }: SessionFilter,
): string {
  if (sessions.length > 0) {
    if (unlinkedOnly) return words === '' ? 'allLinked' : 'noUnlinkedFits';
    return words === '' ? 'sessions' : 'nothingFits';
  }
  if (!vscode.workspace.isTrusted) return 'untrusted';
  return busy || hosts.every(({ asOf }) => asOf === undefined) ? 'asking' : 'noSessions';
}

const isNode = (argument: unknown): argument is SessionNode =>
  typeof argument === 'object' && argument !== null && 'kind' in argument;
