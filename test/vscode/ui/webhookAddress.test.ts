import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { startReceiver, type Receiver } from '../../bed/receiver';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const command = 'Task Sessions: Set Webhook Address';

describe('Addresses of webhooks', () => {
  const bed = new Bed();
  let world: World;
  let receiver: Receiver;
  const window = useWindow(async () => {
    receiver = await bed.add(startReceiver());
    world = await makeWorld(bed, { tasks: [] });
    const webhooks = { team: { kind: 'slack' }, ops: { kind: 'json' } };
    return { ...world.host, settings: { ...world.host.settings, 'taskSessions.webhooks': webhooks } };
  });
  after(() => bed.dispose());

  it('are asked for in secret, checked, kept, shown by their host only, and removed', async () => {
    const { workbench } = window;
    const { quickInput, notifications } = workbench;
    await openTasks(window);
    await workbench.runCommand(command);
    assert.deepEqual(
      (await quickInput.items()).map(({ label, description }) => [label, description]),
      [
        ['team', 'slack'],
        ['ops', 'json'],
      ],
    );
    await quickInput.pick('team');
    await quickInput.asks(/Address of the slack webhook \(no address yet\); empty removes it/);
    await quickInput.type('http://hooks.example.com/s3cr3t');
    await until(async () => /plain http/.test(await quickInput.message()), { what: 'it is refused' });
    await quickInput.enter(receiver.addresses.slack);
    const host = new URL(receiver.addresses.slack).host;
    assert.equal(await notifications.read('Webhook team'), `Webhook team is now at ${host}.`);
    await workbench.clearNotifications();

    await workbench.runCommand(command);
    await quickInput.pick('team');
    await quickInput.asks(new RegExp(`Address of the slack webhook \\(${host}\\)`));
    await workbench.screenshot('webhook address');
    await quickInput.enter('');
    assert.equal(await notifications.read('Webhook team'), 'Webhook team has no address of ours any more.');

    const files = await readdir(world.home, { recursive: true, withFileTypes: true });
    for (const file of files.filter((one) => one.isFile() && /\.(?:json|log)$/.test(one.name)))
      assert.doesNotMatch(await readFile(join(file.parentPath, file.name), 'utf8'), /s3cr3t/, file.name);
  });
});
