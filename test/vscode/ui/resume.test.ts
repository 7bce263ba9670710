import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { liveEntries, startTui, type ClaudeAccount } from '../../bed/claude';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type Slot, type World } from './world';

describe('Resuming a session', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, {
      sessions: { local: ['PORTAL-118/analysis'], remote: ['PAY-456/analysis', 'PAY-461/analysis'] },
    });
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  const short = (slot: Slot): string => world.idOf(slot).slice(0, 8);

  /** Process ids that hold the session open. */
  async function pids(account: ClaudeAccount, slot: Slot): Promise<number[]> {
    const id = world.idOf(slot);
    return (await liveEntries(account)).filter(({ sessionId }) => sessionId === id).map(({ pid }) => pid);
  }

  /** Once the session lives: the one process that holds it. */
  async function onlyPid(account: ClaudeAccount, slot: Slot): Promise<number> {
    await until(async () => (await pids(account, slot)).length > 0, {
      what: `${slot} lives`,
    });
    const [pid, ...others] = await pids(account, slot);
    assert.deepEqual(others, []);
    return pid!;
  }

  const count = (wanted: number): Promise<unknown> =>
    until(async () => (await window.workbench.terminals.count()) === wanted, { what: `${wanted} terminals` });

  it('starts it in tmux on its host, in a terminal named by the key; again reveals that terminal', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.expand('PAY-456');
    await tree.clickAction(short('PAY-456/analysis'), 'Resume Task Session');
    await workbench.terminals.shows('Analyse PAY-456');
    assert.deepEqual(await workbench.terminals.names(), ['PAY-456']);
    const pid = await onlyPid(world.remote!, 'PAY-456/analysis');
    const sessions = await world.ssh!.hosts.devserver.tmux.run(['list-sessions', '-F', '#S']);
    assert.equal(sessions.stdout.trim(), `PAY-456-${short('PAY-456/analysis')}`);
    await tree.row(/devserver · idle/);
    await workbench.screenshot('resume over ssh');
    await workbench.runCommand('View: Hide Panel');
    await tree.clickAction('PAY-456', 'Resume Task Session');
    await workbench.terminals.shows('Analyse PAY-456');
    await count(1);
    assert.equal(await onlyPid(world.remote!, 'PAY-456/analysis'), pid);
  });

  it('finds the same terminal after a reload of the window', async () => {
    const { workbench } = window;
    const pid = await onlyPid(world.remote!, 'PAY-456/analysis');
    await workbench.reload();
    const tree = await openTasks(window);
    await tree.row('PAY-456');
    await tree.clickAction('PAY-456', 'Resume Task Session');
    await workbench.terminals.shows('Analyse PAY-456');
    await until(async () => (await workbench.terminals.names()).join() === 'PAY-456', {
      what: 'one terminal, named by the key',
    });
    assert.equal(await onlyPid(world.remote!, 'PAY-456/analysis'), pid);
    await workbench.screenshot('resume after reload');
  });

  it('comes back to the very process after the terminal was closed', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    const pid = await onlyPid(world.remote!, 'PAY-456/analysis');
    await workbench.runCommand('Terminal: Kill the Active Terminal Instance');
    await count(0);
    assert.equal(await onlyPid(world.remote!, 'PAY-456/analysis'), pid);
    await tree.clickAction('PAY-456', 'Resume Task Session');
    await workbench.terminals.shows('Analyse PAY-456');
    assert.equal(await onlyPid(world.remote!, 'PAY-456/analysis'), pid);
  });

  it('works on this machine, from the palette, by words of the summary', async () => {
    const { workbench } = window;
    await workbench.runCommand('Task Sessions: Resume Task Session');
    await workbench.quickInput.asks('Type a key, words of the summary');
    await workbench.screenshot('resume palette');
    await workbench.quickInput.type('invoices archive');
    assert.deepEqual(
      (await workbench.quickInput.items()).map(({ label }) => label),
      ['PORTAL-118 Customers can download all their invoices as one archive'],
    );
    await workbench.quickInput.pick('PORTAL-118');
    await workbench.terminals.shows('Analyse PORTAL-118');
    assert((await workbench.terminals.names()).includes('PORTAL-118'));
    await onlyPid(world.local, 'PORTAL-118/analysis');
    const sessions = await world.tmux.run(['list-sessions', '-F', '#S']);
    assert.equal(sessions.stdout.trim(), `PORTAL-118-${short('PORTAL-118/analysis')}`);
    await workbench.screenshot('resume here');
  });

  it("attaches to a session that lives in the user's own tmux, to look on or to work", async () => {
    const { workbench } = window;
    const { tmux } = world.ssh!.hosts.devserver;
    const cwd = `${world.ssh!.hosts.devserver.home}/platform`;
    const args = ['--resume', world.idOf('PAY-461/analysis')];
    const tui = await startTui(world.remote!, tmux, { name: 'mine', cwd, args, socket: 'default' });
    const { pid } = await tui.reaches('idle');
    const tree = await openTasks(window);
    await tree.clickTitleAction('Refresh');
    await tree.expand('PAY-461');
    const row = new RegExp(`idle.*${short('PAY-461/analysis')}`);
    await tree.pickFromMenu(row, 'View Live');
    await workbench.terminals.shows('Analyse PAY-461');
    await workbench.terminals.type('nobody hears this');
    await tree.clickAction(row, 'Resume Task Session');
    // Beside the one that looks on, through a view of its own onto the same pane.
    await workbench.terminals.shows('[task-sess');
    await workbench.screenshot('resume own tmux');
    await until(
      async () => (await workbench.terminals.names()).slice(-2).join() === 'PAY-461 (view),PAY-461',
      {
        what: 'both terminals have their names',
      },
    );
    assert.equal(await onlyPid(world.remote!, 'PAY-461/analysis'), pid);
    assert(!(await tui.screen()).includes('nobody hears this'));
  });

  it('forks, copies the command, and opens a shell where the session is', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    const row = `${short('PAY-456/analysis')} Analysis`.replace(' ', '  ');
    await tree.expand('PAY-456');
    const id = world.idOf('PAY-456/analysis');
    const found = new RegExp(`devserver.*${row.replace(/ +/, '\\s+')}`);
    await tree.pickFromMenu(found, 'Copy Resume Command');
    await until(async () => (await workbench.clipboard()).includes(`claude --resume ${id}`), {
      what: 'the command is copied',
    });
    assert.match(await workbench.clipboard(), /^ssh -t devserver 'tmux -L task-sessions new -A -s PAY-456-/);
    await tree.pickFromMenu(found, 'Open Shell');
    await workbench.terminals.shows(/platform[^\n]*[#$]/);
    assert.equal((await workbench.terminals.names()).at(-1), 'PAY-456 shell');
    await tree.pickFromMenu(found, 'Fork Session');
    await tree.row(new RegExp(`fork of ${short('PAY-456/analysis')}`));
    await onlyPid(world.remote!, 'PAY-456/analysis');
    await workbench.screenshot('resume fork');
  });

  it('says that a transcript is gone, and starts from the documents instead', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.clickAction('PORTAL-112', 'Resume Task Session');
    assert.equal(
      await workbench.dialog.read(),
      'devserver has no transcript of this session.\nClaude deletes transcripts after some weeks. A new session can start from the documents.',
    );
    await workbench.screenshot('resume missing transcript');
    await workbench.dialog.click('Start New Session from Documents');
    await workbench.quickInput.pick(/In a Worktree of Its Own/);
    await workbench.terminals.shows('docs/tasks/PORTAL-112/critic.md');
    await tree.expand('PORTAL-112');
    await tree.row(new RegExp(`continues ${short('PORTAL-112/analysis')}`));
    await tree.row(/platform\.worktrees\/PORTAL-112/);
    const asked = (): boolean =>
      world.stub.requests.some(({ prompt }) => prompt.includes('- docs/tasks/PORTAL-112/critic.md'));
    await until(asked, { what: 'the first prompt names the documents' });
    await workbench.screenshot('resume from documents');
  });

  it('says which host does not answer, with the age of what is known', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    const { proxy } = world.ssh!.hosts.devserver;
    proxy.refuse();
    try {
      await tree.clickTitleAction('Refresh');
      await tree.row(/devserver.*does not answer.*as of/);
      await workbench.terminals.select('PAY-461');
      await workbench.terminals.shows(/The connection ended \(status 255\)/);
      await workbench.screenshot('resume host down');
      await tree.expand('PORTAL-121');
      await tree.clickAction('PORTAL-121', 'Resume Task Session');
      assert.match(await workbench.dialog.read(), /^devserver /);
      await workbench.screenshot('resume host down dialog');
      await workbench.dialog.cancel();
    } finally {
      proxy.resume();
    }
    await workbench.terminals.type('\n');
    await workbench.terminals.shows('[mine]');
    const notices = await workbench.notifications.all();
    assert(!notices.some((text) => text.includes('terminal process')), notices.join('\n'));
  });
});
