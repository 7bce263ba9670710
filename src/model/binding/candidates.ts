import { groupBy } from '../../util/groupBy';
import { isTrunk, projectOf, shortId } from '../names';
import type { Issue } from '../task/issue';
import type { BranchReading } from '../task/task';
import type { BindingIndex, BindingSubject } from './binding';
import type { LedgerWorktree } from './ledger';
import { placeOf, plain, upwards } from './directories';

/** A task that a session might belong to. It is shown, and binds nothing until the user says so. */
export interface Candidate {
  key: string;
  /** How well it fits, 1 to 100. */
  score: number;
  /** The best two signs, in words, and what speaks against it. */
  reason: string;
}

/** A relative whose task is known: what the session was copied from, or goes on from. */
export interface Kinship {
  sessionId: string;
  how: 'a fork of' | 'continues' | 'begun by /clear in';
  key: string;
}

export interface CandidateIndex {
  /** Tasks that this session might belong to, best first, at most three. */
  of(subject: BindingSubject, kinship?: Kinship): Candidate[];
}

export interface CandidateInput {
  issues: readonly Issue[];
  binding: BindingIndex;
  /** Branch that each task is expected to have, by key. */
  branchNames: ReadonlyMap<string, string>;
  branches: ReadonlyMap<string, BranchReading>;
  worktrees: readonly LedgerWorktree[];
}

/** How much each sign says by itself, in percent. Several add up as independent witnesses do. */
const weights = {
  record: 80,
  'a fork of': 75,
  continues: 75,
  taskBranch: 60,
  branch: 50,
  directory: 45,
  name: 35,
  firstPrompt: 35,
  'begun by /clear in': 30,
  /** A prompt that lists keys is about none of them more than about another. */
  listed: 20,
} as const;

/** What is added or taken away once there is a sign, in points. */
const adjustments = { repository: 8, otherRepository: -15, commits: 6, beforeIssue: -30 } as const;

const shownAtLeast = 15;
const perSession = 3;
const day = 86_400_000;

interface Sign {
  weight: number;
  words: string;
}

export function candidateIndex(input: CandidateInput): CandidateIndex {
  const { binding, branchNames, branches } = input;
  const issues = new Map(input.issues.map((issue) => [issue.key, issue]));
  const keysByBranch = groupBy(branchNames, ([, branch]) => branch);
  const isOwn = repositoryTeller(branches, input.worktrees);

  function signsOf(subject: BindingSubject, kinship: Kinship | undefined): Map<string, Sign[]> {
    const signs = new Map<string, Sign[]>();
    const add = (key: string, weight: number, words: string): void => {
      if (!issues.has(key)) return;
      const known = signs.get(key);
      if (known) known.push({ weight, words });
      else signs.set(key, [{ weight, words }]);
    };
    const claim = binding.claimed.get(subject.sessionId);
    if (claim && binding.isBackdated(claim, subject))
      add(claim.record.issueKey, weights.record, 'a comment that was edited names it');
    for (const key of claim?.others ?? []) add(key, weights.record, 'a later record on this task names it');
    if (kinship)
      add(
        kinship.key,
        weights[kinship.how],
        `it is ${kinship.how === 'continues' ? 'a continuation of' : kinship.how} ${shortId(kinship.sessionId)} of this task`,
      );
    const { branch } = subject;
    const own = branch !== undefined && !isTrunk(branch) ? keysByBranch.get(branch) : undefined;
    const exact = new Set(own?.map(([key]) => key));
    for (const key of exact) add(key, weights.taskBranch, `its branch is ${branch}`);
    for (const { source, keys } of mentionsOf(subject))
      for (const key of keys)
        if (source !== 'branch' || !exact.has(key))
          add(key, keys.length > 2 ? weights.listed : weights[source], `its ${words[source]} carries ${key}`);
    return signs;
  }

  function judged(key: string, signs: Sign[], subject: BindingSubject): Candidate {
    const issue = issues.get(key);
    const best = signs.toSorted((a, b) => b.weight - a.weight);
    const sure = 100 * (1 - best.reduce((doubt, { weight }) => doubt * (1 - weight / 100), 1));
    const early = issue && subject.firstActivity !== undefined && issue.created - subject.firstActivity > day;
    const own = isOwn(subject, key);
    const committedAt = branches.get(key)?.branch?.committedAt;
    const score =
      sure +
      (early ? adjustments.beforeIssue : 0) +
      (own === undefined ? 0 : own ? adjustments.repository : adjustments.otherRepository) +
      (committedAt !== undefined && fallsInto(committedAt, subject) ? adjustments.commits : 0);
    const against = [
      ...(early ? ['it began before the task was created'] : []),
      ...(own === false ? ["it is in another project's repository"] : []),
    ];
    const reason = best
      .slice(0, 2)
      .map(({ words }) => words)
      .join(' and ');
    return {
      key,
      score: Math.max(0, Math.min(100, Math.round(score))),
      reason: against.length > 0 ? `${reason}, though ${against.join(' and ')}` : reason,
    };
  }

  return {
    of: (subject, kinship) =>
      [...signsOf(subject, kinship)]
        .filter(([key]) => !binding.isUnlinked(subject, key))
        .map(([key, signs]) => judged(key, signs, subject))
        .filter(({ score }) => score >= shownAtLeast)
        .sort((a, b) => b.score - a.score)
        .slice(0, perSession),
  };
}

/** The branch's last commit was made while the session went on, or within a day of it. */
function fallsInto(at: number, { firstActivity, lastActivity }: BindingSubject): boolean {
  const from = firstActivity ?? lastActivity;
  const to = lastActivity ?? firstActivity;
  return from !== undefined && to !== undefined && at > from - day && at < to + day;
}

/**
 * Tells whether a session's directory lies in a repository of the task's project, or only in those of others;
 * undefined where it lies in none that is known. Projects of one repository share it.
 */
function repositoryTeller(
  branches: ReadonlyMap<string, BranchReading>,
  worktrees: readonly LedgerWorktree[],
): (subject: BindingSubject, key: string) => boolean | undefined {
  const projects = new Map<string, Set<string>>();
  const add = (host: string, directory: string, key: string): void => {
    const place = placeOf(host, plain(directory));
    projects.set(place, (projects.get(place) ?? new Set()).add(projectOf(key)));
  };
  for (const [key, { branch }] of branches) {
    if (!branch) continue;
    add(branch.host, branch.directory, key);
    if (branch.worktree) add(branch.host, branch.worktree.directory, key);
  }
  for (const { host, directory, key } of worktrees) add(host, directory, key);
  return ({ host, directory }, key) => {
    const around = upwards(directory ?? '').flatMap((at) => projects.get(placeOf(host, at)) ?? []);
    return around.length === 0 ? undefined : around.some((of) => of.has(projectOf(key)));
  };
}

const words = {
  branch: 'branch',
  directory: 'directory',
  name: 'name',
  firstPrompt: 'first prompt',
} as const;

interface Mentions {
  source: keyof typeof words;
  keys: string[];
}

/** Reading texts is what costs: a subject that is still the same object is read once. */
const mentions = new WeakMap<BindingSubject, Mentions[]>();

function mentionsOf(subject: BindingSubject): Mentions[] {
  const known = mentions.get(subject);
  if (known) return known;
  const { branch, directory, name, firstPrompt } = subject;
  // Claude names a session after a prompt, cut: the same words do not count twice.
  const isPrompt = name?.endsWith('…') ? firstPrompt?.startsWith(name.slice(0, -1)) : name === firstPrompt;
  const ownName = isPrompt ? undefined : name;
  const found = Object.entries({ branch, directory, name: ownName, firstPrompt })
    .map(([source, text]) => ({ source: source as Mentions['source'], keys: keysIn(text) }))
    .filter(({ keys }) => keys.length > 0);
  mentions.set(subject, found);
  return found;
}

/** Issue keys that stand in a text as words of their own, each once. */
function keysIn(text: string | undefined): string[] {
  if (!text || !/-[1-9]/.test(text)) return [];
  const found = text
    .slice(0, 2000)
    .matchAll(/(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,9}(?![0-9A-Za-z_])/g);
  return [...new Set([...found].slice(0, 20).map((match) => match[0]))];
}
