import assert from 'node:assert/strict';
import { lineageOf, type Lineage } from '../../../src/model/binding/lineage';
import type { SessionTrace, TranscriptSummary } from '../../../src/model/session/transcript';
import { clock, id, report, transcript } from './examples';

const minute = 60_000;

/** A transcript of one family, begun `at` minutes after the clock. */
const one = (n: number, fields: Partial<TranscriptSummary> = {}, at = 0): TranscriptSummary =>
  transcript({
    id: id(n),
    firstUuid: 'first',
    firstActivity: clock + at * minute,
    lastActivity: clock + (at + 1) * minute,
    size: 100 * n,
    ...fields,
  });
/** As the head of a file tells it: written `late` minutes after its first line. */
const head = (late: number) => ({ beginning: { headAt: clock + late * minute } });
const prompt = (n: number, at: number, directory = '/srv/platform'): SessionTrace => ({
  sessionId: id(n),
  source: 'history',
  directory,
  at,
  clearedAt: at,
});

function lineage(transcripts: TranscriptSummary[], traces: SessionTrace[] = []): Record<number, Lineage> {
  const found = [transcripts, transcripts.toReversed()].map((all) =>
    Object.fromEntries(lineageOf([report('laptop', { transcripts: all, traces })])),
  );
  assert.deepEqual(found[0], found[1], 'whatever the order');
  return Object.fromEntries(Object.entries(found[0]!).map(([key, value]) => [parseInt(key, 16), value]));
}

describe('lineage', () => {
  const cases: { name: string; of: TranscriptSummary[]; is: Record<number, Lineage> }[] = [
    { name: 'alone', of: [one(1, head(0))], is: {} },
    { name: 'strangers', of: [one(1), one(2, { firstUuid: 'other' })], is: {} },
    { name: 'without a first line', of: [1, 2].map((n) => { const { firstUuid: _, ...rest } = one(n); return rest; }), is: {} },
    { name: 'a fork', of: [one(1, head(0)), one(2, head(9))], is: { 2: { forkedFrom: id(1) } } },
    { name: 'a fork within seconds', of: [one(1, head(0.001)), one(2, head(0.02))], is: { 2: { forkedFrom: id(1) } } },
    { name: 'a fork older by id, longer and newer in use', of: [one(2, head(0)), one(1, { ...head(9), size: 9e9, lastActivity: clock + 9e9 })], is: { 1: { forkedFrom: id(2) } } },
    { name: 'two forks', of: [one(1, head(0)), one(2, head(9)), one(3, head(5))], is: { 2: { forkedFrom: id(1) }, 3: { forkedFrom: id(1) } } },
    { name: 'what Claude notes itself', of: [one(1, head(0)), one(2, head(5)), one(3, { beginning: { copiedFrom: id(2) } })], is: { 2: { forkedFrom: id(1) }, 3: { forkedFrom: id(2) } } },
    { name: 'a copy whose head tells nothing', of: [one(1, head(0)), one(2)], is: { 2: { forkedFrom: id(1) } } },
    { name: 'copies whose original is gone', of: [one(2, head(5)), one(3, head(9))], is: {} },
    { name: 'a copy whose original is gone, but named', of: [one(2, { beginning: { headAt: clock + 9 * minute, startedAs: id(1) } })], is: { 2: { forkedFrom: id(1) } } },
    { name: 'files that were copied by hand', of: [one(1, head(0)), one(2, head(0))], is: {} },
    { name: 'two that nothing tells apart', of: [one(1), one(2)], is: {} },
    { name: 'one session in two folders', of: [one(1, head(0)), one(1, { ...head(0), path: './-other/x.jsonl' })], is: {} },
    // Claude 1.0.100: each resume wrote the lines anew, with new times, under a new id.
    { name: 'an old resume', of: [one(1), one(2, {}, 5)], is: { 1: { continuedBy: id(2) }, 2: { continues: id(1) } } },
    { name: 'a chain of old resumes', of: [one(1), one(2, {}, 5), one(3, {}, 9)], is: { 1: { continuedBy: id(2) }, 2: { continues: id(1), continuedBy: id(3) }, 3: { continues: id(2) } } },
    { name: 'old resumes of the first, twice', of: [one(1), one(3, {}, 5), one(2, {}, 9)], is: { 3: { continues: id(1) }, 2: { continues: id(1) } } },
    { name: 'an old resume, and the older one used since', of: [one(1, { lastActivity: clock + 7 * minute }), one(2, {}, 5)], is: { 2: { forkedFrom: id(1) } } },
    { name: 'a fork of what an old resume went on with', of: [one(1), one(2, {}, 5), one(3, head(60), 5)], is: { 1: { continuedBy: id(2) }, 2: { continues: id(1) }, 3: { forkedFrom: id(2) } } },
  ]; // prettier-ignore
  for (const { name, of, is } of cases) it(`of ${name}`, () => assert.deepEqual(lineage(of), is));

  it('is found across hosts, where one session may lie on both', () => {
    const reports = [
      report('laptop', { transcripts: [one(1, head(0))] }),
      report('devserver', { transcripts: [one(1, head(0)), one(2, head(9))] }),
    ];
    assert.deepEqual([...lineageOf(reports)], [[id(2), { forkedFrom: id(1) }]]);
    // The copy that was talked to last speaks for it: here it went on after the other began.
    const used = report('devserver', { transcripts: [one(1, { lastActivity: clock + 7 * minute })] });
    const laptop = report('laptop', { transcripts: [one(1), one(2, {}, 5)] });
    for (const both of [
      [laptop, used],
      [used, laptop],
    ])
      assert.deepEqual([...lineageOf(both)], [[id(2), { forkedFrom: id(1) }]]);
  });
});

describe('what was held before /clear', () => {
  const cleared = (fields: Partial<TranscriptSummary> = {}, beginning = {}): TranscriptSummary =>
    one(2, { firstUuid: 'own', ...fields, beginning: { cleared: true, ...beginning } });
  const is = (transcripts: TranscriptSummary[], traces: SessionTrace[] = []) =>
    lineage(transcripts, traces)[2]?.clearedFrom;

  it('is told by the prompt that did it, or by what the process was started with', () => {
    assert.equal(is([cleared()], [prompt(1, clock - 50)]), id(1));
    assert.equal(is([cleared({}, { startedAs: id(1) })]), id(1));
    // Talked on in since.
    assert.equal(is([cleared()], [{ ...prompt(1, clock - 50), at: clock + minute }]), id(1));
    // Cleared twice: the process bears the first one's id.
    assert.equal(is([cleared({}, { startedAs: id(1) })], [prompt(3, clock - 50)]), id(3));
  });

  it('is not told where it cannot be sure', () => {
    assert.equal(is([cleared()]), undefined);
    assert.equal(is([cleared()], [prompt(1, clock - 3000)]), undefined);
    assert.equal(is([cleared()], [prompt(1, clock - 50, '/elsewhere')]), undefined);
    assert.equal(is([cleared()], [prompt(1, clock - 50), prompt(3, clock - 60)]), undefined);
    assert.equal(is([cleared()], [prompt(2, clock)]), undefined);
    const { clearedAt: _, ...another } = prompt(1, clock - 50);
    assert.equal(is([cleared()], [another]), undefined);
  });

  it('is nothing for a session that began otherwise, or a copy', () => {
    assert.equal(is([one(2, { firstUuid: 'own' })], [prompt(1, clock - 50)]), undefined);
    const copy = { ...cleared({ firstUuid: 'first' }), beginning: { cleared: true, headAt: clock + 9 * minute, startedAs: id(9) } } as const; // prettier-ignore
    assert.deepEqual(lineage([one(1, { beginning: { cleared: true, headAt: clock } }), copy])[2], { forkedFrom: id(1) }); // prettier-ignore
  });
});
