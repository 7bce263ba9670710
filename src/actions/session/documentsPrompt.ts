import { shortId } from '../../model/names';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';

/**
 * What a session is told that begins with the documents. Paths come from git's own listing of the branch; the summary is
 * not repeated, since it is Jira's text. The old session is named by its first digits: a process whose words hold a whole
 * session id counts as holding that session.
 */
export function documentsPrompt({ key, docs }: Pick<Task, 'key' | 'docs'>, continues?: Session): string {
  const paths = docs.filter(({ path }) => !/\p{Cc}/u.test(path)).map(({ path }) => `- ${path}`);
  return [
    continues
      ? `We continue the work on ${key} that session ${shortId(continues.id)} began. Its conversation is not available here, but its documents are.`
      : `We continue the work on ${key}.`,
    'Read these documents first; they hold what was found and planned so far:',
    ...paths,
    'Then say in a few sentences where we stand, and wait for my next message.',
  ].join('\n');
}
