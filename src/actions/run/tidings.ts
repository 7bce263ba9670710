import { plural } from '../../model/describe';
import type { RunOrder } from '../../model/run/order';
import type { Run } from '../../model/run/run';
import { troubleOf } from '../../model/run/settlement/runRecord';
import type { WebhookEvent } from '../../model/settings';
import type { Task } from '../../model/task/task';
import type { Tiding } from '../../sources/webhooks/tiding';

/** What webhooks are told of a run as it stands, once in each of its attempts; nothing of what a person did by hand. */
export function tidingOf(
  run: Run,
  order: RunOrder,
  attempts: number,
  { task, jiraUrl = '' }: { task: Pick<Task, 'summary' | 'url'> | undefined; jiraUrl: string | undefined },
): (Tiding & { occasion: number }) | undefined {
  const news = newsOf(run);
  if (!news) return undefined;
  const { id, kind, host, sessionId, branch } = run;
  return {
    ...news,
    occasion: news.event === 'started' ? 1 : attempts,
    task: {
      key: order.key,
      summary: task?.summary ?? order.summary ?? '',
      url: task?.url ?? `${jiraUrl}/browse/${order.key}`,
    },
    run: { id, kind, host, sessionId, branch },
  };
}

function newsOf(run: Run): { event: WebhookEvent; at: number; text: string; next?: string } | undefined {
  const { state, startedBy, host, branch } = run;
  switch (state.kind) {
    case 'queued':
    case 'running':
      return { event: 'started', at: state.since, text: `${startedBy} started it on ${host}.` };
    case 'complete':
      return {
        event: 'complete',
        at: state.at,
        text: `${resultOf(run)} on branch ${branch}.`,
        next: run.kind === 'implementation' ? 'Open the pull request.' : 'Review the documents.',
      };
    case 'failed':
      return {
        event: 'failed',
        at: state.at,
        text: state.failure.told ?? state.failure.message,
        next: state.failure.next,
      };
    case 'interrupted': {
      const why = troubleOf(state);
      return why && { event: 'failed', at: state.since, text: why.message, next: why.next };
    }
    case 'starting':
    case 'stopped':
      return undefined;
  }
}

function resultOf({ kind, steps, docs }: Run): string {
  if (kind !== 'implementation') return plural(docs.length, 'document');
  const all = steps.filter(({ n }) => n !== undefined);
  const skipped = all.filter((step) => step.skipped).length;
  return `${plural(all.length, 'step')}${skipped > 0 ? ` (${plural(skipped, 'check')} skipped)` : ''}`;
}
