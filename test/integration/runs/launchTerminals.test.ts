import assert from 'node:assert/strict';
import { launchRunner, runTerminal } from '../../../src/runs/launch';
import { SupervisorTerminals } from '../../../src/hosts/terminals/supervisor';
import { Bed } from '../../bed/bed';
import { hold } from '../../bed/hold';
import { until } from '../../bed/until';
import { buildSupervisor } from '../supervisorBundle';
import { kinds } from '../terminalKinds';
import { makeRunBed } from './runBed';

for (const kind of kinds)
  describe(`a terminal that goes with its process, by ${kind.name}`, () => {
    const bed = new Bed();
    after(() => bed.dispose());

    it('is there while it runs, and gone afterwards, however it ends', async () => {
      const { terminals } = await kind.make(bed);
      const names = async (): Promise<string[]> => (await terminals.list()).map(({ name }) => name);
      const spec = { directory: '/', goesWhenEnded: true as const };
      await terminals.create({ ...spec, name: 'stays', argv: ['sleep', '60'] });
      for (const argv of [
        ['true'],
        ['sh', '-c', 'exit 3'],
        ['sh', '-c', 'kill -9 $$'],
        ['sh', '-c', 'sleep 0.3'],
      ]) {
        assert.deepEqual(await terminals.create({ ...spec, name: 'goes', argv }), { created: true });
        await until(async () => !(await names()).includes('goes'), { what: 'it is gone' });
      }
      assert.ok((await names()).includes('stays'));
      await terminals.kill('stays');
    });
  });

describe('a run on a machine without tmux', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  it('works in our supervisor', async () => {
    const { host, account, knobs, place } = await makeRunBed(bed);
    const { released, release } = hold();
    knobs.after = released;
    const env = { ...account.env, XDG_STATE_HOME: account.home };
    const terminals = new SupervisorTerminals({ host, program: await buildSupervisor(), env });
    const run = await place({ critic: false });
    await launchRunner(host, terminals, run.order);
    assert.deepEqual(
      (await terminals.list()).map(({ name }) => name),
      [runTerminal(run.order)],
    );
    release();
    await run.ends('complete');
    await until(async () => (await terminals.list()).length === 0, { what: 'the terminal is gone' });
  });
});
