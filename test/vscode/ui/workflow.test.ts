import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const command = 'Task Sessions: Set Up Workflow';

/** What this project calls differently. */
const renamed: Record<string, string> = { Approved: 'Ready for Dev', 'In Review': 'Shipping' };

const remote = 'https://github.com/acme/platform.git';

/** The task's branch is on a remote that the clone knows as GitHub, and the user's own git as a folder. */
async function pushedElsewhere({ repository, host }: World): Promise<void> {
  const { git, origin, commit } = repository;
  await git(['switch', '--quiet', '--create', 'task/PAY-1-analysis']);
  await commit({ 'pay.txt': 'paid' }, 'PAY-1: Step 1');
  await git(['push', '--quiet', 'origin', 'task/PAY-1-analysis']);
  await git(['config', 'remote.origin.url', remote]);
  await appendFile(host.env!['GIT_CONFIG_GLOBAL']!, `[url "${origin}"]\n\tinsteadOf = ${remote}\n`);
}

describe('The workflow of a project', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { tasks: [] });
    const { state } = world.jira;
    for (const status of state.workflow.statuses) status.name = renamed[status.name] ?? status.name;
    for (const way of state.workflow.transitions) way.to = renamed[way.to] ?? way.to;
    state.addIssue({ key: 'PAY-1', summary: 'Pay', status: 'Ready for Dev' });
    await pushedElsewhere(world);
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

  it('goes on to the pull request, which is linked once its page was opened', async () => {
    const { workbench } = window;
    const { quickInput, notifications, dialog } = workbench;
    const open = async (): Promise<void> => {
      await workbench.runCommand('Task Sessions: Open Pull Request');
      await quickInput.pick(/PAY-1/);
      assert.match(await dialog.read(), /^Open github\.com\?[^]*\/compare\/main\.\.\.task\/PAY-1-analysis/);
    };
    await open();
    await dialog.cancel();
    assert.deepEqual(world.jira.state.issue('PAY-1').remoteLinks, []);

    await open();
    await dialog.click('Copy Address');
    assert.match(await notifications.read('PAY-1 links to'), /is made, and is now in review\./);
    await notifications.click('PAY-1 links to', 'Enter Its Address');
    await quickInput.type('https://github.com/acme/other/pull/7');
    await until(async () => /No address of a pull request/.test(await quickInput.message()), {
      what: 'another repository is refused',
    });
    await quickInput.enter('https://github.com/acme/platform/pull/7');
    assert.match(await notifications.read('links to Pull request'), /^PAY-1 links to Pull request #7\.$/);
    const [link, ...others] = world.jira.state.issue('PAY-1').remoteLinks;
    assert.deepEqual([link?.object.url, others], ['https://github.com/acme/platform/pull/7', []]);
  });
});
