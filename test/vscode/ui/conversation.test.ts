import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { Bed } from '../../bed/bed';
import { transcriptOf, type ClaudeAccount } from '../../bed/claude';
import { until } from '../parts/patience';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type Slot, type World } from './world';

let count = 0;
const line = (fields: Record<string, unknown>): string =>
  `${JSON.stringify({ uuid: `line-${++count}`, timestamp: new Date().toISOString(), ...fields })}\n`;
const prompt = (text: string): string => line({ type: 'user', message: { role: 'user', content: text } });
const said = (...content: unknown[]): string =>
  line({ type: 'assistant', message: { model: 'claude-opus-5-5', content } });
const text = (words: string) => ({ type: 'text', text: words });

/** A turn whose details are 20 KB of output. */
const turn = (at: number): string =>
  [
    prompt(`Is step ${at} done?`),
    said(
      text(`Let me look at step ${at}.`),
      { type: 'tool_use', id: `t${at}`, name: 'Bash', input: { command: `make step-${at}`, timeout: 60 } },
      { type: 'tool_use', id: `e${at}`, name: 'Edit', input: { file_path: '/srv/a.ts', old_string: 'one', new_string: 'two' } },
    ),
    line({
      type: 'user',
      message: {
        content: [
          { type: 'tool_result', tool_use_id: `t${at}`, content: `hidden detail\n${'output of make\n'.repeat(1400)}` },
          { type: 'tool_result', tool_use_id: `e${at}`, content: 'Edited.' },
        ],
      },
    }),
    said(text(`Step ${at} is **done**:\n\n| file | lines |\n| --- | --- |\n| \`a.ts\` | ${at} |`)),
  ].join(''); // prettier-ignore

describe('The conversation of a session', () => {
  const bed = new Bed();
  let world: World;
  const here: Slot = 'PORTAL-118/analysis';
  const there: Slot = 'PAY-456/analysis';
  const short = (slot: Slot): string => world.idOf(slot).slice(0, 8);
  const file = async (account: ClaudeAccount, slot: Slot): Promise<string> =>
    (await transcriptOf(account, world.idOf(slot)))!;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { sessions: { local: [here], remote: [there] } });
    const turns = Array.from({ length: 150 }, (_, at) => turn(at)).join('');
    await writeFile(await file(world.local, here), turns);
    const hostile = [
      prompt('<b>bold?</b> [run](command:workbench.action.terminal.new) ![spy](https://spy.example/pixel.png)'),
      said(text('<script>alert(1)</script>\n\n<!-- #endregion -->\n\n[click](command:workbench.action.quit)')),
      said(text('Last words over ssh.')),
    ].join(''); // prettier-ignore
    await writeFile(await file(world.remote!, there), hostile);
    return world.host;
  });
  after(() => bed.dispose());
  beforeEach(() => window.workbench.clearNotifications());

  const view = async (task: string, slot: Slot): Promise<void> => {
    const tree = await openTasks(window);
    await tree.expand(task);
    await tree.clickAction(short(slot), 'View Conversation');
  };

  it('opens at its end, with the details folded away', async () => {
    const { workbench } = window;
    await view('PORTAL-118', here);
    await workbench.editors.shows('Step 149 is');
    assert.equal(await workbench.editors.activeTitle(), `PORTAL-118 ${short(here)}.md`);
    await until(async () => !(await workbench.editors.visibleText()).includes('output of make'), {
      what: 'folded',
    });
    const shown = await workbench.editors.visibleText();
    assert.match(shown, /- \*\*Bash\*\* `make step-149`/);
    assert.match(shown, /- \*\*Edit\*\* `\/srv\/a\.ts`/);
    await workbench.screenshot('conversation end');
  });

  it('follows what is said meanwhile, where one reads the end', async () => {
    const { workbench } = window;
    await appendFile(await file(world.local, here), turn(150));
    await (await openTasks(window)).clickTitleAction('Refresh');
    await workbench.editors.shows('Step 150 is');
    await workbench.screenshot('conversation followed');
  });

  it('shows earlier turns without moving what one reads', async () => {
    const { workbench } = window;
    await workbench.editors.select(short(here));
    await workbench.page.locator('.editor-group-container.active .monaco-editor').first().click();
    await workbench.press('Control+Home');
    await workbench.editors.shows('Earlier turns: ');
    await workbench.screenshot('conversation top');
    const before = /Is step (\d+) done/.exec(await workbench.editors.visibleText())?.[1];
    await workbench.page.getByRole('button', { name: 'Show Earlier' }).click();
    await workbench.editors.shows(`Is step ${before} done`);
    await until(async () => !(await workbench.editors.visibleText()).includes('Earlier turns: '), {
      what: 'turns are above',
    });
    await until(async () => !(await workbench.editors.visibleText()).includes('output of make'), {
      what: 'details are folded as before',
    });
    await workbench.screenshot('conversation earlier');
    await workbench.press('Control+Home');
    await workbench.editors.shows('Earlier turns: ');
    await workbench.runCommand('Task Sessions: Show All Turns');
    await workbench.editors.shows(`Is step ${before} done`);
    await workbench.press('Control+Home');
    await workbench.editors.shows('Is step 0 done');
    await workbench.screenshot('conversation all');
  });

  it('is harmless, also as a preview, and is read over ssh', async () => {
    const { workbench } = window;
    await view('PAY-456', there);
    await workbench.editors.shows('Last words over ssh.');
    await workbench.screenshot('conversation over ssh');
    await workbench.runCommand('Markdown: Open Preview');
    const preview = workbench.editors.preview();
    await preview.getByText('<script>alert(1)</script>').waitFor();
    await workbench.screenshot('conversation preview');
    const harm = 'a[href^="command:"], b, script:text("alert(1)"), img[src*=spy]';
    assert.equal(await preview.locator(harm).count(), 0);
    await workbench.runCommand('View: Close All Editors');
  });

  it('says why there is nothing to read, and tries again', async () => {
    const { workbench } = window;
    const { proxy } = world.ssh!.hosts.devserver;
    proxy.refuse();
    proxy.cut();
    await view('PAY-456', there);
    await workbench.editors.shows('devserver was last seen');
    assert.doesNotMatch(await workbench.editors.visibleText(), /Last words/);
    await workbench.page.getByRole('button', { name: 'Try Again' }).waitFor();
    await workbench.screenshot('conversation unreachable');
    proxy.resume();
    await until(
      async () => {
        await workbench.page.getByRole('button', { name: 'Try Again' }).click({ timeout: 1000 }).catch(() => undefined); // prettier-ignore
        return (await workbench.editors.visibleText()).includes('Last words over ssh.');
      },
      { what: 'the host is there again', intervalMs: 500 },
    );
  });
});
