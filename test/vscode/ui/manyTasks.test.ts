import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../../bed/until';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const count = 2000;

describe('Two thousand tasks', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { tasks: [] });
    for (let number = 1; number <= count; number += 1) {
      const key = `PAY-${number}`;
      world.jira.state.addIssue({ key, summary: `Task number ${number}`, type: 'Task', at: Date.now() });
      if (number % 4 === 0) world.jira.state.setStatus(key, 'Ready for Review', 'dana', Date.now());
    }
    return world.host;
  });
  after(() => bed.dispose());

  it('are listed, and stay smooth to scroll, filter and walk through', async function () {
    this.timeout(60_000);
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.rows.filter({ hasText: 'PAY-2000' }).waitFor({ timeout: 30_000 });
    await tree.row(/Backlog.*1500/);
    await tree.row(/Awaiting review.*500/);
    await workbench.screenshot('many tasks');
    await tree.collapse('Awaiting review');
    const began = Date.now();
    await tree.expand('Backlog');
    await tree.focus();
    await workbench.press('End');
    await until(async () => (await workbench.focused()).startsWith('PAY-'), {
      what: 'the last task has the keyboard',
    });
    const walked = Date.now() - began;
    // The window's own longest pause while a key is held down: people notice a tenth of a second.
    const pause = workbench.page.evaluate<number>(`new Promise((done) => {
      let longest = 0, last = performance.now(), left = 60;
      const tick = (now) => { longest = Math.max(longest, now - last); last = now; (left -= 1) > 0 ? requestAnimationFrame(tick) : done(longest); };
      requestAnimationFrame(tick);
    })`);
    for (let step = 0; step < 20; step += 1) await workbench.press('PageUp');
    const longest = await pause;
    assert(walked < 5000, `expanding and going to the end took ${walked} ms`);
    assert(longest < 1000, `the window stood still for ${Math.round(longest)} ms`);
    await workbench.screenshot('many tasks scrolled');
    await tree.clickTitleAction('Filter Tasks');
    await workbench.quickInput.enter('number 1234');
    await tree.row('PAY-1234');
    await tree.message().getByText(`(1 of ${count})`).waitFor();
  });
});
