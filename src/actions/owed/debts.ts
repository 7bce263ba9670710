import { nextTryAt, type OwedWrite } from '../../model/binding/ledger';
import type { JiraAccount } from '../account';
import { inTurn } from '../../util/turns';

/** What paying one debt came to. `--json` prints it as it stands. */
export interface Payment {
  kind: 'link' | 'message';
  key: string;
  /** `refused`: owed no more, since trying again would not help. */
  result: 'paid' | 'owed' | 'refused';
  /** One line with the next step. */
  problem?: string;
}

/** One kind of what is owed without a run. */
export interface Debts<T extends OwedWrite = OwedWrite> {
  /** Of the Jira that we are signed in to. */
  due(): Promise<T[]>;
  /** Tries it now. Rejects only when cancelled. */
  settle(write: T, signal?: AbortSignal): Promise<Payment>;
}

export interface DebtPayerOptions {
  account: Pick<JiraAccount, 'state'>;
  now?(): number;
}

/** Pays what persons' own acts owe: nothing of it says anything that they have not said. */
export class DebtPayer {
  private readonly next = inTurn();

  constructor(
    private readonly kinds: readonly Debts[],
    private readonly options: DebtPayerOptions,
  ) {}

  /**
   * Tries what is owed, of one task if named, until Jira does not answer. `unasked`, as after a refresh: with growing
   * pauses. Rejects only when cancelled.
   */
  pay({
    key,
    unasked = false,
    signal,
  }: { key?: string; unasked?: boolean; signal?: AbortSignal } = {}): Promise<Payment[]> {
    const { account, now = Date.now } = this.options;
    return this.next(async () => {
      const payments: Payment[] = [];
      for (const kind of account.state.signedIn ? this.kinds : [])
        for (const write of await kind.due()) {
          if (key !== undefined && write.issueKey !== key) continue;
          if (unasked && nextTryAt(write) > now()) continue;
          const payment = await kind.settle(write, signal);
          payments.push(payment);
          if (payment.result === 'owed') break;
        }
      return payments;
    });
  }
}
