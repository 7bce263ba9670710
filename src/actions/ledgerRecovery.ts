import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LedgerEntry, LedgerState, LedgerWorktree } from '../model/binding/ledger';
import { errorLine, isCancelled } from '../model/errors';
import { isIssueKey, parseSessionId } from '../model/names';
import type { TerminalInfo } from '../model/session/session';
import type { Settings } from '../model/settings';
import type { HostReport } from '../model/session/transcript';
import { listWorktrees } from '../sources/git/checkout/checkout';
import { userGit } from '../sources/git/checkout/userGit';
import { rootOf, worktreeDirectory } from '../sources/git/checkout/worktree';
import type { Ledger } from '../state/ledger';
import type { Log } from '../util/log';
import type { JiraAccount } from './account';
import type { Repositories } from './repositories';
import type { ReportSource, SnapshotStore } from './store';

export interface LedgerRecoveryOptions {
  settings: Settings;
  store: Pick<SnapshotStore, 'snapshot' | 'report' | 'claims'>;
  account: Pick<JiraAccount, 'state' | 'jira'>;
  repositories: Pick<Repositories, 'places' | 'host'>;
  reports: readonly Pick<ReportSource, 'name' | 'names'>[];
  ledger: Pick<Ledger, 'rebuild'>;
  log: Log;
  /** For git. */
  env: NodeJS.ProcessEnv;
  now?(): number;
}

/**
 * Makes a ledger of what other places tell, when not one file of it is whole. Each entry is as strong as its witness:
 * a session that began in the terminal which we made for it was started by us; one that was only opened there, or that
 * our record names, was seen. What nobody else knows is not made up: links that were not published, what was unlinked,
 * names, launch flags, owed writes.
 */
export class LedgerRecovery {
  private readonly now: () => number;

  constructor(private readonly options: LedgerRecoveryOptions) {
    this.now = options.now ?? Date.now;
  }

  /** Expects a fresh picture in the store. Answers what was found, and which hosts could not be asked. */
  async rebuild(signal?: AbortSignal): Promise<LedgerState & { silent: string[] }> {
    const { store, ledger } = this.options;
    const found: LedgerState = {
      // The later ones know more: what is a record's and began in our terminal is both.
      entries: merged([...(await this.published(signal)), ...this.opened()]),
      worktrees: await this.worktrees(signal),
    };
    const silent = store.snapshot.hosts
      .filter(({ name, error }) => error !== undefined || !store.report(name))
      .map(({ name }) => name);
    await ledger.rebuild(found, silent.length === 0);
    return { ...found, silent };
  }

  private opened(): LedgerEntry[] {
    const { store } = this.options;
    return store.snapshot.terminals.flatMap((terminal): LedgerEntry[] => {
      const sessionId = parseSessionId(terminal.sessionId ?? '');
      const report = store.report(terminal.host);
      if (sessionId === undefined || !report) return [];
      const { key } = terminal;
      const began = key !== undefined && isIssueKey(key) && beganIn(terminal, sessionId, report);
      return [
        {
          ...this.entry(sessionId, terminal.host),
          ...(began && { evidence: 'started', key }),
          createdAt: terminal.createdAt,
        },
      ];
    });
  }

  /** Sessions of our hosts of which the signed-in account has written the record. It binds them, as before. */
  private async published(signal?: AbortSignal): Promise<LedgerEntry[]> {
    const { account, store, reports } = this.options;
    if (!account.state.signedIn) return [];
    const user = await this.orNothing('Jira', async () => (await account.jira(signal)).connection.user.id);
    return store.claims().flatMap(({ sessionId, host, author, issueKey, commentId, updated }) => {
      const ours = reports.find(({ names }) => host !== undefined && names.includes(host));
      if (user === undefined || author.id !== user || sessionId === undefined || !ours) return [];
      return [{ ...this.entry(sessionId, ours.name), published: { issueKey, commentId, at: updated } }];
    });
  }

  /** Worktrees of tasks in the very place, and with the very branch, that we give them. */
  private async worktrees(signal?: AbortSignal): Promise<LedgerWorktree[]> {
    const { store, repositories } = this.options;
    const { tasks } = store.snapshot;
    const places = await repositories.places(tasks.map(({ key }) => key));
    const found = new Map<string, LedgerWorktree>();
    for (const { host, directory } of places) {
      if (!repositories.host(host)?.local) continue;
      for (const worktree of (await this.orNothing(directory, () => this.made(host, directory, signal))) ??
        [])
        found.set(worktree.directory, worktree);
    }
    return [...found.values()];
  }

  private async made(host: string, repository: string, signal?: AbortSignal): Promise<LedgerWorktree[]> {
    const { settings, store, env } = this.options;
    const trees = await listWorktrees(userGit(repository, { env, ...(signal && { signal }) }));
    const [main, ...others] = trees;
    if (!main) return [];
    const found: LedgerWorktree[] = [];
    for (const { key, branch } of store.snapshot.tasks) {
      const place = await real(worktreeDirectory(rootOf(main), key, settings.worktrees.directory));
      for (const tree of others)
        if (
          branch !== undefined &&
          tree.branch === `refs/heads/${branch}` &&
          (await real(tree.directory)) === place
        )
          found.push({ key, host, directory: tree.directory, createdAt: await this.madeAt(tree.directory) });
    }
    return found;
  }

  /** git writes a worktree's `.git` once: sessions that lived there before the ledger was lost are its own still. */
  private async madeAt(worktree: string): Promise<number> {
    const link = await stat(join(worktree, '.git')).catch(() => undefined);
    return Math.min(link?.mtimeMs ?? Infinity, this.now());
  }

  private entry(sessionId: string, host: string): LedgerEntry {
    const now = this.now();
    return { sessionId, host, evidence: 'seen', flags: [], kind: 'other', createdAt: now, updatedAt: now };
  }

  /** One witness that does not answer takes nothing from what the others say. */
  private async orNothing<T>(who: string, ask: () => Promise<T>): Promise<T | undefined> {
    try {
      return await ask();
    } catch (error) {
      if (isCancelled(error)) throw error;
      this.options.log.warn(`Rebuilding the ledger: ${who}: ${errorLine(error)}`);
      return undefined;
    }
  }
}

/** By the host's clock alone: tmux counts whole seconds. */
const toleranceMs = 1000;

/** True where the conversation is no older than the terminal: then its id was chosen by us, for that task. */
function beganIn({ createdAt }: TerminalInfo, sessionId: string, report: HostReport): boolean {
  const ofIt = report.transcripts.filter(({ id }) => id === sessionId);
  const began =
    ofIt.length > 0
      ? Math.min(...ofIt.map(({ firstActivity }) => firstActivity ?? 0))
      : report.live.find((one) => one.sessionId === sessionId)?.startedAt;
  return began !== undefined && began >= createdAt - toleranceMs;
}

function merged(entries: readonly LedgerEntry[]): LedgerEntry[] {
  const known = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const place = `${entry.host}/${entry.sessionId}`;
    known.set(place, { ...known.get(place), ...entry });
  }
  return [...known.values()];
}

const real = (path: string): Promise<string> => realpath(path).catch(() => path);
