import assert from 'node:assert/strict';
import { launchRunner } from '../../../src/runs/launch';
import { Bed } from '../../bed/bed';
import { makeRunBed, type RunBed } from './runBed';

for (const where of ['local', 'busybox', 'bash', 'fish'] as const)
  describe(`a run, ${{ local: 'on this machine', busybox: 'with busybox alone', bash: 'over ssh behind bash', fish: 'over ssh behind fish' }[where]}`, function () {
    this.timeout(60_000);
    const bed = new Bed();
    let parts: RunBed;

    before(async () => {
      parts = await makeRunBed(bed, where);
    });
    after(() => bed.dispose());

    it('writes five documents, and pushes them in one commit', async () => {
      const run = await parts.place();
      assert.deepEqual(await launchRunner(parts.host, parts.terminals, run.order), { kind: 'started' });
      await run.ends('complete');
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
