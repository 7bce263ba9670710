import assert from 'node:assert/strict';
import type { RecordClaim } from '../../../src/model/record/record';
import { mergeClaims, ownerOf, ownersOf } from '../../../src/model/record/merge';
import { otherId, sessionId } from './shapes';

const pat = { id: 'pat', name: 'Pat' };
const dana = { id: 'dana', name: 'Dana' };

const claim = (fields: Partial<RecordClaim>): RecordClaim => ({
  title: 'AI Analysis Started',
  sessionId,
  issueKey: 'PAY-1',
  commentId: '100',
  author: pat,
  updateAuthor: pat,
  created: 10,
  updated: 10,
  ...fields,
});

describe('claims about one session', () => {
  it('become one session of which the newest line of each field counts, whoever wrote it', () => {
    const first = claim({ host: 'old', branch: 'task/x', created: 10, updated: 50 });
    const second = claim({
      title: 'AI Analysis Complete',
      commentId: '101',
      author: dana,
      created: 20,
      updated: 40,
      host: 'new',
      commit: '3f2c9d10aa',
    });
    const { sessions, others } = mergeClaims([second, first]);
    assert.deepEqual(others, []);
    assert.deepEqual(sessions, [
      {
        title: 'AI Analysis Started',
        sessionId,
        issueKey: 'PAY-1',
        host: 'old',
        branch: 'task/x',
        commit: '3f2c9d10aa',
        created: 10,
        updated: 50,
        claims: [first, second],
      },
    ]);
  });

  it('keep the order of one comment, and of ids that Jira counts up', () => {
    const started = claim({ status: 'In Progress' });
    const complete = claim({ title: 'AI Analysis Complete', status: 'Done' });
    assert.equal(mergeClaims([started, complete]).sessions[0]?.status, 'Done');
    const later = claim({ commentId: '1000', status: 'Newest' });
    assert.equal(mergeClaims([later, started, complete]).sessions[0]?.status, 'Newest');
  });

  it('stay apart by session and by issue, oldest first', () => {
    const claims = [
      claim({ created: 30 }),
      claim({ sessionId: otherId, created: 20 }),
      claim({ issueKey: 'PAY-2' }),
    ];
    const found = mergeClaims(claims).sessions.map((session) => [session.issueKey, session.sessionId]);
    assert.deepEqual(found, [
      ['PAY-2', sessionId],
      ['PAY-1', otherId],
      ['PAY-1', sessionId],
    ]);
  });

  it('leave aside what names no session', () => {
    const { sessionId: _, ...approval } = claim({
      title: 'Approved for Implementation',
      commit: '3f2c9d10aa',
    });
    assert.deepEqual(mergeClaims([approval]), { sessions: [], others: [approval] });
  });

  it('do not change the claims', () => {
    const first = Object.freeze(claim({}));
    mergeClaims(Object.freeze([first, Object.freeze(claim({ updated: 99, host: 'x' }))]));
    assert.equal(first.host, undefined);
  });
});

describe('the owner of a session', () => {
  it('is the issue of its earliest record, not of its newest or of one edited later', () => {
    const claims = [
      claim({ issueKey: 'PAY-2', created: 20, updated: 20 }),
      claim({ issueKey: 'PAY-1', created: 10, updated: 90 }),
      claim({ issueKey: 'PAY-3', created: 15, updated: 15, sessionId: otherId }),
    ];
    assert.equal(ownerOf(sessionId, claims), 'PAY-1');
    assert.deepEqual([...ownersOf(claims)], [[sessionId, 'PAY-1'], [otherId, 'PAY-3']]); // prettier-ignore
  });

  it('is decided within one millisecond by comment id', () => {
    const claims = [
      claim({ issueKey: 'PAY-2', commentId: '1000' }),
      claim({ issueKey: 'PAY-1', commentId: '999' }),
    ];
    assert.equal(ownerOf(sessionId, claims), 'PAY-1');
  });

  it('is nobody for an unknown session', () => {
    assert.equal(ownerOf(otherId, [claim({})]), undefined);
  });
});
