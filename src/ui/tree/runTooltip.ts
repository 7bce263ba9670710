import * as vscode from 'vscode';
import { ago } from '../../model/age';
import type { Run } from '../../model/run/run';
import { isLiveRun } from './runNodes';
import { Tooltip } from './tooltip';
import { kindTitle, runStateText, stepTitle } from '../../model/run/words';

/** What one asks next of a run: where, by whom, since when, what happened and what to do. */
export function runTooltip(run: Run, now: number): vscode.MarkdownString {
  const { state } = run;
  const tooltip = new Tooltip(`${kindTitle(run.kind)} of ${run.key}`).row('State', runStateText(run, now));
  if (run.asOf !== undefined)
    tooltip
      .row('As of', ago(run.asOf, now))
      .row('Next', `${run.host} does not answer. The run goes on without it being seen; Refresh asks again.`);
  if (state.kind === 'failed') tooltip.row('Next', state.failure.next);
  if (state.kind === 'running' && state.retry) tooltip.row('Next', 'Claude tries again by itself.');
  if (state.kind === 'interrupted' || state.kind === 'stopped')
    tooltip.row('Next', `Continue Run goes on with “${stepTitle(state.step, run.kind)}”.`);
  if (state.kind === 'starting') tooltip.row('Next', 'Continue Run goes on with the start.');
  return tooltip
    .row('Host', run.host)
    .row('Directory', run.directory)
    .row('Branch', run.branch)
    .row('Commit', state.kind === 'complete' ? state.commit?.slice(0, 12) : undefined)
    .row('Session', run.sessionId)
    .row('Review', run.reviewId)
    .row('Documents', run.docs.join(', '))
    .row('Started', `${date(run.createdAt)} (${ago(run.createdAt, now)}) by ${run.startedBy}`)
    .row('Run', run.id)
    .row('Jira', run.settled || isLiveRun(run) ? undefined : 'has not been told yet; Settle tells it')
    .markdown;
}

const date = (at: number): string =>
  new Date(at).toLocaleString(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
