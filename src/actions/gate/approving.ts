import { isCancelled, UserError } from '../../model/errors';
import { approvalFrom, approvalOf, mayApprove } from '../../model/gate/approval/approval';
import type { ApprovalPlan, GivenApproval } from '../../model/gate/approval/approvalPlan';
import type { PlannedMove } from '../../model/gate/approval/plannedMove';
import type { FieldValues } from '../../model/gate/approval/requiredField';
import { placeFor } from '../../model/links/recordPlace';
import type { Settings } from '../../model/settings';
import type { Task } from '../../model/task/task';
import { JiraError } from '../../sources/jira/errors';
import type { Jira } from '../../sources/jira/jira';
import { notSignedIn, type JiraAccount } from '../account';
import type { IssueWriter } from '../issue/issueWriter';
import { makeMove, planMove } from '../issue/personalMove';
import { commentUrl, isPassing, isRefusal, refusal } from '../issue/refusal';
import type { ApprovalMessages } from '../owed/approvalMessages';
import type { SnapshotStore } from '../store';
import {
  approvalBody,
  readJudged,
  writeApproval,
  type ApprovalFields,
  type WrittenApproval,
} from './approval/approvalComment';
import { planned, refusedDocuments, refusedMove, warningsOf, type Asked } from './approval/planning';
import { commitList, type RemoteBranch, type RemoteBranches } from './approval/remoteBranch';

export type { FieldValues, PlannedMove };
export type { ApprovalPlan, GivenApproval, PlannedDocument } from '../../model/gate/approval/approvalPlan';
export type { RequiredField } from '../../model/gate/approval/requiredField';

export interface ApproveOptions {
  fields?: FieldValues;
  signal?: AbortSignal | undefined;
  /** One line for people. */
  onProgress?: ((line: string) => void) | undefined;
}

/** The gate: approves the documents of a task as they stand at one commit. May be repeated. */
export interface Gate {
  /** Fetches the branch, reads the comments in full, and makes nothing. */
  plan(task: Pick<Task, 'key'>, signal?: AbortSignal): Promise<ApprovalPlan>;
  /** Throws UserError where the plan no longer holds (the branch moved, a document went), or Jira refuses. */
  approve(task: Pick<Task, 'key'>, commit: string, options?: ApproveOptions): Promise<GivenApproval>;
}

export interface ApprovingOptions {
  settings: Settings;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  store: Pick<SnapshotStore, 'snapshot'>;
  branches: Pick<RemoteBranches, 'read' | 'since' | 'isAlone' | 'remoteUrl'>;
  writer: Pick<IssueWriter, 'next' | 'wrote' | 'touched'>;
  messages: Pick<ApprovalMessages, 'expect' | 'forget' | 'tell'>;
}

/** What was looked at for a plan. */
interface Look {
  plan: ApprovalPlan;
  jira: Jira;
  branch: RemoteBranch;
  known: Task | undefined;
}

/**
 * The act of a person who is present: whatever fails is said at once, and nothing is owed or paid later behind their
 * back. Doing it again goes on where it stopped, and does nothing twice.
 */
export class Approving implements Gate {
  constructor(private readonly options: ApprovingOptions) {}

  async plan(task: Pick<Task, 'key'>, signal?: AbortSignal): Promise<ApprovalPlan> {
    return (await this.look(task.key, signal)).plan;
  }

  async approve(
    { key }: Pick<Task, 'key'>,
    commit: string,
    { fields = {}, signal, onProgress }: ApproveOptions = {},
  ): Promise<GivenApproval> {
    const { settings, writer, messages } = this.options;
    onProgress?.(`Reading ${key} and its branch`);
    const look = await this.look(key, signal).catch((error: unknown) => {
      throw unbegun(error, key);
    });
    const { plan, jira } = look;
    await this.sameCommit(look, commit, signal);
    if (plan.refused || plan.commit === undefined)
      throw new UserError(plan.refused?.reason ?? `${key} has nothing to approve.`, plan.refused?.next ?? '');
    const record: ApprovalFields = {
      title: 'Approved for Implementation',
      branch: plan.branch,
      commit: plan.commit,
      documents: plan.documents.map(({ path, blob }) => ({ path, blob })),
    };
    // Before anything changes: what cannot be written down is not begun.
    const body = approvalBody(jira, record, await this.placeOf(look, signal));
    return writer.next(async () => {
      if (plan.move.kind === 'way') onProgress?.(`Moving ${key} to ${plan.move.to}`);
      const { moved } =
        plan.move.kind === 'there'
          ? { moved: 'there' as const }
          : await makeMove(jira, key, 'approved', { ...settings, fields, signal }).catch((error: unknown) => {
              throw unbegun(error, key);
            });
      writer.touched(key);
      onProgress?.('Writing the approval');
      const what = { key, branch: plan.branch, commit: record.commit };
      let isSent = false;
      const beforeWriting = async (): Promise<void> => {
        await messages.expect(what);
        isSent = true;
      };
      const written = await writeApproval(
        jira,
        key,
        { fields: record, body, settings, beforeWriting },
        signal,
      ).catch(async (error: unknown) => {
        if (isRefusal(error)) await messages.forget(what);
        throw unwritten(error, key, { isMoved: moved === 'moved', isSent });
      });
      return this.result(look, { moved, written }, signal);
    });
  }

  private async look(key: string, signal: AbortSignal | undefined): Promise<Look> {
    const { account, store, settings, branches } = this.options;
    if (!account.state.signedIn) throw notSignedIn();
    const jira = await account.jira(signal);
    const known = store.snapshot.tasks.find((one) => one.key === key);
    // In this order: whoever has moved it to where it is, the changelog tells by then.
    const way = await planMove(jira, key, 'approved', settings, signal);
    const issue = await readJudged(jira, key, signal);
    const { user } = jira.connection;
    // An issue that has gone on since this person's move need not go back for another approval of theirs.
    const isMovers = way.kind !== 'unmapped' && mayApprove(user.id, issue, settings);
    const move: PlannedMove = isMovers ? { kind: 'there', status: issue.status } : way;
    const [branch, summary] = await Promise.all([
      branches.read({ key, claims: issue.claims, known }, { signal }),
      known?.summary ?? jira.issueName(key, signal).then((name) => name.summary),
    ]);
    const { docs, commit } = branch;
    const previous = approvalOf(issue, docs, commit, settings);
    const asked: Asked = { issue, user, settings, known };
    const documents = docs.map((doc) => planned(doc, known, previous));
    const refused = branch.refused ?? refusedDocuments(branch) ?? refusedMove(key, move, asked);
    const plan: ApprovalPlan = {
      key,
      summary,
      branch: branch.branch,
      ...(commit !== undefined && { commit }),
      documents,
      missing: branch.missing,
      ...(previous && { previous }),
      move,
      warnings: [...warningsOf(documents, previous, asked), ...branch.warnings],
      ...(refused && { refused }),
    };
    return { plan, jira, branch, known };
  }

  /** Throws UserError where the branch is not where it was when it was shown. */
  private async sameCommit({ plan, branch }: Look, given: string, signal?: AbortSignal): Promise<void> {
    const { branches } = this.options;
    const wanted = given.trim().toLowerCase();
    if (!/^[0-9a-f]{7,64}$/.test(wanted))
      throw new UserError(
        `“${given.slice(0, 80)}” is no commit.`,
        'Give its full id, or its first 7 digits or more.',
      );
    const { commit } = plan;
    // Without a head there is a reason, which says more.
    if (commit === undefined) return;
    if (commit.startsWith(wanted)) {
      if (await branches.isAlone(branch, wanted, { signal })) return;
      throw new UserError(`Several commits begin with ${wanted}.`, `Give more of it: ${commit}.`);
    }
    const { from = wanted, commits, total } = await branches.since(branch, wanted, { signal });
    const news = total > 0 ? `: ${commitList(commits, total)}` : '';
    throw new UserError(
      `${plan.branch} has moved from ${from.slice(0, 12)} to ${commit.slice(0, 12)}${news}.`,
      `Look at what changed (Review Documents), then approve ${commit.slice(0, 12)}.`,
    );
  }

  private async placeOf({ plan: { key, branch, commit }, branch: read }: Look, signal?: AbortSignal) {
    const { settings } = this.options;
    const remoteUrl = await this.options.branches.remoteUrl(read, { signal });
    const forge = settings.repositories[read.where?.place.name ?? '']?.forge;
    return placeFor({ issueKey: key, remoteUrl, forge, branch, commit });
  }

  private async result(
    { plan, jira, branch }: Look,
    { moved, written }: { moved: GivenApproval['moved']; written: WrittenApproval },
    signal: AbortSignal | undefined,
  ): Promise<GivenApproval> {
    const { writer, messages } = this.options;
    const { claim, judged, issue } = written;
    const { key } = plan;
    const { problem } = await writer.wrote(jira, key, issue.thread, signal);
    const approval = approvalFrom(claim, branch.docs, plan.commit);
    const problems = [...(judged.counts ? [] : [`It does not count: ${judged.why}`]), ...(problem === undefined ? [] : [problem])]; // prettier-ignore
    if (judged.counts) problems.push(...(await messages.tell(jira, claim, plan.summary, signal)).problems);
    return {
      approval,
      counts: judged.counts,
      moved,
      comment: { id: claim.commentId, url: commentUrl(jira, key, claim.commentId) },
      problems,
    };
  }
}

/** Before anything was changed. */
function unbegun(error: unknown, key: string): unknown {
  return isPassing(error)
    ? new UserError(
        `${key} was not approved, and nothing was changed: ${error.message}`,
        'Approve again when Jira answers: nothing is sent by itself.',
        { cause: error },
      )
    : error;
}

/** What is done and what is not, where the comment could not be written, or not be read. */
function unwritten(
  error: unknown,
  key: string,
  { isMoved, isSent }: { isMoved: boolean; isSent: boolean },
): unknown {
  if (isCancelled(error) || !(error instanceof JiraError)) return error;
  const what = isMoved
    ? `${key} was moved, but the approval was not written`
    : `The approval of ${key} was not written`;
  if (!isPassing(error)) return refusal(error, what, 'approve again');
  return new UserError(
    isSent
      ? `${isMoved ? `${key} was moved; whether` : 'Whether'} the approval was written is not known: ${error.message}`
      : `${what}: ${error.message} Without it nothing is approved.`,
    'Approve again when Jira answers: it goes on where it stopped, and does nothing twice.',
    { cause: error },
  );
}
