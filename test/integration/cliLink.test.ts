import assert from 'node:assert/strict';
import { Bed } from '../bed/bed';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { addClaude, makeWorld, writeSession } from './cliBed';
import type { World } from './cliBed';

interface Linked {
  session: { id: string; key?: string; evidence?: string };
  published?: string;
  owed?: { sessionId: string; key: string; error: string }[];
}

describe('command line: link and unlink', () => {
  const bed = new Bed();
  let stub: ModelStub;
  let world: World;
  /** Of a session that somebody began with plain `claude`. */
  let sessionId: string;

  before(async () => {
    stub = await bed.add(startModelStub());
    world = await makeWorld(bed, { issues: ['PAY-1', 'PAY-2'] });
    const account = await addClaude(world, stub);
    sessionId = await writeSession(account, world.repository.clone, 'Look around');
  });
  after(() => bed.dispose());

  const comments = (key: string) => world.jira.state.issue(key).comments;
  const short = (): string => sessionId.slice(0, 8);
  const keyOf = async (): Promise<string | undefined> =>
    (await world.json<{ sessions: Linked['session'][] }>(['sessions'])).sessions.find(
      ({ id }) => id === sessionId,
    )?.key;

  it('links a session by the beginning of its id, and says so', async () => {
    const { code, stdout, stderr } = await world.cli(['link', short(), 'pay-1']);
    assert.deepEqual([code, stdout, stderr], [0, `Session ${short()} on laptop belongs to PAY-1 now.\n`, '']);
    assert.equal(await keyOf(), 'PAY-1');
    assert.match((await world.cli(['show', 'PAY-1'])).stdout, new RegExp(short()));
    assert.match((await world.cli(['link', short(), 'PAY-1'])).stdout, /belongs to PAY-1 already/);
    assert.equal(comments('PAY-1').length, 0);
  });

  it('publishes where that is wanted, warns of the task that loses it, and withdraws', async () => {
    const first = await world.json<Linked>(['link', sessionId, 'PAY-1', '--publish']);
    assert.equal(first.session.key, 'PAY-1');
    assert.equal(
      first.published,
      `${world.jira.url}/browse/PAY-1?focusedCommentId=${comments('PAY-1')[0]?.id}`,
    );
    const moved = await world.cli(['link', sessionId, 'PAY-2']);
    assert.equal(
      moved.stderr,
      'It belonged to PAY-1 until now (linked by you). A record on PAY-1 names this session: everybody else sees it there.\n',
    );
    await world.cli(['link', sessionId, 'PAY-1']);
    const { code, stdout } = await world.cli(['unlink', sessionId, '--withdraw']);
    assert.deepEqual(
      [code, stdout],
      [0, `Session ${short()} on laptop does not belong to PAY-1 any more.\nIts record on PAY-1 is gone.\n`],
    );
    assert.equal(comments('PAY-1').length, 0);
    assert.equal(await keyOf(), undefined);
  });

  it('binds no more by a record that the user took back', async () => {
    world.record('PAY-2', { sessionId, host: 'laptop' });
    assert.equal(await keyOf(), 'PAY-2');
    const { session } = await world.json<Linked>(['unlink', sessionId]);
    assert.deepEqual([session.id, session.key], [sessionId, undefined]);
    assert.equal(await keyOf(), undefined);
    const again = await world.cli(['unlink', sessionId, '--withdraw']);
    assert.deepEqual(
      [again.stdout, again.stderr],
      [
        `Session ${short()} on laptop did not belong to PAY-2.\nThere was no record of yours on PAY-2.\n`,
        'A record by Claude Task Manager on PAY-2 still names it.\n',
      ],
    );
  });

  afterEach(() => world.jira.faults.clear());

  it('links where Jira is down, says what is still owed, and pays it later', async () => {
    world.jira.faults.add({ kind: 'status', status: 503 }, { path: /\/comment/ });
    const { code, stdout, stderr } = await world.cli(['link', sessionId, 'PAY-1', '--publish']);
    assert.deepEqual([code, stdout], [0, `Session ${short()} on laptop belongs to PAY-1 now.\n`]);
    assert.match(
      stderr,
      new RegExp(
        `^1 record still owed: ${short()} on PAY-1\\. \\S+ has trouble \\(HTTP 503\\)\\. .*Run task-sessions settle`,
        'm',
      ),
    );
    const { owed } = await world.json<Linked>(['link', sessionId, 'PAY-1']);
    assert.deepEqual(
      owed?.map(({ key }) => key),
      ['PAY-1'],
    );
    world.jira.faults.clear();
    const paid = await world.cli(['link', sessionId, 'PAY-1']);
    assert.match(paid.stderr, new RegExp(`^The record of ${short()} that was owed is on PAY-1 now\\.$`, 'm'));
    assert.equal(comments('PAY-1').length, 1);
  });

  it('keeps the link where Jira refuses the record', async () => {
    world.jira.state.deny('PAY-2', 'comment');
    const { code, stdout, stderr } = await world.cli(['link', sessionId, 'PAY-2', '--publish']);
    assert.equal(code, 1);
    assert.match(stdout, /belongs to PAY-2 now/);
    assert.match(stderr, /The record was not written on PAY-2: .* Ask for the permission to comment/);
    assert.equal(await keyOf(), 'PAY-2');
  });

  for (const [args, says] of [
    [['PAY-99'], /^Jira knows no issue PAY-99/m],
    [['nonsense'], /^"nonsense" is not a task key\. Keys look like PAY-456\.$/m],
    [['PAY-1', '--host', 'nowhere'], /nowhere/],
  ] as const)
    it(`refuses: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await world.cli(['link', sessionId, ...args]);
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, says);
    });

  it('refuses a session that nobody knows, and takes no flag that it does not know', async () => {
    assert.match((await world.cli(['unlink', 'ffffffff'])).stderr, /No session ffffffff is known/);
    assert.equal((await world.cli(['link', sessionId])).code, 2);
    assert.equal((await world.cli(['unlink', sessionId, '--publish'])).code, 2);
  });
});
