import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerFor } from '../../../src/model/binding/ledger';
import { marksKept, type ReviewMark } from '../../../src/model/gate/review/reviewMark';
import { Ledger } from '../../../src/state/ledger';

describe('reviews in the ledger', () => {
  let directory: string;
  let ledger: Ledger;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'task-sessions-ledger-'));
    ledger = new Ledger(directory);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const mark = (fields: Partial<ReviewMark> = {}): ReviewMark => ({
    jira: 'jira.example',
    key: 'PAY-1',
    path: 'docs/critic.md',
    blob: '1'.repeat(40),
    commit: 'c'.repeat(40),
    at: 1,
    ...fields,
  });
  const kept = async () => (await ledger.read()).reviews;

  it('keep the newest of each document and Jira', async () => {
    const elsewhere = mark({ jira: 'other.example' });
    const plan = mark({ path: 'docs/plan.md' });
    await ledger.markReviewed([mark(), elsewhere, plan]);
    const again = mark({ blob: '2'.repeat(40), at: 2 });
    await ledger.markReviewed([again]);
    assert.deepEqual(await kept(), [elsewhere, plan, again]);
    assert.deepEqual(ledgerFor(await ledger.read(), 'jira.example').reviews, [plan, again]);
    await ledger.unmarkReviewed([again]);
    assert.deepEqual(await kept(), [elsewhere, plan]);
  });

  it('of two windows add up', async () => {
    const others = new Ledger(directory);
    await Promise.all([
      ledger.markReviewed([mark()]),
      others.markReviewed([mark({ path: 'docs/plan.md' })]),
      ledger.markReviewed([mark({ key: 'PAY-2' })]),
    ]);
    assert.equal((await kept()).length, 3);
  });

  it('are bounded', async () => {
    const many = Array.from({ length: marksKept + 10 }, (_, at) => mark({ path: `docs/${at}.md`, at }));
    await ledger.markReviewed(many);
    assert.deepEqual(await kept(), many.slice(10));
  });

  it('keep what a later version has written', async () => {
    await ledger.markReviewed([mark()]);
    const [file = ''] = (await readdir(join(directory, 'ledger'))).filter((name) =>
      /^g\d+\.json$/.test(name),
    );
    const path = join(directory, 'ledger', file);
    const content = JSON.parse(await readFile(path, 'utf8'));
    const later = { ...mark({ key: 'PAY-2' }), depth: 'thorough' };
    const strange = { key: 'PAY-3', document: 7 };
    content.value.reviews.push(later, strange);
    await writeFile(path, JSON.stringify(content));
    await ledger.markReviewed([mark({ path: 'docs/plan.md' }), mark({ key: 'PAY-2', at: 3 })]);
    const { unread } = await ledger.condition();
    assert.equal(unread, 1);
    const newest = (await readdir(join(directory, 'ledger')))
      .filter((name) => /^g\d+\.json$/.test(name))
      .sort();
    const { value } = JSON.parse(await readFile(join(directory, 'ledger', newest.at(-1)!), 'utf8'));
    assert.deepEqual(value.reviews, [mark(), strange, mark({ path: 'docs/plan.md' }), { ...later, at: 3 }]);
    assert.deepEqual(await kept(), [mark(), mark({ path: 'docs/plan.md' }), mark({ key: 'PAY-2', at: 3 })]);
  });
});
