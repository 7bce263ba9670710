import { predecessorOf } from '../../actions/session/continuing';
import type { StartPlan } from '../../actions/session/resume/plan';
import type { App } from '../../app';
import { errorLine, isCancelled, UserError } from '../../model/errors';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import { say } from '../output';

export interface FromDocuments {
  task: Task;
  /** As the user named it; else the task's newest. */
  continues: Session | undefined;
  /** Check the branch out in the clone, instead of a worktree. */
  here: boolean;
  /** Change nothing. */
  dryRun: boolean;
  signal: AbortSignal;
}

/** A new session on this machine that begins with the task's documents. */
export async function planFromDocuments(app: App, wish: FromDocuments): Promise<StartPlan> {
  const { task, here, dryRun, signal } = wish;
  const continues = wish.continues ?? predecessorOf(task);
  if (dryRun) {
    const { checkout, worktree } = await app.continuing.workplaces(task, signal);
    return app.continuing.plan(task, here ? checkout.root : worktree, continues, { signal });
  }
  const { plan, notes } = await app.continuing.prepare(task, here ? 'clone' : 'worktree', continues, {
    signal,
  });
  for (const note of notes) say(note);
  return plan;
}

/** After the start: the issue hears of it where the user wants that, or where it tells of the old session in our words. */
export async function recordContinuation(
  app: App,
  plan: StartPlan,
  publish: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { task, session } = plan;
  if (!task) return;
  const continues = session.continues === undefined ? undefined : { id: session.continues };
  if (!publish && !(await app.continuing.isExpected(task.key, continues))) return;
  try {
    const published = await app.continuing.record(plan, task.key, signal);
    if (published.kind === 'owed') say(`Its record is owed to ${task.key}: ${published.error}`);
    else say(`Its record is on the issue: ${published.url}`);
  } catch (error) {
    // The session is there, and that is what was asked for.
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    say(errorLine(error));
  }
}
