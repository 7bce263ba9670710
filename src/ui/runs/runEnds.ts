import type { Run } from '../../model/run/run';
import type { Snapshot } from '../../model/task/task';

/** What ended longer ago is no news. */
const newsMs = 24 * 3_600_000;

/** An end of a run, as it is told; `id` is another one where the run was continued and ended anew. */
export interface RunEnd {
  run: Run;
  id: string;
}

/** How the user's own runs ended lately, as far as their hosts have answered in this window. */
export function newEnds(
  { hosts, runs = [] }: Pick<Snapshot, 'hosts' | 'runs'>,
  now: number,
  told: readonly string[],
): RunEnd[] {
  const answered = new Set(hosts.flatMap(({ name, earlier }) => (earlier ? [] : [name])));
  return runs.flatMap((run) => {
    const at = endOf(run);
    if (!run.mine || at === undefined || now - at > newsMs || !answered.has(run.host)) return [];
    const id = `${run.id} ${run.state.kind} ${run.lines}`;
    return told.includes(id) ? [] : [{ run, id }];
  });
}

/** When it ended by itself; who stopped it knows. */
function endOf({ state }: Run): number | undefined {
  switch (state.kind) {
    case 'complete':
    case 'failed':
      return state.at;
    case 'interrupted':
      return state.since;
    case 'starting':
    case 'queued':
    case 'running':
    case 'stopped':
      return undefined;
  }
}
