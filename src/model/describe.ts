import { age } from './age';
import { shortId } from './names';
import { planText } from './run/words';
import type { Session, SessionKind } from './session/session';
import type { Task } from './task/task';

/** The words for what the model holds, the same in the tree, in tooltips and on the command line. */

const kinds: Record<SessionKind, string> = {
  analysis: 'Analysis',
  implementation: 'Implementation',
  other: 'Session',
};

const roles: Record<NonNullable<Session['role']>, string> = { review: 'Review' };

export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `waiting (permission prompt)`, `idle`. */
export function stateText(session: Session): string {
  return session.waitingFor ? `${session.state} (${session.waitingFor})` : session.state;
}

/** `Review`, `fork of 5f1d9b2e`, `continues 5f1d9b2e`, a title, or the kind. */
export function sessionRole(session: Session): string {
  if (session.role) return roles[session.role];
  if (session.forkedFrom) return `fork of ${shortId(session.forkedFrom)}`;
  if (session.continues) return `continues ${shortId(session.continues)}`;
  return session.kind === 'other' && session.title ? session.title : kinds[session.kind];
}

/** `devserver · idle · 38 % · 2 h`. */
export function sessionSummary(session: Session, now: number): string {
  const at = session.lastActivity ?? session.createdAt;
  return [
    session.hostKnown ? session.host : session.host ? `${session.host} (unknown host)` : 'host not recorded',
    stateText(session),
    ...(session.context ? [`${session.context.usedPercent} %`] : []),
    ...(at === undefined ? [] : [age(at, now)]),
  ].join(' · ');
}

const day = 86_400_000;

/** How long before its transcript is deleted a session says so; in milliseconds. */
export const expiryWarningMs = 3 * day;

/** `expires in 2 days`, `expires in 5 hours`, `expired`; undefined while there is time. */
export function expiryText({ expiresAt }: Session, now: number): string | undefined {
  if (expiresAt === undefined || expiresAt - now > expiryWarningMs) return undefined;
  const left = expiresAt - now;
  // Claude deletes it the next time that it starts.
  if (left <= 0) return 'expired';
  const hours = Math.floor(left / 3_600_000);
  if (hours < 1) return 'expires within the hour';
  return `expires in ${hours < 48 ? plural(hours, 'hour') : plural(Math.floor(hours / 24), 'day')}`;
}

/** `fork of 5f1d9b2e`, `continued as 77aa01c2`: what it came from and where it went on. */
export function lineageText(session: Session): string | undefined {
  const { continues, forkedFrom, clearedFrom, continuedBy } = session;
  const parts = [
    ...(continues ? [`continues ${shortId(continues)}`] : []),
    ...(forkedFrom ? [`fork of ${shortId(forkedFrom)}`] : []),
    ...(clearedFrom ? [`begun by /clear in ${shortId(clearedFrom)}`] : []),
    ...(continuedBy ? [`continued as ${shortId(continuedBy)}`] : []),
  ];
  return parts.length > 0 ? parts.join(' · ') : undefined;
}

/** What is worth knowing of a session besides where it is and what it does, each in a few words. */
export function sessionNotes(session: Session, now: number): string[] {
  const lineage = lineageText(session);
  const expiry = expiryText(session, now);
  return [
    ...(lineage ? [lineage] : []),
    ...(session.unread ? ['transcript cannot be read'] : []),
    ...(session.hasConversation === false ? ['no conversation in it'] : []),
    ...(expiry ? [expiry] : []),
    ...(session.kept ? ['copy kept'] : []),
  ];
}

/** Sessions that are bound, as opposed to candidates. */
export const boundSessions = (task: Task): Session[] =>
  task.sessions.filter((session) => session.evidence !== 'candidate');

/** `analysis running`, `implementing 2/4`, `analysis out of sight` while its host does not answer: what goes on by itself. */
function working({ runs: [run] = [] }: Task): string[] {
  switch (run?.state.kind) {
    case 'queued':
      return [`${run.kind} waits for a place`];
    case 'running': {
      if (run.asOf !== undefined) return [`${run.kind} out of sight`];
      const plan = planText(run);
      if (plan === undefined) return [`${run.kind} ${run.state.retry ? 'held up' : 'running'}`];
      return [`implementing ${plan}${run.state.retry ? ', held up' : ''}`];
    }
    default:
      return [];
  }
}

/** `analysis stopped`: its record says that it failed, but who stopped it knows better. */
const stopped = ({ failed, runs: [run] = [] }: Task): string[] | undefined =>
  failed && run?.state.kind === 'stopped' ? [`${run.kind} stopped`] : undefined;

/** `2 sessions · 5/5 docs`, with what is not there left out. */
export function taskSummary(task: Task): string {
  const sessions = boundSessions(task);
  const candidates = task.sessions.length - sessions.length + (task.moreCandidates ?? 0);
  const { needsYou, failed } = task;
  return [
    // Why, the run itself says in its own row.
    ...(needsYou?.runId !== undefined
      ? [needsYou.reason.split(':', 1)[0]!]
      : [
          ...(stopped(task) ?? (failed ? ['failed'] : [])),
          ...(needsYou?.sessionId !== undefined ? [needsYou.reason] : working(task)),
        ]),
    ...(sessions.length ? [plural(sessions.length, 'session')] : []),
    ...(candidates ? [plural(candidates, 'candidate')] : []),
    ...(task.docs.length ? [`${presentDocs(task)}/${task.docsExpected} docs`] : []),
    ...(task.approval
      ? [task.approval.stale ? 'approval stale' : 'approved']
      : isUnproven(task)
        ? [task.approvalDoubt === undefined ? 'no approval that counts' : 'approval cannot be told']
        : []),
  ].join(' · ');
}

/** Its Jira status says approved, and no comment that counts does, of the documents as they are. */
export const isUnproven = ({ phase, approval }: Pick<Task, 'phase' | 'approval'>): boolean =>
  phase === 'approved' && approval?.stale !== false;

/** How many of the expected documents are there; the same name twice counts once. */
export const presentDocs = (task: Task): number =>
  Math.min(task.docsExpected, new Set(task.docs.map((doc) => doc.name)).size);

/** `↑2 ↓0`, `on origin` for a branch that only the remote has, or that there is nothing to compare with. */
export function aheadBehind(task: Task): string {
  const { upstream, ref } = task.checkout ?? {};
  if (upstream) return upstream.gone ? 'remote branch gone' : `↑${upstream.ahead} ↓${upstream.behind}`;
  const remote = ref?.split('refs/remotes/')[1]?.split('/')[0];
  return remote === undefined ? 'not pushed' : `on ${remote}`;
}
