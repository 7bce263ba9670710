import { isCancelled } from '../../../model/errors';
import type { Issue } from '../../../model/task/issue';
import { silentLog } from '../../../util/log';
import type { Log } from '../../../util/log';
import { Backoff } from './backoff';
import { elapsed, systemClock } from './clock';
import type { Instant } from './clock';
import type { SearchOptions, SearchResult } from '../jira';
import { updatedWithin } from '../jql';
import { IssueCompleter } from './completion';
import { inOrder, isNews, merged } from './taskList';

/** What the poller asks of Jira. */
export interface PollSource {
  search(jql: string, options: SearchOptions): Promise<SearchResult<Issue>>;
  searchIds(jql: string, options: SearchOptions): Promise<SearchResult<{ id: string }>>;
  withAllComments(issue: Issue, signal?: AbortSignal): Promise<Issue>;
  /** Undefined where there is more than is read. */
  statusChanges(key: string, signal?: AbortSignal): Promise<Issue['transitions']>;
  /** Fails if Jira takes us for a stranger. */
  me(signal?: AbortSignal): Promise<unknown>;
}

/** What the last good answers left us with. */
export interface Memory {
  jql: string;
  /** In the query's order. */
  issues: readonly Issue[];
  truncated: boolean;
  /** When the last good poll began. */
  asked: Instant;
  /** When the whole list was last read: with all fields, and by ids at least. */
  readFull: Instant;
  readIds: Instant;
  /** Polls since `readIds`. */
  polls: number;
}

export type Step = { kind: 'full' } | { kind: 'changes'; minutes: number; withIds: boolean };

const minute = 60_000;

export const pollRules = {
  /** Read again beyond what passed since the last answer: minute precision, and search that lags behind. */
  overlapMinutes: 3,
  /** After a longer silence everything is read again. */
  longestGapMs: 60 * minute,
  /** And so it is now and then, for what changes without `updated`. */
  fullEveryMs: 6 * 60 * minute,
  /** The ids of the whole list are read again by whichever comes first: tasks that left the filter leave the list. */
  idsEveryMs: 15 * minute,
  idsEveryPolls: 10,
  /** How long search is told of our own edits. */
  editsMs: 10 * minute,
};

/** What to ask next. */
export function nextStep(memory: Memory | undefined, jql: string, now: Instant): Step {
  if (!memory || memory.jql !== jql) return { kind: 'full' };
  const gap = elapsed(memory.asked, now);
  if (gap > pollRules.longestGapMs || elapsed(memory.readFull, now) > pollRules.fullEveryMs)
    return { kind: 'full' };
  return {
    kind: 'changes',
    minutes: Math.ceil(gap / minute) + pollRules.overlapMinutes,
    withIds:
      memory.polls + 1 >= pollRules.idsEveryPolls || elapsed(memory.readIds, now) >= pollRules.idsEveryMs,
  };
}

export interface PollerOptions {
  /** The user's query; asked for each time, since settings change. */
  jql: () => string;
  log?: Log;
  clock?: () => Instant;
  random?: () => number;
}

export interface Polled {
  /** All tasks, in the query's order. */
  issues: readonly Issue[];
  /** False: the same list as the time before. */
  changed: boolean;
  /** True where the query finds more than we read. */
  truncated: boolean;
}

/**
 * Keeps the list of tasks up to date with few requests: everything once, then only what changed. It has no timer:
 * whoever owns it calls `refresh`, and pauses by not calling. A failed refresh leaves the memory as it was, so that
 * the next one asks for all that was missed.
 */
export class Poller {
  private memory: Memory | undefined;
  private tail: Promise<unknown> = Promise.resolve();
  private readonly edits = new Map<string, Instant>();
  private readonly clock: () => Instant;
  private readonly backoff: Backoff;
  private readonly comments: IssueCompleter;
  private readonly approvals: IssueCompleter;

  constructor(
    private readonly source: PollSource,
    private readonly options: PollerOptions,
  ) {
    const { clock = systemClock, random, log = silentLog } = options;
    this.clock = clock;
    this.backoff = new Backoff({ clock, ...(random ? { random } : {}) });
    this.comments = new IssueCompleter(
      {
        what: 'comments',
        // The index is no substitute: only comments carry authors.
        needs: ({ comments }) => comments.read < comments.total,
        read: (issue, signal) => source.withAllComments(issue, signal),
      },
      log,
    );
    this.approvals = new IssueCompleter(
      {
        what: 'changelog',
        // Who moved the issue is what proves an approval; nothing else needs the changelog.
        needs: ({ claims }) => claims.some((claim) => claim.title === 'Approved for Implementation'),
        read: async (issue, signal) => {
          const transitions = await source.statusChanges(issue.key, signal);
          return transitions ? { ...issue, transitions } : withoutTransitions(issue);
        },
      },
      log,
    );
  }

  /**
   * The tasks as they are now; calls wait for each other. `full` reads everything again, and does so at once even
   * after failures, unless Jira itself asked for a pause. Throws JiraError or CancelledError.
   */
  refresh(options: { full?: boolean; signal?: AbortSignal } = {}): Promise<Polled> {
    const next = this.tail.then(() => this.run(options));
    this.tail = next.catch(() => undefined);
    return next;
  }

  /** When to call next, ms: every `pollMs` while all is well, in trouble when the next attempt makes sense. */
  delayMs(pollMs: number): number {
    return this.backoff.waitMs || pollMs;
  }

  /** Tells of an issue that we just wrote to, so that search shows it as it is (Cloud's search lags behind). */
  noteEdit(issueId: string): void {
    if (!/^\d+$/.test(issueId)) return;
    this.edits.delete(issueId);
    this.edits.set(issueId, this.clock());
  }

  private async run({ full = false, signal }: { full?: boolean; signal?: AbortSignal }): Promise<Polled> {
    this.backoff.check(full);
    const before = this.memory;
    try {
      const jql = this.options.jql();
      const now = this.clock();
      const step: Step = full ? { kind: 'full' } : nextStep(before, jql, now);
      const read =
        before && step.kind === 'changes'
          ? await this.readChanges(before, step, now, signal)
          : await this.readAll(jql, now, signal);
      const inFull = await this.comments.complete(read.issues, signal);
      this.memory = { ...read, issues: await this.approvals.complete(inFull, signal) };
      this.backoff.succeeded();
    } catch (error) {
      if (!isCancelled(error)) this.backoff.failed(error);
      throw error;
    }
    const { issues, truncated } = this.memory;
    const changed = !before || before.jql !== this.memory.jql || !sameList(before.issues, issues);
    return { issues: changed ? issues : before.issues, changed, truncated };
  }

  private async readAll(jql: string, now: Instant, signal?: AbortSignal): Promise<Memory> {
    const { items, truncated } = await this.source.search(jql, { signal, edited: this.edited(now) });
    if (items.length === 0) await this.source.me(signal);
    const issues = merged(this.memory?.issues ?? [], items);
    return { jql, issues, truncated, asked: now, readFull: now, readIds: now, polls: 0 };
  }

  private async readChanges(
    before: Memory,
    { minutes, withIds }: Extract<Step, { kind: 'changes' }>,
    now: Instant,
    signal?: AbortSignal,
  ): Promise<Memory> {
    const options = { signal, edited: this.edited(now) };
    const found = await this.source.search(updatedWithin(before.jql, minutes), options);
    const known = new Map(before.issues.map((issue) => [issue.id, issue]));
    const news = found.items.filter((issue) => isNews(known.get(issue.id), issue));
    const memory = { ...before, asked: now, polls: before.polls + 1 };
    if (news.length === 0 && !withIds) return memory;
    // With news the order may differ, and tasks may have left the filter: one more request, and both are right.
    const { items, truncated } = await this.source.searchIds(before.jql, options);
    if (items.length === 0) await this.source.me(signal);
    for (const issue of merged(before.issues, news)) known.set(issue.id, issue);
    const ids = items.map((item) => item.id);
    const unknown = ids.filter((id) => !known.has(id));
    for (const issue of await this.byIds(unknown, options)) known.set(issue.id, issue);
    return { ...memory, issues: inOrder(ids, known), truncated, readIds: now, polls: 0 };
  }

  /** Tasks that entered the list without having changed: by a permission, a sprint, an edited filter. */
  private async byIds(ids: readonly string[], options: SearchOptions): Promise<Issue[]> {
    const all: Issue[] = [];
    for (let at = 0; at < ids.length; at += 100)
      all.push(...(await this.source.search(`id in (${ids.slice(at, at + 100).join(',')})`, options)).items);
    return all;
  }

  private edited(now: Instant): string[] {
    for (const [id, at] of this.edits) if (elapsed(at, now) > pollRules.editsMs) this.edits.delete(id);
    return [...this.edits.keys()].slice(-50);
  }
}

function withoutTransitions(issue: Issue): Issue {
  const read = { ...issue };
  delete read.transitions;
  return read;
}

const sameList = (a: readonly Issue[], b: readonly Issue[]): boolean =>
  a.length === b.length && a.every((issue, at) => issue === b[at]);
