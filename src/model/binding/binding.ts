import { groupBy } from '../../util/groupBy';
import type { Issue } from '../task/issue';
import type { LedgerEntry, LedgerState } from './ledger';
import { worktreeFinder } from './worktrees';
import type { SessionRecord } from '../record/record';
import { mergeClaims, ownersOf } from '../record/merge';
import type { Run } from '../run/run';
import type { Evidence, SessionKind } from '../session/session';

/** What a session looks like to the rules that bind it: taken from its transcript, or from its live entry. */
export interface BindingSubject {
  sessionId: string;
  host: string;
  directory?: string | undefined;
  branch?: string | undefined;
  name?: string | undefined;
  firstPrompt?: string | undefined;
  /** Epoch ms. */
  firstActivity?: number | undefined;
  /** Epoch ms. */
  lastActivity?: number | undefined;
}

export interface Binding {
  key: string;
  evidence: Exclude<Evidence, 'candidate'>;
  /** Why, in words. */
  reason: string;
}

/** What the issue of a session's earliest record says of it, and the issues that claimed it later. */
export interface Claimed {
  record: SessionRecord;
  /** Issue keys of later claims elsewhere. */
  others: string[];
}

/** Who claims which session, over all issues: the earliest record owns it (CONTRIBUTING, "Identity"). */
export function claimedSessions(issues: readonly Issue[]): Map<string, Claimed> {
  const claims = issues.flatMap((issue) => issue.claims);
  const owners = ownersOf(claims);
  const { sessions } = mergeClaims(claims);
  const claimed = new Map<string, Claimed>();
  for (const record of sessions)
    if (owners.get(record.sessionId) === record.issueKey)
      claimed.set(record.sessionId, { record, others: [] });
  for (const { sessionId, issueKey } of sessions)
    if (owners.get(sessionId) !== issueKey) claimed.get(sessionId)?.others.push(issueKey);
  return claimed;
}

/** A session that the order of a run names on its host. */
export interface RunSession {
  sessionId: string;
  host: string;
  key: string;
  kind: SessionKind;
  startedBy: string;
  /** The second session, which wrote `critic.md`. */
  review?: true;
  /** The sessions of the run before and after it, where it could not go on in one. */
  continues?: string;
  continuedBy?: string;
}

/** Of runs of this Jira, newest first: what binding takes from them, which is known from the beginning. */
export const runSessions = (runs: readonly Run[]): RunSession[] =>
  runs.flatMap(({ sessionId, earlierSessions = [], reviewId, host, key, kind, startedBy }) => {
    const common = { host, key, kind: kind === 'handoff' ? ('other' as const) : kind, startedBy };
    const all = [...earlierSessions, sessionId];
    const worked = all.map((id, index) => {
      const [before, after] = [all[index - 1], all[index + 1]];
      return {
        sessionId: id,
        ...common,
        ...(before !== undefined && { continues: before }),
        ...(after !== undefined && { continuedBy: after }),
      };
    });
    return [
      ...worked.toReversed(),
      ...(reviewId === undefined ? [] : [{ sessionId: reviewId, ...common, review: true as const }]),
    ];
  });

/** Everything that evidence is looked up in, prepared once for a whole snapshot. */
export interface BindingIndex {
  /** The binding that holds, if any. Evidence binds; a guess never does. */
  bound(subject: BindingSubject): Binding | undefined;
  /** What we ourselves know of a session: of several hosts' entries the one that decides, the asked host's first. */
  entry(sessionId: string, host: string): LedgerEntry | undefined;
  /** The user's own name for it; on that host, or on another. */
  name(sessionId: string, host: string): string | undefined;
  /** The user said that it is none of this task's: on that host, or on another while nothing is said on it. */
  isUnlinked(session: Pick<BindingSubject, 'sessionId' | 'host'>, key: string): boolean;
  /** The earliest claim was put into an old comment, and another issue claims the session too: neither binds. */
  isBackdated(claim: Claimed, subject: BindingSubject): boolean;
  claimed: ReadonlyMap<string, Claimed>;
  /** The run that has this session, on that very host. */
  run(sessionId: string, host: string): RunSession | undefined;
}

/** Clocks differ, and a record may be written just before its session starts; in milliseconds. */
const backdatedMs = 3_600_000;

/** A session that was last talked to so long before the worktree was made lived in another one there; in milliseconds. */
const olderMs = 86_400_000;

/**
 * True where the claim that looks earliest was written long before the session began, and edited since: an id that was
 * put into an old comment. Where another issue claims the session too, neither binds then.
 */
function isBackdated({ record, others }: Claimed, { firstActivity }: BindingSubject): boolean {
  const first = record.claims[0];
  return (
    others.length > 0 &&
    first !== undefined &&
    firstActivity !== undefined &&
    first.updated !== first.created &&
    first.created < firstActivity - backdatedMs
  );
}

export function bindingIndex(
  issues: readonly Issue[],
  ledger: LedgerState,
  runs: readonly RunSession[] = [],
): BindingIndex {
  const claimed = claimedSessions(issues);
  const ofRuns = groupBy(runs, (run) => run.sessionId);
  const entries = groupBy(ledger.entries, (entry) => entry.sessionId);
  const worktreeAround = worktreeFinder(ledger.worktrees);

  /**
   * What decides: said of that host; else what was decided on another and not taken back there or on a third. Where two
   * others were given to two tasks, neither says anything of this one.
   */
  function decisionOn(host: string, sessionId: string): LedgerEntry | undefined {
    const deciding = (entries.get(sessionId) ?? []).filter(
      (entry) => entry.evidence !== 'seen' && entry.key !== undefined,
    );
    const here = deciding.find((entry) => entry.host === host);
    if (here) return here;
    const others = deciding.filter(
      (entry) => entry.evidence !== 'unlinked' && !isUnlinked({ sessionId, host }, entry.key!),
    );
    return new Set(others.map(({ key }) => key)).size === 1 ? others.at(-1) : undefined;
  }

  function entryOf(sessionId: string, host: string): LedgerEntry | undefined {
    const all = entries.get(sessionId);
    return all && (decisionOn(host, sessionId) ?? all.find((entry) => entry.host === host) ?? all.at(-1));
  }

  function isUnlinked({ sessionId, host }: Pick<BindingSubject, 'sessionId' | 'host'>, key: string): boolean {
    const takesBack = (entry: LedgerEntry): boolean =>
      entry.evidence === 'unlinked' && entry.key === key ? true : (entry.rejected?.includes(key) ?? false);
    const all = (entries.get(sessionId) ?? []).filter(
      (entry) => takesBack(entry) || (entry.key === key && entry.evidence !== 'seen'),
    );
    const here = all.filter((entry) => entry.host === host);
    return (here.length > 0 ? here : all).some(takesBack);
  }

  function bound(subject: BindingSubject): Binding | undefined {
    const entry = decisionOn(subject.host, subject.sessionId);
    if (entry?.key && (entry.evidence === 'started' || entry.evidence === 'linked')) {
      const what = entry.evidence === 'started' ? 'started for this task' : 'linked by you';
      // A copy counts as the task's too, but is not the one.
      const reason = entry.host === subject.host ? what : `${what} on ${entry.host}`;
      return { key: entry.key, evidence: 'ledger', reason };
    }
    const made = worktreeAround(subject.host, subject.directory);
    if (
      made &&
      (subject.lastActivity === undefined || subject.lastActivity > made.createdAt - olderMs) &&
      !isUnlinked(subject, made.key)
    )
      return { key: made.key, evidence: 'ledger', reason: 'runs in the worktree made for this task' };
    const claim = claimed.get(subject.sessionId);
    const record = claim?.record;
    if (record && !isUnlinked(subject, record.issueKey) && !isBackdated(claim, subject))
      return {
        key: record.issueKey,
        evidence: 'record',
        reason: `recorded by ${record.claims[0]?.author.name ?? 'somebody'}`,
      };
    const run = runWith(subject.sessionId, subject.host);
    if (run && !isUnlinked(subject, run.key))
      return {
        key: run.key,
        evidence: 'run',
        reason: `${run.review ? 'reviewed' : 'worked'} in a run that ${run.startedBy} started for this task`,
      };
    return undefined;
  }

  const runWith = (sessionId: string, host: string): RunSession | undefined =>
    ofRuns.get(sessionId)?.find((run) => run.host === host);

  return {
    bound,
    entry: entryOf,
    name: (sessionId, host) => {
      const named = (entries.get(sessionId) ?? []).filter((entry) => entry.name !== undefined);
      return (named.find((entry) => entry.host === host) ?? named.at(-1))?.name;
    },
    isUnlinked,
    isBackdated,
    claimed,
    run: runWith,
  };
}

/** Analysis or implementation, by the newest record of the session whose title tells; else by its run. */
export function kindOf(
  record: SessionRecord | undefined,
  entry: LedgerEntry | undefined,
  run?: RunSession,
): SessionKind {
  if (entry && entry.kind !== 'other') return entry.kind;
  const telling = record?.claims.findLast(({ title }) => /^AI (?:Analysis|Implementation)/.test(title));
  if (!telling) return run?.kind ?? 'other';
  return telling.title.startsWith('AI Analysis') ? 'analysis' : 'implementation';
}
