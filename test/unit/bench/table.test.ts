import assert from 'node:assert/strict';
import { compare, cpu, wall } from '../../bench/compare';
import type { PeerRun } from '../../bench/run';
import { atMost, atMostTimes, markdownTable } from '../../bench/table';
import type { Row } from '../../bench/table';

const run = (wallMs: number[], cpuMs = 0): PeerRun => ({
  laps: { look: { name: 'look', wallMs, cpuMs, facts: {} } },
  peakBytes: 0,
});

describe('the table of the benchmarks', () => {
  it('takes the ratio of runs that stood side by side, not of the medians', () => {
    // The machine was busy in the second round.
    const ours = [run([10, 12, 11]), run([100]), run([12])];
    const theirs = [run([20]), run([200]), run([300])];
    const row = compare('look', wall('look'), ours, ['theirs', theirs]);
    assert.deepEqual(row, {
      what: 'look',
      unit: 'ms',
      ours: 12,
      peer: { name: 'theirs', value: 200, ratio: 0.5 },
    });
    assert.equal(compare('cpu', cpu('look'), [run([1], 6)], ['theirs', [run([1], 3)]]).peer.ratio, 2);
  });

  it('says what was aimed at, and what missed it', () => {
    const row = (ours: number, value: number): Row & Required<Pick<Row, 'peer'>> => ({
      what: 'look',
      unit: 'ms',
      ours,
      peer: { name: 'theirs', value, ratio: ours / value },
    });
    const memory: Row = { what: 'memory', unit: 'bytes', ours: 25_400_000 };
    const rows = [
      atMostTimes(row(500, 10_000), 1 / 10),
      atMostTimes(row(2500, 1000), 2),
      atMost(memory, 40e6),
      atMost({ ...memory, ours: 41e6 }, 40e6),
      { what: 'bytes', unit: 'bytes', ours: 0.25 },
      { what: 'round trips', unit: 'count', ours: 1 },
    ] satisfies Row[];
    const cells = markdownTable(rows)
      .trim()
      .split('\n')
      .slice(2)
      .map((line) =>
        line
          .split('|')
          .slice(2, -1)
          .map((cell) => cell.trim()),
      );
    assert.deepEqual(cells, [
      ['500 ms', '10.00 s, theirs', '1/20', '≤ 1/10'],
      ['2.50 s', '1.00 s, theirs', '2.50 ×', '≤ 2 × (missed)'],
      ['25 MB', '', '', '≤ 40 MB'],
      ['41 MB', '', '', '≤ 40 MB (missed)'],
      ['0.25 B', '', '', ''],
      ['1', '', '', ''],
    ]);
  });
});
