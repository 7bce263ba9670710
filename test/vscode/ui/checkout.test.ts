import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('Checking out a task branch', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed);
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  const branch = (): Promise<string> => world.repository.git(['branch', '--show-current']);

  it('switches a clean tree, creating the branch that tracks', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PAY-472');
    await tree.pickFromMenu('PAY-472', 'Check Out Task Branch');
    assert.equal(await workbench.notifications.read('Checked out'), 'Checked out task/PAY-472-analysis.');
    assert.equal(
      await world.repository.git(['status', '--porcelain', '--branch']),
      '## task/PAY-472-analysis...origin/task/PAY-472-analysis',
    );
    await tree.row(/task\/PAY-472-analysis.*checked out/);
    await workbench.screenshot('checkout done');
  });

  it('refuses a dirty tree with its files, and offers a worktree, which is used again', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await writeFile(join(world.repository.clone, 'README.md'), 'Changed\n');
    await tree.pickFromMenu('PAY-456', 'Check Out Task Branch');
    const said = await workbench.dialog.read();
    assert.match(said, /^The working tree has changes that are not committed\./);
    assert.match(said, /• README\.md/);
    assert.match(said, /Nothing was changed\./);
    assert.deepEqual((await workbench.dialog.buttons()).sort(), [
      'Cancel',
      'Open in Worktree',
      'Show Changes',
    ]);
    await workbench.screenshot('checkout dirty');
    await workbench.dialog.click('Open in Worktree');
    const worktree = `${world.repository.clone}.worktrees/PAY-456`;
    assert.equal(await workbench.notifications.read('PAY-456 is in'), `PAY-456 is in ${worktree}.`);
    assert.deepEqual(await workbench.notifications.buttons('PAY-456 is in'), [
      'Open in New Window',
      'Open Here',
      'Add to Workspace',
    ]);
    assert.equal(await branch(), 'task/PAY-472-analysis');
    assert.equal(await world.repository.git(['branch', '--show-current'], worktree), 'task/PAY-456-analysis');
    await workbench.clearNotifications();
    await tree.pickFromMenu('PAY-456', 'Open in Worktree');
    assert.equal(await workbench.notifications.read('PAY-456 is in'), `PAY-456 is in ${worktree} already.`);
    await tree.expand('PAY-456');
    await tree.row(/task\/PAY-456-analysis.*platform\.worktrees\/PAY-456/);
    await workbench.screenshot('checkout worktree');
    await world.repository.git(['checkout', '--quiet', '--', 'README.md']);
  });

  it('offers the folder of the worktree that holds the branch', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.pickFromMenu('PAY-456', 'Check Out Task Branch');
    assert.equal(
      await workbench.notifications.read('is checked out in'),
      `task/PAY-456-analysis is checked out in ${world.repository.clone}.worktrees/PAY-456.`,
    );
    assert.equal(await branch(), 'task/PAY-472-analysis');
  });

  it('says that a branch has diverged, and resets nothing', async () => {
    const { workbench } = window;
    const { repository } = world;
    await repository.git(['switch', '--quiet', 'task/PAY-478-analysis']);
    const mine = await repository.commit({ 'mine.txt': 'mine\n' }, 'Mine');
    await repository.git(['switch', '--quiet', 'main']);
    await repository.commitUpstream('task/PAY-478-analysis', { 'theirs.txt': 'theirs\n' }, 'Theirs');
    await workbench.runCommand('Task Sessions: Fetch Task Branches');
    const tree = await openTasks(window);
    await tree.expand('PAY-478');
    await tree.row(/task\/PAY-478-analysis.*↑1 ↓1/);
    await tree.pickFromMenu('PAY-478', 'Check Out Task Branch');
    await until(async () => (await repository.git(['rev-parse', 'HEAD'])) === mine, {
      what: 'the branch is checked out',
    });
    // VS Code does not always let it pop up; there it is in any case.
    await workbench.runCommand('Notifications: Show Notifications');
    const said = workbench.page.locator('.notification-list-item-message', {
      hasText:
        'Checked out task/PAY-478-analysis. It has diverged: 1 ahead of and 1 behind its remote. Rebase or merge by hand.',
    });
    await said.first().waitFor();
    await workbench.runCommand('Notifications: Hide Notifications');
    await workbench.screenshot('checkout diverged');
  });

  it('offers to fast-forward a branch that is only behind', async () => {
    const { workbench } = window;
    const { repository } = world;
    await repository.git(['switch', '--quiet', 'task/PORTAL-121-analysis']);
    await repository.git(['switch', '--quiet', 'main']);
    const theirs = await repository.commitUpstream('task/PORTAL-121-analysis', { 'new.txt': 'new\n' }, 'New');
    await workbench.runCommand('Task Sessions: Fetch Task Branches');
    const tree = await openTasks(window);
    await tree.expand('PORTAL-121');
    await tree.row(/task\/PORTAL-121-analysis.*↑0 ↓1/);
    await tree.pickFromMenu('PORTAL-121', 'Check Out Task Branch');
    assert.match(await workbench.notifications.read('Checked out'), /Its remote is 1 commit ahead\.$/);
    await workbench.notifications.click('Checked out', 'Fast-Forward');
    await tree.row(/task\/PORTAL-121-analysis.*↑0 ↓0/);
    assert.equal(await repository.git(['rev-parse', 'HEAD']), theirs);
  });
});
