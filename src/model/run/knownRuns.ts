import { sameItems } from '../../util/same';
import type { LedgerState } from '../binding/ledger';
import { answers } from '../session/known/absentSession';
import type { HostReading } from '../session/known/knownSessions';
import { hasStarted, type LedgerRun } from './order';
import { pendingRun, runOf } from './progress';
import type { Run, RunReading } from './run';
import { isLiveRun } from './standing';

export interface RunsInput {
  hosts: readonly HostReading[];
  ledger: LedgerState;
  /** Host (and port) of the Jira that is asked: runs for another are left out. */
  jiraHost?: string | undefined;
}

/** A run as it was made of a reading, and what else it was made of. */
interface Told {
  host: string;
  ours: LedgerRun | undefined;
  asOf: number | undefined;
  run: Run;
}

/** Every run that a host or our ledger knows, newest first, look after look: what is the same is the same object. */
export class KnownRuns {
  private readonly told = new WeakMap<RunReading, Told>();
  private readonly pending = new WeakMap<LedgerRun, Run>();
  private runs: readonly Run[] = [];

  of({ hosts, ledger, jiraHost }: RunsInput): readonly Run[] {
    const ours = new Map((ledger.runs ?? []).map((run) => [run.order.id, run]));
    const found = new Map<string, Run>();
    for (const { state, report } of hosts) {
      const asOf = state.error === undefined ? undefined : (state.asOf ?? report?.at);
      for (const reading of report?.runs ?? []) {
        const { id, jira, host } = reading.order;
        if (jira !== undefined && jiraHost !== undefined && jira !== jiraHost) continue;
        // One account under two names has it twice.
        if (ours.get(id)?.abandoned && reading.lines.length === 0) continue;
        if (found.has(id) && (ours.get(id)?.order.host ?? host) !== report!.host) continue;
        found.set(id, this.ofHost(reading, report!.host, ours.get(id), asOf));
      }
    }
    for (const [id, run] of ours)
      if (!found.has(id) && mayCome(run, hosts)) found.set(id, this.ofLedger(run));
    const runs = [...found.values()].sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
    if (!sameItems(runs, this.runs)) this.runs = runs;
    return this.runs;
  }

  private ofHost(
    reading: RunReading,
    host: string,
    ours: LedgerRun | undefined,
    asOf: number | undefined,
  ): Run {
    const before = this.told.get(reading);
    if (before?.host === host && before.ours === ours && before.asOf === asOf) return before.run;
    const known = runOf(reading, host, ours);
    const isLive = isLiveRun(known);
    const run = isLive && asOf !== undefined ? { ...known, asOf } : known;
    this.told.set(reading, { host, ours, asOf, run });
    return run;
  }

  private ofLedger(ours: LedgerRun): Run {
    const run = this.pending.get(ours) ?? pendingRun(ours);
    this.pending.set(ours, run);
    return run;
  }
}

/** Not launched yet; or launched, and nobody has asked its host since. What was told of and is gone does not come again. */
function mayCome(run: LedgerRun, hosts: readonly HostReading[]): boolean {
  if (run.abandoned) return false;
  if (!hasStarted(run.reached)) return true;
  const host = hosts.find(({ state }) => state.name === run.order.host);
  const isAsked = answers(host) && host!.report!.at > (run.updatedAt ?? run.createdAt);
  return run.settledLines === 0 && !isAsked;
}
