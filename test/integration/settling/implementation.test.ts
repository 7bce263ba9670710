import assert from 'node:assert/strict';
import type { RunOrder } from '../../../src/model/run/order';
import { Bed } from '../../bed/bed';
import { startReceiver, type Receiver } from '../../bed/receiver';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import { id, session } from '../../unit/model/examples';
import { recordsOf } from '../recordsOf';
import {
  append,
  checkFails,
  completed,
  implementationOf,
  key,
  makeSettler,
  placeRun,
  started,
  stepRows,
  waited,
  type Settler,
} from './settlingBed';

describe('Settling an implementation', () => {
  let bed: Bed;
  let simulator: Simulator;
  let receiver: Receiver;
  let home: string;
  let dana: Settler;
  let order: RunOrder;

  beforeEach(async () => {
    bed = new Bed();
    simulator = await bed.add(startJira({ deployment: 'cloud' }));
    receiver = await bed.add(startReceiver());
    simulator.state.addIssue({ key, summary: 'Refunds', assignee: 'dana' });
    home = await bed.folder('home');
    dana = await settler('dana');
    order = implementationOf(simulator.url);
    await dana.ledger.reviseRun(order.id, () => ({
      order,
      reached: 'status',
      settledLines: 0,
      createdAt: order.createdAt,
    }));
  });
  afterEach(() => bed.dispose());

  const settler = async (user: string): Promise<Settler> =>
    bed.add(
      makeSettler({
        url: simulator.url,
        deployment: 'cloud',
        user,
        folder: await bed.folder('ledger'),
        home,
        webhook: receiver.addresses.json,
      }),
    );
  const records = () => recordsOf(simulator.state.issue(key).comments, key);
  const settle = async (who = dana) => {
    await who.look();
    return who.settling.settleOwn();
  };

  it('tells each step once, in one comment, and a check that failed with its way out', async () => {
    await placeRun(home, order, [started, ...waited, ...stepRows(1).slice(0, 1)]);
    await settle();
    const [first] = records();
    assert.deepEqual(
      [first?.title, first?.step, first?.status, first?.continues, first?.commit],
      ['AI Implementation Started', { current: 1, total: 3 }, 'Running', id(90), undefined],
    );
    await append(home, order, stepRows(1).slice(1, 3));
    assert.deepEqual(await settle(), [], 'a check is no step');

    await append(home, order, [...stepRows(1).slice(3), ...checkFails(2)]);
    const [failed] = await settle();
    assert.deepEqual([failed?.record, failed?.run.state], ['published', 'failed']);
    const all = records();
    assert.equal(all.length, 1);
    assert.deepEqual(
      [all[0]?.title, all[0]?.step, all[0]?.status, all[0]?.commit],
      ['AI Implementation Failed', { current: 2, total: 3 }, 'Failed', '1'.repeat(40)],
    );
    // What a check prints may be a secret: the issue does not say it.
    assert.match(all[0]?.reason ?? '', /check of step 2 failed \(exit status 1\)\. Fix and Continue/);
    const [, message] = receiver.taken.map(({ message }) => message as { event: string; text: string });
    assert.equal(message?.event, 'failed');
    assert.match(JSON.stringify(message), /check of step 2 failed/);
  });

  it('goes on in another session with a comment of its own, and ends in review', async () => {
    await placeRun(home, order, [started, ...waited, ...stepRows(1), stepRows(2)[0]!]);
    await settle();
    await append(home, order, stepRows(2, id(91)));
    await settle();
    assert.deepEqual(
      records().map(({ sessionId, title, status, continues, step }) => [sessionId, title, status, continues, step?.current]),
      [
        [order.sessionId, 'AI Implementation Started', `Went on in session ${id(91)}`, id(90), undefined],
        [id(91), 'AI Implementation Started', 'Running', order.sessionId, 3],
      ],
    ); // prettier-ignore
    // Who asks now is asked about the run once, by the session that it is in.
    const pat = await settler('pat');
    await pat.look();
    const asked = { key, kind: 'implementation', sessionId: id(99) } as const;
    assert.deepEqual(
      (await pat.records.others(asked)).map(({ sessionId }) => sessionId),
      [id(91)],
    );
    assert.deepEqual(await dana.records.others(order), []);

    await append(home, order, [...stepRows(3), ...completed.slice(-2)]);
    await dana.look();
    const seen = session({ id: id(91), host: 'laptop', expiresAt: 4_000_000_000_000 });
    dana.see((snapshot) => ({ ...snapshot, sessions: [seen] }));
    await dana.settling.settleOwn();
    const [left, last] = records();
    assert.equal(left?.status, `Went on in session ${id(91)}`);
    assert.deepEqual(
      [last?.title, last?.status, last?.step, last?.commit],
      ['AI Implementation Complete', 'Complete', { current: 3, total: 3 }, 'c'.repeat(40)],
    );
    assert.equal(simulator.state.issue(key).status.name, 'In Review');
    const [, complete] = receiver.taken.map(({ message }) => JSON.stringify(message));
    assert.match(complete ?? '', /3 steps on branch/);
    assert.doesNotMatch(complete ?? '', /[Dd]ocument/);

    const { entries } = await dana.ledger.read();
    assert.deepEqual(
      entries.map(({ sessionId, evidence, kind, continues, steps, expiresAt }) => [sessionId, evidence, kind, continues, steps, expiresAt]),
      [
        [order.sessionId, 'started', 'implementation', id(90), 1, undefined],
        [id(91), 'started', 'implementation', order.sessionId, 2, seen.expiresAt],
      ],
    ); // prettier-ignore
    assert.ok(entries.every(({ createdAt, lastUsedAt = 0 }) => lastUsedAt >= createdAt - 1000));
    assert.deepEqual(await settle(), [], 'all is told');
  });
});
