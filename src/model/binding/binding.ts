import { groupBy } from '../../util/groupBy';
import type { Issue } from '../task/issue';
import type { LedgerEntry, LedgerState } from './ledger';
import type { SessionRecord } from '../record/record';
import { mergeClaims, ownersOf } from '../record/merge';
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
}

export interface Binding {
  key: string;
  evidence: Evidence;
  /** Why, in words; shown for candidates. */
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

/** Everything that evidence is looked up in, prepared once for a whole snapshot. */
export interface BindingIndex {
  /** The binding that holds, if any. Evidence binds; a guess never does. */
  bound(subject: BindingSubject): Binding | undefined;
  /** Tasks that this unbound session might belong to, best first, at most three. */
  candidates(subject: BindingSubject): Binding[];
  /** What we ourselves know of a session: of several hosts' entries the one that decides, the asked host's first. */
  entry(sessionId: string, host: string): LedgerEntry | undefined;
  claimed: Map<string, Claimed>;
}

/** Clocks differ, and a record may be written just before its session starts; in milliseconds. */
const backdatedMs = 3_600_000;

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

const within = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);

export function bindingIndex(
  issues: readonly Issue[],
  ledger: LedgerState,
  branches: ReadonlyMap<string, string>,
): BindingIndex {
  const keys = new Set(issues.map((issue) => issue.key));
  const claimed = claimedSessions(issues);
  const entries = groupBy(ledger.entries, (entry) => entry.sessionId);
  const keysByBranch = groupBy(branches, ([, branch]) => branch);
  // The innermost worktree first, where one lies in another.
  const worktrees = ledger.worktrees.toSorted((a, b) => b.directory.length - a.directory.length);

  function entryOf(sessionId: string, host: string): LedgerEntry | undefined {
    const all = entries.get(sessionId) ?? [];
    const deciding = all.filter((entry) => entry.evidence !== 'seen' && entry.key !== undefined);
    const known = deciding.length > 0 ? deciding : all;
    return known.find((entry) => entry.host === host) ?? known.at(-1);
  }

  /** The user took this task's claim back: on that host, or on another while nothing is said on it. */
  function isUnlinked({ sessionId, host }: BindingSubject, key: string): boolean {
    const isRejected = (entry: LedgerEntry): boolean => entry.rejected?.includes(key) ?? false;
    const all = (entries.get(sessionId) ?? []).filter((entry) => entry.key === key || isRejected(entry));
    const here = all.filter((entry) => entry.host === host);
    return (here.length > 0 ? here : all).some(
      (entry) => isRejected(entry) || (entry.evidence === 'unlinked' && entry.key === key),
    );
  }

  function bound(subject: BindingSubject): Binding | undefined {
    const { sessionId, host, directory } = subject;
    const entry = entryOf(sessionId, host);
    if (entry?.key && (entry.evidence === 'started' || entry.evidence === 'linked'))
      return {
        key: entry.key,
        evidence: 'ledger',
        reason: entry.evidence === 'started' ? 'started for this task' : 'linked by you',
      };
    const made =
      directory !== undefined &&
      worktrees.find((one) => one.host === host && within(directory, one.directory));
    if (made && !isUnlinked(subject, made.key))
      return { key: made.key, evidence: 'ledger', reason: 'runs in the worktree made for this task' };
    const claim = claimed.get(sessionId);
    const record = claim?.record;
    if (record && !isUnlinked(subject, record.issueKey) && !isBackdated(claim, subject))
      return {
        key: record.issueKey,
        evidence: 'record',
        reason: `recorded by ${record.claims[0]?.author.name ?? 'somebody'}`,
      };
    return undefined;
  }

  function candidates(subject: BindingSubject): Binding[] {
    const found = new Map<string, Binding>();
    const add = (key: string, reason: string): void => {
      if (keys.has(key) && !found.has(key) && !isUnlinked(subject, key))
        found.set(key, { key, evidence: 'candidate', reason });
    };
    const claim = claimed.get(subject.sessionId);
    if (claim && isBackdated(claim, subject))
      add(claim.record.issueKey, 'a comment that was edited names it');
    for (const key of claim?.others ?? []) add(key, 'a later record on this task names it');
    if (subject.branch)
      for (const [key] of keysByBranch.get(subject.branch) ?? []) add(key, `its branch is ${subject.branch}`);
    for (const [text, what] of [
      [subject.branch, 'branch'],
      [subject.name, 'name'],
      [subject.directory, 'directory'],
      [subject.firstPrompt, 'first prompt'],
    ] as const)
      for (const key of keysIn(text)) add(key, `its ${what} carries ${key}`);
    return [...found.values()].slice(0, 3);
  }

  return { bound, candidates, entry: entryOf, claimed };
}

/** Issue keys that stand in a text as words of their own. */
function keysIn(text: string | undefined): string[] {
  if (!text) return [];
  return [
    ...text.slice(0, 2000).matchAll(/(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,9}(?![0-9A-Za-z_])/g),
  ]
    .slice(0, 20)
    .map((match) => match[0]);
}

/** Analysis or implementation, by the newest record of the session whose title tells. */
export function kindOf(record: SessionRecord | undefined, entry: LedgerEntry | undefined): SessionKind {
  if (entry && entry.kind !== 'other') return entry.kind;
  const telling = record?.claims.findLast(({ title }) => /^AI (?:Analysis|Implementation)/.test(title));
  if (!telling) return 'other';
  return telling.title.startsWith('AI Analysis') ? 'analysis' : 'implementation';
}
