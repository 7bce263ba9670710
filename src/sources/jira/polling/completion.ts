import { isCancelled } from '../../../model/errors';
import type { Issue } from '../../../model/task/issue';
import type { Log } from '../../../util/log';
import { JiraError } from '../errors';
import { stateOf } from './taskList';

/** Issues per refresh that are read apart; the rest follow with the next ones. */
const mostPerRefresh = 40;
const atOnce = 4;

/** What a search answer may lack, and how to get it. */
export interface Completion {
  /** For the log. */
  what: string;
  needs(issue: Issue): boolean;
  read(issue: Issue, signal?: AbortSignal): Promise<Issue>;
}

/** Fills in what search left out. Each state of an issue is asked about once, also where Jira never answers in full. */
export class IssueCompleter {
  /** By issue id: the state that was asked about. */
  private readonly done = new Map<string, string>();

  constructor(
    private readonly completion: Completion,
    private readonly log: Log,
  ) {}

  /** The same issues, as many of them as possible complete. Trouble on the way is logged, not thrown. */
  async complete(issues: readonly Issue[], signal?: AbortSignal): Promise<readonly Issue[]> {
    this.forgetAllBut(issues);
    const { what, needs, read } = this.completion;
    const wanted = issues
      .filter((issue) => needs(issue) && this.done.get(issue.id) !== stateOf(issue))
      .slice(0, mostPerRefresh);
    if (wanted.length === 0) return issues;
    const complete = new Map<string, Issue>();
    let trouble = false;
    const worker = async (): Promise<void> => {
      for (let issue = wanted.shift(); issue && !trouble; issue = wanted.shift()) {
        try {
          complete.set(issue.id, await read(issue, signal));
        } catch (error) {
          if (!(error instanceof JiraError) || isCancelled(error)) throw error;
          this.log.warn(`Jira: ${what} of ${issue.key}: ${error.line}`);
          trouble = error.transient;
          if (trouble) return;
        }
        this.done.set(issue.id, stateOf(issue));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return issues.map((issue) => complete.get(issue.id) ?? issue);
  }

  private forgetAllBut(issues: readonly Issue[]): void {
    const ids = new Set(issues.map((issue) => issue.id));
    for (const id of this.done.keys()) if (!ids.has(id)) this.done.delete(id);
  }
}
