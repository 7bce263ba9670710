import assert from 'node:assert/strict';
import { expiringSessions } from '../../../src/model/expiring';
import type { Session } from '../../../src/model/session/session';
import { emptySnapshot, type Snapshot } from '../../../src/model/task/task';
import { clock, session, task } from './examples';

const day = 86_400_000;
const soon = session({ key: 'PAY-1', expiresAt: clock + 2 * day });
const found = (one: Session, fields: Partial<Snapshot> = {}): boolean =>
  expiringSessions({
    ...emptySnapshot,
    at: clock,
    hosts: [{ name: 'laptop', local: true, asOf: clock }],
    tasks: [task('PAY-1'), task('PAY-2', { phase: 'done' })],
    sessions: [one],
    ...fields,
  }).length > 0;

describe('sessions that Claude will soon delete', () => {
  it('are told of within three days', () => {
    assert.ok(found(soon));
    assert.ok(found({ ...soon, expiresAt: clock - day }));
    assert.ok(!found({ ...soon, expiresAt: clock + 4 * day }));
  });

  const unimportant: Record<string, Session> = {
    'of a task that is done': { ...soon, key: 'PAY-2' },
    'of somebody else’s task': { ...soon, key: 'PAY-3' },
    'of which a copy is kept': { ...soon, kept: { sessionId: soon.id, path: 'x', size: 1, modifiedAt: 1 } },
    'that are gone': { ...soon, state: 'missing' },
  };
  for (const [what, one] of Object.entries(unimportant))
    it(`are not told of where they are ${what}`, () => assert.ok(!found(one)));

  it('are not told of before their host has answered in this run', () => {
    assert.ok(!found(soon, { hosts: [{ name: 'laptop', local: true, asOf: 1, earlier: true }] }));
    assert.ok(!found(soon, { hosts: [{ name: 'laptop', local: true, asOf: 1, error: 'down' }] }));
  });

  it('need a task', () => {
    const { key: _, ...unlinked } = soon;
    assert.ok(!found(unlinked));
  });
});
