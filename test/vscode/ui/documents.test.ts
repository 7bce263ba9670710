import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import { doc, paragraph } from '../../jira/text/adf';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('Documents of a task', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed);
    world.jira.state.addComment('PAY-461', {
      author: 'sam',
      body: doc(
        paragraph('<script>alert(1)</script> <b>bold?</b> [run](command:workbench.action.terminal.new)'),
        paragraph('![spy](https://spy.example/pixel.png)'),
      ),
      at: Date.now(),
    });
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(async () => {
    await window.workbench.clearNotifications();
    await window.workbench.runCommand('View: Close All Editors');
  });

  it('open read-only from a branch that is not checked out; links lead to one another', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PAY-456');
    await tree.click('solution_options.md');
    await workbench.editors.shows('Options for PAY-456');
    await workbench.page.keyboard.type('x');
    await workbench.page
      .getByText(/^This is read from the branch of the task\./)
      .first()
      .waitFor();
    await workbench.runCommand('Markdown: Open Preview');
    await workbench.editors.preview().getByRole('heading', { name: 'Options for PAY-456' }).waitFor();
    await workbench.screenshot('documents preview');
    await workbench.editors.followLink('the acceptance list');
    await workbench.editors.preview().getByRole('heading', { name: 'Acceptance' }).waitFor();
    assert.equal(await world.repository.git(['status', '--porcelain', '--branch']), '## main...origin/main');
  });

  it('open all at once, in reading order, with Resume in the title', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.clickAction('PAY-461', 'Open Documents');
    await until(async () => (await workbench.editors.titles()).length === 3, {
      what: 'three documents open',
    });
    assert.deepEqual(await workbench.editors.titles(), [
      'step_by_step_impl_plan.md',
      'solution_options.md',
      'task_desc.md',
    ]);
    assert.equal(await workbench.editors.activeTitle(), 'task_desc.md');
    await workbench.editors.clickTitleAction('Resume Task Session');
    // Its session is on a host that this window does not know.
    assert.match(await workbench.dialog.read(), /^"devserver" is not one of your hosts\./);
    await workbench.screenshot('documents resume unknown host');
    await workbench.dialog.cancel();
  });

  it('follow their branch when it moves', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PAY-461');
    await tree.click(/^\s*task_desc\.md/);
    await workbench.editors.shows('PAY-461: Settlement export');
    await world.repository.commitUpstream(
      'task/PAY-461-analysis',
      { 'docs/tasks/PAY-461/task_desc.md': '# Written anew upstream\n' },
      'Revise',
    );
    await workbench.runCommand('Task Sessions: Fetch Task Branches');
    await workbench.editors.shows('Written anew upstream');
  });

  it('open as the real file where the branch is checked out', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await world.repository.git(['switch', '--quiet', 'task/PAY-472-analysis']);
    await tree.clickTitleAction('Refresh');
    await tree.collapse('Awaiting review');
    await tree.expand('PAY-472');
    await tree.row(/task\/PAY-472-analysis.*checked out/);
    await tree.click(/^\s*critic\.md/);
    await workbench.editors.shows('PAY-472');
    await workbench.page.keyboard.type('Mine. ');
    await workbench.editors.shows('Mine.');
    // Resume is offered on the real file too; a Markdown preview of it is VS Code's own.
    await workbench.editors.clickTitleAction('Resume Task Session');
    await workbench.dialog.cancel();
    await workbench.runCommand('File: Revert File');
    await workbench.page.locator('.part.editor .tab.dirty').waitFor({ state: 'detached' });
    // In a browser VS Code saves by itself after a second, so that the words may be on disk by now.
    await world.repository.git(['switch', '--quiet', '--discard-changes', 'main']);
  });

  it('shows the task itself, with HTML as text and no link that runs anything', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('Awaiting review');
    await tree.pickFromMenu('PAY-461', 'Open Task');
    const preview = workbench.editors.preview();
    await preview.getByRole('heading', { name: /^PAY-461 Settlement export/ }).waitFor();
    const said = preview.getByText('<script>alert(1)</script>');
    await said.waitFor();
    await said.scrollIntoViewIfNeeded();
    await workbench.screenshot('documents task');
    assert.equal(
      await preview.locator('a[href^="command:"], b, script:text("alert(1)"), img[src*=spy]').count(),
      0,
    );
  });

  it('leads to Jira', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    const opened = workbench.page.context().waitForEvent('page');
    await tree.clickAction('PAY-461', 'Open in Jira');
    const page = await opened;
    // VS Code Server leads addresses of its own machine through itself.
    assert.match(page.url(), /\/browse\/PAY-461$/);
    await page.close();
  });
});
