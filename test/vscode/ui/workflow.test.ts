import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../../bed/until';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const command = 'Task Sessions: Set Up Workflow';

describe('The workflow of a project', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { tasks: [] });
    const { state } = world.jira;
    for (const one of state.workflow.statuses)
      if (one.name === 'Approved') one.name = 'Ready for Dev';
      else if (one.name === 'In Review') one.name = 'Shipping';
    state.addIssue({ key: 'PAY-1', summary: 'Pay', status: 'Ready for Dev' });
    return { ...world.host, settings: { ...world.host.settings, 'taskSessions.phases': { done: 'Fertig' } } };
  });
  after(() => bed.dispose());

  /** The overview: status and note of each phase that is in sight. */
  async function overview(): Promise<Map<string, string>> {
    const { quickInput } = window.workbench;
    await quickInput.asks('Set Up Workflow: PAY');
    await quickInput.asks('Choose a phase to change its status, or take the mapping');
    const items = await quickInput.items();
    return new Map(
      items.map(({ label, description, detail }) => [label.trim(), `${description} (${detail})`]),
    );
  }

  it('is proposed by its statuses, changed in lists, and kept in the settings of the user', async () => {
    const { workbench } = window;
    const { quickInput, notifications } = workbench;
    const tree = await openTasks(window);
    await tree.row(/PAY-1/);
    await workbench.runCommand(command);
    const proposed = await overview();
    assert.equal(proposed.get('Approved'), 'Ready for Dev (by its name)');
    assert.equal(proposed.get('Awaiting review'), 'Ready for Review (by its name)');
    assert.equal(proposed.get('In review'), 'not mapped (nothing fits)');
    await workbench.screenshot('workflow proposed');

    await quickInput.pick('In review');
    await quickInput.asks('Which status stands for it?');
    await quickInput.pick('Shipping');
    assert.equal((await overview()).get('In review'), 'Shipping (as you chose)');
    await quickInput.pick('Take This Mapping');
    assert.match(await notifications.read('workflow of PAY'), /is mapped to phases/);
    await workbench.clearNotifications();
    // The tree follows the board: nothing else says that it is approved.
    await tree.row(/^Approved/);

    await workbench.runCommand(command);
    const kept = await overview();
    assert.equal(kept.get('In review'), 'Shipping (as it is mapped now)');
    assert.equal(kept.get('Done'), 'Done (as it is mapped now; for other projects: Fertig)');
  });

  it('leaves approvals to people where no status stands for them', async () => {
    const { workbench } = window;
    const { quickInput, notifications } = workbench;
    const leaveUnmapped = async (): Promise<Map<string, string>> => {
      await overview();
      await quickInput.pick('Approved');
      await quickInput.pick('Leave Unmapped');
      return overview();
    };
    const warned = [...(await leaveUnmapped()).keys()];
    assert.ok(
      warned.some((label) => /nobody is among the approvers/.test(label)),
      warned.join('\n'),
    );
    await quickInput.pick('Add an Approver');
    await quickInput.asks(/Name of somebody who may approve in PAY/);
    await quickInput.enter('mira');
    await quickInput.pick('Mira Lindqvist');
    await until(async () => (await overview()).get('Add an Approver')?.startsWith('Mira Lindqvist'), {
      what: 'she is among the approvers',
    });
    await workbench.screenshot('workflow approvers');
    await quickInput.pick('Take This Mapping');
    await notifications.read('workflow of PAY');
    await workbench.runCommand(command);
    assert.match((await leaveUnmapped()).get('Add an Approver') ?? '', /^1 of before/);
    await quickInput.cancel();
  });
});
