import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { findProgram } from '../../bed/prepare';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const programs = ['git', 'ssh', 'tmux'];

describe('Restricted mode', () => {
  const bed = new Bed();
  let world: World;
  let marks: string;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { sessions: { remote: ['PAY-456/analysis'] } });
    marks = join(world.home, 'marks');
    // VS Code takes its PATH from the login shell, where this folder comes first.
    for (const name of programs) await writeMarking(join(world.home, '.local/bin'), name, marks);
    return {
      ...world.host,
      trust: false,
      // VS Code's own git extension would start git after trust; here only ours may.
      settings: {
        ...world.host.settings,
        'git.enabled': false,
        'security.workspace.trust.startupPrompt': 'never',
      },
    };
  });
  after(() => bed.dispose());

  const started = async (): Promise<string> => (existsSync(marks) ? readFile(marks, 'utf8') : '');

  it('shows the tasks from Jira and starts nothing', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.row('PAY-456');
    await tree.clickTitleAction('Refresh');
    await tree.expand('PAY-456');
    await workbench
      .banner()
      .getByText(/Restricted Mode/)
      .waitFor();
    await tree.row('not read in Restricted Mode');
    await workbench.screenshot('restricted tree');
    assert.deepEqual(await tree.actions('PAY-456'), ['Open in Jira']);
    assert.deepEqual(await tree.menu('PAY-456'), [
      'Open Task',
      'Open in Jira',
      'Copy Task Key',
      'Copy Link to Task',
    ]);
    await tree.pickFromMenu('PAY-456', 'Open Task');
    await tree.click(/^\s*devserver/);
    assert.match(
      await workbench.notifications.read('Restricted'),
      /^In Restricted Mode nothing is started: no git, no ssh, no terminals\. Trust this folder to go on\./,
    );
    await workbench.screenshot('restricted refused');
    assert.equal(await started(), '');
  });

  it('brings it all once the folder is trusted', async () => {
    const { workbench } = window;
    await workbench.notifications.click('Restricted', 'Manage Workspace Trust');
    await workbench.page.getByRole('button', { name: 'Trust', exact: true }).first().click();
    const tree = await openTasks(window);
    await tree.row(/PAY-456.*5\/5 docs/);
    await tree.expand('PAY-456');
    await tree.row(/devserver · ended/);
    await workbench.screenshot('restricted no more');
    assert.match(await started(), /git/);
    assert.match(await started(), /ssh/);
  });
});

/** A program that leaves its name before the real one runs. */
async function writeMarking(folder: string, name: string, marks: string): Promise<void> {
  const real = findProgram(name) ?? '/bin/false';
  await writeFile(join(folder, name), `#!/bin/sh\necho "${name} $*" >> '${marks}'\nexec '${real}' "$@"\n`, {
    mode: 0o755,
  });
}
