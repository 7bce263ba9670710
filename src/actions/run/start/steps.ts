import { CancelledError, errorLine, isCancelled, UserError } from '../../../model/errors';
import type { StartStep } from '../../../model/run/order';
import type { StartOptions, StartQuestion } from '../progress';

/** One thing that was looked at before anything is made. */
export interface StartCheck {
  check:
    | 'host'
    | 'repository'
    | 'identity'
    | 'disk'
    | 'claude'
    | 'signIn'
    | 'fetch'
    | 'branch'
    | 'sessions'
    | 'push'
    | 'issue'
    | 'approval'
    | 'plan'
    | 'checks';
  ok: boolean;
  detail: string;
  fix?: string;
}

/** What one start tells and asks while it goes on. */
export class StartSteps {
  readonly notes: string[] = [];
  /** Sessions of others beside which the person wants to start. */
  readonly accepted = new Set<string>();

  constructor(private readonly options: StartOptions = {}) {}

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** Does a step, telling so before and after; `work` answers what came of it. Nothing begins after a cancel. */
  async step(step: StartStep, doing: string, work: () => Promise<string>): Promise<void> {
    if (this.signal?.aborted) throw new CancelledError();
    this.tell(step, 'doing', doing);
    try {
      this.tell(step, 'done', await work());
    } catch (error) {
      if (!isCancelled(error)) this.tell(step, 'failed', errorLine(error));
      throw error;
    }
  }

  /** One line inside a step. */
  doing(step: StartStep, detail: string): void {
    if (this.signal?.aborted) throw new CancelledError();
    this.tell(step, 'doing', detail);
  }

  note(line: string | undefined): void {
    if (line && !this.notes.includes(line)) this.notes.push(line);
  }

  /** Nobody there to ask is a no. */
  async ask(question: StartQuestion): Promise<boolean> {
    return (await this.options.ask?.(question)) ?? false;
  }

  /** Throws the question's words where the answer is no. */
  async insist(question: StartQuestion): Promise<void> {
    if (!(await this.ask(question))) throw refused(question);
  }

  private tell(step: StartStep, state: 'doing' | 'done' | 'failed', detail: string): void {
    this.options.onProgress?.({ step, state, detail });
  }
}

/** The question as a fact, for somebody who was not asked or said no. */
export const refused = ({ summary, detail }: StartQuestion): UserError =>
  new UserError(factOf(summary), detail);

/** What a question says before it asks. */
export const factOf = (summary: string): string => summary.replace(/ [^.?]*\?$/, '');
