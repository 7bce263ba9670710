import type { Host } from '../../hosts/host';
import { hostNamed } from '../../hosts/hosts';
import { nextTryAt } from '../../model/binding/ledger';
import { errorLine, isCancelled, UserError } from '../../model/errors';
import {
  askedRequests,
  requestTrouble,
  taskOfRequest,
  type ApprovalRequest,
  type AskedRequest,
} from '../../model/gate/request/request';
import { requestRecord } from '../../model/gate/request/requestRecord';
import type { Settings } from '../../model/settings';
import { isLive } from '../../model/run/settlement/due';
import { ownRecord, writeRecord } from '../../sources/jira/records/write';
import { claimRequest, markDone } from '../../sources/requests/mark';
import type { Log } from '../../util/log';
import type { JiraAccount } from '../account';
import type { IssueWriter } from '../issue/issueWriter';
import type { Outcome } from '../issue/outcome';
import { isRefusal, refusal } from '../issue/refusal';
import type { StatusMoves } from '../issue/statusMoves';
import { hasJustAsked, isAnswered, pauseMs } from './request/answers';
import type { Telling } from '../run/telling';
import type { SnapshotStore } from '../store';
import { inTurn } from '../../util/turns';

export interface RequestsOptions {
  settings: Settings;
  hosts: readonly Host[];
  store: Pick<SnapshotStore, 'snapshot' | 'issue' | 'report'>;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  telling: Pick<Telling, 'tell'>;
  moves: Pick<StatusMoves, 'moveNow'>;
  log: Log;
  now?(): number;
}

/** What became of one request. `--json` prints it as it stands. */
export interface PublishedRequest {
  id: string;
  host: string;
  key?: string;
  sessionId: string;
  /** `waiting`: its run still works, and says by itself when it is done; or the session has just asked something else. */
  record: Outcome['kind'] | 'answered' | 'waiting' | 'unbound';
  /** Webhooks that were told. */
  told: number;
  /** Older requests of the session, in whose place it came. */
  replaced?: number;
  /** One line each, with the next step. */
  problems: string[];
}

interface Tried {
  attempts: number;
  triedAt: number;
  refused?: true;
}

/**
 * Publishes on their issues what sessions ask for. The file on the host is the debt: it is marked when Jira has all of
 * it, and until then whoever settles does it again, which changes nothing where it is done already.
 */
export class Requests {
  private readonly next = inTurn();
  private readonly tried = new Map<string, Tried>();
  private readonly now: () => number;

  constructor(
    private readonly options: RequestsOptions,
    private readonly writer: IssueWriter,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** Every request, of one task if named, whoever's session asks. Throws UserError when signed out. */
  settle({ key, signal }: { key?: string; signal?: AbortSignal } = {}): Promise<PublishedRequest[]> {
    return this.next(async () => {
      if (!this.options.account.state.signedIn)
        throw new UserError('You are not signed in to Jira.', 'Sign in to Jira first.');
      return this.all(
        this.asked().filter((one) => key === undefined || one.session.key === key),
        signal,
      );
    });
  }

  /**
   * The same for sessions that are ours by the ledger, as the last snapshot shows them. For after a refresh: nobody is
   * asked where nothing is to do, and what Jira did not take is tried again with growing pauses.
   */
  settleOwn(signal?: AbortSignal): Promise<PublishedRequest[]> {
    return this.next(async () => {
      if (!this.options.account.state.signedIn) return [];
      const due = this.asked().filter(
        (one) => taskOfRequest(one) !== undefined && this.isOwn(one) && this.mayTry(one.request),
      );
      return this.all(due, signal);
    });
  }

  private asked(): AskedRequest[] {
    const { store } = this.options;
    const { hosts, sessions } = store.snapshot;
    return askedRequests(
      hosts.flatMap(({ name }) => store.report(name) ?? []),
      sessions,
    );
  }

  private isOwn({ session, host }: AskedRequest): boolean {
    const { runs = [] } = this.options.store.snapshot;
    return (
      session.evidence === 'ledger' ||
      runs.some((run) => run.mine && run.host === host && run.sessionId === session.id)
    );
  }

  private mayTry({ id }: ApprovalRequest): boolean {
    const last = this.tried.get(id);
    return !last || nextTryAt(last) <= this.now();
  }

  private async all(
    asked: readonly AskedRequest[],
    signal: AbortSignal | undefined,
  ): Promise<PublishedRequest[]> {
    const done: PublishedRequest[] = [];
    for (const one of asked) {
      const published = await this.one(one, signal);
      this.note(published);
      done.push(published);
    }
    return done;
  }

  private note({ id, record, problems }: PublishedRequest): void {
    if (problems.length === 0 && record !== 'waiting') this.tried.delete(id);
    else
      this.tried.set(id, {
        // What waits is only looked at again a little later.
        attempts: record === 'waiting' ? 1 : (this.tried.get(id)?.attempts ?? 0) + 1,
        triedAt: this.now(),
        ...(record === 'refused' && { refused: true }),
      });
  }

  private async one(asked: AskedRequest, signal: AbortSignal | undefined): Promise<PublishedRequest> {
    const { host, request, session } = asked;
    const key = taskOfRequest(asked);
    const result = { id: request.id, host, sessionId: session.id, ...(key !== undefined && { key }) };
    if (key === undefined) {
      const trouble = requestTrouble(asked);
      return { ...result, record: 'unbound', told: 0, problems: trouble === undefined ? [] : [trouble] };
    }
    if (this.isAtRun(asked)) return { ...result, record: 'waiting', told: 0, problems: [] };
    try {
      const written = await this.publish(key, asked, signal);
      if (written.kind === 'waiting') return { ...result, record: 'waiting', told: 0, problems: [] };
      if (written.note !== undefined && written.kind !== 'published' && written.kind !== 'unchanged')
        return { ...result, record: written.kind, told: 0, problems: [written.note] };
      const isNews = written.kind !== 'answered';
      if (isNews) await this.moveToReview(key, request.at, signal);
      const told = isNews ? await this.tell(key, asked, signal) : { told: 0, problems: [] };
      const replaced = await markDone(hostNamed(this.options.hosts, host), this.olderToo(asked), {
        sessionId: request.sessionId,
        signal,
      });
      return { ...result, record: written.kind, ...told, ...(replaced > 0 && { replaced }) };
    } catch (error) {
      if (isCancelled(error)) throw error;
      const { log } = this.options;
      if (!(error instanceof UserError)) log.error(`${key}: a request was not published.`, error);
      const refused = isRefusal(error);
      const said = refused
        ? refusal(error, `The request was not published on ${key}`, 'settle again')
        : error;
      const problems = [`${key}: ${errorLine(said)}`];
      return { ...result, record: refused ? 'refused' : 'owed', told: 0, problems };
    }
  }

  /** Its run speaks for it until it has ended. */
  private isAtRun({ host, session }: AskedRequest): boolean {
    const { runs = [] } = this.options.store.snapshot;
    return runs.some((run) => run.host === host && run.sessionId === session.id && isLive(run.state));
  }

  private publish(
    key: string,
    asked: AskedRequest,
    signal: AbortSignal | undefined,
  ): Promise<Omit<Outcome, 'kind'> & { kind: Outcome['kind'] | 'answered' | 'waiting' }> {
    return this.writer.next(async () => {
      const jira = await this.options.account.jira(signal);
      const place = this.writer.place(key, asked.host);
      const { store, settings } = this.options;
      let answered = false;
      let isTooSoon = false;
      const written = await writeRecord(
        jira,
        {
          issueKey: key,
          wanted: (thread) => {
            const own = ownRecord(jira, thread, asked.session.id);
            answered = isAnswered(thread, own, { key, asked, issue: store.issue(key), settings });
            // A run that ended after the question knows the commit better.
            const isOlder = own !== undefined && own.updated > asked.request.at;
            const fields = requestRecord(asked, { withCommit: !isOlder });
            isTooSoon = !answered && own !== undefined && hasJustAsked(own, fields, this.now());
            return answered || isTooSoon ? undefined : { fields, place };
          },
        },
        signal,
      );
      if (answered && !written.changed) return { kind: 'answered' };
      if (isTooSoon && !written.changed) return { kind: 'waiting' };
      const { problem, isPassing } = await this.writer.wrote(jira, key, written.thread, signal);
      if (isPassing) return { kind: 'owed', note: problem ?? '' };
      return { kind: written.changed ? 'published' : 'unchanged' };
    });
  }

  /** From there a person can approve. Best effort: what stands in the way, they see when they approve. */
  private async moveToReview(key: string, since: number, signal: AbortSignal | undefined): Promise<void> {
    const { moves, log } = this.options;
    const { note } = await moves.moveNow({ key }, 'awaitingReview', signal, since);
    if (note !== undefined) log.info(`${key}: ${note}`);
  }

  private async tell(
    key: string,
    { host, request, session }: AskedRequest,
    signal: AbortSignal | undefined,
  ): Promise<{ told: number; problems: string[] }> {
    const { store, telling, account } = this.options;
    const task = store.snapshot.tasks.find((one) => one.key === key);
    const note = request.note === undefined ? '' : `: ${request.note}`;
    // The same for every client, whatever its clock says of when it was asked.
    const occasion = Number.parseInt(request.id.slice(0, 8), 16);
    const pause = `pause${Math.floor(this.now() / pauseMs)}`;
    const claim = (name: string) =>
      claimRequest(hostNamed(this.options.hosts, host), request.id, name, signal);
    return telling.tell(
      {
        event: 'needsYou',
        at: request.at,
        occasion,
        task: {
          key,
          summary: task?.summary ?? '',
          url: task?.url ?? `${account.state.url ?? ''}/browse/${key}`,
        },
        text: `A session on ${host} asks for approval${note}`,
        next: 'Review the documents, then approve them or request changes.',
      },
      // Once each, and once of a session in each pause, however often it asks.
      async (name) =>
        (await claim(name)) &&
        claimRequest(
          hostNamed(this.options.hosts, host),
          session.id,
          name.replace(String(occasion), pause),
          signal,
        ),
      signal,
    );
  }

  /** What the same session asked before is asked anew by this. */
  private olderToo({ host, request, session }: AskedRequest): string[] {
    const { requests = [] } = this.options.store.report(host) ?? {};
    const older = requests.filter(
      ({ id, sessionId, directory, at }) =>
        id !== request.id &&
        at <= request.at &&
        (sessionId ?? session.id) === session.id &&
        (sessionId !== undefined || directory === request.directory),
    );
    return [request.id, ...older.map(({ id }) => id)];
  }
}
