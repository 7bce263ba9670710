import { randomUUID } from 'node:crypto';
import type { DemoSession, DemoTask } from '../../jira/demo/demoTask';
import { branchOf } from '../../jira/demo/demoTask';
import { demoSessions } from '../../jira/demoTasks';
import { worktreeOf, type Worktrees } from './checkouts';
import { enteredAt } from './history';
import { otherSessions } from './others';

const hour = 3_600_000;

/** The clone that stays on main; sessions in it ran while the task's branch was checked out, or before it had one. */
const inClone = ['PAY-456/questions', 'PORTAL-118/analysis', 'PAY-490/look'];

/** Where sessions' transcripts are gone: deleted by Claude for their age, or on the host that is down. */
const expired = 'PAY-433/analysis';
const onBuildbox = 'PORTAL-109/implementation';

/** Hours ago, where the task's history does not say it. */
const times: Record<string, [begun: number, ended: number]> = {
  'PAY-456/questions': [2.4, 1.8],
  'PAY-490/look': [26.2, 26],
  'PAY-483/analysis': [0.9, 0.2],
};

/** Used share of the context window, in percent. */
const usedContext: Record<string, number> = {
  'PAY-456/analysis': 38,
  'PAY-456/questions': 12,
  'PAY-478/implementation': 61,
  'PORTAL-125/implementation': 84,
  'PORTAL-128/implementation': 47,
};

/** Sessions that live in tmux on devserver. */
export const living = { idle: 'PAY-456/analysis', waiting: 'PAY-483/analysis' };

/** A fork of a session: no record names it, but the ledger knows. */
const fork = {
  of: 'PORTAL-112/analysis',
  slot: 'PORTAL-112/fork',
  short: 'b7a1c9d2',
  prompt: 'What would change in the plan of PORTAL-112 if we took the Storage Access API?',
  endedHoursAgo: 8.5,
  usedPercent: 22,
};

/** One Claude session of the demo's world. Times are epoch ms. */
export interface PlacedSession {
  /** What it is about; of some only they themselves know. */
  task: DemoTask;
  slot: string;
  id: string;
  kind: DemoSession['kind'] | 'other';
  outcome: DemoSession['outcome'];
  host: 'laptop' | 'devserver' | 'buildbox';
  directory: string;
  /** The branch that has to be checked out in `directory`, where it is not already. */
  visit?: string;
  prompt: string;
  /** What Claude said, where the task does not tell. */
  answer?: string;
  /** Where it is not the task's. */
  branch?: string;
  /** The user linked it to its task. */
  linked?: true;
  /** File name of the log that a detached run left. */
  log?: string;
  /** Slot of the session that this one continues. */
  continues?: string;
  /** Id of the session that this one is a fork of. */
  forkOf?: string;
  /** Nothing of it is published; the ledger may still know it. */
  unpublished: boolean;
  /** False where no transcript is to be found. */
  written: boolean;
  begun: number;
  ended: number;
  usedPercent: number;
}

/** Which tasks' sessions have a worktree of their own. */
export function sessionWorktrees(): Worktrees {
  const keys = (host: DemoSession['host']): string[] => [
    ...new Set(
      demoSessions()
        .filter(({ session }) => session.host === host && !inClone.includes(session.slot))
        .map(({ task }) => task.key),
    ),
  ];
  return { laptop: keys('local'), devserver: keys('devserver') };
}

/** Every session of the demo with its place and its time; a fork comes after its original. */
export function placeSessions(clones: { laptop: string; devserver: string }, now: number): PlacedSession[] {
  return [...published(clones, now), ...otherSessions(clones, now, newId)].flatMap((session) => {
    if (session.slot !== fork.of) return [session];
    const { slot, prompt, usedPercent } = fork;
    const ended = now - fork.endedHoursAgo * hour;
    const copy = {
      slot,
      prompt,
      usedPercent,
      ended,
      id: newId(fork.short),
      forkOf: session.id,
      unpublished: true,
    };
    return [session, { ...session, ...copy }];
  });
}

/** A process anywhere on this machine that names a session counts as holding it, and demos may run side by side. */
const newId = (short: string): string => `${short.slice(0, 8)}${randomUUID().slice(8)}`;

function published(clones: { laptop: string; devserver: string }, now: number): PlacedSession[] {
  return demoSessions().map(({ task, session }) => {
    const account = session.host === 'local' ? 'laptop' : 'devserver';
    const clone = clones[account];
    const isInClone = inClone.includes(session.slot);
    const host = session.slot === onBuildbox ? 'buildbox' : account;
    const [begun, ended] = timesOf(task, session, now);
    return {
      task,
      slot: session.slot,
      id: newId(session.id),
      kind: session.kind,
      outcome: session.outcome,
      host,
      directory: host === 'buildbox' ? '/srv/platform' : isInClone ? clone : worktreeOf(clone, task.key),
      ...(account === 'laptop' && isInClone && { visit: task.key }),
      prompt: session.prompt,
      ...(session.continues !== undefined && { continues: session.continues }),
      unpublished: session.record === undefined,
      written: session.slot !== expired && host !== 'buildbox',
      begun,
      ended,
      usedPercent: usedContext[session.slot] ?? 8 + (session.id.charCodeAt(3) % 23),
    };
  });
}

function timesOf(task: DemoTask, session: DemoSession, now: number): [number, number] {
  const hoursAgo = times[session.slot];
  if (hoursAgo) return [now - hoursAgo[0] * hour, now - hoursAgo[1] * hour];
  const [from, to] =
    session.kind === 'analysis'
      ? (['AI Analysis', 'Ready for Review'] as const)
      : (['In Development', 'In Review'] as const);
  const begun = (enteredAt(task, from, now) ?? now - hour) + 90_000;
  switch (session.outcome) {
    case 'complete':
      return [begun, (enteredAt(task, to, now) ?? now) - 90_000];
    case 'failed':
      return [begun, begun + hour / 4];
    case 'started':
      return [begun, begun + (now - begun) / 5];
  }
}

export const sessionBranch = ({ task, branch }: PlacedSession): string => branch ?? branchOf(task);
