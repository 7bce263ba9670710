import assert from 'node:assert/strict';
import { checkContinuation, newestOf } from '../../../src/actions/session/resume/continuation';
import type { Inquiry } from '../../../src/actions/session/resume/inquiry';
import type { PreflightCheck } from '../../../src/actions/session/resume/plan';
import { Refusal } from '../../../src/actions/session/resume/refusal';
import type { Session } from '../../../src/model/session/session';
import { id, session } from '../model/examples';

const first = session({ id: id(1), continuedBy: id(2) });
const second = session({ id: id(2), continues: id(1), continuedBy: id(3) });
const third = session({ id: id(3), continues: id(2), host: 'devserver' });

describe('resuming what an old Claude went on with under a new id', () => {
  const cases: [name: string, of: Session, sessions: Session[], newest: Session | undefined][] = [
    ['leads to the newest', first, [first, second, third], third],
    ['is resuming it, if it is the newest', third, [first, second, third], undefined],
    ['does not lead to what is gone', first, [first, { ...second, state: 'missing' }, third], undefined],
    ['leads as far as the chain goes', first, [first, second], second],
    ['never goes round in a circle', first, [first, { ...second, continuedBy: id(1) }], { ...second, continuedBy: id(1) }],
    ['is nothing new for others', session(), [first, second, third], undefined],
  ]; // prettier-ignore
  for (const [name, of, sessions, newest] of cases)
    it(name, () => assert.deepEqual(newestOf(of, sessions), newest));

  it('is refused, saying where it went on', () => {
    const checks: PreflightCheck[] = [];
    const inquiry = (of: Session): Inquiry =>
      ({ session: of, snapshot: { sessions: [first, second, third] }, onCheck: (one: PreflightCheck) => checks.push(one) }) as unknown as Inquiry; // prettier-ignore
    assert.throws(
      () => checkContinuation(inquiry(first)),
      (error: Refusal) =>
        error instanceof Refusal &&
        error.next.startsWith(`Resume ${id(3)}, which`) &&
        error.reason.includes('as 00000003 on devserver') &&
        error.waysOut.join() === 'fork',
    );
    assert.deepEqual(checks.map(({ check, ok, fix }) => [check, ok, fix]), [['transcript', false, 'Resume 00000003.']]); // prettier-ignore
    checkContinuation(inquiry(third));
    assert.equal(checks.length, 1);
  });
});
