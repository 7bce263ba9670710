import type { Disposable } from 'vscode';
import type { App } from '../../app';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import type { CommandTable } from '../commands/commandTable';
import { targetsOf } from '../commands/target';
import type { ReadOnlyTexts } from '../documents/readOnlyTexts';
import { pickTask } from '../pickers/sessionPicker';
import type { OpenAddress } from '../links/openAddress';
import type { DocumentVerbs } from '../verbs/documentVerbs';
import { ApproveVerbs } from './approve/approveVerbs';
import { adjustCommands, type AdjustCommands } from './adjust/adjustCommands';
import { openPullRequest } from './pullRequestVerbs';
import { reviewCommands, type ReviewCommands } from './review/reviewCommands';

export interface GateActs {
  /** Ends it with the window. */
  own<T extends Disposable>(item: T): T;
  documents: DocumentVerbs;
  openAddress: OpenAddress;
  texts: ReadOnlyTexts;
  resume(session: Session, task?: Task): Promise<void>;
  /** Shows the newest run of a task in the tree. */
  reveal(key: string): Promise<void>;
  refresh(): Promise<void>;
}

export type GateCommands = ReviewCommands &
  AdjustCommands &
  Pick<CommandTable, 'approve' | 'openPullRequest'>;

/** The human gate: reading, adjusting, approving, and what comes after the implementation. */
export function gateCommands(app: App, acts: GateActs): GateCommands {
  const { store } = app;
  const target = targetsOf(app);
  const taskOf = async (
    argument: unknown,
    title: string,
    isLikely: (task: Task) => boolean,
  ): Promise<Task | undefined> =>
    target(argument).task ?? pickTask(store.snapshot.tasks, title, Date.now(), isLikely);

  const approving = new ApproveVerbs({ gate: app.gate, refresh: acts.refresh });

  return {
    ...reviewCommands(app, acts),
    ...adjustCommands(app, acts),
    approve: async (argument) => {
      const task = await taskOf(argument, 'Approve for Implementation', isRipe);
      if (task) await approving.approve(task);
    },
    openPullRequest: async (argument) => {
      const task = await taskOf(argument, 'Open Pull Request', isBegun);
      if (task) await openPullRequest(task, { ...acts, pullRequests: app.pullRequests });
    },
  };
}

const isRipe = ({ phase, docs }: Task): boolean => phase === 'awaitingReview' && docs.length > 0;

/** Somebody has worked on it. */
const isBegun = ({ phase }: Task): boolean => phase === 'implementing' || phase === 'inReview';
