import assert from 'node:assert/strict';
import type { ApprovalPlan, GivenApproval } from '../../../../src/model/gate/approval/approvalPlan';
import {
  documentText,
  givenText,
  moveText,
  unreadText,
  warningText,
} from '../../../../src/ui/gate/approve/approveLook';
import { stepsIn } from '../../../../src/ui/gate/nextSteps';

const commit = '3f2c9d1a'.padEnd(40, '0');
const document = { name: 'critic.md', path: 'docs/critic.md', blob: 'b'.repeat(40) };
const plan = (...reviews: ApprovalPlan['documents'][number]['review'][]): ApprovalPlan => ({
  key: 'PAY-1',
  summary: 'Refunds',
  branch: 'task/PAY-1-analysis',
  commit,
  documents: reviews.map((review) => ({ ...document, review })),
  missing: [],
  move: { kind: 'unmapped', phase: 'approved' },
  warnings: [],
});

describe('an approval in words', () => {
  it('says what is not reviewed', () => {
    assert.equal(unreadText(plan('reviewed', 'reviewed')), undefined);
    assert.equal(unreadText(plan('reviewed', 'changed', 'new')), '2 of 3 not reviewed');
    assert.equal(documentText({ ...document, review: 'reviewed', approved: 'same' }), 'reviewed');
    assert.equal(
      documentText({ ...document, review: 'changed', approved: 'changed' }),
      'not reviewed: changed since you reviewed it · changed since the last approval',
    );
    assert.equal(
      documentText({ ...document, review: 'new', approved: 'added' }),
      'not reviewed · new since the last approval',
    );
  });

  it('says what Jira does', () => {
    const way = { kind: 'way', from: 'Review', to: 'Approved', transitionId: '1', name: 'Approve' } as const;
    const field = { id: 'risk', name: 'Risk', kind: 'text' } as const;
    assert.deepEqual(moveText({ ...way, fields: [] }), {
      label: 'Review → Approved',
      description: 'Approve',
    });
    assert.equal(moveText({ ...way, fields: [field] }).description, 'Approve · asks for Risk');
    assert.match(moveText({ kind: 'unmapped', phase: 'approved' }).label, /not moved/);
    assert.match(moveText({ kind: 'there', status: 'Approved' }).label, /in Approved already/);
    assert.match(
      moveText({ kind: 'none', from: 'Review', wanted: [], offered: [] }).label,
      /cannot be moved/,
    );
  });

  it('breaks a warning where a row would cut it', () => {
    assert.deepEqual(warningText('It moved: a, b'), { label: 'It moved', detail: 'a, b' });
    assert.deepEqual(warningText('Short.'), { label: 'Short.' });
  });

  it('says of a result what Jira shows, also that it counts for nothing', () => {
    const given: GivenApproval = {
      approval: { commit, by: 'Dana', at: 1, stale: false },
      counts: true,
      moved: 'moved',
      comment: { id: '1', url: '' },
      problems: [],
    };
    const all = plan('reviewed', 'reviewed');
    assert.equal(
      givenText('PAY-1', all, given),
      'PAY-1 is approved: 2 documents at 3f2c9d1a, and the issue was moved.',
    );
    assert.equal(
      givenText('PAY-1', all, { ...given, counts: false, problems: ['Somebody edited it.'] }),
      'The approval of PAY-1 was written, but it does not count. Somebody edited it.',
    );
  });

  for (const [next, titles] of [
    ['Push it (Commit and Push Documents), then approve again.', ['Commit and Push Documents']],
    ['Let Claude write them (Start Analysis), or correct taskSessions.docs.names.', ['Start Analysis']],
    [
      'Move it in Jira, or correct taskSessions.phases (Set Up Workflow).',
      ['Set Up Workflow', 'Open in Jira'],
    ],
    ['Approve its documents: Approve for Implementation.', ['Approve for Implementation']],
    ['Then approve again.', []],
  ] as const)
    it(`offers ${titles.join(' and ') || 'nothing'} for “${next}”`, () => {
      assert.deepEqual(
        stepsIn(next).map(({ title }) => title),
        titles,
      );
    });
});
