import { presentDocs } from '../describe';
import { isBranchName, isHostName } from '../names';
import type { Session } from '../session/session';
import type { Task } from '../task/task';
import { isDirectory } from './fields';
import type { RecordFields, RecordTitle } from './record';

/** The record of a session. */
export type SessionFields = RecordFields & { sessionId: string };

/** What a person publishes who says whose session this is. Who says so is added when it is written (`linkedBy`). */
export function linkRecord(session: Session, task: Task | undefined): SessionFields {
  const { id, host, directory, branch, continues } = session;
  const docs = [...new Set(task?.docs.map(({ name }) => name))];
  return {
    title: titleOf(session, task),
    sessionId: id,
    ...(isHostName(host) && { host }),
    ...(directory !== undefined && isDirectory(directory) && { directory }),
    ...(branch !== undefined && isBranchName(branch) && { branch }),
    ...(continues !== undefined && { continues }),
    ...(docs.length > 0 && { docs }),
  };
}

function titleOf({ kind }: Session, task: Task | undefined): RecordTitle {
  if (kind === 'implementation') {
    const isDone = task?.phase === 'inReview' || task?.phase === 'done';
    return isDone ? 'AI Implementation Complete' : 'AI Implementation Started';
  }
  const isComplete = task !== undefined && task.docs.length > 0 && presentDocs(task) === task.docsExpected;
  return isComplete ? 'AI Analysis Complete' : 'AI Analysis Started';
}

export const linkedBy = (name: string): string => `Linked by ${name}`;

/** True for a record that says whose session it is, and nothing of how far the task has come. */
export const isLinkRecord = ({ status }: Pick<RecordFields, 'status'>): boolean =>
  status?.startsWith(linkedBy('')) ?? false;

/**
 * A record of ours written anew. What a run says of itself (title, status, reason) takes the place of all that was
 * said before, and stands against a link, which only tells where the session works.
 */
export function renewed(before: SessionFields, now: SessionFields): SessionFields {
  if (!isLinkRecord(now)) {
    const { reason: _, step: __, status: ___, ...known } = before;
    return { ...known, ...now };
  }
  const { title, status } = isLinkRecord(before) ? now : before;
  const { status: _, ...fields } = { ...before, ...now, title };
  return { ...fields, ...(status !== undefined && { status }) };
}
