import assert from 'node:assert/strict';
import { lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Workflow } from '../../../src/actions/workflow';
import { choiceOf, mappingOf } from '../../../src/model/phase/workflow/choice';
import { mergeConfiguration } from '../../../src/state/configuration';
import { Bed } from '../../bed/bed';
import { startJira } from '../../jira/simulator';
import { settings } from '../../unit/model/examples';
import { signedIn } from '../signedIn';

/** A German project, in which nothing is called as in ours. */
const workflow = {
  statuses: (
    [
      ['Offen', 'new'],
      ['In Analyse', 'indeterminate'],
      ['Wartet auf Freigabe', 'indeterminate'],
      ['Bereit zur Umsetzung', 'indeterminate'],
      ['In Arbeit', 'indeterminate'],
      ['Abnahme', 'indeterminate'],
      ['Erledigt', 'done'],
    ] as const
  ).map(([name, category], index) => ({ id: String(10_100 + index), name, category })),
  transitions: [],
};

describe('the workflow of a project', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const deployment of ['cloud', 'dataCenter'] as const)
    it(`is read from Jira and proposed (${deployment})`, async () => {
      const simulator = await bed.add(startJira({ deployment, workflow }));
      const jira = await signedIn(simulator);
      const { phases } = settings({ phases: { approved: 'Approved' } });
      const verbs = new Workflow({ settings: { phases }, account: { jira: () => Promise.resolve(jira) } });
      try {
        const { statuses, proposal } = await verbs.plan('PAY');
        assert.deepEqual(statuses[0], {
          name: 'Offen',
          category: 'new',
          issueTypes: ['Story', 'Task', 'Bug'],
        });
        assert.deepEqual(mappingOf(choiceOf(proposal), statuses, phases), {
          backlog: 'Offen',
          analyzing: 'In Analyse',
          awaitingReview: 'Wartet auf Freigabe',
          approved: ['Approved', 'Bereit zur Umsetzung'],
          implementing: 'In Arbeit',
          inReview: 'Abnahme',
          done: 'Erledigt',
        });
        const { accountId, key } = simulator.state.user('pat');
        assert.deepEqual(await verbs.people('PAY', 'manager'), [
          { id: deployment === 'cloud' ? accountId : key, name: 'Pat Manager' },
          ...(await verbs.people('PAY', 'claude')),
        ]);
        assert.deepEqual(await verbs.people('PAY', ' '), []);
        await assert.rejects(verbs.plan('NONE'), { message: 'Jira shows you no project NONE.' });
        await assert.rejects(verbs.plan('../PAY'), /Not a project key/);
      } finally {
        jira.close();
      }
    });

  it('is put into the configuration file, where the rest stays', async () => {
    const folder = await bed.folder('configuration');
    const file = join(folder, 'config.json');
    const link = join(folder, 'link.json');
    await writeFile(file, '{\n\t"jira": {"url": "https://jira.example"},\n\t"phases": {"done": "Old"},\n\t"more": 1\n}\n', { mode: 0o640 }); // prettier-ignore
    await symlink(file, link);
    await mergeConfiguration(link, { phases: { done: 'Erledigt' }, approvers: ['pat'] });
    const text = await readFile(file, 'utf8');
    assert.deepEqual(Object.entries(JSON.parse(text) as object), [
      ['jira', { url: 'https://jira.example' }],
      ['phases', { done: 'Erledigt' }],
      ['more', 1],
      ['approvers', ['pat']],
    ]);
    assert.match(text, /^\{\n\t"jira"/);
    assert.equal((await lstat(link)).isSymbolicLink(), true);
    assert.equal((await lstat(file)).mode & 0o777, 0o640);

    await mergeConfiguration(join(folder, 'new', 'config.json'), { phases: {} });
    assert.equal(await readFile(join(folder, 'new', 'config.json'), 'utf8'), '{\n  "phases": {}\n}\n');
    for (const spoilt of ['{ "jira": ', '[1]']) {
      await writeFile(file, spoilt);
      await assert.rejects(mergeConfiguration(file, { phases: {} }), /holds no JSON object/);
      assert.equal(await readFile(file, 'utf8'), spoilt);
    }
  });
});
