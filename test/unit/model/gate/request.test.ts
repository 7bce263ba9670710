import assert from 'node:assert/strict';
import { openRequest } from '../../../../src/model/gate/request/openRequest';
import {
  askedRequests,
  requestTrouble,
  taskOfRequest,
  type ApprovalRequest,
} from '../../../../src/model/gate/request/request';
import { assemble } from '../../../../src/model/assemble';
import type { RecordClaim } from '../../../../src/model/record/record';
import type { Session } from '../../../../src/model/session/session';
import { changesRequestedStatus } from '../../../../src/model/record/record';
import { emptyLedger } from '../../../../src/model/binding/ledger';
import { parseRequest } from '../../../../src/sources/requests/requestIndex';
import { claim, entry, id, issue, report, session, settings, transcript } from '../examples';

const file = { schema: 1, id: id(9), sessionId: id(1), directory: '/srv/pay', at: 100 };
const request = (fields: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  id: id(9),
  sessionId: id(1),
  directory: '/srv/pay',
  at: 100,
  ...fields,
});

const files: [name: string, change: object, expected: Partial<ApprovalRequest> | undefined][] = [
  ['the least that is said', {}, { sessionId: id(1), at: 100_000 }],
  ['everything', { key: 'PAY-1', branch: 'task/x', commit: 'a'.repeat(40), note: 'Look at B' }, { key: 'PAY-1', branch: 'task/x', note: 'Look at B' }],
  ['no session', { sessionId: undefined }, { directory: '/srv/pay' }],
  ['a session in capitals', { sessionId: id(10).toUpperCase() }, { sessionId: id(10) }],
  ['what is no session', { sessionId: 'x; rm -rf /' }, undefined],
  ['another id than the name of the file', { id: id(8) }, undefined],
  ['a later schema', { schema: 2 }, undefined],
  ['a directory that is none', { directory: '../etc' }, undefined],
  ['a branch that is an option', { branch: '--all' }, { directory: '/srv/pay' }],
  ['a note of several lines', { note: 'a\n\u202eb\u0007' }, { directory: '/srv/pay' }],
  ['no time', { at: 'now' }, undefined],
]; // prettier-ignore

describe('a request for approval', () => {
  for (const [name, change, expected] of files)
    it(`is ${expected ? 'read' : 'nothing'} from a file with ${name}`, () => {
      const read = parseRequest(id(9), JSON.stringify({ ...file, ...change }));
      if (!expected) assert.equal(read, undefined);
      else assert.deepEqual({ ...read, ...expected }, read);
      assert.ok(!read?.branch?.startsWith('-'));
      assert.doesNotMatch(read?.note ?? '', /\n/);
    });

  const mine = session({ id: id(1), key: 'PAY-1', evidence: 'ledger', directory: '/srv/pay' });
  const other = session({ id: id(2), key: 'PAY-2', evidence: 'record', directory: '/srv/pay' });
  const bindings: [name: string, said: { [Key in keyof ApprovalRequest]?: ApprovalRequest[Key] | undefined }, sessions: Session[], key: string | undefined][] = [
    ['its session', {}, [mine, other], 'PAY-1'],
    ['its session, wherever it works now', { directory: '/tmp' }, [mine], 'PAY-1'],
    ['no session of another host', {}, [{ ...mine, host: 'devserver' }], undefined],
    ['no task by the key that it names', { key: 'PAY-2' }, [mine, other], undefined],
    ['no task where its session is only a candidate', {}, [{ ...mine, evidence: 'candidate' }], undefined],
    ['the one session of its directory, where it names none', { sessionId: undefined }, [mine], 'PAY-1'],
    ['nobody where two tasks share its directory', { sessionId: undefined }, [mine, other], undefined],
    ['nobody in another directory', { sessionId: undefined, directory: '/srv/pay/sub' }, [mine], undefined],
  ]; // prettier-ignore
  for (const [name, said, sessions, key] of bindings)
    it(`binds to ${name}`, () => {
      const told = JSON.parse(JSON.stringify({ ...request(), ...said })) as ApprovalRequest;
      const [asked] = askedRequests([{ host: 'laptop', requests: [told] }], sessions);
      assert.equal(asked && taskOfRequest(asked), key);
      if (asked) assert.equal(requestTrouble(asked) === undefined, key !== undefined);
    });

  it('is the newest of its session', () => {
    const requests = [request({ id: id(7), at: 90 }), request(), request({ id: id(8), at: 95 })];
    assert.deepEqual(
      askedRequests([{ host: 'laptop', requests }], [mine]).map((one) => one.request.id),
      [id(9)],
    );
  });

  const asked = claim({ title: 'Approval Requested', sessionId: id(1), reason: 'B?', created: 100 });
  const status = (to: string) => ({ transitions: [{ author: asked.author, to, at: 110 }] });
  const open: [name: string, claims: RecordClaim[], more: object, reason: string | undefined][] = [
    ['is asked', [asked], {}, 'approval requested: B?'],
    ['is asked without words', [claim({ title: 'Approval Requested', created: 5 })], {}, 'approval requested'],
    ['is answered by an approval', [asked], { approval: { commit: 'a', by: 'Dana', at: 101, stale: false } }, undefined],
    ['is asked again after an approval', [asked], { approval: { commit: 'a', by: 'Dana', at: 99, stale: true } }, 'approval requested: B?'],
    ['is answered by another word of its session', [asked, claim({ sessionId: id(1), created: 120 })], {}, undefined],
    ['stands beside the word of another session', [asked, claim({ sessionId: id(2), created: 120 })], {}, 'approval requested: B?'],
    ['is answered by a wish for changes', [{ ...asked, status: changesRequestedStatus, updated: 130 }], {}, undefined],
    ['is answered by a wish for changes in another comment', [asked, claim({ sessionId: id(2), status: changesRequestedStatus, created: 130 })], {}, undefined],
    ['is answered by who moves the issue back', [asked], { issue: status('In Analysis') }, undefined],
    ['stands where the issue is moved to review', [asked], { issue: status('In Review') }, 'approval requested: B?'],
    ['stands where a move means nothing', [asked], { issue: status('Elsewhere') }, 'approval requested: B?'],
  ]; // prettier-ignore
  for (const [name, claims, more, reason] of open)
    it(`on an issue ${name}`, () => {
      const { issue: fields, approval } = { issue: {}, approval: undefined, ...more };
      const found = openRequest({
        issue: { ...issue('PAY-1', fields), claims },
        bound: [],
        approval,
        phases: { analyzing: 'In Analysis', awaitingReview: 'In Review' },
      });
      assert.equal(found?.reason, reason);
    });

  it('needs the user before any client has published it', () => {
    const input = {
      at: 1,
      settings: settings(),
      jira: { signedIn: true },
      issues: [issue('PAY-1')],
      hosts: [
        {
          state: { name: 'laptop', local: true },
          names: ['laptop'],
          report: report('laptop', {
            transcripts: [transcript({ id: id(1) })],
            requests: [request({ note: 'Option B' })],
          }),
        },
      ],
      branchNames: new Map(),
      branches: new Map(),
      ledger: { ...emptyLedger, entries: [entry({ sessionId: id(1), key: 'PAY-1', evidence: 'linked' })] },
    };
    const [task] = assemble(input).tasks;
    assert.deepEqual(task?.needsYou, {
      reason: 'approval requested: Option B',
      since: 100,
      sessionId: id(1),
    });
    assert.equal(task?.sessions[0]?.asks?.note, 'Option B');
  });
});
