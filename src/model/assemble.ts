import { groupBy } from '../util/groupBy';
import { sameEntries, sameFields, sameItems } from '../util/same';
import { approvalCounts, approvalDoubt, approvalOf } from './gate/approval/approval';
import { pullRequestsByKey, type PullRequestNote } from './gate/pullRequest';
import { MarksByKey, reviewed } from './gate/review/review';
import type { ReviewMark } from './gate/review/reviewMark';
import { AskingSessions } from './gate/asking';
import { openRequest } from './gate/request/openRequest';
import { bindingIndex, runSessions, type BindingIndex, type RunSession } from './binding/binding';
import type { LedgerState } from './binding/ledger';
import { Suggestions } from './binding/suggestions';
import type { Issue } from './task/issue';
import { KnownSessions, type SessionsInput } from './session/known/knownSessions';
import { KnownRuns, type RunsInput } from './run/knownRuns';
import type { Run } from './run/run';
import { isLive } from './run/settlement/due';
import { changedAt } from './run/progress';
import { runTrouble } from './run/words';
import { phaseOf } from './task/phase';
import type { Session } from './session/session';
import type { Settings } from './settings';
import type { BranchReading, NeedsYou, Snapshot, Task } from './task/task';
import { terminalsOf } from './session/terminals';

/** What every source last said. */
export interface AssembleInput extends SessionsInput, RunsInput {
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

type Joined = Required<Pick<Snapshot, 'tasks' | 'sessions' | 'runs'>>;

/** Joins what every source last said into the one picture. Pure: no I/O, no clock. */
export const assemble = (input: AssembleInput): Snapshot => new Assembler().assemble(input);

/**
 * The same, picture after picture. What is made of parts that are still the same objects is kept, and is the same
 * object again: every few seconds a host answers, and of thousands of sessions and tasks few have changed. Nothing is
 * kept longer than what it was made of.
 */
export class Assembler {
  private readonly known = new KnownSessions();
  private readonly runs = new KnownRuns();
  private readonly suggested = new Suggestions();
  private readonly marks = new MarksByKey();
  private readonly asking = new AskingSessions();
  private readonly made = new WeakMap<Issue, { task: Task; parts: unknown[] }>();
  private binding:
    | {
        index: BindingIndex;
        issues: readonly Issue[];
        ledger: LedgerState;
        known: readonly Run[];
        runs: readonly RunSession[];
      }
    | undefined;
  private readonly begins = new WeakMap<Session, Session>();
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
    const runs = this.runs.of(input);
    const binding = this.bindingOf(input, runs);
    const known = this.known.of(input, binding);
    const suggested = this.suggested.byKey({ ...input, binding, worktrees: ledger.worktrees }, known);
    const marks = this.marks.of(ledger.reviews ?? none);
    const told = input.hosts.flatMap(({ report }) => report ?? []);
    const requests = told.map((report) => report.requests);
    const { pullRequests } = ledger;
    const parts = [issues, branches, settings, known, suggested, runs, marks, pullRequests, ...requests];
    if (this.last && sameItems(parts, this.last.parts) && sameEntries(branchNames, this.last.branchNames))
      return this.last.joined;
    const begun = this.withBeginnings(
      known.map(({ session }) => session),
      runs,
    );
    const sessions = this.asking.of(begun, told);
    const byKey = groupBy(sessions, (session) => session.key);
    const runsByKey = groupBy(runs, (run) => run.key);
    const pullRequestOf = pullRequestsByKey(pullRequests);
    const tasks = issues.map((issue) =>
      this.taskOf(issue, input, {
        bound: byKey.get(issue.key) ?? [],
        candidates: suggested.get(issue.key) ?? [],
        runs: runsByKey.get(issue.key) ?? [],
        marks: marks.get(issue.key) ?? none,
        pullRequest: pullRequestOf.get(issue.key),
      }),
    );
    this.last = { parts, branchNames, joined: { tasks, sessions, runs: [...runs] } };
    return this.last.joined;
  }

  /** A session whose run is about to begin it has no transcript yet: it is not missing. */
  private withBeginnings(sessions: Session[], runs: readonly Run[]): Session[] {
    const begun = new Set(runs.filter(({ state }) => isLive(state)).map(placeOfSession));
    return sessions.map((session) => {
      if (session.state !== 'missing' || !begun.has(placeOfSession({ ...session, sessionId: session.id })))
        return session;
      const before = this.begins.get(session) ?? { ...session, state: 'unknown' };
      this.begins.set(session, before);
      return before;
    });
  }

  /** How a run stands binds nothing: what it tells at each look must not make thousands of sessions anew. */
  private bindingOf({ issues, ledger }: AssembleInput, known: readonly Run[]): BindingIndex {
    const before = this.binding;
    if (before?.issues === issues && before.ledger === ledger && before.known === known) return before.index;
    const ofRuns = runSessions(known);
    const runs = before && sameRows(before.runs, ofRuns) ? before.runs : ofRuns;
    const isSame = before?.issues === issues && before.ledger === ledger && before.runs === runs;
    const index = isSame ? before.index : bindingIndex(issues, ledger, runs);
    this.binding = { index, issues, ledger, known, runs };
    return index;
  }

  private taskOf(issue: Issue, input: AssembleInput, of: OfTask): Task {
    const name = input.branchNames.get(issue.key);
    const { bound, candidates, runs, marks, pullRequest: { url, at } = {} } = of;
    const branch = input.branches.get(issue.key);
    const parts = [
      input.settings,
      name,
      branch,
      marks,
      url,
      at,
      ...bound,
      null,
      ...candidates,
      null,
      ...runs,
    ];
    const before = this.made.get(issue);
    if (before && sameItems(before.parts, parts)) return before.task;
    const task = taskOf(issue, input, of);
    this.made.set(issue, { task, parts });
    return task;
  }
}

const sameRows = (a: readonly RunSession[], b: readonly RunSession[]): boolean =>
  a.length === b.length && a.every((one, i) => sameFields(one, b[i]));

const placeOfSession = ({ host, sessionId }: Pick<Run, 'host' | 'sessionId'>): string =>
  `${host}/${sessionId}`;

/** What hangs on one task. Runs are newest first. */
interface OfTask {
  bound: readonly Session[];
  candidates: readonly Session[];
  runs: readonly Run[];
  marks: readonly ReviewMark[];
  pullRequest: PullRequestNote | undefined;
}

/** The same empty list each time. */
const none: readonly ReviewMark[] = [];

/** Of the sessions that a task might also have, the likeliest are shown and the others counted. */
const candidatesShown = 5;

function taskOf(issue: Issue, input: AssembleInput, of: OfTask): Task {
  const { bound, candidates, runs, marks, pullRequest } = of;
  const { settings } = input;
  const reading = input.branches.get(issue.key);
  const branch = reading?.branch;
  const name = input.branchNames.get(issue.key);
  const docs = reading?.docs ?? [];
  const approval = approvalOf(issue, docs, branch?.head, settings);
  const { phase, failed, cause } = phaseOf(issue, settings.phases, {
    counts: (claim) => approvalCounts(claim, issue, settings),
    stale: approval?.stale ?? false,
    run: runs[0],
    pullRequestAt: pullRequest?.at,
  });
  const doubt = approvalDoubt(issue, settings);
  const likeliest = candidates.toSorted(byScore).slice(0, candidatesShown);
  const request = openRequest({ issue, bound, approval, phases: settings.phases });
  const needsYou = needsYouOf(issue, { phase, at: cause.at }, bound, { run: runs[0], request });
  return {
    key: issue.key,
    id: issue.id,
    summary: issue.summary,
    status: issue.status,
    statusCategory: issue.statusCategory,
    phase,
    phaseCause: cause,
    ...(failed && { failed }),
    ...(issue.priority !== undefined && { priority: issue.priority }),
    ...(issue.assignee !== undefined && { assignee: issue.assignee }),
    url: issue.url,
    updated: issue.updated,
    ...(name !== undefined && { branch: name }),
    ...(branch && { head: branch.head, checkout: branch }),
    ...(reading?.error !== undefined && { branchError: reading.error }),
    docs: reviewed(docs, marks, approval),
    docsExpected: settings.docs.names.length,
    sessions: [...bound.toSorted(bySessionRank), ...likeliest],
    ...(candidates.length > likeliest.length && { moreCandidates: candidates.length - likeliest.length }),
    ...(runs.length > 0 && { runs: [...runs] }),
    ...(approval && { approval }),
    ...(doubt !== undefined && { approvalDoubt: doubt }),
    ...(pullRequest && { pullRequest }),
    ...(needsYou && { needsYou }),
  };
}

/** Of several sessions that wait, the one that has waited longest; of the runs, the newest alone. */
function needsYouOf(
  issue: Issue,
  { phase, at }: Pick<Task, 'phase'> & { at: number | undefined },
  bound: readonly Session[],
  { run, request }: { run: Run | undefined; request: NeedsYou | undefined },
): NeedsYou | undefined {
  const [waiting] = bound
    .filter((session) => session.state === 'waiting')
    .toSorted((a, b) => (a.lastActivity ?? 0) - (b.lastActivity ?? 0));
  if (waiting)
    return {
      reason: waiting.waitingFor ?? 'waiting for you',
      since: waiting.lastActivity ?? issue.updated,
      sessionId: waiting.id,
    };
  const trouble = run && needsStarter(run, phase) ? runTrouble(run) : undefined;
  if (run && trouble !== undefined)
    return { reason: trouble, since: changedAt(run) ?? run.createdAt, runId: run.id };
  if (request && phase !== 'done') return request;
  if (phase !== 'awaitingReview') return undefined;
  return { reason: 'documents await review', since: at ?? issue.updated };
}

/** Whose task has gone on without the run needs nobody for it. */
const needsStarter = ({ mine, kind }: Run, phase: Task['phase']): boolean =>
  mine && (kind === 'analysis' ? ['backlog', 'analyzing'] : ['approved', 'implementing']).includes(phase);

const liveRank: Record<Session['state'], number> = {
  waiting: 0,
  working: 1,
  idle: 2,
  unknown: 3,
  ended: 4,
  missing: 5,
};

/** Living before ended, newest first; what only reviewed comes last. */
function bySessionRank(a: Session, b: Session): number {
  return (
    Number(a.role === 'review') - Number(b.role === 'review') ||
    liveRank[a.state] - liveRank[b.state] ||
    (b.lastActivity ?? b.createdAt ?? 0) - (a.lastActivity ?? a.createdAt ?? 0)
  );
}

const byScore = (a: Session, b: Session): number => (b.score ?? 0) - (a.score ?? 0) || bySessionRank(a, b);
