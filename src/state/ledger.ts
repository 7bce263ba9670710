import { join } from 'node:path';
import {
  ledgerEntrySchema,
  type LedgerContent,
  type LedgerEntry,
  type LedgerState,
  type LedgerWorktree,
  type AcceptedPrompt,
  type OwedWrite,
} from '../model/binding/ledger';
import type { PullRequestNote } from '../model/gate/pullRequest';
import type { ReviewMark } from '../model/gate/review/reviewMark';
import { ledgerRunSchema, type LedgerRun } from '../model/run/order';
import { Generations } from './generations';
import type { Log } from '../util/log';
import { listAside } from './damaged';
import {
  changeEntry,
  contentOf,
  ledgerFormat,
  merged,
  unreadRows,
  withMarks,
  withoutMarks,
  withPullRequest,
  type LedgerFile,
} from './ledgerFile';

type SessionOnHost = Pick<LedgerEntry, 'sessionId' | 'host'>;

export interface LedgerOptions {
  now?(): number;
  log?: Log;
}

/** How the ledger's files are, for `doctor`. */
export interface LedgerCondition {
  directory: string;
  entries: number;
  owed: number;
  /** Rows of a later version, or spoilt: kept, not read. */
  unread: number;
  /** A newer Task Sessions wrote it: it is read as far as we can, and not written. */
  newer: boolean;
  /** Damaged files still in their place; the next write sets them aside. */
  damaged: number;
  /** Damaged files that were set aside, newest first. */
  aside: string[];
  /** Not one file was whole, and nobody has rebuilt it since. */
  lost: boolean;
}

/** What is owed twice, is owed once. */
const sameDebt = ['kind', 'jira', 'issueKey', 'sessionId', 'branch'];

/**
 * What we started, linked, named, read and owe: one truth for every window and the command line (CONTRIBUTING,
 * "Identity"). Every change may be repeated without harm. Its size is bounded by what people did: started, linked,
 * unlinked, named and published sessions are kept for ever, of merely seen ones the newest (`seenKept`).
 */
export class Ledger {
  private readonly store: Generations<LedgerFile>;
  private readonly now: () => number;
  private readonly log: Log | undefined;
  private saidLost = false;

  constructor(stateDirectory: string, { now = Date.now, log }: LedgerOptions = {}) {
    this.now = now;
    this.log = log;
    this.store = new Generations(join(stateDirectory, 'ledger'), ledgerFormat, {
      onDamaged: (path) =>
        log?.error(
          `A damaged file of the ledger was set aside: ${path}. Run task-sessions doctor to see what is missing.`,
        ),
    });
  }

  async read(): Promise<LedgerContent> {
    const { value, lost } = await this.store.newest();
    if (lost && !this.saidLost)
      this.log?.error(
        `No file of the ledger in ${this.store.directory} is whole. Run task-sessions doctor --rebuild.`,
      );
    this.saidLost = lost;
    return contentOf(value);
  }

  async condition(): Promise<LedgerCondition> {
    const { value, version, damaged, lost } = await this.store.newest();
    const { entries, owed } = contentOf(value);
    return {
      directory: this.store.directory,
      entries: entries.length,
      owed: owed.length,
      unread: unreadRows(value),
      newer: version > ledgerFormat.version,
      damaged: damaged.length,
      aside: await listAside(this.store.directory),
      lost: lost || value.lostAt !== undefined,
    };
  }

  /** Adds the entry, or merges it over the one of the same session and host. `seen` takes no earlier word back. */
  async remember(entry: LedgerEntry): Promise<void> {
    const updatedAt = this.now();
    await this.store.update((file) =>
      changeEntry(file, entry, (before) => merged(before, { ...entry, updatedAt })),
    );
  }

  /**
   * Changes what is known at the very moment of writing, so that the words of two windows add up: `revised` is pure and
   * may run again. Answers what it wrote.
   */
  async revise(
    session: SessionOnHost,
    revised: (before: LedgerEntry | undefined) => LedgerEntry,
  ): Promise<LedgerEntry> {
    const updatedAt = this.now();
    let written: LedgerEntry | undefined;
    await this.store.update((file) =>
      changeEntry(file, session, (before) => {
        written = { ...revised(ledgerEntrySchema.safeParse(before).data), updatedAt };
        return { ...before, ...written };
      }),
    );
    return written!;
  }

  /** Puts an entry as it stands in the place of what is known, or takes it away: to undo. */
  async restore(session: SessionOnHost, entry: LedgerEntry | undefined): Promise<void> {
    await this.store.update((file) => changeEntry(file, session, () => entry));
  }

  /** The user's own name for a session; undefined takes it back. */
  rename(sessionId: string, host: string, name: string | undefined): Promise<void> {
    return this.note({ sessionId, host }, { name });
  }

  /** The record that we wrote for a session; undefined when it was withdrawn. */
  notePublished(sessionId: string, host: string, published: LedgerEntry['published']): Promise<void> {
    return this.note({ sessionId, host }, { published });
  }

  async rememberWorktree(worktree: LedgerWorktree): Promise<void> {
    await this.store.update((file) => ({
      ...file,
      worktrees: [
        ...file.worktrees.filter((one) => one.host !== worktree.host || one.directory !== worktree.directory),
        worktree,
      ],
    }));
  }

  /** Puts a new run of ours in, unless one that rivals it is there at the very moment: then answers that one. */
  async beginRun(run: LedgerRun, isRival: (other: LedgerRun) => boolean): Promise<LedgerRun> {
    let answer = run;
    await this.store.update((file) => {
      const { runs } = contentOf(file);
      const there = runs.find(({ order }) => order.id === run.order.id) ?? runs.find(isRival);
      answer = there ?? { ...run, updatedAt: this.now() };
      return there ? file : { ...file, runs: [...(file.runs ?? []), answer] };
    });
    return answer;
  }

  /** Puts a run of ours in, or changes it at the very moment of writing: `revised` is pure and may run again. */
  async reviseRun(
    id: string,
    revised: (before: LedgerRun | undefined) => LedgerRun | undefined,
  ): Promise<LedgerRun | undefined> {
    let written: LedgerRun | undefined;
    await this.store.update((file) => {
      const runs = file.runs ?? [];
      const isIt = (one: Record<string, unknown>): boolean =>
        (one.order as { id?: unknown } | undefined)?.id === id;
      const raw = runs.find(isIt);
      const after = revised(ledgerRunSchema.safeParse(raw).data);
      written = after && { ...after, updatedAt: this.now() };
      return {
        ...file,
        runs: [...runs.filter((one) => !isIt(one)), ...(written ? [{ ...raw, ...written }] : [])],
      };
    });
    return written;
  }

  /** The user has read a repository's own prompt and takes it, in exactly this form. */
  async acceptPrompt(prompt: AcceptedPrompt): Promise<void> {
    await this.store.update((file) => ({
      ...file,
      accepted: [...(file.accepted ?? []).filter((one) => one.blob !== prompt.blob), prompt],
    }));
  }

  /** The user has read these versions of documents. */
  async markReviewed(marks: readonly ReviewMark[]): Promise<void> {
    await this.store.update((file) => withMarks(file, marks));
  }

  /** Takes that back. */
  async unmarkReviewed(documents: readonly Pick<ReviewMark, 'jira' | 'key' | 'path'>[]): Promise<void> {
    await this.store.update((file) => withoutMarks(file, documents));
  }

  /** What is known of a task's pull request now. */
  async notePullRequest(note: PullRequestNote): Promise<void> {
    await this.store.update((file) => withPullRequest(file, note));
  }

  /** Notes a write that Jira has not taken. A newer one for the same session or branch, and issue, takes the older one's place. */
  async owe(write: OwedWrite): Promise<void> {
    const fields: Record<string, unknown> = write;
    const isOther = (one: Record<string, unknown>): boolean =>
      one.id !== write.id && sameDebt.some((field) => one[field] !== fields[field]);
    await this.store.update((file) => ({ ...file, owed: [...file.owed.filter(isOther), write] }));
  }

  async paid(id: string): Promise<void> {
    await this.store.update((file) => ({ ...file, owed: file.owed.filter((one) => one.id !== id) }));
  }

  /** Counts an attempt that failed. What is not owed any more stays so. `refused`: Jira decided so. */
  async failedToPay(id: string, error: string, { refused = false } = {}): Promise<void> {
    const triedAt = this.now();
    const lastError = error.slice(0, 500);
    await this.store.update((file) => ({
      ...file,
      owed: file.owed.map((one) => {
        if (one.id !== id) return one;
        const { refused: _, attempts, ...rest } = one;
        const counted = { ...rest, attempts: Number(attempts ?? 0) + 1, triedAt, lastError };
        return refused ? { ...counted, refused: true } : counted;
      }),
    }));
  }

  /**
   * Adds what other places tell of the lost ledger to what has been written since, which knows better. While not every
   * place has told (`whole` false), it counts as lost still.
   */
  async rebuild(found: LedgerState, whole: boolean): Promise<void> {
    await this.store.update((file) => {
      const { entries, worktrees } = contentOf(file);
      const isNew = (one: LedgerEntry): boolean =>
        !entries.some(({ sessionId, host }) => sessionId === one.sessionId && host === one.host);
      const isUnknown = (one: LedgerWorktree): boolean =>
        !worktrees.some(({ directory, host }) => directory === one.directory && host === one.host);
      return {
        ...file,
        entries: [...file.entries, ...found.entries.filter(isNew)],
        worktrees: [...file.worktrees, ...found.worktrees.filter(isUnknown)],
        lostAt: whole ? undefined : file.lostAt,
      };
    });
  }

  private async note(session: SessionOnHost, fields: Partial<LedgerEntry>): Promise<void> {
    const now = this.now();
    const begun = { ...session, evidence: 'seen', flags: [], kind: 'other', createdAt: now };
    await this.store.update((file) =>
      changeEntry(file, session, (before) => ({ ...(before ?? begun), ...fields, updatedAt: now })),
    );
  }
}
