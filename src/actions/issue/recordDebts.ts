import { randomUUID } from 'node:crypto';
import type { OwedRecord } from '../../model/binding/ledger';
import type { SessionFields } from '../../model/record/linkRecord';
import type { RunOrder } from '../../model/run/order';
import type { Ledger } from '../../state/ledger';

/** The records of runs that are owed to Jira: each is noted before it is tried, one for each session of a run. */
export class RecordDebts {
  constructor(
    private readonly ledger: Pick<Ledger, 'read' | 'owe'>,
    private readonly jiraHost: () => string | undefined,
    private readonly now: () => number,
  ) {}

  /** What is owed to the run's Jira of the record of that session. */
  async of(order: Pick<RunOrder, 'id' | 'jira'>, sessionId: string): Promise<OwedRecord | undefined> {
    const { owed } = await this.ledger.read();
    return owed.find(
      (write): write is OwedRecord =>
        write.kind === 'record' &&
        write.runId === order.id &&
        write.sessionId === sessionId &&
        write.jira === (order.jira ?? this.jiraHost()),
    );
  }

  async owe(order: RunOrder, fields: SessionFields): Promise<OwedRecord> {
    const { sessionId } = fields;
    const jira = order.jira ?? this.jiraHost();
    const known = await this.of(order, sessionId);
    const write: OwedRecord = {
      // A new one each time: another window that pays the one before does not pay this one.
      id: randomUUID(),
      kind: 'record',
      ...(jira !== undefined && { jira }),
      issueKey: order.key,
      sessionId,
      runId: order.id,
      fields,
      createdAt: this.now(),
      attempts: known?.attempts ?? 0,
      ...(known?.triedAt !== undefined && { triedAt: known.triedAt }),
    };
    await this.ledger.owe(write);
    return write;
  }
}
