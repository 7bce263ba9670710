import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import type { Tree } from '../parts/tree';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('Review of documents', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed);
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(async () => {
    await window.workbench.clearNotifications();
    await window.workbench.runCommand('View: Close All Editors');
  });

  const described = async (tree: Tree, label: RegExp): Promise<string> =>
    (await tree.all()).find((row) => label.test(row.label))?.description ?? '';
  const shows = async (tree: Tree, label: RegExp, description: RegExp): Promise<void> => {
    await until(async () => description.test(await described(tree, label)), {
      what: `${label} is ${description}`,
    });
  };

  it('walks through them in the natural order, with what changed since as a comparison', async function () {
    const { workbench } = window;
    const { editors } = workbench;
    const tree = await openTasks(window);
    const next = 'Mark Reviewed and Go to Next';
    const opens = (title: RegExp): Promise<unknown> =>
      until(async () => title.test(await editors.activeTitle()), { what: `${title} opens` });

    await tree.expand('PAY-461');
    assert.equal(await described(tree, /^Documents$/), '3 of 5 · 0/3 reviewed');
    await shows(tree, /^task_desc\.md$/, /^new · .* ago$/);
    await tree.clickAction(/^\s*Documents/, 'Review Documents');
    await editors.shows('PAY-461: Settlement export');
    assert.equal(await editors.activeTitle(), 'task_desc.md');
    await workbench.statusItem('Review PAY-461: 0 of 3').waitFor();
    await workbench.screenshot('review first document');
    await editors.clickTitleAction(next);
    await opens(/^solution_options\.md$/);
    await workbench.statusItem('Review PAY-461: 1 of 3').waitFor();
    await editors.shows('Options for PAY-461');
    await workbench.press('Control+Alt+Enter');
    await opens(/^step_by_step_impl_plan\.md$/);
    await shows(tree, /^Documents$/, /2\/3 reviewed/);
    await shows(tree, /^solution_options\.md$/, /^✓/);
    await workbench.runCommand('View: Close All Editors');
    await workbench.statusItem('Review PAY-461').waitFor({ state: 'hidden' });

    const path = 'docs/tasks/PAY-461/task_desc.md';
    const text = await world.repository.git(['show', `origin/task/PAY-461-analysis:${path}`]);
    await world.repository.commitUpstream(
      'task/PAY-461-analysis',
      { [path]: `${text.replace('## See also', '## To be read as well')}\n` },
      'Revise',
    );
    await workbench.runCommand('Task Sessions: Fetch Task Branches');
    await shows(tree, /^task_desc\.md$/, /^changed since reviewed/);
    await tree.clickAction(/^\s*Documents/, 'Review Documents');
    await opens(/^task_desc\.md \(reviewed .* ↔ task\/PAY-461-analysis now\)$/);
    await editors.shows('To be read as well');
    await editors.shows('See also');
    await workbench.screenshot('review comparison');
    await editors.clickTitleAction(next);
    await opens(/^step_by_step_impl_plan\.md$/);
    await editors.clickTitleAction(next);
    const done = 'All 3 documents of PAY-461 are reviewed.';
    assert.deepEqual(await workbench.notifications.buttons(done), [
      'Approve for Implementation',
      'Request Changes',
    ]);
    await shows(tree, /^Documents$/, /3\/3 reviewed/);
    await workbench.screenshot('review done');
  });

  it('marks rows, and no words that are not committed', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await world.repository.git(['switch', '--quiet', 'task/PAY-472-analysis']);
    await tree.clickTitleAction('Refresh');
    await tree.collapse('PAY-461');
    await tree.collapse('Awaiting review');
    await tree.expand('PAY-472');
    await tree.row(/task\/PAY-472-analysis.*checked out/);
    await tree.click(/^\s*critic\.md/);
    await workbench.editors.shows('PAY-472');
    await workbench.page.keyboard.type('Mine. ');
    await workbench.runCommand('Task Sessions: Mark Reviewed');
    assert.match(
      await workbench.notifications.read(/critic\.md/),
      /^critic\.md has changes here that are not committed\. Commit and Push Documents first/,
    );
    await workbench.runCommand('File: Revert File');
    await workbench.page.locator('.part.editor .tab.dirty').waitFor({ state: 'detached' });
    await world.repository.git(['checkout', '--quiet', '--', '.']);
    await tree.clickAction(/^\s*critic\.md/, 'Mark Reviewed');
    await shows(tree, /^critic\.md$/, /^✓/);
    await tree.pickFromMenu(/^\s*critic\.md/, 'Mark as Not Reviewed');
    await shows(tree, /^critic\.md$/, /^new/);
    await workbench.runCommand('View: Close All Editors');
    await world.repository.git(['switch', '--quiet', '--discard-changes', 'main']);
  });
});
