import type { LedgerContent, OwedWrite } from '../../../model/binding/ledger';
import type { LedgerRun } from '../../../model/run/order';
import { pendingRun } from '../../../model/run/progress';
import type { Run } from '../../../model/run/run';
import { jiraHost } from '../../../sources/jira/connection';
import type { Ledger } from '../../../state/ledger';
import type { JiraAccount } from '../../account';
import type { SnapshotStore } from '../../store';

export interface CasesOptions {
  store: Pick<SnapshotStore, 'snapshot'>;
  account: Pick<JiraAccount, 'state'>;
  ledger: Pick<Ledger, 'read' | 'paid'>;
}

/** A run with what is known of it besides its host's file. */
export interface Case {
  run: Run;
  mine?: LedgerRun | undefined;
  debts: OwedWrite[];
}

/** What there may be to settle, in the Jira that we are signed in to. */
export class Cases {
  constructor(private readonly options: CasesOptions) {}

  /** Runs that nobody of us gave up: those in the snapshot, and those of ours that are gone and owe something. */
  async all(): Promise<Case[]> {
    const ledger = await this.options.ledger.read();
    const jira = jiraHost(this.options.account.state.url);
    const owed = this.ours(ledger);
    const seen = this.options.store.snapshot.runs ?? [];
    const gone = ledger.runs.filter(
      ({ order }) => !seen.some(({ id }) => id === order.id) && owed.some(({ runId }) => runId === order.id),
    );
    const given = new Set(ledger.runs.flatMap(({ order, abandoned }) => (abandoned ? [order.id] : [])));
    return [...seen, ...gone.map(pendingRun)]
      .filter((run) => !given.has(run.id) && (run.jira === undefined || run.jira === jira))
      .map((run) => ({
        run,
        mine: ledger.runs.find(({ order }) => order.id === run.id),
        debts: owed.filter(({ runId }) => runId === run.id),
      }));
  }

  async owed(): Promise<OwedWrite[]> {
    return this.ours(await this.options.ledger.read());
  }

  /** What is owed of runs that are neither there nor ours: whoever has them, has their files to settle by. */
  async forgetOthers(): Promise<void> {
    const { ledger, store } = this.options;
    const content = await ledger.read();
    const known = new Set([
      ...(store.snapshot.runs ?? []).map(({ id }) => id),
      ...content.runs.flatMap(({ order, abandoned }) => (abandoned ? [] : order.id)),
    ]);
    for (const { id, runId } of this.ours(content))
      if (runId !== undefined && !known.has(runId)) await ledger.paid(id);
  }

  private ours({ owed }: LedgerContent): OwedWrite[] {
    const jira = jiraHost(this.options.account.state.url);
    return owed.filter((write) => write.jira === undefined || write.jira === jira);
  }
}
