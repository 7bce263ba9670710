import type { OwedStatus, OwedWrite } from '../../model/binding/ledger';
import { errorLine, isCancelled, UserError } from '../../model/errors';
import type { RecordClaim } from '../../model/record/record';
import { isAnnouncedBy, isDue, isLive, staleClaim, standing } from '../../model/run/settlement/due';
import { runOf } from '../../model/run/progress';
import type { Run, RunReading } from '../../model/run/run';
import { phaseFor } from '../../model/run/settlement/runRecord';
import type { Ledger } from '../../state/ledger';
import type { Log } from '../../util/log';
import { notSignedIn, type JiraAccount } from '../account';
import type { Publishing } from '../issue/publishing';
import type { RecordOutcome, RunRecords } from '../issue/runRecords';
import type { Move, StatusMoves } from '../issue/statusMoves';
import type { SnapshotStore } from '../store';
import { Pace } from './pace';
import type { Settlement } from './progress';
import type { RunFolders } from './runFolders';
import { begunAt, startsOf } from './settle/begun';
import { Cases, type Case } from './settle/cases';
import { noteSessions } from './settle/noteSessions';
import type { Telling } from './telling';
import { tidingOf } from './tidings';
import { inTurn } from '../../util/turns';

export interface SettlingOptions {
  store: Pick<SnapshotStore, 'snapshot' | 'issue'>;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  ledger: Pick<Ledger, 'read' | 'reviseRun' | 'paid' | 'revise'>;
  records: Pick<RunRecords, 'update' | 'payUnasked'>;
  moves: Pick<StatusMoves, 'move'>;
  publishing: Pick<Publishing, 'payOwed'>;
  telling: Pick<Telling, 'tell'>;
  folders: RunFolders;
  log: Log;
  now?(): number;
}

/**
 * Turns what runs say into records, index, status and messages; repeatable without harm, by anybody, at once. The file
 * on the run's host is the truth: it is read anew before each write, and marked when Jira has all of it. Until then
 * whoever settles does all of it again, which changes nothing where it is done already.
 */
export class Settling {
  private readonly next = inTurn();
  /** Records that were found to be stale and looked after, by run: once each. */
  private readonly looked = new Map<string, string>();
  private readonly pace: Pace;
  private readonly cases: Cases;

  constructor(private readonly options: SettlingOptions) {
    this.pace = new Pace(options.now ?? Date.now);
    this.cases = new Cases(options);
  }

  /**
   * Every run that its file says more of than Jira was told (of one task, if named), whoever started it; and what is
   * owed. Throws UserError when signed out.
   */
  settle({ key, signal }: { key?: string; signal?: AbortSignal } = {}): Promise<Settlement[]> {
    return this.next(async () => {
      const { account, publishing, store } = this.options;
      if (!account.state.signedIn) throw notSignedIn();
      const listed = new Set(store.snapshot.tasks.map((task) => task.key));
      const cases = (await this.cases.all()).filter(
        ({ run, mine, debts }) =>
          (key === undefined ? mine !== undefined || listed.has(run.key) : run.key === key) &&
          (debts.length > 0 || isDue(run, mine, this.claims(run)) || this.isStale(run)),
      );
      const settled = await this.all(cases, signal);
      if (key === undefined) {
        await this.cases.forgetOthers();
        await publishing.payOwed(signal);
      }
      return settled;
    });
  }

  /**
   * The same for the runs that we started, on whichever machine, as the last snapshot shows them. For after a refresh:
   * nobody is asked where nothing is to do, and what Jira did not take is tried again with growing pauses.
   */
  settleOwn(signal?: AbortSignal): Promise<Settlement[]> {
    return this.next(async () => {
      const { account, store } = this.options;
      if (!account.state.signedIn) return [];
      const silent = new Set(
        store.snapshot.hosts.flatMap(({ name, error }) => (error === undefined ? [] : [name])),
      );
      const all = await this.cases.all();
      const elsewhere = await this.startedElsewhere(all, signal);
      const cases = all.filter(({ run, mine, debts }) => {
        if (!mine && !elsewhere.has(run)) return false;
        const due = !silent.has(run.host) && (isDue(run, mine, this.claims(run)) || this.isStale(run));
        return this.pace.mayTry(run, due, debts);
      });
      return this.all(cases, signal);
    });
  }

  /** What is not in Jira yet that should be: of the Jira that we are signed in to. */
  owed(): Promise<OwedWrite[]> {
    return this.cases.owed();
  }

  /** Runs of this person that the ledger of another machine has. */
  private async startedElsewhere(
    all: readonly Case[],
    signal: AbortSignal | undefined,
  ): Promise<ReadonlySet<Run>> {
    const { account } = this.options;
    const unsettled = all.flatMap(({ run, mine }) => (mine || run.settled ? [] : run));
    const likely = unsettled.filter(({ startedBy }) => startedBy === account.state.user);
    if (likely.length === 0) return new Set();
    try {
      const { user } = (await account.jira(signal)).connection;
      return new Set(likely.filter((run) => isAnnouncedBy(run, this.claims(run) ?? [], user)));
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      return new Set();
    }
  }

  private claims({ key }: Run): readonly RecordClaim[] | undefined {
    return this.options.store.issue(key)?.claims;
  }

  /** A record of ours that was left behind; each is looked after once. */
  private isStale(run: Run): boolean {
    const { user } = this.options.account.state;
    const claim = user === undefined ? undefined : staleClaim(run, this.claims(run) ?? [], user);
    if (!claim) return false;
    const sight = `${claim.commentId} ${claim.updated} ${run.state.kind} ${run.lines}`;
    if (this.looked.get(run.id) === sight) return false;
    this.looked.set(run.id, sight);
    return true;
  }

  private async all(cases: readonly Case[], signal: AbortSignal | undefined): Promise<Settlement[]> {
    const settlements: Settlement[] = [];
    for (const one of cases) {
      const settled = await this.one(one, signal);
      this.pace.note(one.run, settled.problems.length > 0);
      settlements.push(settled);
    }
    return settlements;
  }

  private async one(one: Case, signal: AbortSignal | undefined): Promise<Settlement> {
    const { run, mine } = one;
    const { folders, log } = this.options;
    try {
      const reading = await folders.read(run.host, run.id, signal);
      if (reading && reading.lineCount > 0) return await this.tell(one, reading, signal);
      if (!reading && !mine)
        throw new UserError(`Run ${run.id} is gone from ${run.host}.`, 'There is nothing left to settle.');
      return await this.payDebts(one, [], signal);
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (!(error instanceof UserError)) log.error(`${run.key}: settling failed.`, error);
      // Jira can be told of what was to be said when the host did answer.
      return this.payDebts(one, [`${run.key}: ${errorLine(error)}`], signal);
    }
  }

  /** The record, the status, the messages, and at last the note that all of it is done. */
  private async tell(
    { run: { host, id }, mine, debts }: Case,
    first: RunReading,
    signal: AbortSignal | undefined,
  ): Promise<Settlement> {
    const { records, moves, telling, folders, ledger, account, store } = this.options;
    // Hosts write their files themselves: what we ordered, we know better.
    const order = mine?.order ?? first.order;
    let reading = first;
    let asked = 0;
    const tell = (): Run => runOf({ ...reading, order }, host, mine);
    const record = await records.update(
      {
        order,
        host,
        read: async () => {
          if (asked++ > 0) reading = (await folders.read(host, id, signal)) ?? reading;
          return tell();
        },
      },
      signal,
    );
    const run = tell();
    if (mine) await noteSessions(ledger, order, reading, store.snapshot.sessions);
    // A failure moves nothing, but what the start owes is still to be paid.
    const phase = phaseFor(order.kind, run.state) ?? debts.find(isStatus)?.phase;
    const move: Move =
      phase === undefined
        ? { kind: 'unchanged' }
        : await moves.move(order, phase, signal, begunAt(order, reading, record));
    const tiding = tidingOf(run, order, startsOf(reading).length, {
      task: store.snapshot.tasks.find(({ key }) => key === order.key),
      jiraUrl: account.state.url,
    });
    const told = tiding
      ? await telling.tell(tiding, (name) => folders.claim(host, id, name, signal), signal)
      : { told: 0, problems: [] };
    const problems = [record, move].flatMap(({ note }) => note ?? []).concat(told.problems);
    if (isDone(record) && isDone(move))
      try {
        if (!isLive(run.state))
          await folders.markSettled(host, id, reading.lineCount, account.state.user ?? '', signal);
        await ledger.reviseRun(
          id,
          (before) =>
            before && {
              ...before,
              settledLines: Math.max(before.settledLines, reading.lineCount),
              settledAs: standing(run),
            },
        );
      } catch (error) {
        if (isCancelled(error) || !(error instanceof UserError)) throw error;
        problems.push(`${order.key}: ${error.line}`);
      }
    return settlement(run, { record: record.kind, status: move.kind, told: told.told, problems });
  }

  /** What is owed of a run whose host does not tell of it now. */
  private async payDebts(
    { run, mine, debts }: Case,
    problems: string[],
    signal: AbortSignal | undefined,
  ): Promise<Settlement> {
    const { records, moves } = this.options;
    let record: RecordOutcome = { kind: 'unchanged' };
    let status: Move = { kind: 'unchanged' };
    for (const debt of mine ? debts : [])
      if (debt.kind === 'record') record = await records.payUnasked(mine!.order, debt, signal);
      else if (debt.kind === 'status') status = await moves.move(mine!.order, debt.phase, signal, debt.since);
    const notes = [record, status].flatMap(({ note }) => note ?? []);
    return settlement(run, {
      record: record.kind,
      status: status.kind,
      told: 0,
      problems: [...problems, ...notes],
    });
  }
}

const isStatus = (debt: OwedWrite): debt is OwedStatus => debt.kind === 'status';

const isDone = ({ kind }: RecordOutcome | Move): boolean => kind !== 'owed' && kind !== 'refused';

const settlement = (run: Run, what: Omit<Settlement, 'run'>): Settlement => {
  const { id, kind, key, host, sessionId, state } = run;
  return { run: { id, kind, key, host, sessionId, state: state.kind }, ...what };
};
