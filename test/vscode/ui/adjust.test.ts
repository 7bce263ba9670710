import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { markupLines } from '../../../src/sources/jira/markup/lines';
import { readMarkup } from '../../../src/sources/jira/markup/read';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('Adjusting documents', () => {
  const bed = new Bed();
  const key = 'PAY-456';
  const branch = `task/${key}-analysis`;
  const document = `docs/tasks/${key}/solution_options.md`;
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { sessions: { local: [`${key}/analysis`] } });
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  const thread = (): Locator => window.workbench.page.locator('.review-widget');
  const comments = (): string[] =>
    world.jira.state.issue(key).comments.map(({ body }) =>
      markupLines(readMarkup(body))
        .map(({ text }) => text)
        .join('\n'),
    );
  const pushed = (): Promise<string> =>
    world.repository.git(['show', `${branch}:${document}`], world.repository.origin);

  it('asks Claude about a line', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand(key);
    await tree.click('solution_options.md');
    await workbench.editors.shows(`Options for ${key}`);
    await workbench.page.locator('.comment-range-glyph').first().waitFor({ state: 'attached' });
    await workbench.press('Control+End', 'Control+Home');
    await workbench.runCommand('Comments: Add Comment on Current Selection');
    await thread().getByRole('button', { name: 'Ask Claude About This' }).waitFor();
    await workbench.page.keyboard.type('Why no third option?');
    await workbench.screenshot('adjust comment');
    await thread().getByRole('button', { name: 'Ask Claude About This' }).click();
    await thread()
      .getByText(`Asked Claude in session ${world.idOf(`${key}/analysis`).slice(0, 8)}`)
      .waitFor();
    await workbench.screenshot('adjust asked');
    const { prompt } = world.stub.requests.at(-1)!;
    assert.match(
      prompt,
      new RegExp(`A question about ${document}:1 \\([0-9a-f]{7}\\):\\nWhy no third option\\?`),
    );
    assert.match(prompt, new RegExp(`BEGIN [0-9a-f]+ -----\\n# Options for ${key}`));
  });

  it('comments on it on the issue, where nothing said is a record', async () => {
    const { workbench } = window;
    const before = comments().length;
    await thread().locator('.review-thread-reply-button').first().click();
    await workbench.page.keyboard.type('Approved for Implementation');
    await thread().getByRole('button', { name: 'Comment on the Issue' }).click();
    await thread().getByText(`Commented on ${key}`).waitFor();
    assert.match(
      comments().slice(before).join('\n'),
      new RegExp(
        `^Lines: ${document}:1 \\(.{7}\\)\\n# Options for ${key}.*\\n“Approved for Implementation” \\(only quoted\\)$`,
      ),
    );
    assert.equal(comments().length, before + 1);
  });

  it('opens the file in a worktree, and commits and pushes what was written', async () => {
    const { workbench } = window;
    await workbench.editors.clickTitleAction('Edit Documents');
    await workbench.quickInput.asks(`Where do you want to edit the documents of ${key}?`);
    await workbench.quickInput.pick(/Worktree/);
    await until(async () => (await workbench.editors.titles()).length === 2, { what: 'the file is open' });
    await workbench.editors.shows(`Options for ${key}`);
    await workbench.press('Control+End');
    await workbench.page.keyboard.type('\nOne more thought.');
    await workbench.editors.clickTitleAction('Commit and Push Documents');
    await workbench.quickInput.asks('Commits solution_options.md.');
    await workbench.screenshot('adjust commit');
    await workbench.press('Enter');
    await until(async () => (await pushed()).includes('One more thought.'), { what: 'it is pushed' });
    assert.equal(
      await world.repository.git(['log', '-1', '--format=%s%an', branch], world.repository.origin),
      `${key}: Adjust documentsDana Developer`,
    );
    assert.equal(await world.repository.git(['status', '--porcelain', '--branch']), '## main...origin/main');
  });

  it('requests changes: on the issue, in the session, and back to analyzing', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.pickFromMenu(key, 'Request Changes');
    await workbench.quickInput.asks('What is to be changed?');
    await workbench.quickInput.widget.getByRole('button', { name: 'Write in an Editor' }).click();
    await workbench.editors.tab(/^Untitled-1/);
    await workbench.page.keyboard.type('Weigh a third option.\nAnd say what it costs.');
    await workbench.editors.clickTitleAction('Request Changes');
    assert.match(
      await workbench.dialog.read(),
      /Weigh a third option\.\s*And say what it costs\.[^]*The issue goes from /,
    );
    await workbench.screenshot('adjust request changes');
    await workbench.dialog.click('Request and Tell Claude');
    await until(
      async () => (await workbench.notifications.all()).some((text) => text.startsWith('Changes are')),
      {
        what: 'it is told',
      },
    );
    await workbench.notifications.read(/Changes are requested on PAY-456, and session .* has been told/);
    assert.match(world.stub.requests.at(-1)!.prompt, /are requested[^]*\nWeigh a third option\.\nAnd say/);
    assert.equal(world.jira.state.issue(key).status.name, 'AI Analysis');
    await until(
      async () => /Analyzing, changes requested/.test(await (await tree.tooltip(key)).innerText()),
      {
        what: 'the tree tells it',
      },
    );
    await workbench.screenshot('adjust requested');
  });
});
