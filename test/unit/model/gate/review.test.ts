import assert from 'node:assert/strict';
import { Assembler, type AssembleInput } from '../../../../src/model/assemble';
import {
  goneSinceApproval,
  inReadingOrder,
  MarksByKey,
  reviewCount,
  reviewed,
  toReview,
} from '../../../../src/model/gate/review/review';
import type { ReviewMark } from '../../../../src/model/gate/review/reviewMark';
import type { Approval, DocReview, TaskDoc } from '../../../../src/model/task/task';
import { clock, issue, settings } from '../examples';

const blob = (n: number): string => String(n).repeat(40);
const doc = (name: string, n: number): TaskDoc => ({ name, path: `docs/${name}`, blob: blob(n) });
const mark = (name: string, n: number, at = 5): ReviewMark => ({ key: 'PAY-1', path: `docs/${name}`, blob: blob(n), at }); // prettier-ignore
const approval = (fields: Partial<Approval>): Approval => ({ commit: blob(9), by: 'Pat', at: 1, stale: false, ...fields }); // prettier-ignore
const line = (name: string, n: number) => ({ path: `docs/${name}`, blob: blob(n) });

describe('how a document stands to its reader', () => {
  const cases: { name: string; marks?: ReviewMark[]; approval?: Approval; is: DocReview }[] = [
    { name: 'never marked', is: { state: 'new' } },
    { name: 'marked as it is', marks: [mark('a.md', 1)], is: { state: 'reviewed', at: 5, blob: blob(1) } },
    { name: 'marked in another form', marks: [mark('a.md', 2)], is: { state: 'changed', at: 5, blob: blob(2) } },
    { name: 'marked twice', marks: [mark('a.md', 1), mark('a.md', 2, 6)], is: { state: 'changed', at: 6, blob: blob(2) } },
    { name: 'another one was marked', marks: [mark('b.md', 1)], is: { state: 'new' } },
    { name: 'approved as it is', approval: approval({ documents: [line('a.md', 1)] }), is: { state: 'new', approved: 'same' } },
    { name: 'approved in another form', approval: approval({ stale: true, documents: [line('a.md', 2)] }), is: { state: 'new', approved: 'changed' } },
    { name: 'approved, while another one changed', approval: approval({ stale: true, documents: [line('a.md', 1), line('b.md', 2)] }), is: { state: 'new', approved: 'same' } },
    { name: 'approved by a short id that would fit', approval: approval({ stale: true, documents: [{ path: 'docs/a.md', blob: blob(1).slice(0, 8) }] }), is: { state: 'new', approved: 'changed' } },
    { name: 'not among those approved', approval: approval({ stale: true, documents: [line('b.md', 1)] }), is: { state: 'new', approved: 'added' } },
    { name: 'approved by a commit that stands', approval: approval({}), is: { state: 'new', approved: 'same' } },
    { name: 'approved by a commit, and the branch went on', approval: approval({ stale: true }), is: { state: 'new' } },
    { name: 'read since, and changed since approved', marks: [mark('a.md', 1)], approval: approval({ stale: true, documents: [line('a.md', 2)] }), is: { state: 'reviewed', at: 5, blob: blob(1), approved: 'changed' } },
  ]; // prettier-ignore
  for (const { name, marks = [], approval: given, is } of cases)
    it(name, () => {
      assert.deepEqual(reviewed([doc('a.md', 1)], marks, given)[0]?.review, is);
    });

  it('leaves those that are to be read, in the order of the documents', () => {
    const docs = inReadingOrder(
      [doc('other.md', 4), doc('c.md', 3), doc('b.md', 2), doc('a.md', 1)],
      ['a.md', 'b.md', 'c.md'],
    );
    const task = { docs: reviewed(docs, [mark('b.md', 2), mark('c.md', 1)], undefined) };
    assert.deepEqual(
      toReview(task).map(({ name }) => name),
      ['a.md', 'c.md', 'other.md'],
    );
    assert.equal(reviewCount(task), '1/4 reviewed');
  });
});

describe('marks by task', () => {
  it('are the same objects while they say the same', () => {
    const marks = new MarksByKey();
    const other = { ...mark('a.md', 1), key: 'PAY-2' };
    const first = marks.of([mark('a.md', 1), other]);
    assert.equal(marks.of([mark('a.md', 1), { ...other }]), first);
    const second = marks.of([mark('a.md', 2), { ...other }]);
    assert.notEqual(second, first);
    assert.equal(second.get('PAY-2'), first.get('PAY-2'));
    assert.deepEqual(second.get('PAY-1'), [mark('a.md', 2)]);
    assert.deepEqual([...marks.of([other]).keys()], ['PAY-2']);
  });
});

describe('marks in the picture', () => {
  it('change the task that they are of, and leave the others the same objects', () => {
    const assembler = new Assembler();
    const rest: Omit<AssembleInput, 'ledger'> = {
      at: clock,
      settings: settings(),
      jira: { signedIn: true },
      issues: [issue('PAY-1'), issue('PAY-2')],
      hosts: [],
      branchNames: new Map(),
      branches: new Map(['PAY-1', 'PAY-2'].map((key) => [key, { docs: [doc('a.md', 1)] }])),
    };
    const look = (...reviews: ReviewMark[]) =>
      assembler.assemble({ ...rest, ledger: { entries: [], worktrees: [], reviews } }).tasks;
    const [first, second] = look();
    assert.deepEqual(look(), [first, second]);
    const [marked, other] = look(mark('a.md', 1));
    assert.deepEqual(marked?.docs[0]?.review, { state: 'reviewed', at: 5, blob: blob(1) });
    assert.equal(first?.docs[0]?.review?.state, 'new');
    assert.equal(other, second);
    assert.equal(look(mark('a.md', 1))[0], marked);
  });
});

describe('what was approved and is gone', () => {
  const documents = [line('a.md', 1), line('b.md', 2)];
  const gone = (fields: Partial<Approval>, head?: string) =>
    goneSinceApproval({
      docs: [doc('a.md', 3)],
      approval: approval({ documents, ...fields }),
      ...(head !== undefined && { head }),
    });

  it('is what a stale approval names and the branch has not', () => {
    assert.deepEqual(gone({ stale: true }, blob(8)), [{ name: 'b.md', path: 'docs/b.md' }]);
  });

  it('is not known while the branch cannot be read, of a record without documents, nor while the approval stands', () => {
    assert.deepEqual(gone({ stale: true }), []);
    assert.deepEqual(goneSinceApproval({ docs: [], head: blob(8), approval: approval({ stale: true }) }), []);
    assert.deepEqual(gone({ stale: false }, blob(8)), []);
  });
});
