import { randomUUID } from 'node:crypto';
import type { OwedStatus } from '../../model/binding/ledger';
import { isCancelled, UserError } from '../../model/errors';
import { isForward } from '../../model/phase/machine';
import type { RunOrder } from '../../model/run/order';
import type { Settings } from '../../model/settings';
import { isMapped, mappedPhase, phaseTitle, statusesOf } from '../../model/task/phase';
import { phases, type Phase } from '../../model/task/task';
import type { IssueStatus } from '../../sources/jira/dialect/parse';
import type { Transition } from '../../sources/jira/dialect/transitions';
import { JiraError } from '../../sources/jira/errors';
import type { Jira } from '../../sources/jira/jira';
import type { Ledger } from '../../state/ledger';
import type { IssueWriter, IssueWriterOptions } from './issueWriter';
import type { Outcome } from './outcome';
import { isRefusal } from './refusal';

export interface StatusMovesOptions extends Pick<IssueWriterOptions, 'log' | 'now'> {
  settings: Pick<Settings, 'phases'>;
  ledger: Pick<Ledger, 'read' | 'owe' | 'paid' | 'failedToPay'>;
}

/** What came of moving an issue. */
export type Move = Omit<Outcome, 'kind'> & { kind: 'moved' | 'unchanged' | 'owed' | 'refused' };

type MovedRun = Pick<RunOrder, 'id' | 'key' | 'jira' | 'issueId' | 'sessionId' | 'createdAt'>;

/** Moves issues to the status of a phase: forward only, and never against what a person did. */
export class StatusMoves {
  private readonly now: () => number;

  constructor(
    private readonly options: StatusMovesOptions,
    private readonly writer: IssueWriter,
  ) {
    this.now = options.now ?? Date.now;
  }

  /**
   * Moves the issue of a run to the status that `phases` maps to `phase`. What somebody did to the status after `since`
   * (epoch ms; default: since the run was ordered) stands. Rejects only when cancelled.
   */
  async move(run: MovedRun, phase: Phase, signal?: AbortSignal, since = run.createdAt): Promise<Move> {
    const { log, settings } = this.options;
    if (statusesOf(phase, settings.phases).length === 0) return { kind: 'unchanged' };
    try {
      const jira = await this.writer.jiraOf(run, signal);
      const move = await this.forward(jira, run, { phase, since }, signal);
      if (move.kind !== 'refused') await this.settleDebts(run);
      else await this.owe(run, { phase, since, error: move.note ?? '', refused: true });
      return move;
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      const refused = isRefusal(error);
      const line = `The status of ${run.key} was not changed: ${error.line}`;
      log.warn(line);
      await this.owe(run, { phase, since, error: line, refused });
      return { kind: refused ? 'refused' : 'owed', note: line };
    }
  }

  /**
   * The same for what a person or a session does now, without a run: nothing is owed, whoever asks is told. Throws
   * UserError where Jira cannot be asked.
   */
  async moveNow(
    issue: Pick<RunOrder, 'key' | 'issueId'>,
    phase: Phase,
    signal?: AbortSignal,
    since = Number.POSITIVE_INFINITY,
  ): Promise<Move> {
    if (statusesOf(phase, this.options.settings.phases).length === 0) return { kind: 'unchanged' };
    const jira = await this.writer.jiraOf({ key: issue.key }, signal);
    return this.forward(jira, issue, { phase, since }, signal);
  }

  /** What is owed to this Jira of a run's statuses. */
  async owedFor({ id, jira }: Pick<RunOrder, 'id' | 'jira'>): Promise<OwedStatus | undefined> {
    const { owed } = await this.options.ledger.read();
    return owed.find(
      (write): write is OwedStatus =>
        write.kind === 'status' && write.runId === id && write.jira === (jira ?? this.writer.jiraHost()),
    );
  }

  private async forward(
    jira: Jira,
    run: Pick<RunOrder, 'key' | 'issueId'>,
    { phase, since }: { phase: Phase; since: number },
    signal: AbortSignal | undefined,
  ): Promise<Move> {
    let kind: 'moved' | 'unchanged' = 'unchanged';
    let note: string | undefined;
    // Where no transition leads there at once, it goes by the phases between.
    for (let steps = 0; steps < phases.length; steps++) {
      const issue = await jira.status(run.key, signal);
      this.writer.sameIssue(run, issue.id);
      if (this.isThere(issue, phase)) return { kind };
      if (
        kind === 'unchanged' &&
        Number.isFinite(since) &&
        (await this.isLeft(jira, { key: issue.key, phase, since }, signal))
      )
        return { kind };
      const tried = await this.step(jira, issue, phase, signal);
      if (!tried.moved) {
        // Somebody else may have been quicker, who settles the same run.
        if (!this.isThere(await jira.status(issue.key, signal), phase)) note = tried.note;
        break;
      }
      kind = 'moved';
      this.writer.touched(issue.key);
    }
    return note === undefined ? { kind } : { kind: 'refused', note };
  }

  /** In that phase, or further. An unmapped status says nothing of how far it is, unless it is an end. */
  private isThere({ status, category }: IssueStatus, phase: Phase): boolean {
    const mapping = this.options.settings.phases;
    if (isMapped(status, phase, mapping) || category === 'done') return true;
    const current = mappedPhase(status, mapping);
    return current !== undefined && isForward(phase, current);
  }

  /** Somebody took it back since, or moved it to a status that is none of a run's: there it stays. */
  private async isLeft(
    jira: Jira,
    { key, phase, since }: { key: string; phase: Phase; since: number },
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const mapping = this.options.settings.phases;
    const changes = await jira.statusChanges(key, signal);
    // Whether somebody did, nobody can tell.
    if (!changes) return true;
    const moves = changes.filter(({ at }) => at > since);
    const last = moves.at(-1);
    if (!last) return false;
    const wasThere = moves.some(({ to }) => {
      const reached = mappedPhase(to, mapping);
      return reached !== undefined && !isForward(reached, phase);
    });
    const isOfRun = (['analyzing', 'implementing'] as const).some((one) => isMapped(last.to, one, mapping));
    return wasThere || !isOfRun;
  }

  /**
   * One transition towards the phase: right to it, else to the furthest phase before it. The status of the approval is
   * never passed through: who moves an issue there says that it is approved.
   */
  private async step(
    jira: Jira,
    issue: IssueStatus,
    phase: Phase,
    signal: AbortSignal | undefined,
  ): Promise<{ moved: boolean; note?: string }> {
    const mapping = this.options.settings.phases;
    const offered = await jira.transitions(issue.key, signal);
    const current = mappedPhase(issue.status, mapping);
    const from = current === undefined ? 0 : phases.indexOf(current) + 1;
    const ways = phases
      .slice(from, phases.indexOf(phase) + 1)
      .filter((target) => target === phase || target !== 'approved')
      .toReversed()
      .flatMap((target) => offered.filter(({ to }) => isMapped(to, target, mapping)));
    let refused: JiraError | undefined;
    for (const way of ways) {
      try {
        await jira.transition(issue.key, { transitionId: way.id }, signal);
        return { moved: true };
      } catch (error) {
        // Somebody else was quicker, or it asks for fields: the next way, if there is one, and else what it said.
        if (!(error instanceof JiraError)) throw error;
        if (this.isThere(await jira.status(issue.key, signal), phase)) return { moved: true };
        if (!isRefusal(error)) throw error;
        refused = error;
      }
    }
    return { moved: false, note: this.why(issue, phase, ways, refused) };
  }

  private why(
    { key, status }: IssueStatus,
    phase: Phase,
    ways: readonly Transition[],
    refused: JiraError | undefined,
  ): string {
    const wanted = [this.options.settings.phases[phase] ?? []].flat().join(' or ');
    const what = `${key} was not moved from ${status} to ${wanted}`;
    return ways.length === 0
      ? `${what}: Jira offers you no transition there. Move it in Jira, ask for the permission, or correct phases.${phase}.`
      : `${what}: ${refused?.message ?? ''} Move it in Jira, where its screen asks for what is missing (${phaseTitle(phase)}).`;
  }

  private async owe(
    run: MovedRun,
    { phase, since, error, refused }: { phase: Phase; since: number; error: string; refused: boolean },
  ): Promise<void> {
    const { ledger } = this.options;
    const jira = run.jira ?? this.writer.jiraHost();
    const known = await this.owedFor(run);
    const id = randomUUID();
    await ledger.owe({
      id,
      kind: 'status',
      ...(jira !== undefined && { jira }),
      issueKey: run.key,
      sessionId: run.sessionId,
      runId: run.id,
      phase,
      since,
      createdAt: this.now(),
      attempts: known?.phase === phase ? known.attempts : 0,
    });
    await ledger.failedToPay(id, error, { refused });
  }

  private async settleDebts(run: MovedRun): Promise<void> {
    const debt = await this.owedFor(run);
    if (debt) await this.options.ledger.paid(debt.id);
  }
}
