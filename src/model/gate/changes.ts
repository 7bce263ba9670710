import { displayText } from '../../util/displayText';
import { cleanLine, splitKey, words, type Line } from '../record/line';
import { linkRecord, type SessionFields } from '../record/linkRecord';
import { changesRequestedStatus } from '../record/record';
import type { Session } from '../session/session';
import type { Task } from '../task/task';

/** The title of the comment that asks for changes. No title of a record: what it says moves nothing. */
export const changesTitle = 'Changes Requested';

/** Begins the reason in a record while its session does not know of the request. */
const untold = 'Not told to the session yet. ';

/** What the record of a session says while its documents are to be changed: the analysis is at it again. */
export function changesRecord(
  session: Session,
  task: Task | undefined,
  { reasons, isTold }: { reasons: string; isTold: boolean },
): SessionFields {
  const reason = displayText(reasons).slice(0, 160).trimEnd();
  return {
    ...linkRecord(session, task),
    title: 'AI Analysis Started',
    reason: isTold ? reason : `${untold}${reason}`,
    status: changesRequestedStatus,
  };
}

/** True for the record of a session that has not been told of the changes that are requested of it. */
export const isUntold = ({ status, reason }: Pick<SessionFields, 'status' | 'reason'>): boolean =>
  status === changesRequestedStatus && (reason?.startsWith(untold.trim()) ?? false);

/** The reasons in a comment that asks for changes, by its lines; undefined where it is none. */
export function readChanges(lines: readonly Line[]): { commit?: string; reasons: string } | undefined {
  const [title, ...rest] = lines.filter(({ quoted }) => !quoted);
  if (title === undefined || words(title.text) !== words(changesTitle)) return undefined;
  const facts = rest.map(({ text }) => splitKey(cleanLine(text)));
  const commit = facts[0]?.key === 'commit' ? facts[0].value : undefined;
  const reasons = rest.slice(commit === undefined ? 0 : 1).map(({ text }) => text);
  return { ...(commit !== undefined && { commit }), reasons: reasons.join('\n') };
}
