import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('The tree of tasks', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, {
      sessions: { local: ['PORTAL-118/analysis'], remote: ['PAY-456/analysis'] },
    });
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  /** Labels of the rows of a level, once they are as wanted. */
  async function shows(level: number, wanted: (labels: string[]) => boolean): Promise<string[]> {
    const tree = await openTasks(window);
    let labels: string[] = [];
    await until(
      async () => {
        labels = (await tree.all()).filter((row) => row.level === level).map(({ label }) => label);
        if (wanted(labels)) return true;
        throw new Error(labels.join('\n'));
      },
      { what: 'the tree shows what is wanted', intervalMs: 100 },
    );
    return labels;
  }

  it('groups tasks by phase, with documents, sessions and the branch, in every theme', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PAY-456');
    await tree.row(/task_desc\.md.*new · .* ago/);
    const rows = await tree.all();
    assert.deepEqual(
      rows.filter(({ level }) => level === 1).map(({ label, description }) => `${label} ${description}`),
      [
        'buildbox does not answer · nothing known yet',
        'Awaiting review 4',
        'Approved 2',
        'Implementing 3',
        'In review 2',
        'Analyzing 2',
        'Backlog 5',
        'Done 2',
      ],
    );
    const at = rows.findIndex(({ label }) => label.startsWith('PAY-456'));
    assert.equal(rows[at]!.description, '1 session · 5/5 docs');
    assert.equal(
      rows[at]!.ariaLabel.replace(/, has actions$/, ''),
      'PAY-456, Refunds charge twice when the gateway times out, Awaiting review, 1 session · 5/5 docs',
    );
    const children = rows.slice(at + 1).filter(({ level }) => level > 2);
    assert.deepEqual(
      children.map(({ label }) => label.replace(/ · .*/, '')),
      [
        'Documents',
        'task_desc.md',
        'solution_options.md',
        'step_by_step_impl_plan.md',
        'task_test_designs.md',
        'critic.md',
        'Sessions',
        'devserver',
        'task/PAY-456-analysis',
      ],
    );
    assert.equal(children.at(-1)!.description, 'on origin');
    for (const theme of ['light', 'highContrast', 'dark'] as const) {
      await workbench.setTheme(theme);
      await workbench.screenshot(`tree ${theme}`);
    }
  });

  it('says all of a task in its tooltip, whose links open documents', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    const tooltip = await tree.tooltip('PAY-456');
    const text = await tooltip.innerText();
    for (const part of [
      'Phase: Awaiting review, ',
      '· Jira: Ready for Review',
      'Priority: Highest',
      'critic.md',
    ])
      assert(text.includes(part), text);
    await workbench.screenshot('tree tooltip');
    await tooltip.getByText('critic.md').click();
    await workbench.editors.shows('What may be wrong with the plan for PAY-456');
  });

  it('offers what fits a row, inline and in its menu', async () => {
    const tree = await openTasks(window);
    await tree.expand('PAY-456');
    assert.deepEqual(await tree.actions('PAY-456'), [
      'Approve for Implementation',
      'Resume Task Session',
      'Open Documents',
      'Open in Jira',
    ]);
    assert.deepEqual(await tree.menu('PAY-456'), [
      'Start Analysis',
      'Resume Task Session',
      'Start New Session from Documents',
      'Open Task',
      'Open Documents',
      'Open in Jira',
      'Review Documents',
      'Approve for Implementation',
      'Request Changes',
      'Edit Documents',
      'Commit and Push Documents',
      'Check Out Task Branch',
      'Open in Worktree',
      'Open Pull Request',
      'Copy Task Key',
      'Copy Link to Task',
    ]);
    assert.deepEqual(await tree.menu('devserver ·'), [
      'Resume Task Session',
      'Fork Session',
      'View Conversation',
      'Link to Task',
      'Publish on the Issue',
      'Unlink',
      'Withdraw the Record',
      'Keep Session',
      'Rename Session',
      'Open Shell',
      'Reveal Transcript',
      'Copy Session Reference',
      'Copy Resume Command',
      'Copy Session ID',
    ]);
    await tree.expand('Backlog');
    assert.deepEqual(await tree.menu('PAY-492'), [
      'Start Analysis',
      'Open Task',
      'Open in Jira',
      'Copy Task Key',
      'Copy Link to Task',
    ]);
    await tree.pickFromMenu('PAY-492', 'Copy Task Key');
    await until(async () => (await window.workbench.clipboard()) === 'PAY-492', {
      what: 'the key is copied',
    });
  });

  it('filters while one types, and takes it back', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.clickTitleAction('Filter Tasks');
    await workbench.quickInput.asks('Every word must occur.');
    await workbench.quickInput.type('date picker');
    await shows(2, (labels) => labels.length === 1 && labels[0]!.startsWith('PORTAL-125'));
    await tree.message().getByText('Filter: date picker (1 of 20)').waitFor();
    await workbench.screenshot('tree filter');
    await workbench.quickInput.enter('nothing like that');
    await tree.welcome().getByText('No task matches the filter.').waitFor();
    await workbench.screenshot('tree filter empty');
    await tree.welcome().getByRole('button', { name: 'Clear Filter' }).click();
    await tree.row('PAY-456');
  });

  it('groups by status, by priority, or not at all', async () => {
    const { workbench } = window;
    await workbench.runCommand('Task Sessions: Group by Priority');
    const priorities = await shows(1, (labels) => labels.includes('Highest'));
    assert.deepEqual(priorities.slice(1), ['Highest', 'High', 'Medium', 'Low', 'Lowest', 'No priority']);
    await workbench.screenshot('tree by priority');
    await workbench.runCommand('Task Sessions: Group by Status');
    await shows(1, (labels) => labels.includes('Ready for Review'));
    await workbench.runCommand('Task Sessions: Do Not Group');
    const flat = await shows(1, (labels) => labels.some((label) => label.startsWith('PAY-456')));
    assert.equal(flat.length, 1 + 20);
    await workbench.runCommand('Task Sessions: Group by Phase');
    await shows(1, (labels) => labels.includes('Awaiting review'));
  });

  it('works by keyboard alone', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await workbench.runCommand('View: Close All Editors');
    await tree.clickTitleAction('Collapse All');
    await shows(2, (labels) => labels.length === 0);
    await tree.focus();
    await workbench.press('Home', 'ArrowDown', 'ArrowRight', 'ArrowDown');
    await until(async () => (await workbench.focused()).startsWith('PAY-456'), {
      what: 'PAY-456 has the keyboard',
    });
    await workbench.press('Shift+F10');
    await workbench.page.locator('.monaco-menu').getByText('Open Task').waitFor();
    await workbench.screenshot('tree keyboard menu');
    await workbench.press('Escape', 'ArrowRight');
    await tree.row('Documents');
    await workbench.press('ArrowDown', 'ArrowDown');
    await until(async () => (await workbench.focused()).startsWith('task_desc.md'), {
      what: 'a document has it',
    });
    await workbench.press('Enter');
    await workbench.editors.shows('PAY-456: Refunds charge twice');
  });

  it('shows that it refreshes', async () => {
    const tree = await openTasks(window);
    const bar = window.workbench.page.locator('.part.sidebar .monaco-progress-container.active');
    const clear = world.jira.faults.add({ kind: 'delay', ms: 1500 });
    await tree.clickTitleAction('Refresh');
    await bar.first().waitFor();
    clear();
    await bar.first().waitFor({ state: 'hidden' });
  });

  it('follows changed settings, once', async () => {
    const { host, workbench } = window;
    await host.setSettings({ 'taskSessions.jira.jql': 'project = PORTAL ORDER BY key' });
    await shows(2, (labels) => labels.length > 0 && labels.every((label) => label.startsWith('PORTAL')));
    await host.setSettings({ 'taskSessions.jira.jql': 'project = NOWHERE' });
    const tree = await openTasks(window);
    await tree
      .message()
      .getByText(/NOWHERE/)
      .waitFor();
    await tree.row('Try Again');
    await workbench.screenshot('tree wrong jql');
    await host.setSettings({ 'taskSessions.jira.jql': 'project = PAY AND summary ~ "nothing"' });
    await tree.welcome().getByText('No task matches your JQL.').waitFor();
    await workbench.screenshot('tree empty');
    await host.setSettings({ 'taskSessions.jira.jql': 'project in (PAY, PORTAL) ORDER BY updated DESC' });
    await tree.row('PAY-456');
    assert.deepEqual(await workbench.notifications.all(), []);
  });
});
