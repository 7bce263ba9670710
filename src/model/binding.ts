import type { Issue } from './issue';
import type { LedgerEntry, LedgerState } from './ledger';
import type { RecordClaim } from './record';
import type { Evidence, SessionKind } from './session';

/** What a session looks like to the rules that bind it: taken from its transcript, or from its live entry. */
export interface BindingSubject {
  sessionId: string;
  host: string;
  directory?: string | undefined;
  branch?: string | undefined;
  name?: string | undefined;
  firstPrompt?: string | undefined;
}

export interface Binding {
  key: string;
  evidence: Evidence;
  /** Why, in words; shown for candidates. */
  reason: string;
}

/** The issue of a session's earliest record, and those that claimed it later. */
export interface Claimed {
  owner: RecordClaim;
  /** Issue keys of later claims elsewhere. */
  others: string[];
}

/** Who claims which session, over all issues: the earliest record owns it (design.md, identity rule 3). */
export function claimedSessions(issues: readonly Issue[]): Map<string, Claimed> {
  const all = issues
    .flatMap((issue) => issue.claims)
    .filter((claim) => claim.sessionId !== undefined)
    .sort((a, b) => a.created - b.created || Number(a.commentId) - Number(b.commentId));
  const claimed = new Map<string, Claimed>();
  for (const claim of all) {
    const before = claimed.get(claim.sessionId!);
    if (!before) claimed.set(claim.sessionId!, { owner: claim, others: [] });
    else if (before.owner.issueKey !== claim.issueKey && !before.others.includes(claim.issueKey))
      before.others.push(claim.issueKey);
  }
  return claimed;
}

/** Everything that evidence is looked up in, prepared once for a whole snapshot. */
export interface BindingIndex {
  /** The binding that holds, if any. Evidence binds; a guess never does. */
  bound(subject: BindingSubject): Binding | undefined;
  /** Tasks that this unbound session might belong to, best first, at most three. */
  candidates(subject: BindingSubject): Binding[];
  /** The user's or our own entry about a session. */
  entry(sessionId: string): LedgerEntry | undefined;
  claimed: Map<string, Claimed>;
}

const within = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`);

export function bindingIndex(
  issues: readonly Issue[],
  ledger: LedgerState,
  branches: ReadonlyMap<string, string>,
): BindingIndex {
  const keys = new Set(issues.map((issue) => issue.key));
  const claimed = claimedSessions(issues);
  const entries = new Map(ledger.entries.map((entry) => [entry.sessionId, entry]));
  const keysByBranch = new Map<string, string[]>();
  for (const [key, branch] of branches) keysByBranch.set(branch, [...(keysByBranch.get(branch) ?? []), key]);

  function bound(subject: BindingSubject): Binding | undefined {
    const entry = entries.get(subject.sessionId);
    if (entry?.key && (entry.evidence === 'started' || entry.evidence === 'linked'))
      return {
        key: entry.key,
        evidence: 'ledger',
        reason: entry.evidence === 'started' ? 'started for this task' : 'linked by you',
      };
    const unlinked = entry?.evidence === 'unlinked';
    const made =
      !unlinked &&
      subject.directory !== undefined &&
      ledger.worktrees.find((one) => one.host === subject.host && within(subject.directory!, one.directory));
    if (made) return { key: made.key, evidence: 'ledger', reason: 'runs in the worktree made for this task' };
    const owner = claimed.get(subject.sessionId)?.owner;
    if (owner && !(unlinked && entry.key === owner.issueKey))
      return { key: owner.issueKey, evidence: 'record', reason: `recorded by ${owner.author.name}` };
    return undefined;
  }

  function candidates(subject: BindingSubject): Binding[] {
    const refused = entries.get(subject.sessionId);
    const found = new Map<string, Binding>();
    const add = (key: string, reason: string): void => {
      if (!keys.has(key) || found.has(key)) return;
      if (refused?.evidence === 'unlinked' && refused.key === key) return;
      found.set(key, { key, evidence: 'candidate', reason });
    };
    for (const key of claimed.get(subject.sessionId)?.others ?? [])
      add(key, 'a later record on this task names it');
    if (subject.branch)
      for (const key of keysByBranch.get(subject.branch) ?? []) add(key, `its branch is ${subject.branch}`);
    for (const [text, what] of [
      [subject.branch, 'branch'],
      [subject.name, 'name'],
      [subject.directory, 'directory'],
      [subject.firstPrompt, 'first prompt'],
    ] as const)
      for (const key of keysIn(text)) add(key, `its ${what} carries ${key}`);
    return [...found.values()].slice(0, 3);
  }

  return { bound, candidates, entry: (id) => entries.get(id), claimed };
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

/** Analysis or implementation, by the title of the record that names the session. */
export function kindOf(claim: RecordClaim | undefined, entry: LedgerEntry | undefined): SessionKind {
  if (entry && entry.kind !== 'other') return entry.kind;
  if (claim?.title.startsWith('AI Implementation')) return 'implementation';
  return claim?.title.startsWith('AI Analysis') ? 'analysis' : 'other';
}
