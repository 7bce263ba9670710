import assert from 'node:assert/strict';
import {
  approvalCounts,
  approvalDoubt,
  approvalOf,
  judgeApproval,
  mayApprove,
} from '../../../../src/model/gate/approval/approval';
import type { Issue } from '../../../../src/model/task/issue';
import type { RecordClaim } from '../../../../src/model/record/record';
import type { TaskDoc } from '../../../../src/model/task/task';
import { claim, dana, issue, pat, settings } from '../examples';

const commit = '3f2c9d1aa0'.padEnd(40, '0');
const later = 'a'.repeat(40);
const nobody = { id: '', name: 'unknown' };
const mallory = { id: 'mallory', name: 'Dana' };
const mapped = settings({
  phases: {
    analyzing: 'Analysis',
    awaitingReview: 'Review',
    approved: ['Approved', 'Ready'],
    implementing: 'Development',
    done: 'Done',
  },
  approvers: ['dana'],
});
const listed = settings({ phases: { awaitingReview: 'Review' }, approvers: ['dana', 'Pat'] });

const approval = (fields: Partial<RecordClaim> = {}): RecordClaim =>
  claim({ title: 'Approved for Implementation', commit, author: dana, created: 50, ...fields });

type Move = NonNullable<Issue['transitions']>[number];
/** At 10, 20, 30, …: the comment is of 50, unless said otherwise. */
const moves = (...all: [to: string, author: Move['author']][]): Partial<Issue> => ({
  status: all.at(-1)?.[0] ?? 'Review',
  transitions: all.map(([to, author], nth) => ({ to, author, at: 10 * (nth + 1) })),
});
const moved = (to: string, author = dana): Partial<Issue> => moves(['Review', pat], [to, author]);

const objection = (commentId: string): RecordClaim =>
  claim({ title: 'Changes Requested', status: 'Changes requested', created: 50, commentId });

interface Case {
  name: string;
  claim?: Partial<RecordClaim>;
  issue?: Partial<Issue>;
  settings?: typeof mapped;
  counts: boolean;
}

const cases: Case[] = [
  { name: 'its author made the mapped transition', issue: moved('Approved'), counts: true },
  { name: 'the transition has another mapped status, in other letters', issue: moved('READY '), counts: true },
  { name: 'its author wrote first and moved the issue then', claim: { created: 15 }, issue: moved('Approved'), counts: true },
  { name: 'another person made the transition', issue: moved('Approved', pat), counts: false },
  { name: 'a namesake made the transition', issue: moved('Approved', mallory), counts: false },
  { name: 'its author moved the issue elsewhere', issue: moved('Development'), counts: false },
  { name: 'the changelog was not read, though its author is an approver', issue: { status: 'Approved' }, counts: false },
  { name: 'it was edited by its author', claim: { updated: 60 }, issue: moved('Approved'), counts: false },
  { name: 'it was edited by another within the millisecond', claim: { updateAuthor: pat }, issue: moved('Approved'), counts: false },
  { name: 'it names no commit', claim: { commit: '' }, issue: moved('Approved'), counts: false },
  { name: 'it names a commit by a part of its id', claim: { commit: commit.slice(0, 12) }, issue: moved('Approved'), counts: false },
  { name: 'it is a request', claim: { title: 'Approval Requested' }, issue: moved('Approved'), counts: false },
  { name: 'its author is an app: what others write it carries there', claim: { author: { ...dana, isApp: true } }, issue: moved('Approved'), counts: false },
  { name: 'the issue came to the status with a move to another project, where its mover chooses', issue: { status: 'Approved', transitions: [{ to: 'Approved', author: dana, at: 10, isRelocated: true }] }, counts: false },
  { name: 'the issue was approved, and then moved to another project where that goes on', claim: { created: 15 }, issue: { status: 'Ready', transitions: [{ to: 'Approved', author: dana, at: 10 }, { to: 'Ready', author: pat, at: 20, isRelocated: true }] }, counts: true },
  { name: 'the issue was moved to another project, into review', claim: { created: 15 }, issue: { status: 'Approved', transitions: [{ to: 'Approved', author: dana, at: 10 }, { to: 'Review', author: pat, at: 20, isRelocated: true }, { to: 'Approved', author: dana, at: 30 }] }, counts: false },
  { name: 'the issue was moved back in its very second, and on again: which came first, nobody can tell', claim: { created: 20 }, issue: moves(['Approved', dana], ['Review', pat], ['Approved', dana]), counts: false },
  { name: 'changes were requested in its very second, after it', issue: { ...moved('Approved'), claims: [objection('999999')] }, counts: false },
  { name: 'changes were requested in its very second, before it', issue: { ...moved('Approved'), claims: [objection('1')] }, counts: true },
  { name: 'a later comment was not read, and may take it back', issue: { ...moved('Approved'), comments: { total: 5001, read: 5000 } }, counts: false },
  { name: 'the task was done and re-opened, to where no approval stands', issue: moves(['Approved', dana], ['Done', pat], ['Analysis', pat]), counts: false },
  { name: 'the task was done and re-opened, and brought back by another', issue: moves(['Approved', dana], ['Done', pat], ['Analysis', pat], ['Approved', pat]), counts: false },
  { name: 'author and mover are both gone', claim: { author: nobody, updateAuthor: nobody }, issue: moved('Approved', nobody), counts: false },

  { name: 'it is approved again, documents having changed, where it stands', claim: { created: 900 }, issue: moved('Approved'), counts: true },
  { name: 'by another approver, who did not move the issue', claim: { created: 900, author: pat, updateAuthor: pat }, issue: moved('Approved'), counts: false },
  { name: 'the issue has gone on', issue: moves(['Approved', dana], ['Development', pat], ['Done', pat]), counts: true },
  { name: 'the issue went on and came back to approved by another', issue: moves(['Approved', dana], ['Development', pat], ['Approved', pat]), counts: true },
  { name: 'its author moved the issue back since', issue: moves(['Approved', dana], ['Review', dana]), counts: false },
  { name: 'another moved the issue back after it', claim: { created: 15 }, issue: moves(['Approved', dana], ['Analysis', pat]), counts: false },
  { name: 'the issue was moved back and on again by its author, the comment being of before', claim: { created: 15 }, issue: moves(['Approved', dana], ['Review', pat], ['Approved', dana]), counts: false },
  { name: 'the issue was moved back and on again by its author, the comment being of then', issue: moves(['Approved', dana], ['Review', pat], ['Approved', dana]), counts: true },
  { name: 'the issue was moved back, and on again by another: a month ago its author approved another commit', issue: moves(['Approved', dana], ['Review', pat], ['Approved', pat]), counts: false },
  { name: 'the issue is where no phase is mapped', issue: moves(['Approved', dana], ['On Hold', pat]), counts: false },
  { name: 'the issue was where no phase is mapped, and another moved it on', issue: moves(['Approved', dana], ['On Hold', pat], ['Approved', pat]), counts: false },
  { name: 'the issue stands elsewhere, whatever the changelog says', issue: { ...moved('Approved'), status: 'Review' }, counts: false },
  { name: 'its status stands for an earlier phase too', settings: settings({ phases: { analyzing: 'Approved', approved: 'Approved' } }), issue: moved('Approved'), counts: false },

  { name: 'no status is mapped and its author is an approver by id', settings: listed, issue: moves(), counts: true },
  { name: 'no status is mapped, and whether the issue was moved back is not known', settings: listed, counts: false },
  { name: 'no status is mapped and its author bears the name of an approver, which anybody may take', claim: { author: pat, updateAuthor: pat }, settings: listed, counts: false },
  { name: 'no status is mapped and its author is no approver', claim: { author: mallory, updateAuthor: mallory }, settings: listed, counts: false },
  { name: 'no status is mapped and nobody may approve', settings: settings(), issue: moved('Approved'), counts: false },
  { name: 'only the empty status is mapped, so approvers decide', settings: settings({ phases: { approved: '' }, approvers: ['dana'] }), counts: true },
  { name: 'an approver without account', claim: { author: nobody, updateAuthor: nobody }, settings: settings({ approvers: [''] }), counts: false },
  { name: 'an approver, but edited', claim: { updated: 60 }, settings: listed, counts: false },
  { name: 'an approver, where the issue waits for review since before', settings: listed, issue: moves(['Review', pat]), counts: true },
  { name: 'an approver, but somebody moved the issue to review in its very second', claim: { created: 10 }, settings: listed, issue: moves(['Review', pat]), counts: false },
  { name: 'an approver, but somebody moved the issue to review since', claim: { created: 5 }, settings: listed, issue: moves(['Review', pat]), counts: false },
]; // prettier-ignore

describe('an approval in a comment', () => {
  for (const { name, claim: fields, issue: more, settings: by = mapped, counts } of cases)
    it(`${counts ? 'counts' : 'does not count'}: ${name}`, () => {
      const given = approval(fields);
      const judged = judgeApproval(given, issue('PAY-1', more), by);
      assert.equal(judged.counts, counts);
      assert.equal(approvalCounts(given, issue('PAY-1', more), by), counts);
      if (!judged.counts) assert.match(judged.why, /^[A-Z].+\.$/);
    });

  it('is given only by who may: the same rule, asked before', () => {
    const may = (id: string, more: Partial<Issue>, by = mapped): boolean =>
      mayApprove(id, issue('PAY-1', more), by);
    assert.equal(may('dana', moved('Approved')), true);
    assert.equal(may('pat', moved('Approved')), false);
    assert.equal(may('dana', moves(['Approved', dana], ['Review', pat])), false);
    assert.equal(may('dana', {}, listed), true);
    assert.equal(may('pat', {}, listed), false);
  });
});

const doc = (name: string, blob = 'b'.repeat(40)): TaskDoc => ({ name, path: `docs/${name}`, blob });
const plan = { path: 'docs/plan.md', blob: 'b'.repeat(40) };

interface Stale {
  name: string;
  documents?: RecordClaim['documents'];
  docs?: TaskDoc[];
  head?: string | undefined;
  stale: boolean;
  changed?: string[];
}

const standing: Stale[] = [
  { name: 'the branch is where it was', head: commit, stale: false },
  { name: 'the branch moved on', head: later, stale: true },
  { name: 'the branch cannot be read', head: undefined, documents: [plan], stale: false },
  { name: 'the branch moved on, the approved documents did not', head: later, documents: [plan], docs: [doc('plan.md')], stale: false },
  { name: 'a document changed', head: later, documents: [plan], docs: [doc('plan.md', 'c'.repeat(40))], stale: true, changed: ['docs/plan.md'] },
  { name: 'a document is listed by a part of its id', head: later, documents: [{ ...plan, blob: 'bbbbbbb' }], docs: [doc('plan.md')], stale: true, changed: ['docs/plan.md'] },
  { name: 'a document moved', head: later, documents: [plan], docs: [{ ...doc('plan.md'), path: 'plan.md' }], stale: true, changed: ['docs/plan.md', 'plan.md'] },
  { name: 'a document is gone', head: later, documents: [plan, { path: 'docs/desc.md', blob: 'bbbbbbb' }], docs: [doc('plan.md')], stale: true, changed: ['docs/desc.md'] },
  { name: 'a document is new', head: later, documents: [plan], docs: [doc('plan.md'), doc('desc.md')], stale: true, changed: ['docs/desc.md'] },
  { name: 'a document is new and another is named twice', head: later, documents: [plan, plan], docs: [doc('plan.md'), doc('desc.md')], stale: true, changed: ['docs/desc.md'] },
  { name: 'documents that the approval did not list', head: later, docs: [doc('plan.md')], stale: true },
]; // prettier-ignore

describe('the approval of a task', () => {
  for (const { name, documents, docs = [], head: at, stale, changed } of standing)
    it(`is ${stale ? 'stale' : 'good'}: ${name}`, () => {
      const given = approval(documents ? { documents } : {});
      const on = issue('PAY-1', { claims: [given], ...moved('Approved') });
      assert.deepEqual(approvalOf(on, docs, at, mapped), {
        commit,
        by: 'Dana',
        at: 50,
        stale,
        ...(documents && { documents }),
        ...(changed && { changed }),
      });
    });

  it('cannot be told where not all was read that could say so', () => {
    const on = (more: Partial<Issue>) => approvalDoubt(issue('PAY-1', more), mapped);
    assert.equal(on({}), undefined);
    assert.match(on({ comments: { total: 6000, read: 5000 } }) ?? '', /^Of 6000 comments .* only 5000 were read\.$/);
    assert.match(on({ claims: [approval()] }) ?? '', /changelog was not read, or not to its end/);
    assert.equal(on({ claims: [approval()], transitions: [] }), undefined);
    assert.equal(approvalDoubt(issue('PAY-1', { claims: [approval()] }), settings()), undefined);
  }); // prettier-ignore

  it('is the newest that counts', () => {
    const first = approval({ commit: 'a'.repeat(40), created: 20 });
    const second = approval({ commit: 'b'.repeat(40), created: 25 });
    const forged = approval({ commit: 'c'.repeat(40), created: 30, author: pat, updateAuthor: pat });
    const on = issue('PAY-1', { claims: [first, second, forged], ...moved('Approved') });
    assert.equal(approvalOf(on, [], undefined, mapped)?.commit, 'b'.repeat(40));
    assert.equal(approvalOf({ ...on, claims: [forged] }, [], undefined, mapped), undefined);
    assert.equal(approvalOf({ ...on, claims: [] }, [], undefined, mapped), undefined);
  });
});
