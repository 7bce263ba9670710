import type { LedgerEntry } from '../../model/binding/ledger';
import { UserError } from '../../model/errors';
import { isIssueKey, shortId } from '../../model/names';
import { ownerOf } from '../../model/record/merge';
import type { Session } from '../../model/session/session';
import { JiraError } from '../../sources/jira/errors';
import type { Ledger } from '../../state/ledger';
import type { JiraAccount } from '../account';
import type { SnapshotStore } from '../store';

export interface LinkingOptions {
  store: Pick<SnapshotStore, 'snapshot' | 'claims' | 'reread'>;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  ledger: Pick<Ledger, 'read' | 'remember' | 'restore'>;
  now?(): number;
}

/** What a decision came to. */
export interface Decision {
  /** The task that it is about; of several that were rejected at once, the first. */
  key: string;
  /** False where it was so already. */
  changed: boolean;
  /** What the user should know about it, in one line. */
  warning?: string;
  /** Takes the decision back, unless somebody decided anew meanwhile: then it answers false. */
  undo(): Promise<boolean>;
}

/** The user's word on which task a session belongs to: remembered in the ledger, for the session on its host. */
export class Linking {
  private readonly now: () => number;

  constructor(private readonly options: LinkingOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Binds the session to a task, whatever else claims it. Throws UserError for a key that Jira does not know. */
  async link(session: Session, key: string, signal?: AbortSignal): Promise<Decision> {
    const wanted = await this.knownKey(key, signal);
    const before = await this.entry(session);
    const warning = this.warning(session, wanted, before);
    const said = { key: wanted, ...(warning !== undefined && { warning }) };
    if (before && binds(before) && before.key === wanted) return { ...said, ...unchanged };
    const rejected = rejectedKeys(before).filter((one) => one !== wanted);
    return {
      ...said,
      ...(await this.decide(session, before, { evidence: 'linked', key: wanted, rejected })),
    };
  }

  /**
   * Says that the session does not belong to `key`; without one, to its task, or to any of those that it is a candidate
   * of. What a record or our worktree says then binds it no more, for this user.
   */
  async unlink(session: Session, key?: string): Promise<Decision> {
    const before = await this.entry(session);
    const known = key === undefined ? this.keysOf(session) : [key];
    const keys = known.length > 0 ? known : rejectedKeys(before).slice(0, 1);
    const [first] = keys;
    if (first === undefined)
      throw new UserError(
        `Session ${shortId(session.id)} is linked to no task.`,
        'There is nothing to undo.',
      );
    const rejected = new Set(rejectedKeys(before));
    const isBound = before !== undefined && binds(before) && before.key !== undefined;
    if (keys.every((one) => rejected.has(one)) && !(isBound && keys.includes(before.key ?? '')))
      return { key: first, ...unchanged };
    for (const one of keys) rejected.add(one);
    // Rejecting a candidate takes nothing from the task that the session is linked to.
    const stays = isBound && !keys.includes(before.key ?? '');
    const evidence = stays ? before.evidence : 'unlinked';
    const kept = stays ? before.key : first;
    return {
      key: first,
      ...(await this.decide(session, before, {
        evidence,
        ...(kept !== undefined && { key: kept }),
        rejected: [...rejected].filter((one) => one !== kept),
      })),
    };
  }

  /** The key as Jira has it today: that of a listed task, else asked for once. */
  private async knownKey(text: string, signal?: AbortSignal): Promise<string> {
    const key = text.trim().toUpperCase();
    if (!isIssueKey(key))
      throw new UserError(`"${text.slice(0, 80)}" is not a task key.`, 'Keys look like PAY-456.');
    const { account, store } = this.options;
    if (store.snapshot.tasks.some((task) => task.key === key)) return key;
    if (!account.state.signedIn)
      throw new UserError(
        `${key} is not among your tasks, and Jira cannot be asked: you are not signed in.`,
        'Sign in to Jira first.',
      );
    try {
      return (await (await account.jira(signal)).issueName(key, signal)).key;
    } catch (error) {
      if (!(error instanceof JiraError)) throw error;
      if (error.kind === 'notFound')
        throw new UserError(`Jira knows no issue ${key}, or does not show it to you.`, 'Check the key.', {
          cause: error,
        });
      throw new UserError(
        `${key} is not among your tasks, and Jira could not be asked: ${error.message}`,
        error.next,
        { cause: error },
      );
    }
  }

  /** What others, or the user before, said otherwise. */
  private warning(session: Session, key: string, before: LedgerEntry | undefined): string | undefined {
    const { id, evidence, reason } = session;
    const owner = ownerOf(id, this.options.store.claims());
    const told: string[] = [];
    if (session.key !== undefined && session.key !== key && evidence !== 'candidate')
      told.push(`It belonged to ${session.key} until now${reason === undefined ? '' : ` (${reason})`}.`);
    if (owner !== undefined && owner !== key)
      told.push(`A record on ${owner} names this session: everybody else sees it there.`);
    const published = before?.published?.issueKey;
    if (published !== undefined && published !== key && published !== owner)
      told.push(`Your record on ${published} still names it.`);
    return told.length > 0 ? told.join(' ') : undefined;
  }

  /** The task that it is bound to, else every task that it is a candidate of. */
  private keysOf({ id, host, key, evidence }: Session): string[] {
    if (key !== undefined && evidence !== undefined) return [key];
    return this.options.store.snapshot.tasks
      .filter((task) =>
        task.sessions.some((one) => one.id === id && one.host === host && one.evidence === 'candidate'),
      )
      .map((task) => task.key);
  }

  private async decide(
    session: Session,
    before: LedgerEntry | undefined,
    decision: Pick<LedgerEntry, 'evidence' | 'key' | 'rejected'>,
  ): Promise<Pick<Decision, 'changed' | 'undo'>> {
    const { ledger, store } = this.options;
    const { id: sessionId, host } = session;
    const { rejected = [], ...word } = decision;
    const now = this.now();
    await ledger.remember({
      flags: [],
      kind: session.kind,
      ...before,
      // What only a record says of a place is no word of ours.
      ...(session.size !== undefined && {
        ...(session.directory !== undefined && { directory: session.directory }),
        ...(session.branch !== undefined && { branch: session.branch }),
      }),
      sessionId,
      host,
      createdAt: before?.createdAt ?? session.createdAt ?? now,
      ...word,
      ...((rejected.length > 0 || before?.rejected) && { rejected }),
    });
    const after = await this.entry(session);
    await store.reread();
    const undo = async (): Promise<boolean> => {
      if (!sameWord(await this.entry(session), after)) return false;
      await ledger.restore({ sessionId, host }, before);
      await store.reread();
      return true;
    };
    return { changed: true, undo };
  }

  private async entry({ id, host }: Session): Promise<LedgerEntry | undefined> {
    const { entries } = await this.options.ledger.read();
    return entries.find((one) => one.sessionId === id && one.host === host);
  }
}

const unchanged = { changed: false, undo: () => Promise.resolve(true) };

const binds = ({ evidence }: LedgerEntry): boolean => evidence === 'started' || evidence === 'linked';

/** Every task that the user said it does not belong to. */
const rejectedKeys = (entry: LedgerEntry | undefined): string[] => [
  ...(entry?.evidence === 'unlinked' && entry.key !== undefined ? [entry.key] : []),
  ...(entry?.rejected ?? []),
];

const sameWord = (a: LedgerEntry | undefined, b: LedgerEntry | undefined): boolean =>
  a?.evidence === b?.evidence && a?.key === b?.key && String(a?.rejected) === String(b?.rejected);
