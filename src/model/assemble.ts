import { groupBy } from '../util/groupBy';
import { approvalCounts, approvalOf } from './task/approval';
import { bindingIndex } from './binding/binding';
import type { Issue } from './task/issue';
import { candidatesByKey, knownSessions, type SessionsInput } from './session/knownSessions';
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

/** Joins what every source last said into the one picture. Pure: no I/O, no clock. */
export function assemble(input: AssembleInput): Snapshot {
  const binding = bindingIndex(input.issues, input.ledger, input.branchNames);
  const sessions = knownSessions(input, binding);
  const byKey = groupBy(sessions, (session) => session.key);
  const candidates = candidatesByKey(input, binding, sessions);
  return {
    at: input.at,
    jira: input.jira,
    hosts: input.hosts.map((host) => host.state),
    tasks: input.issues.map((issue) =>
      taskOf(issue, input, [...(byKey.get(issue.key) ?? []), ...(candidates.get(issue.key) ?? [])]),
    ),
    sessions,
    terminals: [
      ...input.hosts.flatMap(({ report }) => (report ? terminalsOf(report) : [])),
      ...(input.supervised ?? []),
    ],
  };
}

function taskOf(issue: Issue, input: AssembleInput, sessions: Session[]): Task {
  const { settings } = input;
  const reading = input.branches.get(issue.key);
  const branch = reading?.branch;
  const name = input.branchNames.get(issue.key);
  const { phase, failed } = phaseOf(issue, settings.phases, (claim) =>
    approvalCounts(claim, issue, settings),
  );
  const docs = reading?.docs ?? [];
  const approval = approvalOf(issue, docs, branch?.head, settings);
  const needsYou = needsYouOf(issue, phase, sessions);
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
    sessions: sessions.sort(bySessionRank),
    ...(approval && { approval }),
    ...(needsYou && { needsYou }),
  };
}

function needsYouOf(issue: Issue, phase: Task['phase'], sessions: Session[]): NeedsYou | undefined {
  const waiting = sessions.find((session) => session.state === 'waiting' && session.evidence !== 'candidate');
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

/** Bound before candidates, living before ended, newest first. */
function bySessionRank(a: Session, b: Session): number {
  return (
    Number(a.evidence === 'candidate') - Number(b.evidence === 'candidate') ||
    liveRank[a.state] - liveRank[b.state] ||
    (b.lastActivity ?? b.createdAt ?? 0) - (a.lastActivity ?? a.createdAt ?? 0)
  );
}
