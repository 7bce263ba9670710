import type { App } from '../../app';
import { boundSessions } from '../../model/describe';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import { pickSession, pickTaskAndSession } from '../pickers/sessionPicker';
import { onlySession, type Target } from './target';
import type { ReferenceVerbs } from '../verbs/referenceVerbs';

/** The session that a command is about; asks where a task has several, or where nothing was named. */
export async function chooseSession(
  title: string,
  { task, session }: Target,
  argument: unknown,
  { store }: Pick<App, 'store'>,
  references: Pick<ReferenceVerbs, 'resolve'>,
): Promise<{ session?: Session; task?: Task } | undefined> {
  if (session) return { session, ...(task && { task }) };
  // From the palette everything is offered, what one is reading first.
  if (!task || argument === undefined) {
    const picked = await pickTaskAndSession(store.snapshot, title, Date.now(), task);
    return picked?.reference ? references.resolve(picked.reference) : picked;
  }
  if (boundSessions(task).length === 0) return { task };
  const chosen = onlySession(task) ?? (await pickSession(task, title, Date.now()));
  return chosen && { session: chosen, task };
}
