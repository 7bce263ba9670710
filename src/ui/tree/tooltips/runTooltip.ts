import * as vscode from 'vscode';
import { ago } from '../../../model/age';
import { plural } from '../../../model/describe';
import type { Run } from '../../../model/run/run';
import { isLiveRun } from '../../../model/run/standing';
import { Tooltip } from './tooltip';
import { kindTitle, placeText, runStateText } from '../../../model/run/words';

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
    tooltip.row('Next', `Continue Run goes on with ${placeText(state.step, run.kind, state.plan)}.`);
  if (state.kind === 'starting') tooltip.row('Next', 'Continue Run goes on with the start.');
  return tooltip
    .row('Host', run.host)
    .row('Directory', run.directory)
    .row('Branch', run.branch)
    .row('Step', planOf(run))
    .row('Commit', commitOf(run)?.slice(0, 12))
    .row('Session', run.sessionId)
    .row('Before', run.earlierSessions?.join(', '))
    .row('Review', run.reviewId)
    .row('Documents', run.docs.join(', '))
    .row('Started', `${date(run.createdAt)} (${ago(run.createdAt, now)}) by ${run.startedBy}`)
    .row('Run', run.id)
    .row('Jira', run.settled || isLiveRun(run) ? undefined : 'has not been told yet; Settle tells it')
    .markdown;
}

/** `2 of 4: Store it; 1 check skipped`. */
function planOf({ state, steps }: Run): string | undefined {
  const plan = 'plan' in state ? state.plan : undefined;
  const skipped = steps.filter((step) => step.skipped).length;
  return (
    [
      ...(plan ? [`${plan.current} of ${plan.total}${plan.title ? `: ${plan.title}` : ''}`] : []),
      ...(skipped > 0 ? [`${plural(skipped, 'check')} skipped`] : []),
    ].join('; ') || undefined
  );
}

const commitOf = ({ state, steps }: Run): string | undefined =>
  (state.kind === 'complete' ? state.commit : undefined) ??
  steps.findLast(({ commit }) => commit !== undefined)?.commit;

const date = (at: number): string =>
  new Date(at).toLocaleString(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
