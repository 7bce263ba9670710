import assert from 'node:assert/strict';
import {
  byRank,
  candidatesBySession,
  candidateText,
  filterSessions,
} from '../../../src/model/session/listing';
import { id, session, task } from './examples';

describe('the list of all sessions', () => {
  const pid = { pid: 1, kind: 'interactive' } as const;

  it('has what lives first, who waits before all, then the newest', () => {
    const sessions = [
      session({ id: id(1), lastActivity: 9 }),
      session({ id: id(2), lastActivity: 3, live: pid, state: 'unknown' }),
      session({ id: id(3), createdAt: 9 }),
      session({ id: id(4), lastActivity: 1, live: pid, state: 'waiting' }),
      session({ id: id(5), lastActivity: 5, state: 'working' }),
      session({ id: id(6) }),
    ];
    assert.deepEqual(sessions.toSorted(byRank).map(({ id: one }) => Number.parseInt(one, 16)), [4, 5, 2, 1, 3, 6]); // prettier-ignore
  });

  it('is narrowed by every word, wherever it stands, and to what is not linked', () => {
    const sessions = [
      session({ id: id(1), title: 'Parse it', key: 'PAY-1', directory: '/srv/Platform' }),
      session({ id: id(2), title: 'Parse that', branch: 'fix/parser', host: 'devserver' }),
    ];
    const found = (words: string, unlinkedOnly = false): number[] =>
      filterSessions(sessions, { words, unlinkedOnly }).map(({ id: one }) => Number.parseInt(one, 16));
    for (const [words, expected] of [
      ['', [1, 2]],
      ['  PARSE ', [1, 2]],
      ['parse platform', [1]],
      ['fix/ devserver', [2]],
      ['pay-1', [1]],
      ['not linked', [2]],
      ['ended 00000002', [2]],
      ['parse nowhere', []],
    ] as const)
      assert.deepEqual(found(words), expected, words);
    assert.deepEqual(found('', true), [2]);
    assert.deepEqual(found('platform', true), []);
  });

  it('names the best of several candidates, for the session on its host', () => {
    const candidate = (key: string, score: number, host = 'laptop') =>
      session({ host, key, score, evidence: 'candidate' });
    const candidates = candidatesBySession([
      task('PAY-1', { sessions: [candidate('PAY-1', 20), session({ key: 'PAY-1' })] }),
      task('PAY-2', { sessions: [candidate('PAY-2', 70), candidate('PAY-2', 5, 'devserver')] }),
    ]);
    assert.equal(candidateText(candidates.get(`laptop/${id(1)}`) ?? []), 'candidate PAY-2 · 70 and 1 more');
    assert.equal(candidateText(candidates.get(`devserver/${id(1)}`) ?? []), 'candidate PAY-2 · 5');
    assert.equal(candidateText([]), undefined);
  });
});
