import assert from 'node:assert/strict';
import type { SessionRecord } from '../../../src/model/record/record';
import { parseRecordIndex, recordIndex } from '../../../src/model/record/issueIndex';
import { claim } from '../model/examples';
import { otherId, sessionId } from './shapes';

const session = (fields: Partial<SessionRecord>): SessionRecord => ({
  title: 'AI Analysis Complete',
  sessionId,
  issueKey: 'PAY-1',
  created: 1,
  updated: 2,
  claims: [],
  ...fields,
});
const seen = { commentsSeen: 7, updatedAt: 1000 };
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('the index property', () => {
  it('holds the sessions, newest first, and reads back as itself', () => {
    const full = { host: 'devserver', directory: '/srv/ü', branch: 'task/x', commit: '3f2c9d10aa' };
    const index = recordIndex(
      { sessions: [session({ ...full, status: 'x' }), session({ sessionId: otherId, updated: 3 })] },
      seen,
    );
    assert.deepEqual(index, {
      schema: 1,
      ...seen,
      records: [
        { sessionId: otherId, title: 'AI Analysis Complete', created: 1, updated: 3 },
        { sessionId, title: 'AI Analysis Complete', ...full, created: 1, updated: 2 },
      ],
    });
    assert.deepEqual(parseRecordIndex(JSON.parse(JSON.stringify(index))), index);
  });

  it('stays within 30,000 bytes of UTF-8; the oldest go', () => {
    const many = Array.from({ length: 400 }, (_, at) =>
      session({ updated: at, directory: `/srv/${'ü'.repeat(100)}` }),
    );
    const index = recordIndex({ sessions: many }, seen);
    assert.ok(bytes(index) <= 30_000, `${bytes(index)} bytes`);
    assert.ok(bytes(index) > 29_000, `${bytes(index)} bytes`);
    assert.equal(index.records[0]?.updated, 399);
    assert.deepEqual(parseRecordIndex(index), index);
  });

  it('names the newest approval, which is a hint and no proof', () => {
    const approval = (commit: string, created: number) =>
      claim({ title: 'Approved for Implementation', commit, created, commentId: String(created) });
    const others = [approval('b'.repeat(40), 20), approval('a'.repeat(40), 10), claim({ title: 'Approval Requested', created: 30 })]; // prettier-ignore
    const index = recordIndex({ sessions: [], others }, seen);
    assert.deepEqual(index.approval, { commit: 'b'.repeat(40), at: 20, commentId: '20' });
    assert.deepEqual(parseRecordIndex(JSON.parse(JSON.stringify(index))), index);
    const forged = { ...index, approval: { commit: 'HEAD', at: 1, commentId: '1' } };
    assert.deepEqual(parseRecordIndex(forged), { schema: 1, ...seen, records: [] });
  });

  const record = { sessionId, title: 'AI Handoff', created: 1, updated: 2 };
  const wrong: readonly [string, unknown][] = [
    ['nothing', undefined],
    ['a text', 'x'],
    ['another schema', { schema: 2, ...seen, records: [] }],
    ['no records', { schema: 1, ...seen }],
    ['a negative count', { schema: 1, commentsSeen: -1, updatedAt: 1, records: [] }],
  ];
  for (const [what, value] of wrong)
    it(`is not there for ${what}`, () => assert.equal(parseRecordIndex(value), undefined));

  it('loses a bad field, not its record; and a bad record, not the others', () => {
    const records = [
      { ...record, sessionId: sessionId.toUpperCase(), host: '-oX', directory: '../x', branch: '-x', commit: 'HEAD', evil: 1 },
      { ...record, sessionId: 'latest' },
      { ...record, title: 'Pwned' },
      { ...record, created: 'yesterday' },
      7,
    ]; // prettier-ignore
    assert.deepEqual(parseRecordIndex({ schema: 1, ...seen, records, more: 1 }), {
      schema: 1,
      ...seen,
      records: [record],
    });
  });
});
