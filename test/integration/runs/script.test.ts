import assert from 'node:assert/strict';
import { launchRunner } from '../../../src/runs/launch';
import { Bed } from '../../bed/bed';
import { makeRunBed, type PlacedRun } from './runBed';

const places = {
  local: 'on this machine',
  busybox: 'with busybox alone',
  bash: 'over ssh behind bash',
  fish: 'over ssh behind fish',
};
type Where = keyof typeof places;

describe('a run', () => {
  const bed = new Bed();
  const runs = new Map<Where, Promise<PlacedRun>>();

  before(() => {
    // Side by side: they mostly wait.
    for (const where of Object.keys(places) as Where[]) {
      const run = work(where);
      run.catch(() => undefined);
      runs.set(where, run);
    }
  });
  after(async () => {
    await Promise.allSettled(runs.values());
    await bed.dispose();
  });

  async function work(where: Where): Promise<PlacedRun> {
    const parts = await makeRunBed(bed, where);
    const run = await parts.place();
    assert.deepEqual(await launchRunner(parts.host, parts.terminals, run.order), { kind: 'started' });
    await run.ends('complete', 50_000);
    return run;
  }

  for (const where of Object.keys(places) as Where[])
    it(`writes five documents, and pushes them in one commit, ${places[where]}`, async () => {
      const run = await runs.get(where)!;
      assert.deepEqual(await run.story(), [
        'run started',
        'wait started',
        'wait done',
        'analysis started',
        'analysis done',
        'documents done',
        'review started',
        'review done',
        'commit started',
        'commit done',
        'push started',
        'push done',
        'run complete',
      ]);
      const { paths, commits } = await run.pushed();
      assert.deepEqual(
        paths,
        [...run.order.docs.names].sort().map((name) => `docs/tasks/${run.order.key}/${name}`),
      );
      assert.equal(commits, 1);
    });
});
