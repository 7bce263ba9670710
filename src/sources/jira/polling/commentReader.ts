import { isCancelled } from '../../../model/errors';
import type { Issue } from '../../../model/task/issue';
import type { Log } from '../../../util/log';
import { JiraError } from '../errors';

/** Issues per refresh whose comments are read apart; the rest follow with the next ones. */
const mostPerRefresh = 40;
const atOnce = 4;

/**
 * Reads the comments that search left out. An issue needs that where it has more comments than search brought and than
 * its index had seen; each state of an issue is read once, also where Jira never hands out as many as it counts.
 */
export class CommentReader {
  /** By issue id: `updated` and number of comments when they were read. */
  private readonly done = new Map<string, string>();

  constructor(
    private readonly source: { withAllComments(issue: Issue, signal?: AbortSignal): Promise<Issue> },
    private readonly log: Log,
  ) {}

  /** The same issues, as many of them as possible with all comments. Trouble on the way is logged, not thrown. */
  async complete(issues: readonly Issue[], signal?: AbortSignal): Promise<readonly Issue[]> {
    this.forgetAllBut(issues);
    const wanted = issues.filter((issue) => this.needs(issue)).slice(0, mostPerRefresh);
    if (wanted.length === 0) return issues;
    const read = new Map<string, Issue>();
    let trouble = false;
    const worker = async (): Promise<void> => {
      for (let issue = wanted.shift(); issue && !trouble; issue = wanted.shift()) {
        try {
          read.set(issue.id, await this.source.withAllComments(issue, signal));
        } catch (error) {
          if (!(error instanceof JiraError) || isCancelled(error)) throw error;
          this.log.warn(`Jira: comments of ${issue.key}: ${error.line}`);
          trouble = error.transient;
          if (trouble) return;
        }
        this.done.set(issue.id, stateOf(issue));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return issues.map((issue) => read.get(issue.id) ?? issue);
  }

  private needs(issue: Issue): boolean {
    const { total, read } = issue.comments;
    return (
      read < total && (issue.index?.commentsSeen ?? 0) < total && this.done.get(issue.id) !== stateOf(issue)
    );
  }

  private forgetAllBut(issues: readonly Issue[]): void {
    const ids = new Set(issues.map((issue) => issue.id));
    for (const id of this.done.keys()) if (!ids.has(id)) this.done.delete(id);
  }
}

const stateOf = ({ updated, comments }: Issue): string => `${updated} ${comments.total}`;
