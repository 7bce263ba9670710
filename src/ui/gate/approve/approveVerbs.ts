import * as vscode from 'vscode';
import type { Gate } from '../../../actions/gate/approving';
import { UserError } from '../../../model/errors';
import type { ApprovalPlan, GivenApproval } from '../../../model/gate/approval/approvalPlan';
import type { Task } from '../../../model/task/task';
import { patiently, withProgress } from '../../failures';
import { askFields } from '../askFields';
import { offerSteps } from '../offerSteps';
import { givenText, shortCommit } from './approveLook';
import { confirmApproval } from './approvePick';

export interface ApproveVerbsOptions {
  gate: Gate;
  refresh(): Promise<void>;
}

/** The person's yes: shows what it is to, and afterwards what Jira holds of it. */
export class ApproveVerbs {
  constructor(private readonly options: ApproveVerbsOptions) {}

  async approve(task: Pick<Task, 'key'>): Promise<void> {
    let plan = await this.look(task);
    for (let note: string | undefined; ;) {
      const { commit } = plan;
      if (plan.refused || commit === undefined) return this.refuse(task, plan, note);
      if (!(await confirmApproval(plan, note))) return;
      const { move } = plan;
      const fields =
        move.kind === 'way' ? await askFields(move.fields, `Approve ${task.key}: ${move.name}`) : {};
      if (!fields) return;
      const given = await this.give(task, commit, fields);
      if (!(given instanceof UserError)) return this.tell(task, plan, given);
      plan = await this.look(task);
      // Where it is still the same that was shown, nothing but the person can help.
      if (plan.commit === commit && !plan.refused) return this.fail(task, given);
      note = given.message;
    }
  }

  private look(task: Pick<Task, 'key'>): Promise<ApprovalPlan> {
    return patiently(`Looking at the documents of ${task.key}`, (signal) =>
      this.options.gate.plan(task, signal),
    );
  }

  private give(
    task: Pick<Task, 'key'>,
    commit: string,
    fields: Record<string, string | readonly string[]>,
  ): Thenable<GivenApproval | UserError> {
    return withProgress(`Approving ${shortCommit(commit)} of ${task.key}`, (signal, report) =>
      this.options.gate
        .approve(task, commit, { fields, signal, onProgress: (line) => report(line) })
        .catch((error: unknown) => {
          if (error instanceof UserError) return error;
          throw error;
        }),
    );
  }

  /** Why it cannot be approved, with the next step at hand. */
  private async refuse(
    task: Pick<Task, 'key'>,
    { refused }: ApprovalPlan,
    note: string | undefined,
  ): Promise<void> {
    await this.refresh();
    const { reason, next } = refused ?? { reason: `${task.key} has nothing to approve.`, next: '' };
    await offerSteps(task.key, [note, reason].filter(Boolean).join(' '), next);
  }

  private async fail(task: Pick<Task, 'key'>, error: UserError): Promise<void> {
    await this.refresh();
    await offerSteps(task.key, error.message, error.next);
  }

  private async tell(task: Pick<Task, 'key'>, plan: ApprovalPlan, given: GivenApproval): Promise<void> {
    await this.refresh();
    const text = givenText(task.key, plan, given);
    const show = given.counts ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
    const chosen = await show(text, ...(given.counts ? ['Start Implementation'] : []), 'Open in Jira');
    if (chosen === 'Start Implementation')
      await vscode.commands.executeCommand('taskSessions.startImplementation', { key: task.key });
    if (chosen === 'Open in Jira')
      await vscode.commands.executeCommand('taskSessions.openInJira', { key: task.key });
  }

  /** What Jira or the branch say now; that it could not be read changes nothing of what was done. */
  private async refresh(): Promise<void> {
    await this.options.refresh().catch(() => undefined);
  }
}
