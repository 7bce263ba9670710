import assert from 'node:assert/strict';
import type { AnalystKnobs } from '../../bed/analyst';
import { Bed } from '../../bed/bed';
import { patienceMs, until } from '../parts/patience';
import { demoTasks } from '../../jira/demoTasks';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

/** Tasks of the demo that nobody has begun, in the order in which the tests take them. */
const [first, second, third] = demoTasks
  .filter(({ status, sessions }) => status === 'To Do' && sessions.length === 0)
  .map(({ key }) => key);

const branchOf = (key: string): string => `task/${key}-analysis`;

/** The row of a task's run. */
const runRow = /^Analysis ·/;
/** How long a run of the stub may take, in milliseconds. */
const runMs = 2 * patienceMs;

describe('Runs', () => {
  const bed = new Bed();
  const knobs: AnalystKnobs = { delayMs: 200 };
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { analyst: knobs });
    return world.host;
  });
  after(() => bed.dispose());

  before('tasks without groups', async () => {
    await openTasks(window);
    await window.workbench.runCommand('Task Sessions: Do Not Group');
  });

  beforeEach(async function () {
    delete knobs.hang;
    delete knobs.error;
    await window.workbench.clearNotifications();
  });

  /** The records on an issue, as text. */
  const records = (key: string): string[] =>
    world.jira.state
      .issue(key)
      .comments.map(({ body }) => JSON.stringify(body))
      .filter((text) => text.includes('Session ID'));

  /** Waits for the one notification with this text. */
  const told = (text: RegExp, timeoutMs = runMs): Promise<string> =>
    until(async () => (await window.workbench.notifications.all()).find((one) => text.test(one)), {
      what: `a notification ${text}`,
      timeoutMs,
    });

  it('starts an analysis from the tree, shows its steps, and tells the end to Jira and to the user', async () => {
    const { workbench } = window;
    const key = first!;
    const tree = await openTasks(window);
    await until(async () => (await tree.actions(key))[0] === 'Start Analysis', {
      what: `the first action of ${key} starts its analysis`,
    });
    await tree.clickAction(key, 'Start Analysis');
    await told(new RegExp(`Analysis of ${key}`));
    await workbench.screenshot('runs starting');
    await told(new RegExp(`The analysis of ${key} runs on laptop`));
    await workbench.screenshot('runs started');
    await workbench.notifications.click(/runs on laptop/, 'Show');
    await tree.row(runRow);
    await workbench.screenshot('runs running');
    const said = await told(new RegExp(`The analysis of ${key} is complete: 5 documents`));
    assert.match(said, new RegExp(branchOf(key)));
    await workbench.screenshot('runs complete');
    await until(() => world.jira.state.issue(key).status.name === 'Ready for Review', {
      what: 'the issue is moved',
    });
    const [record, ...others] = records(key);
    assert.match(record!, /Awaiting Developer Review/);
    assert.deepEqual(others, []);
    const pushed = await world.repository.git(['ls-tree', '-r', '--name-only', branchOf(key)], world.repository.origin); // prettier-ignore
    assert.equal(pushed.split('\n').filter((path) => path.includes(key)).length, 5);
    await workbench.notifications.click(/is complete/, 'Open Documents');
    await until(async () => (await workbench.editors.titles()).includes('task_desc.md'), {
      what: 'the documents are open',
    });
    await workbench.screenshot('runs documents');
    assert.equal((await tree.actions(key)).includes('Start Analysis'), false);
  });

  it('copies the keys of all tasks that are selected', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.click(second!);
    await workbench.page.keyboard.down('Control');
    await tree.click(third!);
    await workbench.page.keyboard.up('Control');
    await tree.pickFromMenu(third!, 'Copy Task Key');
    const inOrder = (keys: readonly (string | undefined)[]): string =>
      keys.toSorted((a = '', b = '') => a.localeCompare(b)).join();
    const both = inOrder([second, third]);
    await until(async () => inOrder((await workbench.clipboard()).split('\n')) === both, {
      what: 'both keys are copied',
    });
    // A command for one acts on the row that it was called on.
    await tree.pickFromMenu(third!, 'Open Task');
    await workbench.editors.tab(third!);
    // Else what follows would be done to both.
    await tree.click(first!);
  });

  it('stops a run whose conversation one wants to go on with by hand', async () => {
    const { workbench } = window;
    const key = second!;
    knobs.hang = true;
    const tree = await openTasks(window);
    await tree.pickFromMenu(key, 'Start Analysis');
    await told(new RegExp(`The analysis of ${key} runs on laptop`));
    await until(() => world.stub.requests.some(({ prompt }) => prompt.includes(key)), {
      what: 'Claude asks its model',
      timeoutMs: runMs,
    });
    await workbench.notifications.click(/runs on laptop/, 'Show');
    await tree.row(/writing documents/);
    await workbench.clearNotifications();
    // Enter on the row of a run that works shows what is said in it.
    await tree.focus();
    await workbench.press('Enter');
    await until(async () => (await workbench.editors.activeTitle()).startsWith(key), {
      what: 'the conversation is shown',
    });
    await workbench.screenshot('runs conversation');
    // Who resumes the session that works for it comes to the same way.
    await tree.pickFromMenu(key, 'Resume Task Session');
    assert.match(await workbench.dialog.read(), /works in this session on laptop/);
    assert.ok((await workbench.dialog.buttons()).includes('View Run Log'));
    await workbench.screenshot('runs resume refused');
    await workbench.dialog.click('Stop and Take Over');
    assert.match(await workbench.dialog.read(), new RegExp(`^Stop the analysis of ${key} and take over`));
    await workbench.screenshot('runs take over');
    delete knobs.hang;
    await workbench.dialog.click('Stop and Take Over');
    await workbench.terminals.shows(/Files to write|Done\.|❯|>/);
    await workbench.screenshot('runs taken over');
    await tree.row(/Analysis · stopped/);
    const notices = await workbench.notifications.all();
    assert.ok(!notices.some((text) => /interrupted|failed/.test(text)), notices.join('\n'));
    // Two Claudes in one conversation lose turns.
    await tree.pickFromMenu(/Analysis · stopped/, 'Continue Run');
    assert.match(
      await workbench.dialog.read(),
      /^End session .*\nThe run goes on only in a conversation that/,
    );
    await workbench.screenshot('runs continue taken over');
    await workbench.dialog.cancel();
    await tree.row(/Analysis · stopped/);
  });

  it('shows why a run failed, and goes on with it', async () => {
    const { workbench } = window;
    const key = third!;
    knobs.error = 'creditTooLow';
    const tree = await openTasks(window);
    await tree.clickAction(key, 'Start Analysis');
    await told(new RegExp(`The analysis of ${key} failed: .*credit`, 'i'));
    await workbench.screenshot('runs failed');
    await tree.expand(key);
    await tree.row(/Analysis · failed/);
    assert.match(await (await tree.tooltip(/Analysis · failed/)).innerText(), /Next: /);
    await workbench.screenshot('runs failed tooltip');
    await tree.pickFromMenu(/Analysis · failed/, 'View Run Log');
    await workbench.editors.preview().getByRole('heading', { name: 'run.jsonl' }).waitFor();
    await workbench.screenshot('runs log');
    await workbench.clearNotifications();
    delete knobs.error;
    // Enter on the row asks before it costs anything.
    await tree.click(/Analysis · failed/);
    assert.match(await workbench.dialog.read(), new RegExp(`^Continue the analysis of ${key}`));
    await workbench.dialog.click('Continue Run');
    await told(new RegExp(`The analysis of ${key} is complete`));
    await until(() => records(key).length === 1 && /Awaiting Developer Review/.test(records(key)[0]!), {
      what: 'one record says so',
    });
  });
});
