import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Stopping } from '../../../src/actions/run/stopping';
import { launchRunner } from '../../../src/runs/launch';
import { stopRunner } from '../../../src/runs/stop';
import { Bed } from '../../bed/bed';
import { kill } from '../../bed/kill';
import { until } from '../../bed/until';
import { makeRunBed, type PlacedRun, type RunBed } from './runBed';

for (const where of ['local', 'bash'] as const)
  describe(`stopping a run, ${where === 'local' ? 'on this machine' : 'over ssh'}`, () => {
    const bed = new Bed();
    let parts: RunBed;

    before(async () => {
      parts = await makeRunBed(bed, where);
    });
    beforeEach(() => {
      parts.knobs.hang = true;
    });
    after(() => bed.dispose());

    async function working(): Promise<PlacedRun> {
      const run = await parts.place({ critic: false });
      await launchRunner(parts.host, parts.terminals, run.order);
      await run.says('analysis started');
      await until(() => pidIn(run, 'claude'), { what: 'Claude' });
      return run;
    }
    async function pidIn(run: PlacedRun, file: 'runner' | 'claude'): Promise<number> {
      return Number((await readFile(join(run.folder, file), 'utf8').catch(() => '')).split(' ')[0]);
    }
    async function lives(pid: number): Promise<boolean> {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
      return stat !== '' && !/\) [ZX] /.test(stat);
    }

    it('ends runner and Claude, and lets the run go on later', async () => {
      const run = await working();
      const pids = [await pidIn(run, 'runner'), await pidIn(run, 'claude')];
      await new Stopping([parts.host]).stop({ id: run.order.id, host: parts.host.name });
      assert.deepEqual(await Promise.all(pids.map(lives)), [false, false]);
      assert.equal((await run.story()).at(-1), 'run stopped');
      assert.equal(await stopRunner(parts.host, run.order.id), 'ended');
      delete parts.knobs.hang;
      await launchRunner(parts.host, parts.terminals, run.order);
      await run.ends('complete');
      assert.equal(await stopRunner(parts.host, run.order.id), 'ended');
      assert.equal((await run.lines()).at(-1)?.state, 'complete');
    });

    it('ends a Claude whose runner was killed, and says so in its place', async () => {
      const run = await parts.place({ critic: false });
      await launchRunner(parts.host, undefined, run.order);
      await run.says('analysis started');
      const claude = await until(() => pidIn(run, 'claude'), { what: 'Claude' });
      kill(await pidIn(run, 'runner'));
      assert.equal(await stopRunner(parts.host, run.order.id), 'stopped');
      assert.equal(await lives(claude), false);
      assert.equal((await run.story()).at(-1), 'run stopped');
    });

    it('stops one that waits, and one that was never launched', async () => {
      const busy = await parts.place({ critic: false, perHost: 1 });
      await launchRunner(parts.host, parts.terminals, busy.order);
      await busy.says('wait done');
      const waiting = await parts.place({ critic: false, perHost: 1 });
      await launchRunner(parts.host, parts.terminals, waiting.order);
      await waiting.says('wait started');
      assert.equal(await stopRunner(parts.host, waiting.order.id), 'stopped');
      assert.deepEqual((await waiting.story()).at(-1), 'run stopped');
      assert.equal(await stopRunner(parts.host, busy.order.id), 'stopped');
      const placed = await parts.place({ critic: false });
      assert.equal(await stopRunner(parts.host, placed.order.id), 'stopped');
      assert.deepEqual(await placed.story(), ['run stopped']);
    });

    it('leaves a process alone that only has the number', async () => {
      const run = await parts.place({ critic: false });
      const other = spawn('sleep', ['60']);
      await once(other, 'spawn');
      const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
      await writeFile(join(run.folder, 'claude'), `${other.pid} 12345 ${boot} analysis 0\n`);
      await writeFile(join(run.folder, '.runner.g1'), `${other.pid} 12345 ${boot}\n`);
      assert.equal(await stopRunner(parts.host, run.order.id), 'stopped');
      assert.equal(await lives(other.pid ?? 0), true);
      other.kill('SIGKILL');
    });

    it('says that there is no such run', async () => {
      await assert.rejects(stopRunner(parts.host, randomUUID()), /not found/);
      await assert.rejects(
        new Stopping([]).stop({ id: randomUUID(), host: 'nobody' }),
        /There is no host "nobody" in your configuration/,
      );
    });
  });
