import type { RunOrder } from '../../../model/run/order';
import type { RunLine, RunReading } from '../../../model/run/run';
import type { RecordOutcome } from '../../issue/runRecords';

/** How far the clocks of client and Jira may differ before we believe that the record came later than the start. */
const clocksDifferMs = 15 * 60_000;

/**
 * When the run was begun, or gone on with, last: what people did to the status after that stands. Where the record was
 * written with the start, its time is Jira's own.
 */
export function begunAt({ createdAt }: RunOrder, reading: RunReading, { since }: RecordOutcome): number {
  const starts = startsOf(reading);
  if (starts.length > 1) return starts.at(-1)!.at;
  return since !== undefined && Math.abs(since - createdAt) < clocksDifferMs ? since : createdAt;
}

/** Its attempts. */
export const startsOf = ({ lines }: RunReading): RunLine[] =>
  lines.filter(({ step, state }) => step === 'run' && state === 'started');
