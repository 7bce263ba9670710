import assert from 'node:assert/strict';
import { approvalCounts, approvalOf } from '../../../../src/model/gate/approval';
import type { Issue } from '../../../../src/model/task/issue';
import type { RecordClaim } from '../../../../src/model/record/record';
import type { TaskDoc } from '../../../../src/model/task/task';
import { claim, dana, issue, pat, settings } from '../examples';

const commit = '3f2c9d1aa0';
const head = `${commit}${'0'.repeat(30)}`;
const later = 'a'.repeat(40);
const nobody = { id: '', name: 'unknown' };
const mapped = settings({ phases: { approved: ['Approved', 'Ready'] }, approvers: ['dana'] });
const listed = settings({ approvers: ['dana', 'Pat'] });

const approval = (fields: Partial<RecordClaim> = {}): RecordClaim =>
  claim({ title: 'Approved for Implementation', commit, author: dana, created: 50, ...fields });
const moved = (to: string, author = dana): Partial<Issue> => ({ transitions: [{ author, to, at: 51 }] });

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
  { name: 'another person made the transition', issue: moved('Approved', pat), counts: false },
  { name: 'a namesake made the transition', issue: moved('Approved', { id: 'mallory', name: 'Dana' }), counts: false },
  { name: 'its author moved the issue elsewhere', issue: moved('In Progress'), counts: false },
  { name: 'the changelog was not read, though its author is an approver', counts: false },
  { name: 'it was edited by its author', claim: { updated: 60 }, issue: moved('Approved'), counts: false },
  { name: 'it was edited by another within the millisecond', claim: { updateAuthor: pat }, issue: moved('Approved'), counts: false },
  { name: 'it names no commit', claim: { commit: '' }, issue: moved('Approved'), counts: false },
  { name: 'it is a request', claim: { title: 'Approval Requested' }, issue: moved('Approved'), counts: false },
  { name: 'author and mover are both gone', claim: { author: nobody, updateAuthor: nobody }, issue: moved('Approved', nobody), counts: false },

  { name: 'no status is mapped and its author is an approver by id', settings: listed, counts: true },
  { name: 'no status is mapped and its author bears the name of an approver, which anybody may take', claim: { author: pat, updateAuthor: pat }, settings: listed, counts: false },
  { name: 'no status is mapped and its author is no approver', claim: { author: { id: 'mallory', name: 'Mallory' }, updateAuthor: { id: 'mallory', name: 'Mallory' } }, settings: listed, counts: false },
  { name: 'no status is mapped and nobody may approve', settings: settings(), issue: moved('Approved'), counts: false },
  { name: 'only the empty status is mapped, so approvers decide', settings: settings({ phases: { approved: '' }, approvers: ['dana'] }), counts: true },
  { name: 'an approver without account', claim: { author: nobody, updateAuthor: nobody }, settings: settings({ approvers: [''] }), counts: false },
  { name: 'an approver, but edited', claim: { updated: 60 }, settings: listed, counts: false },
]; // prettier-ignore

describe('an approval in a comment', () => {
  for (const { name, claim: fields, issue: more, settings: by = mapped, counts } of cases)
    it(`${counts ? 'counts' : 'does not count'}: ${name}`, () => {
      assert.equal(approvalCounts(approval(fields), issue('PAY-1', more), by), counts);
    });
});

const doc = (name: string, blob = 'b'.repeat(40)): TaskDoc => ({ name, path: `docs/${name}`, blob });
const plan = { path: 'docs/plan.md', blob: 'bbbbbbb' };

interface Stale {
  name: string;
  documents?: RecordClaim['documents'];
  docs?: TaskDoc[];
  head?: string | undefined;
  stale: boolean;
}

const standing: Stale[] = [
  { name: 'the branch is where it was', head, stale: false },
  { name: 'the branch moved on', head: later, stale: true },
  { name: 'the branch cannot be read', head: undefined, documents: [plan], stale: false },
  { name: 'the branch moved on, the approved documents did not', head: later, documents: [plan], docs: [doc('plan.md')], stale: false },
  { name: 'a document changed', head: later, documents: [plan], docs: [doc('plan.md', 'c'.repeat(40))], stale: true },
  { name: 'a document moved', head: later, documents: [plan], docs: [{ ...doc('plan.md'), path: 'plan.md' }], stale: true },
  { name: 'a document is gone', head: later, documents: [plan, { path: 'docs/desc.md', blob: 'bbbbbbb' }], docs: [doc('plan.md')], stale: true },
  { name: 'a document is new', head: later, documents: [plan], docs: [doc('plan.md'), doc('desc.md')], stale: true },
  { name: 'a document is new and another is named twice', head: later, documents: [plan, plan], docs: [doc('plan.md'), doc('desc.md')], stale: true },
  { name: 'documents that the approval did not list', head: later, docs: [doc('plan.md')], stale: true },
]; // prettier-ignore

describe('the approval of a task', () => {
  for (const { name, documents, docs = [], head: at, stale } of standing)
    it(`is ${stale ? 'stale' : 'good'}: ${name}`, () => {
      const given = approval(documents ? { documents } : {});
      const on = issue('PAY-1', { claims: [given], ...moved('Approved') });
      assert.deepEqual(approvalOf(on, docs, at, mapped), { commit, by: 'Dana', at: 50, stale });
    });

  it('is the newest that counts', () => {
    const first = approval({ commit: 'aaaaaaa', created: 1 });
    const second = approval({ commit: 'bbbbbbb', created: 2 });
    const forged = approval({ commit: 'ccccccc', created: 3, author: pat, updateAuthor: pat });
    const on = issue('PAY-1', { claims: [first, second, forged], ...moved('Approved') });
    assert.equal(approvalOf(on, [], undefined, mapped)?.commit, 'bbbbbbb');
    assert.equal(approvalOf({ ...on, claims: [forged] }, [], undefined, mapped), undefined);
    assert.equal(approvalOf({ ...on, claims: [] }, [], undefined, mapped), undefined);
  });
});
