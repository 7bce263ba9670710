import assert from 'node:assert/strict';
import { makeMove, planMove } from '../../../src/actions/issue/personalMove';
import { Bed } from '../../bed/bed';
import { startJira } from '../../jira/simulator';
import type { ScreenField } from '../../jira/entities';
import { key, makeApprover, phases, remoteBranch, workflow } from './approvingBed';

const allowed = [
  { id: '1', name: 'One' },
  { id: '2', name: 'Two' },
];
const field = (n: number, name: string, schema: ScreenField['schema'], more = {}): ScreenField => ({
  key: `customfield_${n}`,
  name,
  required: true,
  ...(schema && { schema }),
  ...more,
});
const screen: ScreenField[] = [
  field(1, 'Text', { type: 'string', custom: 'x:textfield' }),
  field(2, 'Long', { type: 'string', custom: 'x:textarea' }),
  field(3, 'Number', { type: 'number' }),
  field(4, 'Date', { type: 'date' }),
  field(5, 'Choice', { type: 'option' }, { allowed }),
  field(6, 'Choices', { type: 'array', items: 'option' }, { allowed }),
  field(7, 'Version', { type: 'version' }, { allowed }),
  field(8, 'Person', { type: 'user' }),
  field(9, 'Optional', { type: 'string' }, { required: false }),
  { key: 'resolution', name: 'Resolution', required: true, allowed: [{ id: '10', name: 'Fixed' }] },
];
const given = {
  customfield_1: 'text',
  customfield_2: 'one\n\ntwo',
  customfield_3: '2.5',
  customfield_4: '2026-11-30',
  customfield_5: 'Two',
  customfield_6: ['one', '2'],
  customfield_7: '1',
  customfield_8: 'Dana Developer',
  resolution: 'fixed',
};

describe('A transition’s screen', () => {
  let bed: Bed;
  beforeEach(() => void (bed = new Bed()));
  afterEach(() => bed.dispose());

  for (const deployment of ['cloud', 'dataCenter'] as const)
    it(`takes fields of every kind as this Jira takes them, and links pages (${deployment})`, async () => {
      const simulator = await bed.add(startJira({ deployment, workflow: workflow() }));
      const { state } = simulator;
      state.addIssue({ key, summary: 'Refunds', status: 'Sichtung' });
      const [, , way] = state.workflow.transitions;
      way!.screen = screen;
      const { jira } = await bed.add(makeApprover({ url: simulator.url, deployment, repository: remoteBranch() })); // prettier-ignore

      const move = await planMove(jira, key, 'approved', { phases });
      assert.deepEqual(move.kind === 'way' && move.fields.map(({ name, kind }) => `${name} ${kind}`), ['Text text', 'Long paragraph', 'Number number', 'Date date', 'Choice option', 'Choices options', 'Version option', 'Person user', 'Resolution option']); // prettier-ignore
      assert.deepEqual(await makeMove(jira, key, 'approved', { phases, fields: given }), { moved: 'moved' });
      const issue = state.issue(key);
      const dana = state.user('dana');
      const paragraph = (text?: string) => ({
        type: 'paragraph',
        content: text ? [{ type: 'text', text }] : [],
      });
      assert.deepEqual(Object.fromEntries(issue.custom), {
        customfield_1: 'text',
        customfield_2:
          deployment === 'cloud'
            ? { type: 'doc', version: 1, content: [paragraph('one'), paragraph(), paragraph('two')] }
            : 'one\n\ntwo',
        customfield_3: 2.5,
        customfield_4: '2026-11-30',
        customfield_5: { id: '2' },
        customfield_6: [{ id: '1' }, { id: '2' }],
        customfield_7: { id: '1' },
        customfield_8: deployment === 'cloud' ? { accountId: dana.accountId } : { name: 'dana' },
      });
      assert.deepEqual([issue.resolution, issue.status.name], ['Fixed', 'Freigegeben']);
      // Back again, as a person may: no phase is too early.
      assert.deepEqual(await makeMove(jira, key, 'analyzing', { phases }), { moved: 'moved' });
      assert.deepEqual(await makeMove(jira, key, 'analyzing', { phases }), { moved: 'there' });
      assert.deepEqual(await makeMove(jira, key, 'inReview', { phases }), { moved: 'unmapped' });

      const link = { globalId: 'task-sessions pull request', url: 'https://github.com/acme/platform/pull/7', title: 'Pull request 7' }; // prettier-ignore
      await jira.setRemoteLink(key, link);
      await jira.setRemoteLink(key, { ...link, title: 'Pull request 7: Refunds', summary: 'Open' });
      const { globalId, url } = link;
      assert.deepEqual(
        state.issue(key).remoteLinks.map((one) => ({ globalId: one.globalId, object: one.object })),
        [{ globalId, object: { url, title: 'Pull request 7: Refunds', summary: 'Open' } }],
      );
      state.deny(key, 'link', 'dana');
      await assert.rejects(jira.setRemoteLink(key, link), /permission/i);
    });
});
