import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import type { Workbench } from '../workbench';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const count = 2000;

/** Tells how long the window's own thread has worked, in milliseconds: what else the machine does is not its affair. */
async function workClock({ page }: Workbench): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  };
}

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
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.rows.filter({ hasText: 'PAY-2000' }).waitFor();
    await tree.row(/Backlog.*1500/);
    await tree.row(/Awaiting review.*500/);
    await workbench.screenshot('many tasks');
    await tree.collapse('Awaiting review');
    const busyMs = await workClock(workbench);
    const began = await busyMs();
    await tree.expand('Backlog');
    await tree.focus();
    await workbench.press('End');
    await until(async () => (await workbench.focused()).startsWith('PAY-'), {
      what: 'the last task has the keyboard',
    });
    const walked = (await busyMs()) - began;
    let longest = 0;
    for (let step = 0, before = began + walked; step < 20; step += 1) {
      await workbench.press('PageUp');
      const now = await busyMs();
      longest = Math.max(longest, now - before);
      before = now;
    }
    assert(walked < 5000, `expanding and going to the end took ${walked} ms`);
    // People notice a tenth of a second; tests run on slow machines, too.
    assert(longest < 1000, `the window stood still for ${Math.round(longest)} ms`);
    await workbench.screenshot('many tasks scrolled');
    await tree.clickTitleAction('Filter Tasks');
    await workbench.quickInput.enter('number 1234');
    await tree.row('PAY-1234');
    await tree.message().getByText(`(1 of ${count})`).waitFor();
  });
});
