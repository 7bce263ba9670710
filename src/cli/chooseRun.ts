import type { App } from '../app';
import { UserError } from '../model/errors';
import { isIssueKey, shortId } from '../model/names';
import type { Run } from '../model/run/run';

/** The run that a person means: the newest of a task that fits, or the one of an id (or its beginning), or of a session. */
export function chooseRun(
  app: App,
  text: string,
  fits: (run: Run) => boolean,
  what: string,
  runs: readonly Run[] = app.store.snapshot.runs ?? [],
): Run {
  const named = text.trim();
  if (isIssueKey(named.toUpperCase())) {
    const key = named.toUpperCase();
    const run = runs.filter((one) => one.key === key).find(fits);
    if (run) return run;
    throw new UserError(`${key} has no run that ${what}.`, `task-sessions show ${key} lists its runs.`);
  }
  const id = named.toLowerCase();
  if (!/^[0-9a-f-]{4,36}$/.test(id))
    throw new UserError(`"${named.slice(0, 80)}" names no run.`, 'Give a task key, or the id of a run.');
  const found = runs.filter((run) =>
    [run.id, run.sessionId, ...(run.earlierSessions ?? [])].some((one) => one.startsWith(id)),
  );
  const [run, ...others] = found;
  if (!run) throw new UserError(`No run ${id} is known.`, 'task-sessions show KEY lists the runs of a task.');
  if (others.length > 0)
    throw new UserError(
      `${found.length} runs begin with ${id}: ${found.map((one) => `${shortId(one.id)} (${one.key}, ${one.host})`).join(', ')}.`,
      'Give more digits.',
    );
  return run;
}
