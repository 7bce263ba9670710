import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { patienceMs, until } from '../parts/patience';
import { recordBody } from '../../jira/demo/records';
import { recordsOf } from '../../integration/recordsOf';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

/** A task of the demo that nobody has begun to implement. */
const key = 'PAY-472';
const branch = `task/${key}-analysis`;
const runRow = /^Implementation ·/;
/** How long a run of the stub may take, in milliseconds. */
const runMs = 2 * patienceMs;

/** As the demo's own branch has its documents now. */
async function approve({ jira, repository: { git, origin } }: World): Promise<void> {
  const commit = await git(['rev-parse', branch], origin);
  const list = await git(['ls-tree', '-r', commit, `docs/tasks/${key}/`], origin);
  const documents = list.split('\n').map((line): [string, string] => {
    const [, , blob = '', path = ''] = line.split(/\s/);
    return ['Document', `${path} ${blob}`];
  });
  // Not in the same second, in which nobody could tell what came first.
  jira.state.setStatus(key, 'Ready for Review', 'dana', Date.now() - 60_000);
  jira.state.setStatus(key, 'Approved', 'pat');
  const fields: [string, string][] = [['Branch', branch], ['Commit', commit], ...documents];
  const record = { title: 'Approved for Implementation', fields, docs: [] };
  jira.state.addComment(key, { author: 'pat', body: recordBody(record, 'panel') });
}

describe('Implementations', () => {
  const bed = new Bed();
  let world: World;
  /** While it is there, checks fail. */
  let broken: string;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { analyst: {} });
    await approve(world);
    broken = join(world.home, 'broken');
    await writeFile(broken, '');
    const settings = { ...world.host.settings, 'taskSessions.checks': [`! test -e '${broken}'`] };
    return { ...world.host, settings };
  });
  after(() => bed.dispose());

  before('tasks are listed', async () => {
    const tree = await openTasks(window);
    await until(() => tree.row(key), { what: `${key} is listed` });
    // So that the row stays where it is.
    await window.workbench.runCommand('Task Sessions: Do Not Group');
  });

  /** Waits for the one notification with this text. */
  const told = (text: RegExp): Promise<string> =>
    until(async () => (await window.workbench.notifications.all()).find((one) => text.test(one)), {
      what: `a notification ${text}`,
      timeoutMs: runMs,
    });
  /** How the issue says that the implementation stands. */
  const recorded = async (wanted: RegExp): Promise<void> => {
    const last = (): string => {
      const records = recordsOf(world.jira.state.issue(key).comments, key);
      const { title, status, step } =
        records.findLast((one) => one.title.startsWith('AI Implementation')) ?? {};
      return [title, status, step && `${step.current} of ${step.total}`].join(', ');
    };
    await until(
      () => {
        assert.match(last(), wanted);
        return true;
      },
      { what: 'the record says so' },
    );
  };

  it('starts one from what is approved, and stops at a check that fails, with the ways out', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.clickAction(key, 'Start Implementation');
    const asked = await workbench.dialog.read();
    assert.match(asked, new RegExp(`^Implement ${key}\\?`));
    for (const part of [/steps, each with a commit/, /1\. Add TokenBucket/, new RegExp(`On laptop, branch ${branch}`), /(?<!step: )After each step: ! test -e/])
      assert.match(asked, part);
    await workbench.screenshot('implementation asked');
    await workbench.dialog.click('Start Implementation');
    await told(new RegExp(`The implementation of ${key} runs on laptop`));
    await told(new RegExp(`The implementation of ${key} failed: The check of step 1 failed`));
    assert.deepEqual(await workbench.notifications.buttons(/check of step 1/), ['Fix and Continue', 'Skip Step and Continue', 'View Run Log']);
    await workbench.screenshot('implementation check failed notice');

    await tree.expand(key);
    await tree.row(/Implementation · failed: The check of step 1/);
    for (const action of ['Fix and Continue', 'Skip Step and Continue'])
      assert.ok((await tree.actions(runRow)).includes(action), action);
    await tree.expand(runRow);
    await tree.row(/^\s*Step 1: .*check failed/);
    assert.ok((await tree.actions(/^\s*Step 1: /)).includes('Fix and Continue'));
    await workbench.screenshot('implementation check failed');
    await recorded(/^AI Implementation Failed, Failed, 1 of 4$/);
  }); // prettier-ignore

  it('skips the check once it is asked, goes on, and hands over to the pull request', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await rm(broken);
    await tree.clickAction(/^\s*Step 1: /, 'Skip Step and Continue');
    const asked = await workbench.dialog.read();
    assert.match(asked, new RegExp(`^Skip the check of step 1 of ${key}\\?`));
    assert.match(asked, /committed as it is and noted as skipped/);
    await workbench.screenshot('implementation skip');
    await workbench.dialog.click('Skip Step and Continue');
    await told(new RegExp(`The implementation of ${key} is complete: \\d steps`));
    await workbench.screenshot('implementation complete');
    assert.deepEqual(await workbench.notifications.buttons(/is complete/), [
      'Open Pull Request',
      'View Run Log',
    ]);
    await tree.expand(/Implementation · complete/);
    await tree.row(/^\s*Step 1: .*check skipped/);
    await workbench.screenshot('implementation rows');
    await until(() => world.jira.state.issue(key).status.name === 'In Review', {
      what: 'the issue is moved',
    });
    await recorded(/^AI Implementation Complete, Complete, 4 of 4$/);
  });
});
