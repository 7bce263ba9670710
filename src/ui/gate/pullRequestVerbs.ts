import * as vscode from 'vscode';
import type { LinkedPullRequest, PullRequestPlan, PullRequests } from '../../actions/pullRequests';
import type { Forge } from '../../model/links/forge';
import { phaseTitle } from '../../model/task/phase';
import type { Task } from '../../model/task/task';
import { patiently } from '../failures';
import type { OpenAddress } from '../links/openAddress';

export interface PullRequestActs {
  pullRequests: PullRequests;
  openAddress: OpenAddress;
  refresh(): Promise<void>;
}

/** Extensions that make pull requests of the branch that is checked out in an open folder. */
const makers: Partial<Record<Forge, { extension: string; command: string }>> = {
  github: { extension: 'GitHub.vscode-pull-request-github', command: 'pr.create' },
  gitlab: { extension: 'GitLab.gitlab-workflow', command: 'gl.openCreateNewMR' },
};

const title = 'Open Pull Request';
const enter = 'Enter Its Address';

/** Opens the pull request of a task's branch, or where it is made, and links it on the issue. */
export async function openPullRequest(task: Task, acts: PullRequestActs): Promise<void> {
  const { pullRequests, openAddress } = acts;
  const plan = await patiently(title, (signal) => pullRequests.plan(task, signal));
  if (plan.opened) {
    const open = `Open ${plan.opened.name ?? 'Pull Request'}`;
    const said = `${task.key} has ${plan.opened.name ?? 'a pull request'} already.`;
    const choice = await vscode.window.showInformationMessage(said, open, enter);
    if (choice === open) await openAddress(plan.opened.url);
    if (choice === enter) await enterAddress(task, plan, acts);
    return;
  }
  if (!(await isAgreed(plan))) return;
  if (!(await handedOver(plan)) && !(await openAddress(plan.compare))) return;
  const linked = await linkIt(task, plan, acts);
  await tell(task, plan, linked, acts);
}

async function isAgreed({ key, branch, warnings }: PullRequestPlan): Promise<boolean> {
  if (warnings.length === 0) return true;
  const open = 'Open Anyway';
  const choice = await vscode.window.showWarningMessage(
    `${key}: a pull request of ${branch}?`,
    { modal: true, detail: warnings.join('\n') },
    open,
  );
  return choice === open;
}

/** False where no extension is there for it, or it does not take it: then the page is opened. */
async function handedOver({ pages, checkedOutIn }: PullRequestPlan): Promise<boolean> {
  const maker = makers[pages.forge];
  if (!maker || !vscode.extensions.getExtension(maker.extension)) return false;
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const isOpen = folders.some((folder) => folder === checkedOutIn || folder.startsWith(`${checkedOutIn}/`));
  if (checkedOutIn === undefined || !isOpen) return false;
  try {
    await vscode.commands.executeCommand(maker.command);
    return true;
  } catch {
    return false;
  }
}

async function linkIt(
  task: Task,
  plan: PullRequestPlan,
  { pullRequests, refresh }: PullRequestActs,
  address?: string,
): Promise<LinkedPullRequest> {
  const page = address === undefined ? undefined : plan.pages.pullRequest(address);
  const linked = await patiently(`Linking the pull request of ${task.key}`, (signal) =>
    pullRequests.link(task, plan, page, signal),
  );
  await refresh();
  return linked;
}

/** What Jira did not take is an error; and the pull request's own address is asked for, once it is there. */
async function tell(
  task: Task,
  plan: PullRequestPlan,
  { name, status, problems }: LinkedPullRequest,
  acts: PullRequestActs,
): Promise<void> {
  if (problems.length > 0) void vscode.window.showErrorMessage(problems.join(' '));
  const isLinked = problems.length === 0 || name !== undefined;
  const moved = status === 'moved' ? `, and is now ${phaseTitle('inReview').toLowerCase()}` : '';
  if (name !== undefined)
    return void (
      problems.length === 0 && vscode.window.showInformationMessage(`${task.key} links to ${name}${moved}.`)
    );
  const said = isLinked
    ? `${task.key} links to where the pull request of ${plan.branch} is made${moved}.`
    : `The pull request of ${plan.branch} is not linked yet.`;
  if ((await vscode.window.showInformationMessage(said, enter)) === enter)
    await enterAddress(task, plan, acts);
}

/** Asks for the address, with the clipboard's where it is one of this repository. */
async function enterAddress(task: Task, plan: PullRequestPlan, acts: PullRequestActs): Promise<void> {
  const copied = plan.pages.pullRequest(await vscode.env.clipboard.readText());
  const address = await vscode.window.showInputBox({
    title: `${title}: ${task.key}`,
    prompt: `Address of the pull request of ${plan.branch}`,
    placeHolder: 'https://',
    ...(copied && { value: copied.url }),
    // It is copied from a browser: the input must not vanish when the window loses focus.
    ignoreFocusOut: true,
    validateInput: (text) =>
      plan.pages.pullRequest(text) ? undefined : 'No address of a pull request of this repository.',
  });
  if (address !== undefined) await tell(task, plan, await linkIt(task, plan, acts, address), acts);
}
