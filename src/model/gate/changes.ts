import { displayText } from '../../util/displayText';
import { cleanLine, splitKey, words, type Line } from '../record/line';
import { linkRecord, type SessionFields } from '../record/linkRecord';
import { changesRequestedStatus } from '../record/record';
import type { Session } from '../session/session';
import type { Task } from '../task/task';

/** The title of the comment that asks for changes. */
export const changesTitle = 'Changes Requested';

/** The lines of that comment which make it a record: it ends every approval before it, and needs no session. */
export const changesFacts = (commit: string | undefined): (readonly [key: string, value: string])[] => [
  ...(commit === undefined ? [] : [['Commit', commit] as const]),
  ['Status', changesRequestedStatus],
];

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
    // Its kind stays: others know it by the title alone.
    title: session.kind === 'implementation' ? 'AI Implementation Started' : 'AI Analysis Started',
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
  const facts = rest.slice(0, 2).map(({ text }) => splitKey(cleanLine(text)));
  const commit = facts[0]?.key === 'commit' ? facts[0].value : undefined;
  const first = commit === undefined ? 0 : 1;
  const isStatus = facts[first]?.key === 'status' && facts[first].value === changesRequestedStatus;
  const reasons = rest.slice(first + Number(isStatus)).map(({ text }) => text);
  return { ...(commit !== undefined && { commit }), reasons: reasons.join('\n') };
}
