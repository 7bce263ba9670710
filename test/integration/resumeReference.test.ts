import assert from 'node:assert/strict';
import { Bed } from '../bed/bed';
import type { ClaudeAccount } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import { addClaude, makeWorld, writeSession, type World } from './cliBed';

interface DryRun {
  host: string;
  preflight: { check: string; ok: boolean; detail: string }[];
}

describe('resuming by a reference', () => {
  const bed = new Bed();
  let world: World;
  let account: ClaudeAccount;
  let id: string;

  before(async () => {
    world = await makeWorld(bed, { issues: ['PAY-1', 'PAY-2'] });
    const { clone } = world.repository;
    await world.configure({
      local: { name: 'laptop', aliases: ['danas-laptop'], repository: clone },
    });
    account = await addClaude(world, await bed.add(startModelStub()));
    id = await writeSession(account, clone);
    world.record('PAY-1', { sessionId: id, host: 'laptop', directory: clone });
  });
  after(() => bed.dispose());

  const dryRun = async (reference: string): Promise<DryRun['preflight'][number]> => {
    const { host, preflight } = await world.json<DryRun>(['resume', reference, '--dry-run']);
    assert.equal(host, 'laptop');
    return preflight[0]!;
  };

  it('finds the session, on a host by its name or alias', async () => {
    for (const host of ['laptop', 'danas-laptop'])
      assert.deepEqual(await dryRun(`task-sessions:${host}/${id},task=PAY-1`), {
        check: 'reference',
        ok: true,
        detail: `laptop/${id.slice(0, 8)}, as it says`,
      });
  });

  it('says what is otherwise than the reference has it', async () => {
    const { ok, detail } = await dryRun(`task-sessions:laptop/${id},task=PAY-2,directory=/srv/other`);
    assert.equal(ok, false);
    assert.match(
      detail,
      /directory \/srv\/other, but here it is .*; it says task PAY-2, but here it is PAY-1/,
    );
  });

  it('asks before it goes on with something else', async () => {
    const terminal = await world.inTerminal(['resume', `task-sessions:laptop/${id},task=PAY-2`]);
    await terminal.shows('Resume it? [y/N]');
    terminal.write('n\r');
    assert.equal(await terminal.exited, 1);
    assert.equal((await world.tmux.run(['list-sessions'])).stdout, '');
  });

  for (const [what, reference, says] of [
    [
      'a host that is none of ours',
      'task-sessions:prod/ID',
      /"prod" is not one of your hosts.*never connected to/,
    ],
    ['half a reference', 'task-sessions:laptop/5f1d9b2e', /is not a whole session reference/],
    [
      'one with an option for a host',
      'task-sessions:-oProxyCommand=x/ID',
      /is not a whole session reference/,
    ],
  ] as const)
    it(`refuses ${what}`, async () => {
      const { code, stderr } = await world.cli(['resume', reference.replace('ID', id), '--dry-run']);
      assert.equal(code, 1);
      assert.match(stderr, says);
    });

  it('takes the host from the reference alone', async () => {
    const args = ['resume', `task-sessions:laptop/${id}`, '--host', 'laptop', '--dry-run'];
    assert.match((await world.cli(args)).stderr, /Leave --host out/);
  });
});
