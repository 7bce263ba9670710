import * as vscode from 'vscode';
import { ago } from '../../../model/age';
import { boundSessions, sessionRole, sessionSummary } from '../../../model/describe';
import { staleText } from '../../../model/gate/approval/approval';
import { reviewCount } from '../../../model/gate/review/review';
import { shortId } from '../../../model/names';
import { phaseText } from '../../../model/phase/words';
import { runSummary } from '../../../model/run/words';
import type { Task, TaskBranch } from '../../../model/task/task';
import { escapeInline } from '../../../util/markdownText';
import { shownRuns } from '../runNodes';

/**
 * Rows of label and value. Values come from outside and are escaped; `appendText` would make every space unbreakable, so
 * that lines break inside words.
 */
export class Tooltip {
  readonly markdown = new vscode.MarkdownString('', true);

  constructor(title: string) {
    // The only command that a link in a tooltip may run is the one that opens a document.
    this.markdown.isTrusted = { enabledCommands: ['taskSessions.openDocument'] };
    this.markdown.appendMarkdown(`**${escapeInline(title.trim())}**\n\n`);
  }

  row(label: string, value: string | undefined): this {
    if (value) this.markdown.appendMarkdown(`${label}: ${escapeInline(value)}  \n`);
    return this;
  }

  link(text: string, command: string, args: unknown[]): this {
    const target = `command:${command}?${encodeURIComponent(JSON.stringify(args))}`;
    this.markdown.appendMarkdown(`- [${escapeInline(text)}](${target})\n`);
    return this;
  }

  gap(): this {
    this.markdown.appendMarkdown('\n');
    return this;
  }
}

export function taskTooltip(task: Task, now: number): vscode.MarkdownString {
  const tooltip = new Tooltip(`${task.key} ${task.summary}`)
    .row('Phase', `${phaseText(task, now)} · Jira: ${task.status}`)
    .row('Priority', task.priority)
    .row('Assignee', task.assignee)
    .row('Needs you', task.needsYou && `${task.needsYou.reason} (${ago(task.needsYou.since, now)})`)
    .row('Branch', task.branch)
    .row('Documents', task.docs.length > 0 ? reviewCount(task) : undefined)
    .row('Approval', task.approval ? approvalText(task.approval, now) : doubtText(task))
    .row('Pull request', task.pullRequest && (task.pullRequest.name ?? 'to be opened'))
    .row('Updated', task.updated === undefined ? undefined : ago(task.updated, now))
    .gap();
  for (const run of shownRuns(task)) tooltip.row(`Run on ${run.host}`, runSummary(run, now));
  for (const session of boundSessions(task).slice(0, 5))
    tooltip.row(
      `Session ${shortId(session.id)}`,
      `${sessionSummary(session, now)} · ${sessionRole(session)}`,
    );
  tooltip.gap();
  for (const doc of task.docs.slice(0, 10))
    tooltip.link(doc.name, 'taskSessions.openDocument', [{ key: task.key, path: doc.path }]);
  return tooltip.markdown;
}

const doubtText = ({ approvalDoubt }: Task): string | undefined =>
  approvalDoubt && `cannot be told. ${approvalDoubt}`;

const approvalText = (approval: NonNullable<Task['approval']>, now: number): string =>
  `${approval.commit.slice(0, 8)} by ${approval.by}, ${ago(approval.at, now)}${approval.stale ? ` · ${staleText(approval)}` : ''}`;

export function branchTooltip(branch: TaskBranch): vscode.MarkdownString {
  const { upstream } = branch;
  return new Tooltip(branch.name)
    .row('Repository', `${branch.repository} (${branch.directory} on ${branch.host})`)
    .row('Head', branch.head.slice(0, 12))
    .row('Read from', branch.ref)
    .row(
      'Remote',
      upstream &&
        (upstream.gone
          ? `${upstream.ref}, gone`
          : `${upstream.ref}: ${upstream.ahead} ahead, ${upstream.behind} behind`),
    )
    .row('Checked out in', branch.worktree?.directory).markdown;
}
