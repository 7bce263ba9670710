import * as vscode from 'vscode';
import { ago } from '../../model/age';
import { boundSessions, plural, sessionRole, sessionSummary, taskSummary } from '../../model/describe';
import { phaseTitle } from '../../model/task/phase';
import { isIssueKey, shortId } from '../../model/names';
import { parseReference, type SessionReference } from '../../model/session/reference';
import { lastSeen } from '../../model/session/listing';
import type { Session, SessionState } from '../../model/session/session';
import type { Snapshot, Task } from '../../model/task/task';
import { listedSummary, sessionName } from '../sessions/sessionLook';
import { pickFuzzy } from './fuzzyPick';
import { noIcons } from './noIcons';

/** What was picked: a session, a task that has none, or the reference that was pasted. */
export interface Picked {
  task?: Task;
  session?: Session;
  reference?: SessionReference;
}

type Item = vscode.QuickPickItem & Picked;

const stateIcons: Record<SessionState, string> = {
  working: 'loading~spin',
  waiting: 'bell-dot',
  idle: 'circle-filled',
  ended: 'circle-outline',
  missing: 'circle-slash',
  unknown: 'question',
};

const lastActivity = (task: Task): number =>
  Math.max(task.updated ?? 0, ...boundSessions(task).map((session) => session.lastActivity ?? 0));

const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });

const sessionItem = (task: Task, session: Session, now: number): Item => ({
  label: `$(${stateIcons[session.state]}) ${sessionSummary(session, now)}`,
  description: `${shortId(session.id)}  ${sessionRole(session)}`,
  detail: session.directory ?? '',
  task,
  session,
});

/** A session by its own name, whichever task it has. */
const anyItem = (session: Session, now: number): Item => ({
  label: `$(${stateIcons[session.state]}) ${noIcons(sessionName(session))}`,
  description: `${session.host} · ${listedSummary(session, [], now)}`,
  detail: [shortId(session.id), session.branch, session.directory].filter(Boolean).join('  '),
  session,
});

/**
 * Tasks by recency with their sessions, then those that are linked to none; found by key, summary, host or state.
 * Tasks without a session are listed last, so that one sees that they have none.
 */
export async function pickTaskAndSession(
  { tasks, sessions }: Pick<Snapshot, 'tasks' | 'sessions'>,
  title: string,
  now: number,
  first?: Task,
): Promise<Picked | undefined> {
  const byRecency = tasks.toSorted(
    (a, b) => Number(b === first) - Number(a === first) || lastActivity(b) - lastActivity(a),
  );
  const items: Item[] = [];
  for (const task of byRecency.filter((one) => boundSessions(one).length > 0)) {
    items.push(separator(phaseTitle(task.phase)));
    for (const session of boundSessions(task)) {
      const item = sessionItem(task, session, now);
      // Key and summary go into the label: that is what people type, and what the highlighted match shows.
      items.push({
        ...item,
        label: noIcons(`${task.key}  ${task.summary}`),
        description: item.description ?? '',
        detail: item.label,
      });
    }
  }
  const without = byRecency.filter((task) => boundSessions(task).length === 0);
  if (without.length > 0) items.push(separator('No session'));
  for (const task of without)
    items.push({
      label: noIcons(`${task.key}  ${task.summary}`),
      description: taskSummary(task) || phaseTitle(task.phase),
      task,
    });
  const unlinked = sessions.filter(({ key, state }) => key === undefined && state !== 'missing');
  if (unlinked.length > 0) items.push(separator('Not linked to a task'));
  for (const session of unlinked.toSorted((a, b) => lastSeen(b) - lastSeen(a)))
    items.push(anyItem(session, now));
  return pickFuzzy({
    items,
    title,
    placeholder:
      items.length > 0
        ? 'Type a key, words of the summary, a host or a state, or paste a session reference'
        : 'No tasks yet: sign in to Jira first',
    pasted: (value) => {
      const reference = parseReference(value);
      return reference && referenceItem(reference);
    },
  });
}

const referenceItem = (reference: SessionReference): Item => ({
  label: `$(link) Session ${shortId(reference.sessionId)} on ${reference.host}`,
  description: 'by its reference',
  detail: [reference.task, reference.branch, reference.directory].filter(Boolean).join('  '),
  reference,
});

/** One of the sessions of a task. */
export async function pickSession(task: Task, title: string, now: number): Promise<Session | undefined> {
  const items = boundSessions(task).map((session) => sessionItem(task, session, now));
  const picked = await vscode.window.showQuickPick(items, {
    title,
    placeHolder: `${task.key} has ${plural(items.length, 'session')}: which one?`,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.session;
}

/** Any session at all, newest first. */
export async function pickAnySession(
  sessions: readonly Session[],
  title: string,
  now: number,
): Promise<Session | undefined> {
  const items = sessions
    .toSorted((a, b) => lastSeen(b) - lastSeen(a))
    .map((session) => anyItem(session, now));
  const placeholder =
    items.length > 0 ? 'Type words of its title, a key, a host or a directory' : 'There is no such session';
  return (await pickFuzzy({ items, title, placeholder }))?.session;
}

/** A task, newest first; before all others likely ones. */
export async function pickTask(
  tasks: readonly Task[],
  title: string,
  now: number,
  isLikely: (task: Task) => boolean = () => false,
): Promise<Task | undefined> {
  const items = tasks
    .toSorted((a, b) => Number(isLikely(b)) - Number(isLikely(a)) || lastActivity(b) - lastActivity(a))
    .map((task) => taskItem(task, now));
  return (await pickFuzzy({ items, title, placeholder: taskPlaceholder }))?.task;
}

/**
 * The key of the task that sessions shall have: tasks that they are candidates for first, with the reason. A key that is
 * typed in full is taken too, for Jira may know it.
 */
export async function pickTaskFor(
  candidates: readonly Session[],
  tasks: readonly Task[],
  title: string,
  now: number,
): Promise<string | undefined> {
  const suggested = candidates.flatMap((candidate): Item[] => {
    const task = tasks.find(({ key }) => key === candidate.key);
    const { reason = 'candidate', score } = candidate;
    return task
      ? [{ ...taskItem(task, now), detail: score === undefined ? reason : `${reason} (${score} of 100)` }]
      : [];
  });
  const others = tasks
    .filter((task) => !suggested.some((one) => one.task === task))
    .toSorted((a, b) => lastActivity(b) - lastActivity(a));
  const items: Item[] = [
    ...(suggested.length > 0 ? [separator('Candidates'), ...suggested, separator('Other tasks')] : []),
    ...others.map((task) => taskItem(task, now)),
  ];
  const picked = await pickFuzzy({
    items,
    title,
    placeholder: taskPlaceholder,
    pasted: (value) => {
      const key = value.trim().toUpperCase();
      const isOther = isIssueKey(key) && !tasks.some((task) => task.key === key);
      return isOther ? { label: key, description: 'not among your tasks: Jira is asked' } : undefined;
    },
  });
  return picked?.task?.key ?? picked?.label;
}

const taskPlaceholder = 'Type a key or words of the summary';

const taskItem = (task: Task, now: number): Item => ({
  label: noIcons(`${task.key}  ${task.summary}`),
  description: phaseTitle(task.phase),
  detail: [taskSummary(task), task.updated === undefined ? '' : `updated ${ago(task.updated, now)}`]
    .filter(Boolean)
    .join(' · '),
  task,
});
