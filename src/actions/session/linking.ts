import { entryFor, type LedgerEntry } from '../../model/binding/ledger';
import { UserError } from '../../model/errors';
import { isIssueKey, shortId } from '../../model/names';
import { ownerOf } from '../../model/record/merge';
import type { Session } from '../../model/session/session';
import { jiraHost } from '../../sources/jira/connection';
import { JiraError } from '../../sources/jira/errors';
import type { Ledger } from '../../state/ledger';
import type { JiraAccount } from '../account';
import type { SnapshotStore } from '../store';

export interface LinkingOptions {
  store: Pick<SnapshotStore, 'snapshot' | 'claims' | 'reread'>;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  ledger: Pick<Ledger, 'read' | 'revise' | 'restore'>;
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

type Word = Pick<LedgerEntry, 'evidence' | 'key' | 'rejected'>;

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
    return {
      ...said,
      ...(await this.decide(session, (known) => ({
        evidence: 'linked',
        key: wanted,
        rejected: rejectedKeys(known).filter((one) => one !== wanted),
      }))),
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
    const rejected = rejectedKeys(before);
    const isBound = before !== undefined && binds(before) && keys.includes(before.key ?? '');
    if (keys.every((one) => rejected.includes(one)) && !isBound) return { key: first, ...unchanged };
    return { key: first, ...(await this.decide(session, (known) => withoutKeys(known, keys))) };
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

  /** `word` decides on what is known when it is written: another window may have decided a moment before. */
  private async decide(
    session: Session,
    word: (known: LedgerEntry | undefined) => Word,
  ): Promise<Pick<Decision, 'changed' | 'undo'>> {
    const { ledger, store } = this.options;
    const { id: sessionId, host } = session;
    const now = this.now();
    const jira = this.jira();
    let before: LedgerEntry | undefined;
    const after = await ledger.revise({ sessionId, host }, (known) => {
      before = known;
      const { rejected = [], ...said } = word(known && entryFor(known, jira));
      return {
        flags: [],
        kind: session.kind,
        ...known,
        // What only a record says of a place is no word of ours.
        ...(session.size !== undefined && {
          ...(session.directory !== undefined && { directory: session.directory }),
          ...(session.branch !== undefined && { branch: session.branch }),
        }),
        sessionId,
        host,
        createdAt: known?.createdAt ?? session.createdAt ?? now,
        ...said,
        ...(jira !== undefined && { jira }),
        ...((rejected.length > 0 || known?.rejected) && { rejected }),
      };
    });
    await store.reread();
    const undo = async (): Promise<boolean> => {
      const current = await this.entry(session);
      if (!current || !sameWord(current, after)) return false;
      // What else was noted since stays: a name, a publication, the flags of a start.
      if (current.updatedAt === after.updatedAt) await ledger.restore({ sessionId, host }, before);
      else
        await ledger.revise({ sessionId, host }, (known) => ({
          ...(known ?? current),
          evidence: before?.evidence ?? 'seen',
          key: before?.key,
          jira: before?.jira,
          rejected: before?.rejected,
        }));
      await store.reread();
      return true;
    };
    return { changed: true, undo };
  }

  private async entry({ id, host }: Session): Promise<LedgerEntry | undefined> {
    const { entries } = await this.options.ledger.read();
    const entry = entries.find((one) => one.sessionId === id && one.host === host);
    return entry && entryFor(entry, this.jira());
  }

  private jira(): string | undefined {
    return jiraHost(this.options.account.state.url);
  }
}

const unchanged = { changed: false, undo: () => Promise.resolve(true) };

const binds = ({ evidence }: LedgerEntry): boolean => evidence === 'started' || evidence === 'linked';

/** Every task that the user said it does not belong to. */
const rejectedKeys = (entry: LedgerEntry | undefined): string[] => [
  ...(entry?.evidence === 'unlinked' && entry.key !== undefined ? [entry.key] : []),
  ...(entry?.rejected ?? []),
];

/** Rejecting a candidate takes nothing from the task that the session is linked to. */
function withoutKeys(known: LedgerEntry | undefined, keys: readonly string[]): Word {
  const stays = known !== undefined && binds(known) && known.key !== undefined && !keys.includes(known.key);
  const evidence = stays ? known.evidence : 'unlinked';
  const key = stays ? known.key : keys[0];
  const rejected = new Set([...rejectedKeys(known), ...keys]);
  return { evidence, key, rejected: [...rejected].filter((one) => one !== key) };
}

const sameWord = (a: LedgerEntry | undefined, b: LedgerEntry | undefined): boolean =>
  a?.evidence === b?.evidence && a?.key === b?.key && String(a?.rejected) === String(b?.rejected);
