import { nextTryAt, type OwedWrite } from '../../model/binding/ledger';
import { isLive, standing } from '../../model/run/settlement/due';
import type { Run } from '../../model/run/run';

/** What a run said when it was settled last, and how often in a row that has failed. */
interface Tried {
  sight: string;
  attempts: number;
  triedAt: number;
}

type Seen = Pick<Run, 'id' | 'state' | 'lines' | 'earlierSessions'>;

/** When a run is settled again without anybody asking: at once where it says something new, else with growing pauses. */
export class Pace {
  private readonly tried = new Map<string, Tried>();

  constructor(private readonly now: () => number) {}

  /** `isDue`: its file says more than Jira was told; `debts` is what Jira has not taken. */
  mayTry(run: Seen, isDue: boolean, debts: readonly OwedWrite[]): boolean {
    if (!isDue && debts.length === 0) return false;
    const last = this.tried.get(run.id);
    // What was refused before must not keep back what is new: a status that nobody may set, say, the record's end.
    if (isDue && last?.sight !== sightOf(run)) return true;
    return [...debts, ...(last ? [last] : [])].every((one) => nextTryAt(one) <= this.now());
  }

  note(run: Seen, hasFailed: boolean): void {
    const sight = sightOf(run);
    const last = this.tried.get(run.id);
    const before = last?.sight === sight ? last.attempts : 0;
    this.tried.set(run.id, { sight, attempts: hasFailed ? before + 1 : 0, triedAt: this.now() });
  }
}

const sightOf = (run: Seen): string => (isLive(run.state) ? standing(run) : `${run.state.kind} ${run.lines}`);
