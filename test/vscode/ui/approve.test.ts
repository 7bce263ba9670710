import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requestsFolder } from '../../../src/model/gate/request/request';
import { Bed } from '../../bed/bed';
import { until } from '../parts/patience';
import { recordsOf } from '../../integration/recordsOf';
import { riskField } from '../../jira/defaults';
import { useWindow } from '../useWindow';
import { makeWorld, openTasks, type World } from './world';

const key = 'PAY-456';
const branch = `task/${key}-analysis`;

describe('Approval', () => {
  const bed = new Bed();
  let world: World;
  const window = useWindow(async () => {
    world = await makeWorld(bed, { sessions: { local: ['PAY-456/analysis'] } });
    const approve = world.jira.state.workflow.transitions.find(({ to }) => to === 'Approved');
    approve!.screen = [
      riskField,
      {
        key: 'customfield_10051',
        name: 'Story Points',
        required: true,
        schema: {
          type: 'number',
          custom: 'com.atlassian.jira.plugin.system.customfieldtypes:float',
          customId: 10051,
        },
      },
    ];
    return world.host;
  });
  after(() => bed.dispose());

  beforeEach(async function () {
    await window.workbench.clearNotifications();
  });

  it('shows what a session asks', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    const folder = join(world.home, requestsFolder);
    await mkdir(folder, { recursive: true });
    const id = randomUUID();
    const request = {
      schema: 1,
      id,
      sessionId: world.idOf('PAY-456/analysis'),
      directory: '/',
      note: 'Option B',
      at: Date.now() / 1000,
    };
    await writeFile(join(folder, `${id}.json`), JSON.stringify(request));
    await tree.clickTitleAction('Refresh');
    await tree.row(/PAY-456.*approval requested: Option B/);
    await workbench.screenshot('approve requested');
  });

  it('shows what it is a yes to, asks again where the branch moved, asks for fields, and shows what Jira holds', async () => {
    const { workbench } = window;
    const { quickInput, editors, notifications } = workbench;
    const tree = await openTasks(window);
    await tree.expand(key);
    await tree.expand(/^\s*Documents/);
    await tree.clickAction('task_desc.md', 'Mark Reviewed');
    assert.ok((await tree.actions(key)).includes('Approve for Implementation'));
    await tree.clickAction(key, 'Approve for Implementation');
    await quickInput.asks(`Approve ${key} for Implementation`);
    const rows = await quickInput.items();
    const documents = rows.filter(({ label }) => label.endsWith('.md'));
    assert.deepEqual(
      documents.map(({ description }) => description),
      ['reviewed', ...Array<string>(4).fill('not reviewed')],
    );
    const last = rows.at(-1)!;
    assert.match(last.label, /Approve [0-9a-f]{8}$/);
    assert.equal(last.description, '4 of 5 not reviewed');
    assert.ok(rows.some(({ label }) => label.includes('Ready for Review → Approved')));
    assert.ok(rows.some(({ description }) => description.endsWith('asks for Risk, Story Points')));
    await workbench.screenshot('approve plan');
    // Enter opens what has not been read, and the question stays.
    await workbench.press('Enter');
    await until(async () => /solution_options/.test(await editors.activeTitle()), {
      what: 'the document opens',
    });
    await quickInput.asks(`Approve ${key} for Implementation`);

    const path = `docs/tasks/${key}/critic.md`;
    await world.repository.commitUpstream(branch, { [path]: '# Another word\n' }, 'Say it again');
    await quickInput.pick(/^Approve [0-9a-f]{8}$|Approve [0-9a-f]{8}/);
    await quickInput.asks('Risk');
    await quickInput.pick('Low');
    await quickInput.asks('Story Points');
    await quickInput.enter('many');
    await until(async () => (await quickInput.message()).includes('“many” is no number'), {
      what: 'the value is refused',
    });
    await quickInput.enter('3');
    await until(async () => (await quickInput.items()).some(({ label }) => /has moved from/.test(label)), {
      what: 'the move is said',
    });
    assert.equal(world.jira.state.issue(key).status.name, 'Ready for Review');
    await workbench.screenshot('approve moved');
    const now = (await quickInput.items()).at(-1)!.label;
    assert.notEqual(now, last.label);
    await quickInput.pick(/Approve [0-9a-f]{8}/);
    await quickInput.asks('Risk');
    await quickInput.pick('High');
    await quickInput.asks('Story Points');
    await quickInput.enter('3');
    const said = await notifications.read(`${key} is approved: 5 documents at`);
    assert.match(said, /and the issue was moved\.$/);
    await workbench.screenshot('approve done');
    const { status, comments } = world.jira.state.issue(key);
    assert.equal(status.name, 'Approved');
    const approvals = recordsOf(comments, key).filter(({ title }) => title === 'Approved for Implementation');
    assert.equal(approvals.length, 1, JSON.stringify(comments.at(-1)));
    await until(async () => !(await tree.actions(key)).includes('Approve for Implementation'), {
      what: 'the tree shows it',
    });
    await workbench.screenshot('approve tree');
  });

  it('is refused with the reason and its next step at hand', async () => {
    const { workbench } = window;
    const tree = await openTasks(window);
    await tree.pickFromMenu('PAY-461', 'Approve for Implementation');
    assert.match(await workbench.notifications.read('2 of 5 documents are not on'), /Let Claude write them/);
    assert.deepEqual(await workbench.notifications.buttons('2 of 5 documents'), ['Start Analysis']);
    await workbench.screenshot('approve refused');
  });

  it('can be asked for from conversations of a host that is set up', async () => {
    const { workbench } = window;
    await workbench.runCommand('Task Sessions: Set Up This Host');
    const skill = join(world.home, '.claude/skills/request-approval');
    const asked = await workbench.dialog.read();
    assert.match(asked, /^Install the skill \/request-approval on laptop\?/);
    assert.ok(asked.includes(`write ${skill}/SKILL.md`), asked);
    await workbench.screenshot('set up host asked');
    await workbench.dialog.click('Write');
    await workbench.quickInput.asks('Set Up laptop');
    const rows = await workbench.quickInput.items();
    await workbench.screenshot('set up host done');
    assert.ok(
      rows.some(({ description }) => /may push to origin by itself/.test(description)),
      JSON.stringify(rows),
    );
    assert.match(await readFile(join(skill, 'SKILL.md'), 'utf8'), /^---\nname: request-approval\n/);
    await workbench.quickInput.cancel();
  });
});
