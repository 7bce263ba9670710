import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Bed } from '../../bed/bed';
import { startReceiver, type Receiver } from '../../bed/receiver';
import { startJira, type Jira as Simulator } from '../../jira/simulator';
import { id } from '../../unit/model/examples';
import {
  append,
  completed,
  implementationOf,
  key,
  makeSettler,
  orderOf,
  placeRun,
  pushRefused,
  settledLines,
  started,
  stepRows,
  waited,
  working,
  type Settler,
  type SettlerOptions,
  type Through,
} from './settlingBed';

type Deployment = 'cloud' | 'dataCenter';

/** A run that is to be settled, in a Jira of its own. */
interface World {
  simulator: Simulator;
  receiver: Receiver;
  options: SettlerOptions;
  order: ReturnType<typeof orderOf>;
}

type Prepare = (world: World, dana: Settler) => Promise<void>;

const own = ({ order }: World, { ledger }: Settler) =>
  ledger.reviseRun(order.id, () => ({
    order,
    reached: 'status',
    settledLines: 0,
    createdAt: order.createdAt,
  }));

const begun: Prepare = async (world, dana) => {
  await own(world, dana);
  await dana.look();
  await dana.records.begin(world.order, { kind: 'starting', reached: 'branch' });
  await dana.moves.move(world.order, 'analyzing');
};

const scenarios: Record<string, Prepare> = {
  'a run that is complete': async (world, dana) => {
    await begun(world, dana);
    await placeRun(world.options.home, world.order, [...working, ...completed]);
  },
  'a run whose start Jira did not take': async (world, dana) => {
    await own(world, dana);
    await placeRun(world.options.home, world.order, [...working, ...completed]);
  },
  'a run that failed, and was continued': async (world, dana) => {
    await begun(world, dana);
    await placeRun(world.options.home, world.order, [...working, ...pushRefused]);
    await dana.look();
    await dana.settling.settle();
    await append(world.options.home, world.order, [started, ...completed.slice(-2)]);
  },
  'an implementation that went on in another session, and is complete': async (world, dana) => {
    world.order = implementationOf(world.simulator.url);
    const { home } = world.options;
    await begun(world, dana);
    await placeRun(home, world.order, [started, ...waited, ...stepRows(1), stepRows(2)[0]!]);
    await dana.look();
    await dana.settling.settleOwn();
    await append(home, world.order, [...stepRows(2, id(91)), ...stepRows(3), ...completed.slice(-2)]);
  },
};

describe('Settling, killed', () => {
  let bed: Bed;
  beforeEach(() => void (bed = new Bed()));
  afterEach(() => bed.dispose());

  async function worldOf(deployment: Deployment, prepare: Prepare): Promise<World> {
    const simulator = await bed.add(startJira({ deployment }));
    simulator.state.addIssue({ key, summary: 'Refunds', assignee: 'dana' });
    const receiver = await bed.add(startReceiver());
    const options = {
      url: simulator.url,
      deployment,
      folder: await bed.folder('ledger'),
      home: await bed.folder('home'),
      webhook: receiver.addresses.json,
    };
    const world = { simulator, receiver, options, order: orderOf(simulator.url) };
    const dana = await makeSettler(options);
    await prepare(world, dana);
    dana.dispose();
    return world;
  }

  /** All that anybody can see of it afterwards. */
  async function endOf({ simulator, options, order, receiver }: World): Promise<unknown> {
    const { comments, properties, status, changes } = simulator.state.issue(key);
    const index = properties.get('task-sessions') as { commentsSeen: number; records: object[] } | undefined;
    const dana = await makeSettler(options);
    const { owed, runs, entries } = await dana.ledger.read();
    dana.dispose();
    return {
      comments: comments.map(({ body, author }) => [author.name, body]),
      index: index && {
        seen: index.commentsSeen,
        records: index.records.map((record) => ({ ...record, created: 0, updated: 0 })),
      },
      status: status.name,
      moves: changes.flatMap(({ items }) => items.map((item) => item.toString)),
      owed,
      sessions: entries.map(({ sessionId, kind, key: of, continues, steps }) => [
        sessionId,
        kind,
        of,
        continues,
        steps,
      ]),
      run: runs.map(({ settledLines, settledAs }) => [settledLines, settledAs]),
      settled: await settledLines(options.home, order),
      told: receiver.taken.map(({ message }) => (message as { event: string }).event),
    };
  }

  async function settle(options: SettlerOptions, how: 'settle' | 'settleOwn' = 'settle'): Promise<void> {
    const dana = await makeSettler(options);
    await dana.look();
    await dana.settling[how]();
    dana.dispose();
  }

  /** Settles until the nth call to Jira, the host, the ledger or a webhook was answered; from then on this client is as dead: nothing of it comes to anything any more. */
  async function dieAt(options: SettlerOptions, at: number): Promise<string> {
    let calls = 0;
    let died: ((call: string) => void) | undefined;
    const dead = new Promise<string>((resolve) => (died = resolve));
    const never = new Promise<never>(() => {});
    let isDead = false;
    const through: Through = async (call, work) => {
      if (isDead) return never;
      const isLast = ++calls === at;
      const answer = await work();
      if (isLast) {
        isDead = true;
        died?.(call);
      }
      return isDead ? never : answer;
    };
    const dana = await makeSettler({ ...options, through });
    await dana.look();
    const end = await Promise.race([dead, dana.settling.settle().then(() => 'the end')]);
    dana.dispose();
    return end;
  }

  for (const [what, prepare] of Object.entries(scenarios))
    for (const deployment of ['cloud', 'dataCenter'] as const) {
      // One of them there: what differs is how comments are written.
      if (deployment === 'dataCenter' && prepare !== scenarios['a run that is complete']) continue;
      // All calls once; what only begins or is written otherwise, at every third.
      const stride = prepare === scenarios['a run that is complete'] && deployment === 'cloud' ? 1 : 3;
      it(`at ${stride === 1 ? 'any' : 'every third'} call ends as if undisturbed: ${what} (${deployment})`, async () => {
        const calm = await worldOf(deployment, prepare);
        await settle(calm.options);
        const expected = (await endOf(calm)) as { told: string[] };
        let last = '';
        // To die before a call is to die after the one before it.
        for (let at = 1; last !== 'the end'; at += stride) {
          const world = await worldOf(deployment, prepare);
          last = await dieAt(world.options, at);
          if (last === 'the end') break;
          await settle(world.options, at % 2 === 0 ? 'settle' : 'settleOwn');
          // Who is killed between the claim and the answer leaves it untold (actions/run/telling).
          const told = last === 'host.claim' ? expected.told.slice(0, -1) : expected.told;
          assert.deepEqual(await endOf(world), { ...expected, told }, `after call ${at}, ${last}`);
        }
      });
    }

  it('as a process, is gone on with by another program of the same person', async () => {
    const prepare = scenarios['a run that is complete']!;
    const calm = await worldOf('cloud', prepare);
    await settle(calm.options);
    const expected = (await endOf(calm)) as object;
    for (const [at, after] of [
      [5, false],
      [8, true],
      [14, true],
    ] as const) {
      const world = await worldOf('cloud', prepare);
      const given = JSON.stringify({ ...world.options, at, after });
      const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'settlingChild.ts'), given], {
        stdio: ['ignore', 'inherit', 'inherit'],
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
      assert.equal(signal, 'SIGKILL');
      const elsewhere = { ...world.options, folder: await bed.folder('elsewhere') };
      await settle(elsewhere);
      await settle(world.options);
      assert.deepEqual(await endOf(world), expected, `${after ? 'after' : 'before'} call ${at}`);
    }
  });

  for (const [what, same] of [
    ['windows', true],
    ['machines', false],
  ] as const)
    it(`eight times by two ${what} at once, ends as by one`, async () => {
      const prepare = scenarios['a run that is complete']!;
      const calm = await worldOf('cloud', prepare);
      await settle(calm.options);
      const expected = (await endOf(calm)) as object;
      for (let round = 0; round < 8; round++) {
        const world = await worldOf('cloud', prepare);
        const other = { ...world.options, ...(!same && { folder: await bed.folder('elsewhere') }) };
        // So that they meet at different places.
        const path = [/\/comment/, /\/transitions/, /\/issue\//, /\/properties/][round % 4]!;
        world.simulator.faults.add({ kind: 'delay', ms: round * 7 }, { path, times: 1 + (round % 3) });
        await Promise.all([settle(world.options), settle(other, same ? 'settleOwn' : 'settle')]);
        assert.deepEqual(await endOf(world), expected, `round ${round}`);
      }
    });
});
