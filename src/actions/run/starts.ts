import { randomUUID } from 'node:crypto';
import type { Host } from '../../hosts/host';
import { isCancelled, UserError } from '../../model/errors';
import { hasStarted, type LedgerRun, type RunKind } from '../../model/run/order';
import { stateOf } from '../../model/run/progress';
import type { RunReading, RunState } from '../../model/run/run';
import type { Task } from '../../model/task/task';
import { jiraHost } from '../../sources/jira/connection';
import { readRun } from '../../sources/runFiles/readRun';
import { placesFor, type RunPlace } from './start/places';
import { heedApproval, isApprovedAnew, refuseUnapproved } from './start/implementation/approval';
import { answerCheck, failedCheck, type Answer } from './start/implementation/answer';
import { prepareAnalysis } from './start/analysis/prepare';
import { prepareImplementation } from './start/implementation/prepare';
import { refuseOther, shownOf } from './start/implementation/shown';
import { theirs, type Prepare, type PreparedRun, type RunRef, type StartedTask } from './start/order';
import type { PlannedRun, StartedRun, StartOptions, StartQuestion } from './progress';
import { askBeside, isRunOf, ownRunQuestion, startedElsewhere } from './start/questions';
import { giveUp, givenUp, isLaunched, undoCancelled } from './start/giveUp';
import { goOn, launchAgain, othersOf, type StartingOptions } from './start/goOn';
import { StartSteps, type StartCheck } from './start/steps';
import type { Turns } from '../../util/turns';
import { wordsOf } from './start/words';

export interface StartsOptions extends StartingOptions {
  /** At the repositories: two fetches at once trip over git's locks. */
  turns: Turns;
  now?(): number;
}

/** The kinds of runs that people start. */
export type StartedKind = Exclude<RunKind, 'handoff'>;

const prepares: Record<StartedKind, Prepare> = {
  analysis: prepareAnalysis,
  implementation: prepareImplementation,
};

export interface ContinueOptions extends StartOptions {
  /** Of an implementation whose check failed: Claude mends it, or the step passes as it is. Without: the checks run again. */
  answer?: Answer | undefined;
}

/** Starting runs of one kind, and going on with any that was interrupted. */
export class Starts {
  private readonly now: () => number;

  constructor(
    readonly kind: StartedKind,
    private readonly options: StartsOptions,
  ) {
    this.now = options.now ?? Date.now;
  }

  /** Where it could run, the nearest place first. Throws UserError where nowhere. */
  async places(task: Pick<Task, 'key'>): Promise<RunPlace[]> {
    return placesFor(this.options, task.key);
  }

  /**
   * Starts the detached run for a task: preflight, branch, record, launch, status. Cancelled before its launch it
   * leaves nothing; later, or killed at any point, nothing or a run that `continue` goes on with. An earlier run of ours that still works is
   * answered as it is.
   */
  async start(task: StartedTask, options: StartOptions = {}): Promise<StartedRun> {
    const steps = new StartSteps(options);
    const over = new Set<string>();
    const earlier = await this.earlier(task.key, { over, shown: options.shown }, steps);
    if (earlier) return this.continue(earlier.order, options);

    let begun: { run: LedgerRun; host: Host; kit: PreparedRun['kit'] } | undefined;
    await steps.step('preflight', `Looking where to ${wordsOf[this.kind].verb} ${task.key}`, async () => {
      await this.refuseOthers(task.key, steps);
      const { run, host, kit, existing } = await this.prepare(task, options, steps);
      if (options.shown) refuseOther(run, options.shown);
      const jira = run.jira;
      const isRival = (other: LedgerRun): boolean =>
        isRunOf(other, { kind: this.kind, key: task.key, jira }) && !over.has(other.order.id);
      const now = this.now();
      const noted = await this.options.ledger.beginRun(
        {
          order: run,
          reached: 'preflight',
          ...(existing && { existing: true as const }),
          settledLines: 0,
          createdAt: now,
        },
        isRival,
      );
      if (noted.order.id !== run.id) throw startedElsewhere(run);
      begun = { run: noted, host, kit };
      return `${run.branch} on ${host.name}`;
    });
    if (!begun) throw new Error('no run was begun');
    try {
      return await goOn(begun.run, begun, this.options, steps);
    } catch (error) {
      if (isCancelled(error)) await undoCancelled(begun.run, begun.host, this.options);
      throw error;
    }
  }

  /** Looks at everything that `start` looks at, asks nothing, and makes nothing but a fetch. */
  async plan(task: StartedTask, { host: wanted, signal }: StartOptions = {}): Promise<PlannedRun> {
    const checks: StartCheck[] = [];
    const questions: StartQuestion[] = [];
    const steps = new StartSteps({
      signal,
      ask: (question) => {
        const { kind, summary } = question;
        // Nobody accepts a prompt by looking.
        if (kind === 'repositoryPrompt') return Promise.resolve(false);
        questions.push(question);
        const check = kind === 'liveSession' ? 'sessions' : 'branch';
        checks.push({ check, ok: false, detail: summary, fix: 'The start asks.' });
        return Promise.resolve(true);
      },
    });
    try {
      const { run } = await this.prepare(task, { host: wanted }, steps, (check) => checks.push(check));
      const { host, directory, branch } = run;
      const shown = shownOf(run);
      const place = { host, directory, branch };
      return { checks, questions, place, ...(shown && { shown, steps: shown.steps }) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { checks, questions, refused: { reason: error.message, next: error.next } };
    }
  }

  /**
   * From the first step that is not done: of the start, or of the run, of whatever kind. An answer is for the check that
   * had failed as the person saw it, where `run` says that.
   */
  async continue(run: RunRef & { state?: RunState }, options: ContinueOptions = {}): Promise<StartedRun> {
    const steps = new StartSteps(options);
    const host = this.options.host(run.host);
    const { runs } = await this.options.ledger.read();
    const ours = runs.find(({ order }) => order.id === run.id);
    if (ours?.abandoned) throw givenUp(ours.order);
    const reading = await readRun(host, run.id, steps.signal);
    const now = reading && stateOf(reading, ours?.reached);
    const { answer = failedCheck(now) === undefined ? undefined : 'again' } = options;
    const { order } = ours ?? theirs(reading, run, host);
    if (now && isStill(now)) await heedApproval(order, this.options, steps);
    if (answer) {
      const seen = answer === 'again' ? undefined : run.state;
      await answerCheck(order, host, { answer, seen, now }, steps.signal);
    }
    if (!ours) return this.again(theirs(reading, run, host), host, reading, steps);
    if (!isLaunched(ours, reading)) {
      await refuseUnapproved(ours.order, this.options, steps.signal);
      // A discard that was cut off may have taken any of it back.
      return goOn(ours.withdrawn ? { ...ours, reached: 'preflight' } : ours, { host }, this.options, steps);
    }
    // Given up at its very launch: it is wanted again, and so is its record.
    if (ours.withdrawn)
      await this.options.ledger.reviseRun(run.id, (before) => before && { ...before, withdrawn: false });
    return this.again(ours, host, reading, steps);
  }

  /**
   * Gives up a run of ours that was never launched: its record goes, and worktree and branch if nothing is in them.
   * With `forget` also one that was and does not work: Jira is owed nothing of it any more. Answers what stays.
   */
  async discard(
    { id }: RunRef,
    { forget = false, ...options }: StartOptions & { forget?: boolean } = {},
  ): Promise<string[]> {
    const steps = new StartSteps(options);
    const { runs } = await this.options.ledger.read();
    const ours = runs.find(({ order }) => order.id === id);
    if (!ours) throw new UserError('Somebody else started that run.', 'Leave it to them.');
    if (!ours.abandoned) await giveUp(ours, { forget }, this.options, steps);
    return steps.notes;
  }

  /** An unfinished run of ours to go on with instead. `over` takes those that have come to an end. */
  private async earlier(
    key: string,
    { over, shown }: Pick<StartOptions, 'shown'> & { over: Set<string> },
    steps: StartSteps,
  ): Promise<LedgerRun | undefined> {
    const { runs } = await this.options.ledger.read();
    for (const run of runs.toReversed()) {
      const { order } = run;
      if (!isRunOf(run, { kind: this.kind, key, jira: this.jira() })) continue;
      const state = await this.state(run, steps.signal);
      switch (state.kind) {
        case 'gone':
        case 'complete':
          break;
        case 'queued':
        case 'running':
          if (shown) refuseOther(order, shown);
          return run;
        case 'starting':
        case 'interrupted':
          await steps.insist(ownRunQuestion(order, state));
          return run;
        case 'failed':
        case 'stopped':
          // Who starts wants what is approved now.
          if (await isApprovedAnew(order, this.options, steps.signal)) break;
          if (await steps.ask(ownRunQuestion(order, state))) return run;
          break;
      }
      over.add(order.id);
      steps.accepted.add(order.sessionId);
    }
    return undefined;
  }

  private async state(
    { order, reached }: LedgerRun,
    signal: AbortSignal | undefined,
  ): Promise<RunState | { kind: 'gone' }> {
    const host = this.options.hosts.find(({ name }) => name === order.host);
    if (!host) return { kind: 'gone' };
    try {
      const reading = await readRun(host, order.id, signal);
      if (reading) return stateOf(reading, reached);
      return hasStarted(reached) ? { kind: 'gone' } : { kind: 'starting', reached };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(
        `${order.key} has an earlier run on ${order.host}, and it cannot be told how that stands: ${error.message}`,
        error.next,
        { cause: error },
      );
    }
  }

  private prepare(
    task: StartedTask,
    { host }: StartOptions,
    steps: StartSteps,
    onCheck: (check: StartCheck) => void = () => undefined,
  ): Promise<PreparedRun> {
    return prepares[this.kind](
      task,
      {
        ...this.options,
        wanted: host,
        inTurn: ({ host, place }, work) => this.options.turns.next(`${host.name}:${place.directory}`, work),
        now: this.now,
        onCheck: (check) => {
          onCheck(check);
          steps.doing(
            'preflight',
            check.ok ? check.detail : [check.detail.replace(/\.$/, ''), check.fix].filter(Boolean).join('. '),
          );
        },
      },
      steps,
    );
  }

  /** Before anything is looked at: somebody may work on the task already. */
  private async refuseOthers(key: string, steps: StartSteps): Promise<void> {
    // The order is not decided yet; none of its sessions is recorded.
    const asked = { key, kind: this.kind, sessionId: randomUUID() } as const;
    await askBeside(asked, await othersOf(asked, this.options, steps), steps);
  }

  /** The runner once more, for a run that was launched before. */
  private async again(
    run: LedgerRun,
    host: Host,
    reading: RunReading | undefined,
    steps: StartSteps,
  ): Promise<StartedRun> {
    if (!reading)
      throw new UserError(
        `The folder of the run is gone on ${host.name}.`,
        `Start the ${run.order.kind} of ${run.order.key} again.`,
      );
    const state = stateOf(reading, run.reached);
    if (state.kind === 'complete')
      throw new UserError(
        `The ${run.order.kind} of ${run.order.key} is complete.`,
        wordsOf[run.order.kind].next,
      );
    return launchAgain(run, host, this.options, steps);
  }

  private jira(): string | undefined {
    return jiraHost(this.options.account.state.url);
  }
}

/** It came to an end that it goes on from. */
const isStill = ({ kind }: RunState): boolean =>
  kind === 'failed' || kind === 'stopped' || kind === 'interrupted';
