import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTerminal, launchRunner } from '../../../src/runs/launch';
import { claimMessage, markSettled } from '../../../src/runs/mark';
import { placeRun } from '../../../src/runs/place';
import { Bed } from '../../bed/bed';
import { hold } from '../../bed/hold';
import { until } from '../../bed/until';
import { makeRunBed, marker, type PlacedRun, type RunBed } from './runBed';

for (const where of ['local', 'bash'] as const)
  describe(`launching runs, ${where === 'local' ? 'on this machine' : 'over ssh'}`, () => {
    const bed = new Bed();
    let parts: RunBed;

    before(async () => {
      parts = await makeRunBed(bed, where);
    });
    afterEach(() => {
      delete parts.knobs.hang;
      delete parts.knobs.after;
    });
    after(() => bed.dispose());

    const launch = (run: PlacedRun, terminals = true): ReturnType<typeof launchRunner> =>
      launchRunner(parts.host, terminals ? parts.terminals : undefined, run.order);

    it('starts one runner, however many start it at once', async () => {
      const run = await parts.place({ critic: false });
      const kinds = await Promise.all([launch(run), launch(run, false), launch(run), launch(run, false)]);
      assert.ok(kinds.some(({ kind }) => kind === 'started'));
      assert.deepEqual(await launch(run), { kind: 'running' });
      await run.ends('complete');
      assert.equal((await run.story()).filter((line) => line === 'run started').length, 1);
      assert.deepEqual(await launch(run), { kind: 'running' });
      assert.equal((await run.lines()).at(-1)?.state, 'complete');
    });

    it('leaves no terminal and no name of a session behind', async () => {
      const { released, release } = hold();
      parts.knobs.after = released;
      const run = await parts.place({ critic: false });
      await launch(run);
      await run.says('analysis started');
      const [terminal] = (await parts.terminals.list()).filter(({ name }) => name === runTerminal(run.order));
      assert.equal(terminal?.key, run.order.key);
      const claude = await until(() => pidIn(run, 'claude'), { what: 'Claude' });
      for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
        if (Number(pid) === claude) continue;
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        assert.ok(!command.includes(run.order.sessionId), command.replaceAll('\0', ' '));
      }
      release();
      await run.ends('complete');
      await until(
        async () => !(await parts.terminals.list()).some(({ name }) => name === runTerminal(run.order)),
        {
          what: 'the terminal goes with its run',
        },
      );
    });

    it('hands nothing of the client to runner, Claude and tmux', async () => {
      parts.knobs.hang = true;
      for (const terminals of [true, false]) {
        const run = await parts.place({ critic: false });
        await launch(run, terminals);
        await run.says('analysis started');
        const runner = await pidIn(run, 'runner');
        const claude = await until(() => pidIn(run, 'claude'), { what: 'Claude' });
        // The runner's environment as its children get it is that of Claude's.
        await until(async () => (await environment(claude)).includes('ANTHROPIC_API_KEY'), {
          what: 'Claude begins',
        });
        const { stdout } = await parts.tmux.run(['display-message', '-p', '#{pid}']);
        for (const pid of [runner, claude, ...(terminals ? [Number(stdout)] : [])]) {
          const all = await environment(pid);
          assert.ok(all.length > 0);
          assert.ok(!all.includes(marker), `${pid}: ${all.replaceAll('\0', '\n')}`);
          assert.doesNotMatch(all, /(?:^|\0)(?:CLAUDECODE|VSCODE_\w+|TASK_SESSIONS_\w+|SSH_AUTH_SOCK)=/);
        }
        process.kill(claude, 'SIGTERM');
        await run.ends('failed');
      }
    });

    it('lets so many work at once as the host may', async () => {
      parts.knobs.hang = true;
      const [first, second] = [
        await parts.place({ critic: false, perHost: 1 }),
        await parts.place({ critic: false, perHost: 1 }),
      ];
      await launch(first);
      await first.says('wait done');
      await launch(second);
      await second.says('wait started');
      await first.says('analysis started');
      const claude = await until(() => pidIn(first, 'claude'), { what: 'Claude' });
      assert.equal((await second.story()).at(-1), 'wait started');
      // Whoever dies gives up the place.
      process.kill(await pidIn(first, 'runner'), 'SIGKILL');
      await second.says('wait done');
      delete parts.knobs.hang;
      await until(
        () =>
          readFile(`/proc/${claude}/stat`).then(
            () => false,
            () => true,
          ),
        { what: 'Claude is gone' },
      );
    });

    it('writes a folder once', async () => {
      const run = await parts.place({ critic: false });
      const files = {
        prompts: { analysis: 'other', documents: 'other' },
        turns: { analysis: ['x'], documents: ['x'] },
        perHost: 1,
      };
      assert.equal(await placeRun(parts.host, run.order, files), run.folder);
      assert.match(await readFile(join(run.folder, 'prompts/analysis.md'), 'utf8'), /^Analyze/);
      await assert.rejects(placeRun(parts.host, { ...run.order, key: 'PAY-999' }, files), /Another run/);
      assert.deepEqual((await readdir(run.folder)).sort(), ['prompts', 'run.json', 'run.sh']);
    });

    it('lets one tell a message, and keeps what was settled most', async () => {
      const run = await parts.place({ critic: false });
      const { id } = run.order;
      const claims = await Promise.all([1, 2, 3, 4].map(() => claimMessage(parts.host, id, 'complete')));
      assert.deepEqual(claims.filter(Boolean), [true]);
      assert.equal(await claimMessage(parts.host, id, 'failed'), true);
      await markSettled(parts.host, id, 7, 'Dana');
      await markSettled(parts.host, id, 5, 'Someone "else"');
      const settled = JSON.parse(await readFile(join(run.folder, 'settled'), 'utf8')) as {
        lines: number;
        by: string;
      };
      assert.deepEqual([settled.lines, settled.by], [7, 'Dana']);
      await assert.rejects(markSettled(parts.host, run.order.sessionId, 1, 'Dana'), /gone/);
    });

    async function pidIn(run: PlacedRun, file: 'runner' | 'claude'): Promise<number> {
      return Number((await readFile(join(run.folder, file), 'utf8').catch(() => '')).split(' ')[0]);
    }
  });

const environment = (pid: number): Promise<string> =>
  readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
