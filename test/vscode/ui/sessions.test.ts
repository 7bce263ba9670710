import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { liveEntries, printTurn, startTui, transcriptOf } from '../../bed/claude';
import { until } from '../parts/patience';
import type { Tree } from '../parts/tree';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const hourMs = 3_600_000;

describe('The view Sessions', () => {
  const bed = new Bed();
  const unlinked = randomUUID();
  const candidate = randomUUID();
  let world: World;
  let cwd: string;
  const window = useWindow(async () => {
    world = await makeWorld(bed, {
      sessions: { local: ['PORTAL-118/analysis'], remote: ['PAY-456/analysis'] },
    });
    cwd = `${world.ssh!.hosts.devserver.home}/platform`;
    await begin(unlinked, 'Is settlement slow?', 3 * hourMs);
    await begin(candidate, 'How is tax rounded? PAY-490', 27.4 * 24 * hourMs);
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  /** A detached run on devserver, whose transcript was last written so long ago. */
  async function begin(sessionId: string, prompt: string, agoMs: number): Promise<void> {
    await printTurn(world.remote!, { sessionId, cwd, prompt });
    const at = (Date.now() - agoMs) / 1000;
    await utimes((await transcriptOf(world.remote!, sessionId))!, at, at);
  }

  /** The view, with the whole side bar to itself: in little space VS Code draws few rows. */
  async function openSessions(): Promise<Tree> {
    const { workbench } = window;
    await workbench.openViewContainer('Task Sessions');
    await fold('Tasks', false);
    await workbench.runCommand('Task Sessions: View Sessions');
    return workbench.tree('Sessions');
  }

  async function openTasksOnly(): Promise<Tree> {
    await window.workbench.openViewContainer('Task Sessions');
    await fold('Tasks', true);
    await fold('Sessions', false);
    return openTasks(window);
  }

  /** Opens or closes a view of the container. */
  async function fold(view: string, open: boolean): Promise<void> {
    const header = window.workbench.page.locator(`.pane-header[aria-label^="${view}"]`);
    if ((await header.getAttribute('aria-expanded')) !== String(open)) await header.click();
  }

  /** Comments on an issue that name a session. */
  const comments = (key: string, id: string): number =>
    world.jira.state.issue(key).comments.filter((comment) => JSON.stringify(comment).includes(id)).length;

  it('lists every session by host: linked or not, and which will soon be gone', async () => {
    const { workbench } = window;
    const tree = await openSessions();
    await tree.row(/laptop.*this machine · \d+ sessions/);
    await tree.row(/settlement slow\?.*not linked · /);
    await tree.row(/How is tax rounded.*candidate PAY-490.*expires in 2 days/);
    await tree.row(/Analyse PAY-456.*PAY-456 · /);
    await tree.row(/buildbox.*does not answer/);
    await workbench.screenshot('sessions');
    const tooltip = await tree.tooltip(/How is tax rounded/);
    const text = await tooltip.innerText();
    for (const said of [
      candidate,
      'devserver',
      cwd,
      'a detached run',
      'Candidate for PAY-490',
      'expires in 2 days',
    ])
      assert.ok(text.includes(said), `${said} in ${text}`);
    await workbench.screenshot('sessions tooltip');
  });

  it('links one to a task, publishes that on the issue, and takes both back', async () => {
    const { workbench } = window;
    const tree = await openSessions();
    await tree.clickAction(/settlement slow/, 'Link to Task');
    await workbench.quickInput.asks('Type a key or words');
    await workbench.screenshot('sessions link');
    await workbench.quickInput.type('461 settlement');
    await until(async () => (await workbench.quickInput.items()).length === 1, { what: 'one task is left' });
    await workbench.quickInput.pick('PAY-461');
    assert.match(await workbench.notifications.read('Linked'), /^Linked to PAY-461\./);
    await tree.row(/settlement slow.*PAY-461/);
    assert.equal(comments('PAY-461', unlinked), 0);
    await workbench.screenshot('sessions linked');
    await workbench.notifications.click('Linked', 'Publish on the Issue');
    await workbench.statusItem('Published on PAY-461').waitFor();
    assert.equal(comments('PAY-461', unlinked), 1);

    await tree.pickFromMenu(/settlement slow/, 'Unlink');
    await workbench.notifications.click('Unlinked from PAY-461', 'Withdraw the Record');
    await workbench.statusItem('Withdrawn from PAY-461').waitFor();
    assert.equal(comments('PAY-461', unlinked), 0);
    await tree.row(/settlement slow.*not linked/);
  });

  it('shows a candidate under its task with the reason, to link or to reject; both can be undone', async () => {
    const { workbench } = window;
    const tasks = await openTasksOnly();
    await tasks.expand('Backlog', 'PAY-490');
    const row = /candidate: .*prompt/;
    assert.deepEqual(await tasks.actions(row), ['View Conversation', 'Link to Task', 'Unlink']);
    await workbench.screenshot('sessions candidate');
    await tasks.clickAction(row, 'Unlink');
    await workbench.notifications.click('is no candidate of PAY-490 any more', 'Undo');
    await tasks.clickAction(row, 'Link to Task');
    await workbench.notifications.read('Linked to PAY-490');
    await tasks.row(/PAY-490.*1 session/);
    // It is a task's now, and not for long: said once.
    const expiring = 'Claude deletes 1 session of your tasks within three days: PAY-490';
    await workbench.notifications.read(expiring);
    assert.deepEqual(await workbench.notifications.buttons(expiring), ['Keep', 'View', "Don't Show Again"]);
    await workbench.screenshot('sessions expiring');
    await workbench.notifications.click('Linked to PAY-490', 'Undo');
    await tasks.row(row);
  });

  it('is searched by words, and narrowed to what is not linked', async () => {
    const { workbench } = window;
    const tree = await openSessions();
    await tree.clickTitleAction('Filter Sessions');
    await workbench.quickInput.enter('devserver settlement');
    await tree
      .message()
      .getByText(/Filter: devserver settlement · 1 of/)
      .waitFor();
    assert.equal((await tree.all()).filter(({ level }) => level === 3).length, 1);
    await tree.clickTitleAction('Clear Session Filter');
    await tree.clickTitleAction('Show Unlinked Sessions Only');
    await tree
      .message()
      .getByText(/Unlinked only · 2 of/)
      .waitFor();
    await workbench.screenshot('sessions unlinked');
    await tree.clickTitleAction('Show All Sessions');
    await tree.row(/Analyse PAY-456/);
  });

  it('names one as the user likes', async () => {
    const { workbench } = window;
    const tree = await openSessions();
    await tree.click(/settlement slow/);
    await workbench.press('F2');
    await workbench.quickInput.asks('Your own name for it');
    await workbench.quickInput.enter('Night shift');
    await tree.row(/Night shift.*not linked/);
    await tree.click(/Night shift/);
    await workbench.press('F2');
    await workbench.quickInput.asks('Your own name for it');
    await workbench.quickInput.enter('');
    await tree.row(/settlement slow/);
  });

  it('keeps a copy, and puts it back when Claude has deleted its own', async () => {
    const { workbench } = window;
    const tree = await openSessions();
    await tree.pickFromMenu(/How is tax rounded/, 'Keep Session');
    await tree.row(/How is tax rounded.*copy kept/);
    await tree.click(/How is tax rounded/);
    await (await tree.row(/settlement slow/)).click({ modifiers: ['Control'] });
    await tree.pickFromMenu(/settlement slow/, 'Keep Session');
    await workbench.statusItem('Copy of 2 sessions kept').waitFor();
    await rm((await transcriptOf(world.remote!, candidate))!);
    await tree.clickTitleAction('Refresh');
    await tree.collapse('laptop');
    await tree.expand('Missing');
    await tree.row(/only the copy is left/);
    await workbench.screenshot('sessions kept');
    await tree.pickFromMenu(/only the copy is left/, 'Put Back Session');
    await until(async () => (await transcriptOf(world.remote!, candidate)) !== undefined, {
      what: 'Claude has it again',
    });
    const row = /How is tax rounded.*copy kept/;
    await tree.pickFromMenu(row, 'Remove Copy');
    assert.match(await workbench.dialog.read(), /^Remove the copy of session/);
    await workbench.dialog.click('Remove Copy');
    await until(
      async () => !(await (await tree.row(/How is tax rounded/)).innerText()).includes('copy kept'),
      {
        what: 'the copy is gone',
      },
    );
  });

  it('ends one that lives, after saying what that is', async () => {
    const { workbench } = window;
    const { tmux } = world.ssh!.hosts.devserver;
    const args = ['--resume', unlinked];
    const tui = await startTui(world.remote!, tmux, { name: 'mine', cwd, args, socket: 'default' });
    const { pid } = await tui.reaches('idle');
    const tree = await openSessions();
    await tree.clickTitleAction('Refresh');
    await tree.row(/Live/);
    await workbench.screenshot('sessions live');
    await tree.pickFromMenu(/settlement slow/, 'End Session');
    assert.equal(
      await workbench.dialog.read(),
      `End session ${unlinked.slice(0, 8)}?\nThis ends process ${pid} in tmux session mine on devserver. What was said so far stays in its transcript, and can be resumed.`,
    );
    await workbench.screenshot('sessions end');
    await workbench.dialog.click('End Session');
    await until(async () => !(await liveEntries(world.remote!)).some((entry) => entry.pid === pid), {
      what: 'the process has ended',
    });
    await until(async () => (await tree.all()).every(({ label }) => label !== 'Live'), {
      what: 'nothing lives any more',
    });
  });

  it('offers to rebuild the ledger when no file of it is whole', async () => {
    const { workbench } = window;
    const ledger = join(world.home, '.local/state/task-sessions/ledger');
    const files = await readdir(ledger, { withFileTypes: true });
    assert.ok(files.length > 0);
    for (const file of files) if (file.isFile()) await writeFile(join(ledger, file.name), '{');
    await workbench.reload();
    // A window that starts takes longer than an answer may.
    const damaged = async (): Promise<boolean> =>
      (await workbench.notifications.all()).some((text) => text.startsWith('The ledger is damaged'));
    await until(damaged, { what: 'the damage is told' });
    await workbench.notifications.click('The ledger is damaged', 'Rebuild');
    assert.match(
      await workbench.notifications.read('The ledger is rebuilt'),
      /^The ledger is rebuilt: .* Not asked: buildbox\. Rebuild again when they answer\.$/,
    );
    await workbench.screenshot('sessions ledger');
  });
});
