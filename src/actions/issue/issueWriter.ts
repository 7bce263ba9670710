import type { Host } from '../../hosts/host';
import { UserError } from '../../model/errors';
import type { RecordPlace } from '../../model/record/text';
import type { RunOrder } from '../../model/run/order';
import { jiraHost } from '../../sources/jira/connection';
import type { Jira } from '../../sources/jira/jira';
import { writeIndex, type Thread } from '../../sources/jira/records/write';
import type { Log } from '../../util/log';
import type { JiraAccount } from '../account';
import type { SnapshotStore } from '../store';
import { isPassing } from './refusal';
import { inTurn } from '../../util/turns';

export interface IssueWriterOptions {
  hosts: readonly Host[];
  store: Pick<SnapshotStore, 'snapshot'>;
  account: Pick<JiraAccount, 'state' | 'jira' | 'noteEdit'>;
  log: Log;
  now?(): number;
}

/** What everybody shares who writes to issues: one queue, one index after the comments, one place of a session. */
export class IssueWriter {
  private readonly now: () => number;

  constructor(private readonly options: IssueWriterOptions) {
    this.now = options.now ?? Date.now;
  }

  /** One after another: two at once from one window would only take each other's comments away. */
  readonly next = inTurn();

  /** Host (and port) of the Jira that we write to. */
  jiraHost(): string | undefined {
    return jiraHost(this.options.account.state.url);
  }

  /** The Jira that has the run's task. Throws UserError where we are signed in to another: that has issues of the key too. */
  async jiraOf({ key, jira: its }: Pick<RunOrder, 'key' | 'jira'>, signal?: AbortSignal): Promise<Jira> {
    const jira = await this.options.account.jira(signal);
    const here = this.jiraHost();
    if (its === undefined || its === here) return jira;
    throw new UserError(
      `The run of ${key} is for ${its}, and you are signed in to ${here ?? 'no Jira'}.`,
      `Sign in to ${its}.`,
    );
  }

  /** Throws UserError where the issue that has the run's key today is another than it was ordered for. */
  sameIssue({ key, issueId }: Pick<RunOrder, 'key' | 'issueId'>, today: string): void {
    if (issueId !== undefined && issueId !== today)
      throw new UserError(
        `${key} names another issue today than the one that the run is for.`,
        'Forget the run: task-sessions stop KEY --forget.',
      );
  }

  /**
   * After a write: the index follows the comments, and the next refresh sees the issue as it is. Answers why the index
   * was not written, and whether that may pass: the comments count anyway.
   */
  async wrote(
    jira: Jira,
    key: string,
    thread: Thread,
    signal: AbortSignal | undefined,
  ): Promise<{ problem?: string; isPassing?: boolean }> {
    const { log } = this.options;
    this.touched(key);
    const failed = await writeIndex(jira, key, thread, { now: this.now(), signal });
    if (!failed) return {};
    log.info(`${key}: the index of records was not written. ${failed.line}`);
    return {
      problem: `The index of records on ${key} was not written: ${failed.line}`,
      isPassing: isPassing(failed),
    };
  }

  /** The next refresh reads the issue anew. */
  touched(key: string): void {
    const { store, account } = this.options;
    const task = store.snapshot.tasks.find((one) => one.key === key);
    if (task) account.noteEdit(task.id);
  }

  /** How a session on that host is reached, for the record's text. */
  place(issueKey: string, name: string): RecordPlace {
    const host = this.options.hosts.find((one) => one.name === name);
    return {
      issueKey,
      ...(host?.settings.ssh !== undefined && { ssh: host.settings.ssh }),
      ...(host?.settings.via && { withoutCommand: true }),
    };
  }
}
