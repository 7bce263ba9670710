import * as vscode from 'vscode';
import { ago } from '../../model/age';
import { boundSessions, plural, sessionRole, sessionSummary, taskSummary } from '../../model/describe';
import { phaseTitle } from '../../model/task/phase';
import { shortId } from '../../model/names';
import type { Session, SessionState } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import { fuzzyScore } from './fuzzy';

type Item = vscode.QuickPickItem & { task?: Task; session?: Session };

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

const sessionItem = (task: Task, session: Session, now: number): Item => ({
  label: `$(${stateIcons[session.state]}) ${sessionSummary(session, now)}`,
  description: `${shortId(session.id)}  ${sessionRole(session)}`,
  detail: session.directory ?? '',
  task,
  session,
});

/**
 * Tasks by recency with their sessions; found by key, summary, host or state. Tasks without a session are listed last,
 * so that one sees that they have none.
 */
export async function pickTaskAndSession(
  tasks: readonly Task[],
  now: number,
  first?: Task,
): Promise<{ task: Task; session?: Session } | undefined> {
  const byRecency = tasks.toSorted(
    (a, b) => Number(b === first) - Number(a === first) || lastActivity(b) - lastActivity(a),
  );
  const items: Item[] = [];
  for (const task of byRecency.filter((one) => boundSessions(one).length > 0)) {
    items.push({ label: phaseTitle(task.phase), kind: vscode.QuickPickItemKind.Separator });
    for (const session of boundSessions(task)) {
      const item = sessionItem(task, session, now);
      // Key and summary go into the label: that is what people type, and what the highlighted match shows.
      items.push({
        ...item,
        label: `${task.key}  ${task.summary}`,
        description: item.description ?? '',
        detail: item.label,
      });
    }
  }
  const without = byRecency.filter((task) => boundSessions(task).length === 0);
  if (without.length > 0) items.push({ label: 'No session', kind: vscode.QuickPickItemKind.Separator });
  for (const task of without)
    items.push({
      label: `${task.key}  ${task.summary}`,
      description: taskSummary(task) || phaseTitle(task.phase),
      task,
    });
  const picked = await pickFuzzy(
    items,
    'Resume Task Session',
    items.length > 0
      ? 'Type a key, words of the summary, a host or a state'
      : 'No tasks yet: sign in to Jira first',
  );
  return picked?.task && { task: picked.task, ...(picked.session && { session: picked.session }) };
}

/** One of the sessions of a task. */
export async function pickSession(task: Task, now: number): Promise<Session | undefined> {
  const items = boundSessions(task).map((session) => sessionItem(task, session, now));
  const picked = await vscode.window.showQuickPick(items, {
    title: `${task.key}: ${plural(items.length, 'session')}`,
    placeHolder: 'Which session?',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.session;
}

/** A task, newest first. */
export async function pickTask(
  tasks: readonly Task[],
  title: string,
  now: number,
): Promise<Task | undefined> {
  const items: Item[] = tasks
    .toSorted((a, b) => lastActivity(b) - lastActivity(a))
    .map((task) => ({
      label: `${task.key}  ${task.summary}`,
      description: phaseTitle(task.phase),
      detail: [taskSummary(task), task.updated === undefined ? '' : `updated ${ago(task.updated, now)}`]
        .filter(Boolean)
        .join(' · '),
      task,
    }));
  return (await pickFuzzy(items, title, 'Type a key or words of the summary'))?.task;
}

/** A list that is filtered by `fuzzyScore`: VS Code's own filter finds no words that stand apart. */
function pickFuzzy(items: readonly Item[], title: string, placeholder: string): Promise<Item | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  const texts = items.map(({ label, description = '', detail = '' }) => `${label} ${description} ${detail}`);
  pick.title = title;
  pick.placeholder = placeholder;
  pick.items = items;
  pick.onDidChangeValue((value) => {
    if (!value.trim()) {
      pick.items = items;
      return;
    }
    const found = items.flatMap((item, index) => {
      const isItem = item.kind !== vscode.QuickPickItemKind.Separator;
      const score = isItem ? fuzzyScore(value, texts[index]!) : undefined;
      return score === undefined ? [] : [{ item: { ...item, alwaysShow: true }, score }];
    });
    // The sort is stable: what fits equally well stays by recency.
    pick.items = found.sort((a, b) => b.score - a.score).map(({ item }) => item);
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
