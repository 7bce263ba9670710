import { randomUUID } from 'node:crypto';
import type { Host } from '../../hosts/host';
import { entryFor, type LedgerContent, type OwedWrite } from '../../model/binding/ledger';
import { isTakenBack, isTakenBackSince } from '../../model/binding/takenBack';
import { isCancelled, UserError } from '../../model/errors';
import { linkedBy, linkRecord, type SessionFields } from '../../model/record/linkRecord';
import type { RecordPlace } from '../../model/record/text';
import type { Session } from '../../model/session/session';
import type { Task } from '../../model/task/task';
import { jiraHost } from '../../sources/jira/connection';
import { JiraError } from '../../sources/jira/errors';
import type { Jira } from '../../sources/jira/jira';
import { removeRecord, writeIndex, writeRecord, type Thread } from '../../sources/jira/records/write';
import type { Ledger } from '../../state/ledger';
import type { Log } from '../../util/log';
import type { JiraAccount } from '../account';
import type { SnapshotStore } from '../store';

export interface PublishingOptions {
  hosts: readonly Host[];
  store: Pick<SnapshotStore, 'snapshot'>;
  account: Pick<JiraAccount, 'state' | 'jira' | 'noteEdit'>;
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay' | 'notePublished'>;
  log: Log;
  now?(): number;
}

/** The record of a session on an issue: there, or owed because Jira could not take it now. */
export type Publication =
  | { kind: 'published'; issueKey: string; sessionId: string; commentId: string; url: string }
  | { kind: 'owed'; issueKey: string; sessionId: string; error: string };

/** What paying came to: `refused` are owed no more, since trying again would not help. */
export interface Payment {
  published: Extract<Publication, { kind: 'published' }>[];
  owed: OwedWrite[];
  refused: { write: OwedWrite; error: string }[];
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
  /** One after another: two at once from one window would only take each other's comments away. */
  private tail: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PublishingOptions) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Writes who linked the session to the task, and where it works. `owed` where trying later may help; throws
   * UserError where it would not.
   */
  publish(session: Session, task: Pick<Task, 'key'>, signal?: AbortSignal): Promise<Publication> {
    return this.next(async () => {
      if (!this.options.account.state.signedIn)
        throw new UserError('You are not signed in to Jira.', 'Sign in to Jira first.');
      const { ledger, store } = this.options;
      const { entries } = await ledger.read();
      const jira = this.jiraHost();
      const write: OwedWrite = {
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
    return this.next(async () => {
      const { key } = task;
      const { ledger, account } = this.options;
      const { entries } = await ledger.read();
      for (const write of await this.owed())
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
      if (deleted + edited > 0) await this.wrote(jira, key, thread, signal);
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

  /** Records that are not on their issues yet. The ledger is one for all Jiras of the user: those of this one. */
  async owed(): Promise<OwedWrite[]> {
    const jira = this.jiraHost();
    const { owed } = await this.options.ledger.read();
    return owed.filter((write) => write.jira === undefined || write.jira === jira);
  }

  /** Tries what is owed, until Jira does not answer. What the user took back meanwhile is owed no more. */
  payOwed(signal?: AbortSignal): Promise<Payment> {
    return this.next(async () => {
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
    write: OwedWrite,
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
      const place = this.place(issueKey, host);
      const { commentId, thread } = await writeRecord(jira, { issueKey, fields, place }, signal);
      // Another window may have withdrawn it before it was there.
      if (isTakenBackSince(write, known, await ledger.read(), this.jiraHost()))
        throw await this.undo(jira, write, signal);
      if (host !== '') await ledger.notePublished(sessionId, host, { issueKey, commentId, at: this.now() });
      await ledger.paid(id);
      await this.wrote(jira, issueKey, thread, signal);
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
  private async undo(jira: Jira, write: OwedWrite, signal: AbortSignal | undefined): Promise<unknown> {
    const { issueKey, sessionId } = write;
    const what = `The record on ${issueKey} was taken back while it was written`;
    try {
      const { thread } = await removeRecord(jira, issueKey, sessionId, signal);
      await this.wrote(jira, issueKey, thread, signal);
      return new UserError(`${what}, and removed again.`, 'Publish it again, if it should be there.');
    } catch (error) {
      return refusal(error, `${what}, and not removed again`);
    }
  }

  /** After a write: the index follows the comments, and the next refresh sees the issue as it is. */
  private async wrote(
    jira: Jira,
    key: string,
    thread: Thread,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { store, account, log } = this.options;
    const task = store.snapshot.tasks.find((one) => one.key === key);
    if (task) account.noteEdit(task.id);
    const failed = await writeIndex(jira, key, thread, { now: this.now(), signal });
    if (failed) log.info(`${key}: the index of records was not written. ${failed.line}`);
  }

  private jiraHost(): string | undefined {
    return jiraHost(this.options.account.state.url);
  }

  private place(issueKey: string, name: string): RecordPlace {
    const host = this.options.hosts.find((one) => one.name === name);
    return {
      issueKey,
      ...(host?.settings.ssh !== undefined && { ssh: host.settings.ssh }),
      ...(host?.settings.via && { withoutCommand: true }),
    };
  }

  private next<T>(step: () => Promise<T>): Promise<T> {
    const promise = this.tail.then(step);
    this.tail = promise.catch(() => undefined);
    return promise;
  }
}

const commentUrl = (jira: Jira, key: string, id: string): string =>
  `${jira.connection.baseUrl}/browse/${key}?focusedCommentId=${id}`;

/** True where nobody has decided: Jira, the way to it, or our token may be well again later. */
const isPassing = (error: unknown): error is JiraError =>
  error instanceof JiraError &&
  (error.transient || error.kind === 'tls' || error.kind === 'auth' || error.kind === 'wrongUrl');

/** What Jira decided, with what is left to do: the link itself stands. */
function refusal(error: unknown, what: string): unknown {
  if (!(error instanceof JiraError)) return error;
  return new UserError(`${what}: ${error.message}`, nextStep(error), { cause: error });
}

function nextStep(error: JiraError): string {
  const { problem } = error;
  switch (problem.kind) {
    case 'permission':
      return 'Ask for the permission to comment in this project, then publish again.';
    case 'invalidRequest':
      // Jira Cloud says it with 400.
      if (problem.messages.some((text) => /permission/i.test(text)))
        return 'Ask for the permission to comment in this project, then publish again.';
      return problem.messages.some((text) => /too long/i.test(text))
        ? 'Shorten your comment of this session in Jira, then publish again.'
        : 'See the log for the request.';
    case 'notFound':
      return 'The issue is gone, or hidden from you: look at it in Jira.';
    case 'tooLarge':
      return 'The issue takes no more comments: remove some in Jira, then publish again.';
    default:
      return error.next;
  }
}
