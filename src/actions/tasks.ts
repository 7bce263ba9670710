import { UserError } from '../model/errors';
import { isIssueKey } from '../model/names';
import type { Task } from '../model/task/task';
import { taskMarkdown } from '../sources/jira/markup/taskDocument';
import { notSignedIn, type JiraAccount } from './account';
import type { SnapshotStore } from './store';

/** Looking at tasks. */
export class Tasks {
  constructor(
    private readonly store: Pick<SnapshotStore, 'snapshot'>,
    private readonly account: JiraAccount,
  ) {}

  /** A listed task; throws where the list has none of that key. */
  get(key: string): Task {
    const wanted = key.trim().toUpperCase();
    const task = this.store.snapshot.tasks.find((one) => one.key === wanted);
    if (task) return task;
    if (!isIssueKey(wanted))
      throw new UserError(`"${key.slice(0, 80)}" is not a task key.`, 'Keys look like PAY-456.');
    const { jira } = this.store.snapshot;
    if (!jira.signedIn) throw notSignedIn();
    if (jira.error) throw new UserError(jira.error, jira.next ?? '');
    throw new UserError(
      `${wanted} is not among your tasks.`,
      'Check the key, or widen taskSessions.jira.jql.',
    );
  }

  /** The issue as one Markdown document, read anew with every comment. */
  async markdown(key: string, signal?: AbortSignal): Promise<string> {
    const jira = await this.account.jira(signal);
    return taskMarkdown(await jira.issue(key, signal));
  }
}
