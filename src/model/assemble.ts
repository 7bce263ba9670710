import { groupBy } from '../util/groupBy';
import { sameEntries, sameItems } from '../util/same';
import { approvalCounts, approvalOf } from './task/approval';
import { bindingIndex, type BindingIndex } from './binding/binding';
import type { LedgerState } from './binding/ledger';
import { Suggestions } from './binding/suggestions';
import type { Issue } from './task/issue';
import { KnownSessions, type SessionsInput } from './session/known/knownSessions';
import { phaseOf } from './task/phase';
import type { Session } from './session/session';
import type { Settings } from './settings';
import type { BranchReading, NeedsYou, Snapshot, Task } from './task/task';
import { terminalsOf } from './session/terminals';

/** What every source last said. */
export interface AssembleInput extends SessionsInput {
  /** Epoch ms. */
  at: number;
  settings: Settings;
  jira: Snapshot['jira'];
  /** In the order of the user's JQL. */
  issues: readonly Issue[];
  /** Branch that each task is expected to have, by key. */
  branchNames: ReadonlyMap<string, string>;
  branches: ReadonlyMap<string, BranchReading>;
}

type Joined = Pick<Snapshot, 'tasks' | 'sessions'>;

/** Joins what every source last said into the one picture. Pure: no I/O, no clock. */
export const assemble = (input: AssembleInput): Snapshot => new Assembler().assemble(input);

/**
 * The same, picture after picture. What is made of parts that are still the same objects is kept, and is the same
 * object again: every few seconds a host answers, and of thousands of sessions and tasks few have changed. Nothing is
 * kept longer than what it was made of.
 */
export class Assembler {
  private readonly known = new KnownSessions();
  private readonly suggested = new Suggestions();
  private readonly made = new WeakMap<Issue, { task: Task; parts: unknown[] }>();
  private binding: { index: BindingIndex; issues: readonly Issue[]; ledger: LedgerState } | undefined;
  private last: { parts: unknown[]; branchNames: AssembleInput['branchNames']; joined: Joined } | undefined;

  assemble(input: AssembleInput): Snapshot {
    return {
      at: input.at,
      jira: input.jira,
      hosts: input.hosts.map((host) => host.state),
      ...this.join(input),
      terminals: [
        ...input.hosts.flatMap(({ report }) => (report ? terminalsOf(report) : [])),
        ...(input.supervised ?? []),
      ],
    };
  }

  private join(input: AssembleInput): Joined {
    const { issues, branches, branchNames, settings, ledger } = input;
    const binding = this.bindingOf(input);
    const known = this.known.of(input, binding);
    const suggested = this.suggested.byKey({ ...input, binding, worktrees: ledger.worktrees }, known);
    const parts = [issues, branches, settings, known, suggested];
    if (this.last && sameItems(parts, this.last.parts) && sameEntries(branchNames, this.last.branchNames))
      return this.last.joined;
    const sessions = known.map(({ session }) => session);
    const byKey = groupBy(sessions, (session) => session.key);
    const tasks = issues.map((issue) =>
      this.taskOf(issue, input, byKey.get(issue.key) ?? [], suggested.get(issue.key) ?? []),
    );
    this.last = { parts, branchNames, joined: { tasks, sessions } };
    return this.last.joined;
  }

  private bindingOf({ issues, ledger }: AssembleInput): BindingIndex {
    if (this.binding?.issues !== issues || this.binding.ledger !== ledger)
      this.binding = { index: bindingIndex(issues, ledger), issues, ledger };
    return this.binding.index;
  }

  private taskOf(issue: Issue, input: AssembleInput, bound: Session[], candidates: Session[]): Task {
    const name = input.branchNames.get(issue.key);
    const parts = [input.settings, name, input.branches.get(issue.key), ...bound, null, ...candidates];
    const before = this.made.get(issue);
    if (before && sameItems(before.parts, parts)) return before.task;
    const task = taskOf(issue, input, bound, candidates);
    this.made.set(issue, { task, parts });
    return task;
  }
}

/** Of the sessions that a task might also have, the likeliest are shown and the others counted. */
const candidatesShown = 5;

function taskOf(
  issue: Issue,
  input: AssembleInput,
  bound: readonly Session[],
  candidates: readonly Session[],
): Task {
  const { settings } = input;
  const reading = input.branches.get(issue.key);
  const branch = reading?.branch;
  const name = input.branchNames.get(issue.key);
  const { phase, failed } = phaseOf(issue, settings.phases, (claim) =>
    approvalCounts(claim, issue, settings),
  );
  const docs = reading?.docs ?? [];
  const approval = approvalOf(issue, docs, branch?.head, settings);
  const likeliest = candidates.toSorted(byScore).slice(0, candidatesShown);
  const needsYou = needsYouOf(issue, phase, bound);
  return {
    key: issue.key,
    id: issue.id,
    summary: issue.summary,
    status: issue.status,
    statusCategory: issue.statusCategory,
    phase,
    ...(failed && { failed }),
    ...(issue.priority !== undefined && { priority: issue.priority }),
    ...(issue.assignee !== undefined && { assignee: issue.assignee }),
    url: issue.url,
    updated: issue.updated,
    ...(name !== undefined && { branch: name }),
    ...(branch && { head: branch.head, checkout: branch }),
    ...(reading?.error !== undefined && { branchError: reading.error }),
    docs,
    docsExpected: settings.docs.names.length,
    sessions: [...bound.toSorted(bySessionRank), ...likeliest],
    ...(candidates.length > likeliest.length && { moreCandidates: candidates.length - likeliest.length }),
    ...(approval && { approval }),
    ...(needsYou && { needsYou }),
  };
}

/** Of several sessions that wait, the one that has waited longest. */
function needsYouOf(issue: Issue, phase: Task['phase'], bound: readonly Session[]): NeedsYou | undefined {
  const [waiting] = bound
    .filter((session) => session.state === 'waiting')
    .toSorted((a, b) => (a.lastActivity ?? 0) - (b.lastActivity ?? 0));
  if (waiting)
    return {
      reason: waiting.waitingFor ?? 'waiting for you',
      since: waiting.lastActivity ?? issue.updated,
      sessionId: waiting.id,
    };
  if (phase !== 'awaitingReview') return undefined;
  return { reason: 'documents await review', since: issue.claims.at(-1)?.updated ?? issue.updated };
}

const liveRank: Record<Session['state'], number> = {
  waiting: 0,
  working: 1,
  idle: 2,
  unknown: 3,
  ended: 4,
  missing: 5,
};

/** Living before ended, newest first. */
function bySessionRank(a: Session, b: Session): number {
  return (
    liveRank[a.state] - liveRank[b.state] ||
    (b.lastActivity ?? b.createdAt ?? 0) - (a.lastActivity ?? a.createdAt ?? 0)
  );
}

const byScore = (a: Session, b: Session): number => (b.score ?? 0) - (a.score ?? 0) || bySessionRank(a, b);
