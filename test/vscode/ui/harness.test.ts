// Proves the driver on a small extension, so that a failure elsewhere is the product's.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { useWindow } from '../useWindow';
import { writeSampleExtension } from './sampleExtension';

describe('The harness', () => {
  const bed = new Bed();
  const window = useWindow(async () => {
    const folder = await bed.folder('harness');
    await writeSampleExtension(join(folder, 'extension'));
    await mkdir(join(folder, 'workspace'));
    await writeFile(join(folder, 'workspace/first.md'), '# First page\n\nGo to [the second](second.md).\n');
    await writeFile(join(folder, 'workspace/second.md'), '# Second page\n');
    return {
      workspace: join(folder, 'workspace'),
      extensions: [join(folder, 'extension')],
      env: { SAMPLE: 'someone' },
      settings: { 'sample.greeting': 'Good day' },
    };
  });
  after(() => bed.dispose());

  beforeEach(() => window.workbench.clearNotifications());

  it('reads and works a tree', async () => {
    const { workbench } = window;
    await workbench.openViewContainer('Sample');
    const tree = workbench.tree('Things');
    await tree.expand('Fruit', 'Trees');
    const rows = await tree.all();
    assert.equal(rows.length, 204);
    assert.deepEqual(rows[1], {
      label: 'Apple',
      description: 'small',
      level: 2,
      expanded: undefined,
      ariaLabel: 'Apple small, has actions',
    });
    await tree.click('Tree 150');
    assert.match(await workbench.focused(), /^Tree 150/);
    assert.deepEqual(await tree.actions('Apple'), ['Greet']);
    await tree.clickAction('Apple', 'Greet');
    assert.equal(await workbench.notifications.read('Apple'), 'Good day, Apple');
    assert.deepEqual(await tree.menu('Pear'), ['Greet']);
    await tree.pickFromMenu('Pear', 'Greet');
    assert.equal(await workbench.notifications.read('Pear'), 'Good day, Pear');
    assert.equal(await (await tree.tooltip('Pear')).textContent(), 'About Pear');
    await tree.collapse('Trees');
    await workbench.screenshot('harness tree');
  });

  it('reads what stands around a tree', async () => {
    const { workbench } = window;
    const tree = workbench.tree('Things');
    assert.equal(await workbench.badge('Sample'), '2');
    assert.equal(await tree.message().textContent(), 'Two kinds');
    assert.match((await workbench.statusItem('2 kinds').textContent()) ?? '', /2 kinds/);
    await tree.clickTitleAction('Notify');
    await workbench.notifications.dismiss('Something happened');
    await workbench.openViewContainer('Void');
    const welcome = workbench.tree('Nothing').welcome();
    assert.match((await welcome.textContent()) ?? '', /^Nothing here yet\./);
    await welcome.getByRole('button', { name: 'Ask' }).click();
    await workbench.quickInput.asks('Which colour?');
    await workbench.quickInput.cancel();
    await workbench.quickInput.asks('Which name?');
    await workbench.quickInput.cancel();
    await workbench.quickInput.closed();
    await workbench.openViewContainer('Sample');
  });

  it('works a tree by keyboard alone', async () => {
    const { workbench } = window;
    await workbench.tree('Things').focus();
    await workbench.press('Home', 'ArrowDown');
    assert.match(await workbench.focused(), /^Apple small/);
  });

  it('answers quick inputs', async () => {
    const { workbench } = window;
    const { quickInput } = workbench;
    await workbench.runCommand('Sample: Ask');
    await quickInput.asks('Which colour?');
    assert.deepEqual(await quickInput.items(), [
      { label: 'Red', description: 'warm', detail: '' },
      { label: 'Blue', description: '', detail: 'cold' },
    ]);
    await quickInput.pick('Blue');
    await quickInput.asks('Which name?');
    await quickInput.type('x');
    await quickInput.asks('Too short');
    await quickInput.enter('Xenia');
    assert.equal(await workbench.notifications.read('Answer'), 'Answer: Blue Xenia');
  });

  it('reads and answers notifications and dialogs', async () => {
    const { workbench } = window;
    await workbench.runCommand('Sample: Notify');
    assert.deepEqual(await workbench.notifications.buttons('Something happened'), ['Fix', 'Ignore']);
    await workbench.notifications.click('Something happened', 'Fix');
    assert.equal(await workbench.notifications.read('Chose'), 'Chose Fix');
    await workbench.runCommand('Sample: Confirm');
    assert.equal(await workbench.dialog.read(), 'Really?\nIt cannot be undone.');
    assert.deepEqual((await workbench.dialog.buttons()).sort(), ['Cancel', 'Do It']);
    await workbench.dialog.click('Do It');
    assert.equal(await workbench.notifications.read('Confirmed'), 'Confirmed Do It');
  });

  it('reads and types in terminals', async () => {
    const { workbench } = window;
    await workbench.runCommand('Sample: Open Terminal');
    await workbench.terminals.shows(/in .*workspace as someone/);
    await workbench.terminals.type('repeat this\n');
    await workbench.terminals.shows(/repeat this\nrepeat this/);
    assert.deepEqual(await workbench.terminals.names(), ['SAMPLE-1']);
  });

  it('reads editors and follows links of a preview', async () => {
    const { workbench } = window;
    await workbench.press('Control+P');
    await workbench.quickInput.type('first.md');
    await workbench.quickInput.pick('first.md');
    await workbench.editors.shows('# First page');
    assert.match(await workbench.editors.visibleText(), /^# First page\n\nGo to \[the second\]/);
    await workbench.runCommand('Markdown: Open Preview');
    await workbench.editors.preview().getByRole('heading', { name: 'First page' }).waitFor();
    await workbench.screenshot('harness preview');
    await workbench.editors.close('Preview first.md');
    assert.deepEqual(await workbench.editors.titles(), ['first.md']);
    await workbench.editors.clickTitleAction('Open Preview');
    await workbench.editors.followLink('the second');
    await workbench.editors.preview().getByRole('heading', { name: 'Second page' }).waitFor();
  });

  it('changes settings and theme while it runs, and reloads', async () => {
    const { workbench, host } = window;
    await host.setSettings({ 'sample.greeting': 'Moin' });
    await workbench.setTheme('dark');
    await workbench.reload();
    await workbench.openViewContainer('Sample');
    const tree = workbench.tree('Things');
    await tree.expand('Fruit');
    await tree.clickAction('Pear', 'Greet');
    assert.equal(await workbench.notifications.read('Pear'), 'Moin, Pear');
    await workbench.screenshot('harness dark');
  });
});
