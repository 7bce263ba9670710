import { randomUUID } from 'node:crypto';
import { entryFor, type LedgerContent, type OwedRecord } from '../../model/binding/ledger';
import { isTakenBack, isTakenBackSince } from '../../model/binding/takenBack';
import { isCancelled, UserError } from '../../model/errors';
import { linkedBy, linkRecord, type SessionFields } from '../../model/record/linkRecord';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import type { Jira } from '../../sources/jira/jira';
import { removeRecord, writeRecord } from '../../sources/jira/records/write';
import type { Ledger } from '../../state/ledger';
import { commentUrl, isPassing, refusal } from './refusal';
import { IssueWriter, type IssueWriterOptions } from './issueWriter';
import { notSignedIn } from '../account';

export interface PublishingOptions extends IssueWriterOptions {
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay' | 'notePublished'>;
}

/** The record of a session on an issue: there, or owed because Jira could not take it now. */
export type Publication =
  | { kind: 'published'; issueKey: string; sessionId: string; commentId: string; url: string }
  | { kind: 'owed'; issueKey: string; sessionId: string; error: string };

/** What paying came to: `refused` are owed no more, since trying again would not help. */
export interface Payment {
  published: Extract<Publication, { kind: 'published' }>[];
  owed: OwedRecord[];
  refused: { write: OwedRecord; error: string }[];
}

/** What withdrawing came to. */
export interface Withdrawal {
  kind: 'withdrawn' | 'none';
  /** Somebody else's record still names the session there. */
  namedBy?: string;
}

/**
 * Records about sessions on the issues, where the user wants them: one comment per session and author, edited in
 * place. Each is owed to the ledger before it is tried, so that a kill at any moment loses none, and trying twice
 * writes one. Who calls refreshes afterwards.
 */
export class Publishing {
  private readonly now: () => number;

  constructor(
    private readonly options: PublishingOptions,
    private readonly writer = new IssueWriter(options),
  ) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Writes who linked the session to the task, and where it works. `owed` where trying later may help; throws
   * UserError where it would not.
   */
  publish(session: Session, task: Pick<Task, 'key'>, signal?: AbortSignal): Promise<Publication> {
    return this.writer.next(async () => {
      if (!this.options.account.state.signedIn) throw notSignedIn();
      const { ledger, store } = this.options;
      const { entries } = await ledger.read();
      const jira = this.jiraHost();
      const write: OwedRecord = {
        id: randomUUID(),
        kind: 'record',
        ...(jira !== undefined && { jira }),
        issueKey: task.key,
        sessionId: session.id,
        fields: linkRecord(
          session,
          store.snapshot.tasks.find(({ key }) => key === task.key),
        ),
        createdAt: this.now(),
        attempts: 0,
      };
      await ledger.owe(write);
      return this.pay(write, { host: session.host, entries, signal });
    });
  }

  /**
   * Takes our own record of the session back: a comment that holds nothing else is deleted, from another only the
   * record's lines go. Throws UserError where that is not possible.
   */
  withdraw(session: Session, task: Pick<Task, 'key'>, signal?: AbortSignal): Promise<Withdrawal> {
    return this.writer.next(async () => {
      const { key } = task;
      const { ledger, account } = this.options;
      const { entries } = await ledger.read();
      for (const write of await this.owedRecords())
        if (write.sessionId === session.id && write.issueKey === key) await ledger.paid(write.id);
      const noted = entries
        .map((one) => entryFor(one, this.jiraHost()))
        .find((one) => one.sessionId === session.id && one.published?.issueKey === key)?.published;
      const note = (published: typeof noted): Promise<void> =>
        ledger.notePublished(session.id, session.host, published);
      const jira = await account.jira(signal);
      // First: who is just writing it sees that it is not wanted any more.
      if (noted) await note(undefined);
      const removed = await removeRecord(jira, key, session.id, signal).catch(async (error: unknown) => {
        if (noted) await note(noted);
        throw refusal(error, `The record on ${key} was not withdrawn`);
      });
      const { deleted, edited, left, thread } = removed;
      if (deleted + edited > 0) await this.writer.wrote(jira, key, thread, signal);
      if (left.length > 0)
        throw new UserError(
          `A comment of yours on ${key} names the session between other words.`,
          `Edit it in Jira: ${commentUrl(jira, key, left[0] ?? '')}`,
        );
      const other = (await jira.claims(key, signal)).find((claim) => claim.sessionId === session.id);
      return {
        kind: deleted + edited > 0 ? 'withdrawn' : 'none',
        ...(other && { namedBy: other.author.name }),
      };
    });
  }

  /** Records of links that are not on their issues yet. The ledger is one for all Jiras of the user: those of this one. */
  async owed(): Promise<OwedRecord[]> {
    return (await this.owedRecords()).filter(({ runId }) => runId === undefined);
  }

  /** Tries what is owed, until Jira does not answer. What the user took back meanwhile is owed no more. */
  payOwed(signal?: AbortSignal): Promise<Payment> {
    return this.writer.next(async () => {
      const { ledger, account, log } = this.options;
      const payment: Payment = { published: [], owed: [], refused: [] };
      const { entries } = await ledger.read();
      for (const write of account.state.signedIn ? await this.owed() : []) {
        if (isTakenBack(write, { entries }, this.jiraHost())) {
          await ledger.paid(write.id);
          continue;
        }
        try {
          const host = write.fields.host ?? '';
          const paid = await this.pay(write, { host, entries, signal });
          if (paid.kind === 'owed') break;
          payment.published.push(paid);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          log.warn(`${write.issueKey}: ${error.line}`);
          payment.refused.push({ write, error: error.line });
        }
      }
      payment.owed = await this.owed();
      return payment;
    });
  }

  private async pay(
    write: OwedRecord,
    known: { host: string; entries: LedgerContent['entries']; signal: AbortSignal | undefined },
  ): Promise<Publication> {
    const { ledger, account } = this.options;
    const { id, issueKey, sessionId } = write;
    const { host, signal } = known;
    try {
      const jira = await account.jira(signal);
      const fields: SessionFields = {
        status: linkedBy(jira.connection.user.name),
        ...write.fields,
        sessionId,
      };
      const place = this.writer.place(issueKey, host);
      const { commentId = '', thread } = await writeRecord(
        jira,
        { issueKey, wanted: () => ({ fields, place }) },
        signal,
      );
      // Another window may have withdrawn it before it was there.
      if (isTakenBackSince(write, known, await ledger.read(), this.jiraHost()))
        throw await this.undo(jira, write, signal);
      if (host !== '') await ledger.notePublished(sessionId, host, { issueKey, commentId, at: this.now() });
      await ledger.paid(id);
      await this.writer.wrote(jira, issueKey, thread, signal);
      const url = commentUrl(jira, issueKey, commentId);
      return { kind: 'published', issueKey, sessionId, commentId, url };
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (!isPassing(error)) {
        await ledger.paid(id);
        throw refusal(error, `The record was not written on ${issueKey}`);
      }
      const why = error.transient ? error.message : error.line;
      await ledger.failedToPay(id, why);
      return { kind: 'owed', issueKey, sessionId, error: why };
    }
  }

  /** Removes what was just written; answers what to say about it. */
  private async undo(jira: Jira, write: OwedRecord, signal: AbortSignal | undefined): Promise<unknown> {
    const { issueKey, sessionId } = write;
    const what = `The record on ${issueKey} was taken back while it was written`;
    try {
      const { thread } = await removeRecord(jira, issueKey, sessionId, signal);
      await this.writer.wrote(jira, issueKey, thread, signal);
      return new UserError(`${what}, and removed again.`, 'Publish it again, if it should be there.');
    } catch (error) {
      return refusal(error, `${what}, and not removed again`);
    }
  }

  private async owedRecords(): Promise<OwedRecord[]> {
    const jira = this.jiraHost();
    const { owed } = await this.options.ledger.read();
    return owed.filter(
      (write): write is OwedRecord =>
        write.kind === 'record' && (write.jira === undefined || write.jira === jira),
    );
  }

  private jiraHost(): string | undefined {
    return this.writer.jiraHost();
  }
}
