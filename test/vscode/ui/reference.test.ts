import assert from 'node:assert/strict';
import { parseReference } from '../../../src/model/session/reference';
import { Bed } from '../../bed/bed';
import { liveEntries } from '../../bed/claude';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('A session reference', () => {
  const bed = new Bed();
  let world: World;
  let id: string;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { sessions: { remote: ['PAY-456/analysis'] } });
    id = world.idOf('PAY-456/analysis');
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  const resume = 'Task Sessions: Resume Session Reference';
  const pids = async (): Promise<number[]> =>
    (await liveEntries(world.remote!)).filter(({ sessionId }) => sessionId === id).map(({ pid }) => pid);

  it('is copied from a session, and resumes it, offered from the clipboard', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PAY-456');
    const row = new RegExp(id.slice(0, 8));
    await tree.pickFromMenu(row, 'Copy Session Reference');
    await workbench.statusItem(/Reference of .* copied/).waitFor();
    const text = await workbench.clipboard();
    const directory = `${world.ssh!.hosts.devserver.home}/platform`;
    assert.deepEqual(parseReference(text), {
      host: 'devserver',
      sessionId: id,
      task: 'PAY-456',
      branch: 'main',
      directory,
    });

    await workbench.runCommand(resume);
    await workbench.quickInput.asks('What a colleague copied');
    assert.equal(await workbench.quickInput.input.inputValue(), text);
    await workbench.screenshot('reference');
    await workbench.press('Enter');
    await workbench.terminals.shows('Analyse PAY-456');
    await until(async () => (await pids()).length === 1, { what: 'it lives' });
  });

  it('pasted where one resumes leads to the same process', async () => {
    const { workbench } = window;
    const before = await pids();
    await workbench.runCommand('View: Hide Panel');
    await workbench.runCommand('Task Sessions: Resume Task Session');
    await workbench.quickInput.asks('paste a session reference');
    await workbench.quickInput.type(` \`task-sessions:devserver/${id}\` `);
    await workbench.quickInput.pick(/on devserver/);
    await workbench.terminals.shows('Analyse PAY-456');
    assert.deepEqual(await pids(), before);
  });

  it('that says something else than what is found is told before anything opens', async () => {
    const { workbench } = window;
    await workbench.runCommand(resume);
    await workbench.quickInput.enter(`task-sessions:devserver/${id},task=PAY-461,directory=/srv/other`);
    const said = await workbench.dialog.read();
    assert.match(said, /is not quite what the reference says/);
    assert.match(said, /It says directory \/srv\/other, but here it is .*platform/);
    assert.match(said, /It says task PAY-461, but here it is PAY-456/);
    await workbench.screenshot('reference differs');
    await workbench.dialog.cancel();
  });

  it('names one of the user’s own hosts, or leads nowhere', async () => {
    const { workbench } = window;
    await workbench.runCommand(resume);
    await workbench.quickInput.enter(`task-sessions:prod.example/${id}`);
    assert.match(
      await workbench.notifications.read('prod.example'),
      /"prod\.example" is not one of your hosts\..*never connected to\. On devserver there is a session/,
    );
  });

  it('that is none is said to be none', async () => {
    const { workbench } = window;
    await workbench.runCommand(resume);
    await workbench.quickInput.type('task-sessions:devserver/5f1d9b2e');
    await workbench.quickInput.asks('This reference is not whole');
    await workbench.quickInput.type('PAY-456');
    await workbench.quickInput.asks('Not a session reference');
    await workbench.quickInput.cancel();
  });
});
