import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { liveEntries } from '../../bed/claude';
import { until } from '../parts/patience';
import { doc, paragraph } from '../../jira/text/adf';
import { useWindow, type Window } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

/** As the system hands a clicked link to the editor; VS Code asks, and is told yes. */
async function follow({ workbench }: Window, rest: string): Promise<void> {
  await workbench.runCommand('Developer: Open URL');
  await workbench.quickInput.enter(`code-oss://task-sessions.task-sessions/${rest}`);
  assert.match(await workbench.dialog.read(), /Task Sessions/);
  await workbench.dialog.click('Open');
}

describe('Links to tasks', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { sessions: { local: ['PORTAL-118/analysis'] } });
    const lines = [
      'AI Analysis Started',
      `Session ID: ${world.idOf('PORTAL-118/analysis')}`,
      // The second letter is Cyrillic.
      'Web terminal: https://tеrm.example/?arg=a%26b',
      'Remote: https://claude.ai/code/session_01',
    ];
    world.jira.state.addComment('PORTAL-118', {
      author: 'sam',
      body: doc(...lines.map((line) => paragraph(line))),
      at: Date.now(),
    });
    return {
      ...world.host,
      settings: {
        ...world.host.settings,
        'taskSessions.local': { name: 'laptop', webTerminal: 'https://term.acme.example/?arg=${name}' },
      },
    };
  });
  after(() => bed.dispose());

  beforeEach(async () => {
    await window.workbench.clearNotifications();
    await window.workbench.runCommand('View: Close All Editors');
  });

  const living = async (): Promise<number> => (await liveEntries(world.local)).length;
  const id = (): string => world.idOf('PORTAL-118/analysis');

  it('open it, also in a window that has just started', async () => {
    const { workbench } = window;
    await workbench.reload();
    await follow(window, 'open?task=PAY-456');
    await workbench.editors
      .preview()
      .getByRole('heading', { name: /PAY-456/ })
      .waitFor();
    await workbench.screenshot('link to a task');
  });

  it('open one of its documents', async () => {
    const { workbench } = window;
    await follow(window, 'open?task=PAY-456&document=solution_options.md');
    await workbench.editors.shows('Options for PAY-456');
    await follow(window, 'open?task=PAY-456&document=nothing.md');
    assert.match(
      await workbench.notifications.read('nothing.md'),
      /^PAY-456 has no document nothing\.md on its branch\. Fetch Task Branches asks the remotes\./,
    );
  });

  it('are refused in words where they are made up', async () => {
    const { workbench } = window;
    await follow(window, 'run?task=PAY-456');
    await workbench.notifications.read('The link asks for something that Task Sessions does not do.');
    await follow(window, 'open?task=$(id)');
    await workbench.notifications.read('The link names no task');
    await follow(window, `resume?task=PAY-456&session=${id()}`);
    assert.match(await workbench.notifications.read('is no session of PAY-456'), /Open the task/);
    await workbench.screenshot('links refused');
    assert.equal(await living(), 0);
  });

  it('offer the page in Jira of a task that is not listed', async () => {
    const { workbench } = window;
    const popup = workbench.page.context().waitForEvent('page');
    await follow(window, 'open?task=OTHER-1');
    await workbench.notifications.click('OTHER-1 is not among your tasks', 'Open in Jira');
    const page = await popup;
    // A window in the browser reaches its own machine through a proxy.
    assert.match(page.url(), /^http:.*\/browse\/OTHER-1$/);
    await page.close();
  });

  it("lead to a record's web terminal only when the user knows its host", async () => {
    const { workbench } = window;
    const said = await askedByEditor('Open Web Terminal');
    assert.match(said, /^Open xn--trm-rdd\.example\?\nIts host is not among taskSessions\.links\.allowed\./);
    assert.match(said, /https:\/\/xn--trm-rdd\.example\/\?arg=a%26b/);
    // Of a host that is known only VS Code asks.
    assert.match(
      await askedByEditor('Open Shared Session'),
      /external website[^]*claude\.ai\/code\/session_01/,
    );
    await workbench.runCommand('Task Sessions: Copy Link to Task');
    await workbench.quickInput.pick(/PAY-456/);
    const copied = /^[a-z-]+:\/\/task-sessions\.task-sessions\/open\?task=PAY-456$/;
    await until(async () => copied.test(await workbench.clipboard()), { what: 'the link is copied' });
  });

  it('resume nothing until the user agrees', async () => {
    const { workbench } = window;
    await follow(window, `resume?task=PORTAL-118&session=${id()}`);
    const said = await workbench.dialog.read();
    assert.match(said, /^A link asks to resume a session of PORTAL-118\.\nTask: PORTAL-118 /);
    assert.match(
      said,
      new RegExp(`Session: .*${id()}\\s*Host: laptop\\s*Directory: /.*Nothing runs until you agree`),
    );
    await workbench.screenshot('link asks to resume');
    await workbench.dialog.cancel();
    assert.equal(await workbench.terminals.count(), 0);
    assert.equal(await living(), 0);
    await follow(window, `resume?task=PORTAL-118&session=${id()}`);
    await workbench.dialog.click('Resume');
    await workbench.terminals.shows('Analyse PORTAL-118');
    await until(async () => (await living()) === 1, { what: 'the session lives' });
  });

  it('lead to the configured web terminal where a session has a terminal', async () => {
    const said = await askedByEditor('Open Web Terminal');
    assert.ok(said.includes(`https://term.acme.example/?arg=PORTAL-118-${id().slice(0, 8)}`), said);
  });

  /** Opens a menu's address; answers what VS Code asks, by its own list, about the one that is opened. */
  async function askedByEditor(command: string): Promise<string> {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PORTAL-118');
    await tree.pickFromMenu(id().slice(0, 8), command);
    const said = await workbench.dialog.read();
    await workbench.screenshot(`asks to ${command}`);
    await workbench.dialog.cancel();
    return said;
  }
});

describe('Links to tasks in Restricted Mode', () => {
  const bed = new Bed();
  const window = useWindow(async () => {
    const { host } = await makeWorld(bed);
    const calm = { 'git.enabled': false, 'security.workspace.trust.startupPrompt': 'never' };
    return { ...host, trust: false, settings: { ...host.settings, ...calm } };
  });
  after(() => bed.dispose());

  it('show the task, and start nothing', async () => {
    const { workbench } = window;
    await follow(window, 'open?task=PAY-456');
    await workbench.editors
      .preview()
      .getByRole('heading', { name: /PAY-456/ })
      .waitFor();
    for (const rest of [
      'resume?task=PAY-456&session=5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01',
      'open?task=PAY-456&document=task_desc.md',
    ]) {
      await follow(window, rest);
      await workbench.notifications.read('In Restricted Mode nothing is started');
      await workbench.clearNotifications();
    }
  });

  it('say that nobody is signed in', async () => {
    const { workbench } = window;
    await workbench.runCommand('Task Sessions: Sign Out of Jira');
    await (await openTasks(window)).welcome().getByRole('button', { name: 'Sign In to Jira' }).waitFor();
    await follow(window, 'open?task=PAY-456');
    await workbench.notifications.click('PAY-456 cannot be shown', 'Sign In to Jira');
    await workbench.quickInput.asks('Address of your Jira');
    await workbench.quickInput.cancel();
  });
});
