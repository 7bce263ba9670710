import assert from 'node:assert/strict';
import type { Issue } from '../../../src/model/task/issue';
import { mappedPhase, phaseOf, phaseTitle } from '../../../src/model/task/phase';
import { changesRequestedStatus, type RecordTitle } from '../../../src/model/record/record';
import { phases, type Phase, type PhaseReason } from '../../../src/model/task/task';
import { claim, issue, settings } from './examples';

const mapping = settings({
  phases: {
    analyzing: 'Analysis',
    awaitingReview: ['Review', ' Awaiting Review '],
    approved: 'Approved',
    implementing: ['In Progress', 'Shared'],
    inReview: 'Shared',
    done: '',
  },
}).phases;

/** Records of an issue, oldest first, a millisecond apart. */
const records = (...titles: RecordTitle[]): Partial<Issue> => ({
  claims: titles.map((title, at) => claim({ title, created: at, commit: '3f2c9d1' })),
});

const toDo = { status: 'To Do', statusCategory: 'new' } as const;
const doing = { status: 'Doing', statusCategory: 'indeterminate' } as const;
const closed = { status: 'Closed', statusCategory: 'done' } as const;

interface Case {
  name: string;
  issue: Partial<Issue>;
  is: Phase;
  failed?: true;
  counts?: boolean;
  stale?: true;
  pullRequestAt?: number;
  because?: PhaseReason['kind'];
}

const changed = (created: number, title: RecordTitle = 'AI Analysis Started') =>
  claim({ title, created, status: changesRequestedStatus });

const cases: Case[] = [
  { name: 'a new issue', issue: toDo, is: 'backlog', because: 'issueNew' },
  { name: 'an issue under way', issue: doing, is: 'implementing', because: 'issueUnderWay' },
  { name: 'a closed issue', issue: closed, is: 'done', because: 'issueDone' },

  { name: 'analysis started', issue: { ...toDo, ...records('AI Analysis Started') }, is: 'analyzing' },
  { name: 'analysis complete', issue: { ...toDo, ...records('AI Analysis Started', 'AI Analysis Complete') }, is: 'awaitingReview' },
  { name: 'analysis failed', issue: { ...toDo, ...records('AI Analysis Started', 'AI Analysis Failed') }, is: 'analyzing', failed: true, because: 'analysisFailed' },
  { name: 'analysis stopped by a person', issue: { ...toDo, claims: [claim({ title: 'AI Analysis Failed', status: 'Stopped' })] }, is: 'analyzing', because: 'analysisStopped' },
  { name: 'analysis begun anew after a failure', issue: { ...toDo, ...records('AI Analysis Failed', 'AI Analysis Started') }, is: 'analyzing' },
  { name: 'approval requested', issue: { ...toDo, ...records('Approval Requested') }, is: 'awaitingReview' },
  { name: 'approved', issue: { ...doing, ...records('AI Analysis Complete', 'Approved for Implementation') }, is: 'approved' },
  { name: 'an approval that does not count', issue: { ...doing, ...records('AI Analysis Complete', 'Approved for Implementation') }, is: 'awaitingReview', counts: false },
  { name: 'only an approval that does not count', issue: { ...toDo, ...records('Approved for Implementation') }, is: 'backlog', counts: false },
  { name: 'an approval of other documents', stale: true, issue: { ...doing, ...records('AI Analysis Complete', 'Approved for Implementation') }, is: 'awaitingReview', because: 'approvalStale' },
  { name: 'an approval of other documents that the board still shows', stale: true, issue: { ...doing, status: 'Approved', ...records('Approved for Implementation') }, is: 'approved', because: 'movedByHand' },
  { name: 'documents that changed while they are implemented', stale: true, issue: { ...doing, ...records('Approved for Implementation', 'AI Implementation Started') }, is: 'implementing' },
  { name: 'an old record touched after the approval', issue: { ...doing, claims: [claim({ title: 'AI Analysis Complete', created: 1, updated: 9 }), claim({ title: 'Approved for Implementation', created: 5 })] }, is: 'approved' },
  { name: 'documents asked to be approved anew', stale: true, issue: { ...doing, ...records('Approved for Implementation', 'Approval Requested') }, is: 'awaitingReview', because: 'approvalRequested' },
  { name: 'changes requested', issue: { ...doing, claims: [claim({ title: 'AI Analysis Complete', created: 1 }), changed(5)] }, is: 'analyzing', because: 'changesRequested' },
  { name: 'changes requested after the approval', issue: { ...doing, claims: [claim({ title: 'Approved for Implementation', created: 1 }), changed(5, 'AI Analysis Complete')] }, is: 'analyzing', because: 'changesRequested' },
  { name: 'an approval by words of a status', issue: { ...doing, claims: [claim({ title: 'Approved for Implementation', status: changesRequestedStatus })] }, is: 'approved', because: 'approved' },
  { name: 'a pull request', pullRequestAt: 9, issue: { ...doing, ...records('AI Implementation Started') }, is: 'inReview', because: 'pullRequestOpened' },
  { name: 'changes requested after a pull request', pullRequestAt: 3, issue: { ...doing, claims: [changed(5)] }, is: 'analyzing', because: 'changesRequested' },
  { name: 'implementation stopped by a person', issue: { ...doing, claims: [claim({ title: 'AI Implementation Failed', status: 'Stopped' })] }, is: 'implementing', because: 'implementationStopped' },
  { name: 'implementation started', issue: { ...doing, ...records('AI Implementation Started') }, is: 'implementing' },
  { name: 'implementation complete', issue: { ...doing, ...records('AI Implementation Complete') }, is: 'inReview' },
  { name: 'implementation failed', issue: { ...doing, ...records('AI Implementation Failed') }, is: 'implementing', failed: true },
  { name: 'a handoff, which moves nothing', issue: { ...doing, ...records('AI Analysis Complete', 'AI Handoff') }, is: 'awaitingReview' },
  { name: 'records of one millisecond, by their order', issue: { ...toDo, claims: [claim({ title: 'AI Analysis Started' }), claim({ title: 'AI Analysis Complete' })] }, is: 'awaitingReview' },
  { name: 'an old comment that was edited last', issue: { ...toDo, claims: [claim({ title: 'AI Analysis Complete', created: 1, updated: 9 }), claim({ title: 'AI Analysis Started', created: 5 })] }, is: 'awaitingReview' },
  { name: 'a closed issue with an old record', issue: { ...closed, ...records('AI Implementation Failed') }, is: 'done' },

  { name: 'a mapped status before records', issue: { ...doing, status: 'Approved', ...records('AI Analysis Complete') }, is: 'approved', because: 'movedByHand' },
  { name: 'a mapped status in other letters', issue: { ...doing, status: ' AWAITING review' }, is: 'awaitingReview' },
  { name: 'a mapped status before its category', issue: { ...closed, status: 'Review' }, is: 'awaitingReview' },
  { name: 'a status of two phases, so records', issue: { ...doing, status: 'Shared', ...records('AI Implementation Complete') }, is: 'inReview' },
  { name: 'a status of two phases without records, so the category', issue: { ...doing, status: 'Shared' }, is: 'implementing' },
  { name: 'a failure in the mapped phase', issue: { ...doing, status: 'Analysis', ...records('AI Analysis Failed') }, is: 'analyzing', failed: true },
  { name: 'a failure that the mapped status has left behind', issue: { ...doing, status: 'Approved', ...records('AI Analysis Failed') }, is: 'approved' },
]; // prettier-ignore

describe('the phase of a task', () => {
  for (const { name, issue: fields, is, failed = false, counts = true, because, ...witness } of cases)
    it(`${name}: ${is}${failed ? ', failed' : ''}`, () => {
      const { cause, ...state } = phaseOf(issue('PAY-1', fields), mapping, {
        counts: () => counts,
        ...witness,
      });
      assert.deepEqual(state, { phase: is, failed });
      if (because !== undefined) assert.equal(cause.kind, because);
    });

  it('is asked of approvals only whether they count', () => {
    const asked: string[] = [];
    const { claims } = issue('PAY-1', records('AI Analysis Complete', 'Approved for Implementation'));
    phaseOf({ ...toDo, claims }, mapping, { counts: (approval) => asked.push(approval.title) > 0 });
    assert.deepEqual(asked, ['Approved for Implementation']);
  });

  it('is mapped only by a status that is named', () => {
    for (const status of ['', ' ', 'To Do', 'Shared']) assert.equal(mappedPhase(status, mapping), undefined);
    assert.equal(mappedPhase('approved', mapping), 'approved');
    assert.equal(mappedPhase('Same', { done: ['Same', 'same'] }), 'done');
  });

  it('has a title each', () => {
    assert.equal(new Set(phases.map(phaseTitle)).size, phases.length);
  });
});
