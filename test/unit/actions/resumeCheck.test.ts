import assert from 'node:assert/strict';
import { resumeCheck } from '../../../src/actions/doctor/resumes';
import type { RunReading } from '../../../src/model/run/run';
import { lines, order, reading } from '../model/run/examples';

/** An implementation that resumed so often, and so often in vain. */
const run = (worked: number, failed: number): RunReading => {
  const tries = (count: number, end: string) =>
    Array.from({ length: count }, () =>
      lines(['implement started', { n: 2, how: 'resume' }], [end, { n: 2 }]),
    ).flat();
  return reading([...tries(worked, 'implement done'), ...tries(failed, 'implement failed')], {
    order: order({ kind: 'implementation' }),
  });
};

describe('doctor tells of resumes', () => {
  it('nothing where none was tried', () => assert.deepEqual(resumeCheck([run(0, 0)]), []));

  for (const [readings, detail, ok] of [
    [[run(38, 1)], '38 of 39 worked at the first try', true],
    [[run(18, 0), run(0, 1)], '18 of 19 worked at the first try', false],
    [[run(1, 1)], '1 of 2 worked at the first try', true],
  ] as const)
    it(`${detail}: ${ok ? 'well' : 'with what to do'}`, () => {
      const [check] = resumeCheck(readings);
      assert.deepEqual([check?.detail, check?.ok], [detail, ok]);
      assert.equal(check?.fix !== undefined, !ok);
    });
});
