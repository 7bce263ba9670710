import type { PeerRun } from './run';
import type { Row, Unit } from './table';

/** A figure of one run of a peer. */
export interface Metric {
  unit: Unit;
  of(run: PeerRun): number;
}

/** How long one time of the lap took, by the clock. */
export const wall = (lap: string): Metric => ({ unit: 'ms', of: ({ laps }) => median(laps[lap]!.wallMs) });

export const cpu = (lap: string): Metric => ({ unit: 'ms', of: ({ laps }) => laps[lap]!.cpuMs });

export const peak: Metric = { unit: 'bytes', of: ({ peakBytes }) => peakBytes };

export const fact = (lap: string, name: string, unit: Unit = 'count'): Metric => ({
  unit,
  of: ({ laps }) => laps[lap]!.facts[name] ?? NaN,
});

export const over = (runs: readonly PeerRun[], metric: Metric): number => median(runs.map(metric.of));

export const figure = (what: string, runs: readonly PeerRun[], metric: Metric): Row => ({
  what,
  unit: metric.unit,
  ours: over(runs, metric),
});

/** The ratio is that of runs that stood side by side: a machine that is busy for a while slows both. */
export function compare(
  what: string,
  metric: Metric,
  ours: readonly PeerRun[],
  [name, theirs]: readonly [string, readonly PeerRun[]],
): Row & Required<Pick<Row, 'peer'>> {
  const ratio = median(ours.map((run, round) => metric.of(run) / metric.of(theirs[round]!)));
  return { ...figure(what, ours, metric), peer: { name, value: over(theirs, metric), ratio } };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
