import { randomUUID } from 'node:crypto';
import type { OwedMessage } from '../../model/binding/ledger';
import { plural } from '../../model/describe';
import { errorLine, isCancelled, UserError } from '../../model/errors';
import { judgeApproval } from '../../model/gate/approval/approval';
import type { RecordClaim } from '../../model/record/record';
import type { Settings } from '../../model/settings';
import { jiraHost } from '../../sources/jira/connection';
import type { Jira } from '../../sources/jira/jira';
import type { Ledger } from '../../state/ledger';
import type { ToldOnce } from '../../state/toldOnce';
import type { JiraAccount } from '../account';
import { readJudged } from '../gate/approval/approvalComment';
import { isPassing } from '../issue/refusal';
import type { Told, Telling } from '../run/telling';
import type { SnapshotStore } from '../store';
import type { Debts, Payment } from './debts';

export interface ApprovalMessagesOptions {
  settings: Settings;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  store: Pick<SnapshotStore, 'snapshot'>;
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay'>;
  /** Of this machine: its ledger alone knows of the message. */
  told: Pick<ToldOnce, 'claim'>;
  telling: Pick<Telling, 'tell' | 'hears'>;
  now?(): number;
}

/** An approval, as it is to be on the issue. */
export interface ExpectedApproval {
  key: string;
  branch: string;
  commit: string;
}

/** Nobody is told of an approval of yesterday. */
const newsMs = 24 * 3_600_000;
/** By then a comment that was on its way is there, or never will be. */
const arrivalMs = 15 * 60_000;

/**
 * Tells webhooks of approvals that this person gives. Each is noted before its comment is written, so that whoever is
 * killed between the two leaves a note, and whoever comes by tells it: once, since each message is claimed before it is
 * sent, and only where Jira holds an approval that counts.
 */
export class ApprovalMessages implements Debts<OwedMessage> {
  private readonly now: () => number;

  constructor(private readonly options: ApprovalMessagesOptions) {
    this.now = options.now ?? Date.now;
  }

  /** For before the comment is written. */
  async expect({ key, branch, commit }: ExpectedApproval): Promise<void> {
    const { ledger, telling } = this.options;
    if (!telling.hears('approved')) return;
    const jira = this.jiraHost();
    await ledger.owe({
      id: randomUUID(),
      kind: 'message',
      ...(jira !== undefined && { jira }),
      issueKey: key,
      branch,
      commit,
      createdAt: this.now(),
      attempts: 0,
    });
  }

  /** It was not written. */
  async forget(approval: ExpectedApproval): Promise<void> {
    for (const { id } of await this.owedOf(approval)) await this.options.ledger.paid(id);
  }

  /** Of one that counts, where a program of ours has noted it and nobody has told it yet. */
  async tell(
    jira: Jira,
    claim: RecordClaim,
    summary: string | undefined,
    signal?: AbortSignal,
  ): Promise<Told> {
    const { telling, told, store, ledger } = this.options;
    const { issueKey: key, branch = '', commit = '', author, commentId, created, documents = [] } = claim;
    const owed = await this.owedOf({ key, branch, commit });
    if (owed.length === 0) return { told: 0, problems: [] };
    const known = store.snapshot.tasks.find((task) => task.key === key);
    const tiding = {
      event: 'approved' as const,
      at: created,
      occasion: Number(commentId),
      task: {
        key,
        summary: summary ?? known?.summary ?? '',
        url: known?.url ?? `${jira.connection.baseUrl}/browse/${key}`,
      },
      text: `${author.name} approved ${plural(documents.length, 'document')} at ${commit.slice(0, 8)} on branch ${branch}.`,
      next: 'Start the implementation.',
    };
    const answer = await telling.tell(tiding, (name) => told.claim(`${this.jiraHost()}/${name}`), signal);
    for (const { id } of owed) await ledger.paid(id);
    return answer;
  }

  async due(): Promise<OwedMessage[]> {
    const { owed } = await this.options.ledger.read();
    const here = this.jiraHost();
    return owed.filter(
      (one): one is OwedMessage => one.kind === 'message' && (one.jira === undefined || one.jira === here),
    );
  }

  async settle(write: OwedMessage, signal?: AbortSignal): Promise<Payment> {
    const { settings, account, ledger } = this.options;
    const { id, issueKey: key, branch, commit, createdAt } = write;
    const what = { kind: 'message' as const, key };
    const age = this.now() - createdAt;
    const giveUp = async (problem?: string): Promise<Payment> => {
      await ledger.paid(id);
      return { ...what, result: 'refused', ...(problem !== undefined && { problem }) };
    };
    if (age > newsMs)
      return giveUp(`${key}: that its documents were approved was not told: it is more than a day ago.`);
    try {
      const jira = await account.jira(signal);
      const issue = await readJudged(jira, key, signal);
      const claim = issue.claims.find(
        (one) =>
          one.author.id === jira.connection.user.id &&
          one.branch === branch &&
          one.commit === commit &&
          judgeApproval(one, issue, settings).counts,
      );
      if (!claim) {
        // Whoever was to write it has said that it is not there, or was killed before.
        if (age > arrivalMs) return await giveUp();
        await ledger.failedToPay(id, 'The approval is not on the issue.');
        return { ...what, result: 'owed' };
      }
      const { problems } = await this.tell(jira, claim, undefined, signal);
      return { ...what, result: 'paid', ...(problems.length > 0 && { problem: problems.join(' ') }) };
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      const problem = `${key}: that its documents were approved was not told. ${errorLine(error)}`;
      if (!isPassing(error)) return giveUp(problem);
      await ledger.failedToPay(id, error.line);
      return { ...what, result: 'owed', problem };
    }
  }

  private async owedOf({ key, branch, commit }: ExpectedApproval): Promise<OwedMessage[]> {
    return (await this.due()).filter(
      (one) => one.issueKey === key && one.branch === branch && one.commit === commit,
    );
  }

  private jiraHost(): string | undefined {
    return jiraHost(this.options.account.state.url);
  }
}
