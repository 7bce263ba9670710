import type { OwedRecord } from '../../model/binding/ledger';
import { isCancelled, UserError } from '../../model/errors';
import { isLinkRecord, type SessionFields } from '../../model/record/linkRecord';
import type { RunOrder } from '../../model/run/order';
import type { RunState } from '../../model/run/run';
import { leftRecords, runRecord, statusOf, type RunTelling } from '../../model/run/settlement/runRecord';
import { ownRecord, removeRecord, writeRecord, type WantedRecord } from '../../sources/jira/records/write';
import type { Jira } from '../../sources/jira/jira';
import type { Ledger } from '../../state/ledger';
import type { IssueWriter, IssueWriterOptions } from './issueWriter';
import { othersOn, type AskingRun, type OthersRun } from './othersRuns';
import type { Outcome } from './outcome';
import { RecordDebts } from './recordDebts';
import { isRefusal, refusal } from './refusal';
import type { RunPlaces } from './runPlaces';

export type { OthersRun };

export interface RunRecordsOptions extends IssueWriterOptions {
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay' | 'reviseRun'>;
  places: Pick<RunPlaces, 'wanted'>;
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

/** Of the session of that id: the run may have gone on in another one since it was asked. */
const recordFor = (sessionId: string, order: RunOrder, telling: RunTelling): SessionFields =>
  leftRecords(order, telling).find((left) => left.sessionId === sessionId) ?? {
    ...runRecord(order, telling),
    sessionId,
  };

const ranks: readonly RecordOutcome['kind'][] = ['unchanged', 'published', 'owed', 'refused'];

/** What came of several records: the worst of it, and since when the first is written. */
function together(outcomes: readonly RecordOutcome[]): RecordOutcome {
  const kind = ranks.findLast((one) => outcomes.some((outcome) => outcome.kind === one)) ?? 'unchanged';
  const notes = [...new Set(outcomes.flatMap((outcome) => outcome.note ?? []))];
  const since = outcomes[0]?.since;
  return {
    kind,
    ...(notes.length > 0 && { note: notes.join(' ') }),
    ...(since !== undefined && { since }),
  };
}

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
  private readonly debts: RecordDebts;

  constructor(
    private readonly options: RunRecordsOptions,
    private readonly writer: IssueWriter,
  ) {
    const { ledger, now = Date.now } = options;
    this.debts = new RecordDebts(ledger, () => writer.jiraHost(), now);
  }

  /** For the start: writes that the run begins, unless a record of ours says more of it already. Rejects only when cancelled. */
  begin(order: RunOrder, state: RunState, signal?: AbortSignal): Promise<RecordOutcome> {
    return this.writer.next(async () => {
      const fields = runRecord(order, { state, docs: [] });
      await this.noteWithdrawn(order, false);
      const owed = await this.debts.of(order, order.sessionId);
      // What is owed already is said of a run that has gone on since.
      if (owed && !isBeginning(order, owed.fields)) return { kind: 'owed', ...note(owed.lastError) };
      return this.bring(order, await this.debts.owe(order, fields), this.beginning(order, fields), signal);
    });
  }

  /**
   * Brings the records of the run's sessions to what it says of itself now: first of those that it left, so that the
   * newest record is that of the session that it is in. Rejects only when cancelled, or where `read` does.
   */
  update({ order, host, read }: RunToRecord, signal?: AbortSignal): Promise<RecordOutcome> {
    return this.writer.next(async () => {
      const telling = await read(signal);
      const outcomes: RecordOutcome[] = [];
      for (const fields of [...leftRecords(order, telling), runRecord(order, telling)]) {
        const { sessionId } = fields;
        const debt = await this.debts.owe(order, fields);
        const wanted: Wanted = async (issueKey) => {
          const now = recordFor(sessionId, order, await read(signal));
          return this.options.places.wanted(now, { order, host, issueKey }, signal);
        };
        outcomes.push(await this.bring(order, debt, wanted, signal));
      }
      return together(outcomes);
    });
  }

  /**
   * Pays a record whose run cannot be asked: what was to be said then, unless somebody has said something since.
   * Rejects only when cancelled.
   */
  payUnasked(order: RunOrder, owed: OwedRecord, signal?: AbortSignal): Promise<RecordOutcome> {
    return this.writer.next(() => {
      const fields = { ...owed.fields, sessionId: owed.sessionId };
      const wanted: Wanted = isBeginning(order, fields)
        ? this.beginning(order, fields)
        : async (issueKey, seen) =>
            seen && !isLinkRecord(seen.record) && seen.updated > owed.createdAt
              ? undefined
              : this.options.places.wanted(fields, { order, host: order.host, issueKey }, signal);
      return this.bring(order, owed, wanted, signal);
    });
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
  async others(order: AskingRun & Pick<RunOrder, 'jira'>, signal?: AbortSignal): Promise<OthersRun[]> {
    return othersOn(await this.writer.jiraOf(order, signal), order, signal);
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

  private async bring(
    order: RunOrder,
    debt: OwedRecord,
    wanted: Wanted,
    signal: AbortSignal | undefined,
  ): Promise<RecordOutcome> {
    const { ledger, log } = this.options;
    const { key } = order;
    const { sessionId } = debt;
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
