import * as vscode from 'vscode';
import { canCheckOut, type Checkouts, type CheckoutPlan } from '../../actions/checkouts';
import type { Repositories } from '../../actions/repositories';
import { plural } from '../../model/describe';
import type { Task } from '../../model/task/task';
import { withProgress } from '../failures';
import { choosingRepository } from '../pickers/chooseRepository';

/** Checkout and worktree of a task branch, with every question that they may raise. */
export class CheckoutVerbs {
  constructor(
    private readonly checkouts: Checkouts,
    private readonly repositories: Repositories,
    private readonly refresh: () => Promise<void>,
  ) {}

  async checkOut(task: Task): Promise<void> {
    const plan = await choosingRepository(this.repositories, () =>
      withProgress(`Checking out the branch of ${task.key}`, (signal) => this.checkouts.plan(task, signal)),
    );
    if (plan) await this.follow(task, plan);
  }

  async openInWorktree(task: Task): Promise<void> {
    const opened = await choosingRepository(this.repositories, () =>
      withProgress(`Opening a worktree for ${task.key}`, (signal) => this.checkouts.worktree(task, signal)),
    );
    if (!opened) return;
    void this.refresh();
    if (opened.notes.length > 0) void vscode.window.showInformationMessage(opened.notes.join(' '));
    await openFolder(
      opened.directory,
      `${task.key} is in ${opened.directory}${opened.created ? '' : ' already'}.`,
    );
  }

  private async follow(task: Task, plan: CheckoutPlan): Promise<void> {
    if (canCheckOut(plan)) return this.switch(task, plan);
    const worktree = 'Open in Worktree';
    const ask = (message: string, detail: string, ...choices: string[]): Thenable<string | undefined> =>
      vscode.window.showWarningMessage(message, { modal: true, detail }, ...choices);
    switch (plan.kind) {
      case 'dirty': {
        const files = plan.files.slice(0, 15).map((file) => `• ${file}`);
        const more = plan.files.length - files.length + plan.more;
        const detail = [
          `In ${plan.root}:`,
          ...files,
          ...(more > 0 ? [`… and ${plural(more, 'other file')}`] : []),
          '',
          'Nothing was changed. Use a worktree, or commit these files yourself and check out again.',
        ].join('\n');
        const choice = await ask(
          'The working tree has changes that are not committed.',
          detail,
          worktree,
          'Show Changes',
        );
        if (choice === worktree) return this.openInWorktree(task);
        if (choice) await vscode.commands.executeCommand('workbench.view.scm');
        return;
      }
      case 'heldElsewhere':
        if (plan.gone) {
          await ask(
            `${plan.branch} belongs to a worktree whose folder is gone.`,
            `It was in ${plan.directory}.${plan.locked === undefined ? '' : ` It is locked: ${plan.locked}`}\nRun "git worktree prune" in ${plan.root}, then check out again.`,
          );
          return;
        }
        return openFolder(plan.directory, `${plan.branch} is checked out in ${plan.directory}.`);
      case 'busy':
        if (
          await ask(
            `A ${plan.operation} is not finished in ${plan.root}.`,
            'Finish or abort it, then check out again.',
            worktree,
          )
        )
          await this.openInWorktree(task);
        return;
      case 'detached':
        if (
          await ask(
            `HEAD is detached with ${plural(plan.commits, 'commit')} that no branch holds.`,
            `Give them a branch first: git branch NAME ${plan.commit.slice(0, 12)}`,
            worktree,
          )
        )
          await this.openInWorktree(task);
        return;
      case 'missing':
        await vscode.window.showErrorMessage(
          [
            `There is no branch ${plan.branch}, here or on a remote.`,
            ...plan.notes,
            'Start an analysis, or correct taskSessions.branchPattern.',
          ].join(' '),
        );
        return;
      case 'alreadyThere':
      case 'switch':
      case 'track':
      case 'behind':
      case 'diverged':
    }
  }

  private async switch(task: Task, plan: CheckoutPlan): Promise<void> {
    const {
      done,
      plan: after,
      notes,
    } = await withProgress(`Checking out ${plan.branch}`, (signal) => this.checkouts.checkOut(plan, signal));
    if (!done) return this.follow(task, after);
    void this.refresh();
    const said = [
      plan.kind === 'alreadyThere' ? `${plan.branch} is checked out already.` : `Checked out ${plan.branch}.`,
      ...notes,
    ].join(' ');
    if (plan.kind === 'diverged') {
      await vscode.window.showWarningMessage(
        `${said} It has diverged: ${plan.ahead} ahead of and ${plan.behind} behind its remote. Rebase or merge by hand.`,
      );
      return;
    }
    const behind =
      plan.kind === 'behind' ? plan.by : plan.kind === 'alreadyThere' && plan.ahead === 0 ? plan.behind : 0;
    if (behind === 0) {
      void vscode.window.showInformationMessage(said);
      return;
    }
    const choice = await vscode.window.showInformationMessage(
      `${said} Its remote is ${plural(behind, 'commit')} ahead.`,
      'Fast-Forward',
    );
    if (!choice) return;
    await withProgress(`Fast-forwarding ${plan.branch}`, (signal) =>
      this.checkouts.fastForward(after, signal),
    );
    void this.refresh();
  }
}

async function openFolder(directory: string, message: string): Promise<void> {
  const here = 'Open Here';
  const newWindow = 'Open in New Window';
  const add = 'Add to Workspace';
  const choice = await vscode.window.showInformationMessage(message, newWindow, here, add);
  // In a remote window a folder of "this machine" keeps the window's authority.
  const uri =
    vscode.workspace.workspaceFolders?.[0]?.uri.with({ path: directory }) ?? vscode.Uri.file(directory);
  if (choice === add)
    vscode.workspace.updateWorkspaceFolders(vscode.workspace.workspaceFolders?.length ?? 0, 0, { uri });
  else if (choice)
    await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: choice === newWindow });
}
