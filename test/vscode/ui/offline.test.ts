import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import type { Fault } from '../../jira/faults';
import { openWindow } from '../host';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

describe('Trouble with Jira', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed);
    return world.host;
  });
  after(() => bed.dispose());

  afterEach(() => world.jira.faults.clear());

  const faults: [name: string, fault: Fault, says: RegExp][] = [
    ['a 500', { kind: 'status', status: 500 }, /answered with 500|trouble|failed|error/i],
    ['a login page', { kind: 'loginPage' }, /web page, not as Jira/],
    ['a cut connection', { kind: 'reset' }, /connection/i],
    [
      'a refused token',
      { kind: 'status', status: 401, body: '{}', contentType: 'application/json' },
      /token/,
    ],
    [
      'too many requests',
      { kind: 'rateLimit', retryAfter: 3 },
      /asks for fewer requests\. Next try in \d+ s/,
    ],
  ];
  for (const [name, fault, says] of faults)
    it(`keeps the last list and says what is wrong: ${name}`, async () => {
      const { workbench } = window;
      const tree = await openTasks(window);
      await tree.row('PAY-456');
      world.jira.faults.add(fault);
      await tree.clickTitleAction('Refresh');
      const row = await tree.row(/as of (just now|\d+ min ago)/);
      const label = await row.getAttribute('aria-label');
      assert.match(label ?? '', says);
      await tree.row('PAY-456');
      await workbench.screenshot(`offline ${name}`);
      world.jira.faults.clear();
      await until(
        async () => {
          // Again where Jira has asked for a pause.
          await tree.clickTitleAction('Refresh');
          await row.waitFor({ state: 'detached', timeout: 2000 });
          return true;
        },
        { what: 'the trouble is over' },
      );
    });

  it('shows the last list at once after a reload, also while the server hangs, and says so in the end', async () => {
    const { workbench } = window;
    await (await openTasks(window)).row('PAY-456');
    world.jira.faults.add({ kind: 'hang' });
    await workbench.reload();
    const tree = await openTasks(window);
    await tree.row('PAY-456');
    await tree.row(/Jira.* as of (just now|\d+ min ago).*no answer yet/);
    await workbench.screenshot('offline hanging');
    const row = await until(
      async () => {
        const found = tree.rows
          .filter({ hasText: /Jira as of (just now|\d+ min ago).*did not answer/ })
          .first();
        return (await found.count()) > 0 && found;
      },
      { what: 'the tree says that Jira hangs' },
    );
    await workbench.screenshot('offline hanging said');
    world.jira.faults.clear();
    await row.click();
    await row.waitFor({ state: 'detached' });
  });

  it('says what is wrong where there is no earlier list', async () => {
    const { host, workbench } = window;
    await host.setSettings({ 'taskSessions.jira.jql': 'project = PAY ORDER BY key' });
    world.jira.faults.add({ kind: 'status', status: 503 });
    const tree = await openTasks(window);
    await tree.row('Try Again');
    await tree.message().getByText(/\S/).waitFor();
    await workbench.screenshot('offline without list');
    world.jira.faults.clear();
    await tree.click('Try Again');
    await tree.row('PAY-456');
    await host.setSettings({ 'taskSessions.jira.jql': 'project in (PAY, PORTAL) ORDER BY updated DESC' });
    await tree.row('PORTAL-112');
  });

  it('does not disturb a second window, nor one without a repository', async () => {
    const { host, workbench } = window;
    const other = await openWindow(host, await bed.folder('empty'));
    const second = { host, workbench: other };
    const there = await openTasks(second);
    await there.row('PAY-456');
    await there.row(/repository/i);
    await other.screenshot('offline no repository');
    await there.clickTitleAction('Refresh');
    const tree = await openTasks(window);
    await tree.clickTitleAction('Refresh');
    await tree.row('PAY-456');
    await there.row('PAY-456');
    assert.deepEqual([...(await workbench.notifications.all()), ...(await other.notifications.all())], []);
    await other.close();
  });
});
