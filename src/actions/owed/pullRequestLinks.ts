import { randomUUID } from 'node:crypto';
import type { OwedLink } from '../../model/binding/ledger';
import { errorLine, isCancelled, UserError } from '../../model/errors';
import type { PullRequestNote } from '../../model/gate/pullRequest';
import { JiraError } from '../../sources/jira/errors';
import type { Jira } from '../../sources/jira/jira';
import type { Ledger } from '../../state/ledger';
import type { Log } from '../../util/log';
import type { IssueWriter } from '../issue/issueWriter';
import { isPassing } from '../issue/refusal';
import type { Move, StatusMoves } from '../issue/statusMoves';
import type { Debts, Payment } from './debts';

export interface PullRequestLinksOptions {
  moves: Pick<StatusMoves, 'moveNow'>;
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay'>;
  log: Log;
  now?(): number;
}

/** A pull request whose address our note of it has. */
export type LinkedBranch = Pick<OwedLink, 'issueId' | 'branch' | 'base'> & { key: string };

/** What became of the link and of the phase. */
export interface LinkOutcome {
  status: Move['kind'];
  /** Jira will be asked again, without anybody asking for it. */
  isOwed: boolean;
  /** What Jira did not take, one line each, with the next step. */
  problems: string[];
}

/** After so long nobody waits for a link any more. */
const keptMs = 30 * 24 * 3_600_000;

/**
 * Links of pull requests on their issues, one for each branch, and the status that goes with them. Each is owed to the
 * ledger before it is tried. It always says what our newest note says, so that whoever pays late overwrites nothing.
 */
export class PullRequestLinks implements Debts {
  private readonly now: () => number;

  constructor(
    private readonly options: PullRequestLinksOptions,
    private readonly writer: IssueWriter,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** For the person who is present: what Jira refuses is said, and owed no more. Rejects only when cancelled. */
  async put({ key, issueId, branch, base }: LinkedBranch, signal?: AbortSignal): Promise<LinkOutcome> {
    const { ledger } = this.options;
    const jira = this.writer.jiraHost();
    const write: OwedLink = {
      // A new one each time: who pays the one before does not pay this one.
      id: randomUUID(),
      kind: 'link',
      ...(jira !== undefined && { jira }),
      issueKey: key,
      issueId,
      branch,
      base,
      createdAt: this.now(),
      attempts: 0,
    };
    await ledger.owe(write);
    try {
      return await this.pay(write, Number.POSITIVE_INFINITY, signal);
    } catch (error) {
      await ledger.paid(write.id);
      throw error;
    }
  }

  async due(): Promise<OwedLink[]> {
    const { owed } = await this.options.ledger.read();
    const here = this.writer.jiraHost();
    return owed.filter(
      (one): one is OwedLink => one.kind === 'link' && (one.jira === undefined || one.jira === here),
    );
  }

  /** What somebody did to the status since it is owed stands. */
  async settle(write: OwedLink, signal?: AbortSignal): Promise<Payment> {
    const { issueKey: key, id, createdAt } = write;
    const what = { kind: 'link' as const, key };
    if (this.now() - createdAt > keptMs) {
      await this.options.ledger.paid(id);
      return {
        ...what,
        result: 'refused',
        problem: `${key}: the link of its pull request is given up after ${keptMs / 86_400_000} days.`,
      };
    }
    const { isOwed, problems } = await this.pay(write, createdAt, signal);
    const problem = problems.join(' ');
    if (isOwed) return { ...what, result: 'owed', problem };
    return problems.length > 0 ? { ...what, result: 'refused', problem } : { ...what, result: 'paid' };
  }

  private pay(write: OwedLink, since: number, signal: AbortSignal | undefined): Promise<LinkOutcome> {
    return this.writer.next(async () => {
      const { ledger, moves, log } = this.options;
      const { id, issueKey: key, issueId } = write;
      const failures: { line: string; isPassing: boolean }[] = [];
      const tried = async <T>(work: () => Promise<T>, words: (error: UserError) => string) => {
        try {
          return await work();
        } catch (error) {
          if (isCancelled(error) || !(error instanceof UserError)) throw error;
          failures.push({ line: words(error), isPassing: isPassing(error) });
          return undefined;
        }
      };
      await tried(
        async () => this.bring(await this.writer.jiraOf({ key }, signal), write, signal),
        (error) => unlinked(key, error),
      );
      const move = await tried(
        () => moves.moveNow({ key, issueId }, 'inReview', signal, since),
        (error) => `The status of ${key} was not changed: ${error.line}`,
      );
      const isOwed = failures.some((one) => one.isPassing);
      const problems = [
        ...failures.map(({ line }) => line),
        ...(move?.note === undefined ? [] : [move.note]),
      ];
      if (isOwed) await ledger.failedToPay(id, problems.join(' '));
      else await ledger.paid(id);
      for (const problem of problems) log.warn(problem);
      return {
        status: move?.kind ?? (isOwed ? 'owed' : 'refused'),
        isOwed,
        problems: [...new Set(problems)],
      };
    });
  }

  /** Somebody may note another address while we write: the newest stays. */
  private async bring(jira: Jira, write: OwedLink, signal: AbortSignal | undefined): Promise<void> {
    const { issueKey: key, issueId, branch, base } = write;
    this.writer.sameIssue({ key, issueId }, (await jira.status(key, signal)).id);
    let written: string | undefined;
    for (let note = await this.noted(write); note && note.url !== written; note = await this.noted(write)) {
      const { url, name } = note;
      await jira.setRemoteLink(
        key,
        {
          globalId: globalId(issueId, branch),
          url,
          title: `${name ?? 'Open pull request'}: ${branch}`,
          summary: `Into ${base}`,
          relationship: 'Pull request',
        },
        signal,
      );
      written = url;
    }
  }

  private async noted({ issueKey, branch }: OwedLink): Promise<PullRequestNote | undefined> {
    const here = this.writer.jiraHost();
    const { pullRequests } = await this.options.ledger.read();
    return pullRequests.findLast(
      (note) =>
        note.key === issueKey && note.branch === branch && (note.jira === undefined || note.jira === here),
    );
  }
}

/** Jira takes 255 characters: the end of a longer name tells branches apart. */
const globalId = (issueId: string, branch: string): string =>
  `task-sessions/pull-request/${issueId}/${branch.slice(-180)}`;

function unlinked(key: string, error: UserError): string {
  const what = `The link was not put on ${key}: ${error.message}`;
  if (isPassing(error)) return `${what} It is owed, and put there when Jira answers.`;
  return error instanceof JiraError && error.kind === 'permission'
    ? `${what} Ask for the permission to link issues.`
    : `The link was not put on ${key}: ${errorLine(error)}`;
}
