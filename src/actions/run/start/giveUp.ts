import type { Host } from '../../../hosts/host';
import { isCancelled, UserError } from '../../../model/errors';
import { isLive } from '../../../model/run/settlement/due';
import { hasStarted, type LedgerRun, type RunOrder } from '../../../model/run/order';
import { stateOf } from '../../../model/run/progress';
import type { RunReading } from '../../../model/run/run';
import { removeBranch } from '../../../runs/branch';
import { markSettled } from '../../../runs/mark';
import { readRun } from '../../../sources/runFiles/readRun';
import type { StartingOptions } from './goOn';
import { StartSteps } from './steps';

/** What its host has of a run that is given up; no host: it is none of ours any more. */
interface Left {
  host: Host | undefined;
  reading: RunReading | undefined;
}

export const givenUp = ({ kind }: Pick<RunOrder, 'kind'>): UserError =>
  new UserError('That run was given up.', `Start the ${kind} again.`);

/** True where the run was launched, whatever the ledger came to note of it. */
export const isLaunched = ({ reached }: Pick<LedgerRun, 'reached'>, reading?: RunReading): boolean =>
  hasStarted(reached) || (reading?.lines.length ?? 0) > 0;

/**
 * Gives up a run of ours. One that was never launched leaves nothing but what somebody has written. With `forget` also
 * one that was, and does not work: what Jira did not take of it is owed no more. Throws UserError where the run works,
 * or where nobody can tell.
 */
export async function giveUp(
  run: LedgerRun,
  { forget }: { forget: boolean },
  options: StartingOptions,
  steps: StartSteps,
): Promise<void> {
  const { order, reached } = run;
  const host = options.hosts.find(({ name }) => name === order.host);
  const reading = host && (await readRun(host, order.id, steps.signal));
  if (!isLaunched(run, reading)) return undo(run, { host, forget }, options, steps);
  if (reading && isLive(stateOf(reading, reached)) && reading.lines.length > 0)
    throw new UserError('That run works.', 'Stop it first.');
  if (!forget) throw new UserError('That run was launched.', 'Stop it instead.');
  await forgetRun(run, { host, reading }, options, steps);
}

/** After a cancel: nothing says that a run begins which nobody launched. What does not work out stays to be continued. */
export async function undoCancelled(run: LedgerRun, host: Host, options: StartingOptions): Promise<void> {
  const steps = new StartSteps({ signal: AbortSignal.timeout(undoMs) });
  const { runs } = await options.ledger.read();
  const now = runs.find(({ order }) => order.id === run.order.id);
  try {
    // Once it is placed, it may be launching at this very moment.
    if (now && !hasStarted(now.reached) && !(await readRun(host, run.order.id, steps.signal)))
      await undo(now, { host }, options, steps);
  } catch (error) {
    if (!isCancelled(error) && !(error instanceof UserError)) throw error;
  }
}

/** A person waits for it who wanted to go. */
const undoMs = 20_000;

/** Takes back what a start has made: nothing goes in which somebody has written. `forget`: also while Jira is silent. */
export async function undo(
  { order }: LedgerRun,
  { host, forget = false }: { host: Host | undefined; forget?: boolean },
  { records, ledger }: StartingOptions,
  steps: StartSteps,
): Promise<void> {
  const note = (error: unknown): void => {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    steps.note(error.line);
  };
  try {
    steps.note((await records.withdraw(order, steps.signal)).note);
  } catch (error) {
    // Else the issue would say for ever that it begins.
    if (!forget) throw error;
    note(error);
  }
  const { branch, directory } = order;
  if (!host)
    steps.note(`${branch} may be left in ${directory} on ${order.host}, which is none of your hosts.`);
  else
    try {
      const { kept } = await removeBranch(host, order, steps.signal);
      if (kept) steps.note(`${branch} stays in ${directory}: there is something in it.`);
    } catch (error) {
      note(error);
    }
  await ledger.restore({ sessionId: order.sessionId, host: order.host }, undefined);
  // Last: until here it can be gone on with.
  await ledger.reviseRun(order.id, (before) => before && { ...before, abandoned: true });
}

/** Nobody asks Jira for this run any more. Where it is nowhere to be found, its record says so, if Jira takes that. */
async function forgetRun(
  { order, settledAs }: LedgerRun,
  { host, reading }: Left,
  { account, ledger, records }: StartingOptions,
  steps: StartSteps,
): Promise<void> {
  const { id } = order;
  if (!reading && settledAs !== 'complete') {
    const failure = {
      kind: 'unknown',
      message: `It was given up; nothing of it is to be found on ${order.host}.`,
      next: `Start the ${order.kind} again.`,
    } as const;
    const state = { kind: 'failed', step: 'wait', at: 0, failure } as const;
    const read = () => Promise.resolve({ state, docs: [] });
    steps.note((await records.update({ order, host: order.host, read }, steps.signal)).note);
  }
  const { owed } = await ledger.read();
  for (const write of owed) if (write.runId === id) await ledger.paid(write.id);
  if (host && reading)
    try {
      await markSettled(host, id, reading.lineCount, account.state.user ?? '', steps.signal);
    } catch (error) {
      if (isCancelled(error) || !(error instanceof UserError)) throw error;
      steps.note(error.line);
    }
  await ledger.reviseRun(id, (before) => before && { ...before, abandoned: true });
}
