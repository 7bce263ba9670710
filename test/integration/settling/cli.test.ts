import assert from 'node:assert/strict';
import { Bed } from '../../bed/bed';
import { makeWorld, type World } from '../cliBed';
import { append, completed, key, orderOf, placeRun, pushRefused, started, working } from './settlingBed';

describe('command line: settle', () => {
  const bed = new Bed();
  let world: World;
  let order: ReturnType<typeof orderOf>;

  before(async () => {
    world = await makeWorld(bed, { issues: [key, 'PAY-2'] });
    const phases = { analyzing: 'AI Analysis', awaitingReview: 'Ready for Review' };
    const { clone } = world.repository;
    await world.configure({ phases, local: { name: 'laptop', repository: clone } });
    order = orderOf(world.jira.url);
    await placeRun(world.home, order, [...working, ...pushRefused]);
  });
  after(() => bed.dispose());

  const issue = () => world.jira.state.issue(key);

  it('tells what it did, one line for each run, and settles nothing twice', async () => {
    const first = await world.cli(['settle']);
    assert.deepEqual(
      [first.code, first.stdout, first.stderr],
      [0, 'PAY-1  analysis on laptop failed: record published, status unchanged\n', ''],
    );
    assert.equal(issue().comments.length, 1);
    const again = await world.cli(['settle']);
    assert.deepEqual([again.code, again.stdout, again.stderr], [0, '', 'Nothing to settle.\n']);
  });

  it('says what is still owed, and fails; one task at a time, as JSON', async () => {
    await append(world.home, order, [started, ...completed.slice(-2)]);
    assert.deepEqual((await world.json<{ settled: unknown[] }>(['settle', 'PAY-2'])).settled, []);
    const clear = world.jira.faults.add({ kind: 'status', status: 503 }, { path: /\/comment$|\/comment\?/ });
    const down = await world.cli(['settle', key]);
    assert.equal(down.code, 1);
    assert.equal(down.stdout, 'PAY-1  analysis on laptop complete: record owed, status moved\n');
    assert.match(down.stderr, /has trouble \(HTTP 503\)[^]*Still owed: the record of PAY-1\./);
    clear();
    const { settled } = await world.json<{ settled: Record<string, unknown>[] }>(['settle', key]);
    assert.deepEqual(settled, [
      {
        run: {
          id: order.id,
          kind: 'analysis',
          key,
          host: 'laptop',
          sessionId: order.sessionId,
          state: 'complete',
        },
        record: 'published',
        status: 'unchanged',
        told: 0,
        problems: [],
      },
    ]);
    assert.equal(issue().comments.length, 1);
    assert.equal(issue().status.name, 'Ready for Review');
    assert.equal((await world.cli(['settle', 'what'])).code, 2);
  });
});
