import { randomUUID } from 'node:crypto';
import type { OwedRecord } from '../../model/binding/ledger';
import { isCancelled, UserError } from '../../model/errors';
import { isLinkRecord, type SessionFields } from '../../model/record/linkRecord';
import { mergeClaims } from '../../model/record/merge';
import type { RunOrder } from '../../model/run/order';
import type { RunState } from '../../model/run/run';
import { runRecord, statusOf, titleOf, type RunTelling } from '../../model/run/settlement/runRecord';
import { claimsOf } from '../../sources/jira/comments';
import { ownRecord, removeRecord, writeRecord, type WantedRecord } from '../../sources/jira/records/write';
import type { Jira } from '../../sources/jira/jira';
import type { Ledger } from '../../state/ledger';
import type { IssueWriter, IssueWriterOptions } from './issueWriter';
import type { Outcome } from './outcome';
import { isRefusal, refusal } from './refusal';
import type { RunPlaces } from './runPlaces';

export interface RunRecordsOptions extends IssueWriterOptions {
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay' | 'reviseRun'>;
  places: Pick<RunPlaces, 'wanted'>;
}

/** Another session that somebody works in on the same issue, as its record says. */
export interface OthersRun {
  sessionId: string;
  /** Who wrote that, by Jira's word. */
  by: string;
  /** It is our own account. */
  mine: boolean;
  /** When its record was written first, by Jira's clock: epoch ms. */
  at: number;
  host?: string;
  /** Its record stood there before ours; true while we have none. */
  earlier: boolean;
}

/** A run whose record is written: our name of its host, and how it stands at the moment of asking. */
export interface RunToRecord {
  order: RunOrder;
  host: string;
  /** Asked before and after each write, so that nothing older overwrites what is newer. */
  read(signal?: AbortSignal): Promise<RunTelling>;
}

/** `since`: when our comment was written first, by Jira's clock. */
export type RecordOutcome = Outcome & { since?: number };

/** `issueKey`: what the issue is called today. */
type Wanted = (issueKey: string, seen: OwnSeen) => Promise<WantedRecord | undefined>;
type OwnSeen = ReturnType<typeof ownRecord>;

/** True for a record that says only that the run begins. */
const isBeginning = ({ kind }: RunOrder, { status }: Pick<SessionFields, 'status'>): boolean =>
  status === statusOf(kind, { kind: 'starting', reached: 'record' });

const note = (text: string | undefined): { note?: string } => (text === undefined ? {} : { note: text });

/**
 * Records of runs on their issues: one comment per session and author, edited in place as the run goes on. Each is
 * owed to the ledger before it is tried, so that a kill at any moment leaves a debt and no lie.
 */
export class RunRecords {
  private readonly now: () => number;

  constructor(
    private readonly options: RunRecordsOptions,
    private readonly writer: IssueWriter,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** For the start: writes that the run begins, unless a record of ours says more of it already. Rejects only when cancelled. */
  begin(order: RunOrder, state: RunState, signal?: AbortSignal): Promise<RecordOutcome> {
    return this.writer.next(async () => {
      const fields = runRecord(order, { state, docs: [] });
      await this.noteWithdrawn(order, false);
      const owed = await this.owedFor(order);
      // What is owed already is said of a run that has gone on since.
      if (owed && !isBeginning(order, owed.fields)) return { kind: 'owed', ...note(owed.lastError) };
      return this.bring(order, await this.owe(order, fields), this.beginning(order, fields), signal);
    });
  }

  /** Brings the record to what the run says of itself now. Rejects only when cancelled, or where `read` does. */
  update({ order, host, read }: RunToRecord, signal?: AbortSignal): Promise<RecordOutcome> {
    return this.writer.next(async () => {
      const fields = async (): Promise<SessionFields> => runRecord(order, await read(signal));
      const debt = await this.owe(order, await fields());
      return this.bring(
        order,
        debt,
        async (issueKey) => this.options.places.wanted(await fields(), { order, host, issueKey }, signal),
        signal,
      );
    });
  }

  /**
   * Pays a record whose run cannot be asked: what was to be said then, unless somebody has said something since.
   * Rejects only when cancelled.
   */
  payUnasked(order: RunOrder, owed: OwedRecord, signal?: AbortSignal): Promise<RecordOutcome> {
    return this.writer.next(() => {
      const fields = { ...owed.fields, sessionId: order.sessionId };
      const wanted: Wanted = isBeginning(order, fields)
        ? this.beginning(order, fields)
        : async (issueKey, seen) =>
            seen && !isLinkRecord(seen.record) && seen.updated > owed.createdAt
              ? undefined
              : this.options.places.wanted(fields, { order, host: order.host, issueKey }, signal);
      return this.bring(order, owed, wanted, signal);
    });
  }

  /** What is owed to this Jira of a run's record. */
  async owedFor({
    id,
    sessionId,
    jira,
  }: Pick<RunOrder, 'id' | 'sessionId' | 'jira'>): Promise<OwedRecord | undefined> {
    const { owed } = await this.options.ledger.read();
    return owed.find(
      (write): write is OwedRecord =>
        write.kind === 'record' &&
        write.runId === id &&
        write.sessionId === sessionId &&
        write.jira === (jira ?? this.writer.jiraHost()),
    );
  }

  /**
   * Takes our record of the run back, also an owed one. `note`: why something of it stays, which trying again does not
   * change. Throws UserError where it may.
   */
  withdraw(order: RunOrder, signal?: AbortSignal): Promise<{ kind: 'withdrawn' | 'none'; note?: string }> {
    return this.writer.next(async () => {
      const { ledger } = this.options;
      // First: who is just writing it sees that it is not wanted any more.
      await this.noteWithdrawn(order, true);
      const { owed } = await ledger.read();
      for (const write of owed) if (write.runId === order.id) await ledger.paid(write.id);
      try {
        const jira = await this.writer.jiraOf(order, signal);
        const { deleted, edited, left, thread } = await removeRecord(
          jira,
          order.key,
          order.sessionId,
          signal,
        );
        if (deleted + edited > 0) await this.writer.wrote(jira, order.key, thread, signal);
        return {
          kind: deleted + edited > 0 ? 'withdrawn' : 'none',
          ...(left.length > 0 && {
            note: `A comment of yours on ${order.key} names the run between other words. Edit it in Jira.`,
          }),
        };
      } catch (error) {
        const said = refusal(error, `The record on ${order.key} was not withdrawn`, 'try again');
        if (!isRefusal(error) || !(said instanceof UserError)) throw said;
        return { kind: 'none', note: said.line };
      }
    });
  }

  /** Unfinished runs of other sessions on the issue, earliest first, read fresh. Throws JiraError where it cannot be read. */
  async others(
    order: Pick<RunOrder, 'key' | 'kind' | 'sessionId' | 'reviewId' | 'jira'>,
    signal?: AbortSignal,
  ): Promise<OthersRun[]> {
    const jira = await this.writer.jiraOf(order, signal);
    const { comments } = await jira.thread(order.key, signal);
    const { sessions } = mergeClaims(comments.flatMap((comment) => claimsOf(comment, order.key)));
    const unfinished = titleOf(order.kind, { kind: 'starting', reached: 'record' });
    const own = sessions.findIndex(({ sessionId }) => sessionId === order.sessionId);
    return sessions.flatMap((session, at): OthersRun[] => {
      const { sessionId, title, claims, created, host } = session;
      const isOwn = sessionId === order.sessionId || sessionId === order.reviewId;
      const [first] = claims;
      if (isOwn || !first || title !== unfinished || isLinkRecord(session)) return [];
      return [
        {
          sessionId,
          by: first.author.name,
          mine: first.author.id === jira.connection.user.id,
          at: created,
          ...(host !== undefined && { host }),
          earlier: own < 0 || at < own,
        },
      ];
    });
  }

  /** That a run begins is said where nothing was said of it: anything else is newer. */
  private beginning(order: RunOrder, fields: SessionFields): Wanted {
    return async (issueKey, seen) =>
      seen && !isLinkRecord(seen.record) && !isBeginning(order, seen.record)
        ? undefined
        : this.options.places.wanted(fields, { order, host: order.host, issueKey });
  }

  private async noteWithdrawn({ id }: RunOrder, withdrawn: boolean): Promise<void> {
    const { ledger } = this.options;
    const known = (await ledger.read()).runs.find(({ order }) => order.id === id);
    if (known && (known.withdrawn ?? false) !== withdrawn)
      await ledger.reviseRun(id, (before) => before && { ...before, withdrawn });
  }

  private async isWithdrawn({ id }: RunOrder): Promise<boolean> {
    const { runs } = await this.options.ledger.read();
    return runs.some((run) => run.order.id === id && run.withdrawn === true);
  }

  /** The issue may have moved to another project; where it is listed by this key, nobody need be asked. */
  private async keyToday(jira: Jira, order: RunOrder, signal?: AbortSignal): Promise<string> {
    const listed = this.options.store.snapshot.tasks.find(({ key }) => key === order.key);
    const { id, key } = listed ?? (await jira.issueName(order.key, signal));
    this.writer.sameIssue(order, id);
    return key;
  }

  private async owe(order: RunOrder, fields: SessionFields): Promise<OwedRecord> {
    const jira = order.jira ?? this.writer.jiraHost();
    const known = await this.owedFor(order);
    const write: OwedRecord = {
      // A new one each time: another window that pays the one before does not pay this one.
      id: randomUUID(),
      kind: 'record',
      ...(jira !== undefined && { jira }),
      issueKey: order.key,
      sessionId: order.sessionId,
      runId: order.id,
      fields,
      createdAt: this.now(),
      attempts: known?.attempts ?? 0,
      ...(known?.triedAt !== undefined && { triedAt: known.triedAt }),
    };
    await this.options.ledger.owe(write);
    return write;
  }

  private async bring(
    order: RunOrder,
    debt: OwedRecord,
    wanted: Wanted,
    signal: AbortSignal | undefined,
  ): Promise<RecordOutcome> {
    const { ledger, log } = this.options;
    const { key, sessionId } = order;
    try {
      if (await this.isWithdrawn(order)) {
        await ledger.paid(debt.id);
        return { kind: 'unchanged' };
      }
      const jira = await this.writer.jiraOf(order, signal);
      const issueKey = await this.keyToday(jira, order, signal);
      let since: number | undefined;
      const written = await writeRecord(
        jira,
        {
          issueKey,
          wanted: (thread) => {
            const seen = ownRecord(jira, thread, sessionId);
            since = seen?.created;
            return wanted(issueKey, seen);
          },
        },
        signal,
      );
      const isUnwanted = written.changed && (await this.isWithdrawn(order));
      const { thread } = isUnwanted ? await removeRecord(jira, issueKey, sessionId, signal) : written;
      const { problem, isPassing: later } = await this.writer.wrote(jira, issueKey, thread, signal);
      const what = { ...(since !== undefined && { since }), ...note(problem) };
      if (later) {
        await ledger.failedToPay(debt.id, problem ?? '');
        return { kind: 'owed', ...what };
      }
      await ledger.paid(debt.id);
      return { kind: written.changed && !isUnwanted ? 'published' : 'unchanged', ...what };
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      const refused = isRefusal(error);
      const said = refused ? refusal(error, `The record was not written on ${key}`, 'settle again') : error;
      const line = said instanceof UserError ? said.line : error.line;
      log.warn(`${key}: ${line}`);
      await ledger.failedToPay(debt.id, line, { refused });
      return { kind: refused ? 'refused' : 'owed', note: line };
    }
  }
}
