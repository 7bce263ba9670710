import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, chmod, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SshHost } from '../../../src/hosts/ssh';
import { runFolder } from '../../../src/model/run/folder';
import { runOf } from '../../../src/model/run/progress';
import type { RunReading } from '../../../src/model/run/run';
import { settingsSchema } from '../../../src/model/settings';
import { ClaudeSource } from '../../../src/sources/claude/hostReport';
import { readRun } from '../../../src/sources/runFiles/readRun';
import { silentLog } from '../../../src/util/log';
import { Bed } from '../../bed/bed';
import { end, output } from '../../bed/command';
import { startSsh } from '../../bed/sshd';
import { loggingHost, type LoggingHost } from '../../unit/claude/loggingHost';
import { hostShells } from '../hostShells';
import { lineText, processNote, writeRun } from './runFolders';

const init = '{"type":"system","subtype":"init","cwd":"/srv","tools":[]}\n';
const answer =
  '{"type":"assistant","message":{"content":[{"type":"text","text":"\\"type\\":\\"result\\""}]}}\n';
const retry = `${JSON.stringify({ type: 'system', subtype: 'api_retry', attempt: 3, max_retries: 10, retry_delay_ms: 900, error_status: 529, error: 'overloaded' })}\n`;
const result = (fields: object): string =>
  `${JSON.stringify({ usage: {}, permission_denials: [], is_error: false, subtype: 'success', num_turns: 2, result: 'Done.', type: 'result', ...fields })}\n`;

describe('the runs of a host', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const { name, shell, tools } of hostShells)
    describe(`in ${name}`, () => {
      let home: string;
      let host: LoggingHost;
      let source: ClaudeSource;
      const runs = async (): Promise<readonly RunReading[]> => (await source.report()).runs ?? [];
      const only = async (): Promise<RunReading> => {
        const [one, ...others] = await runs();
        assert.equal(others.length, 0);
        return one!;
      };
      /** What the next report costs: questions, and the bytes that answer those behind the probe. */
      const cost = async (): Promise<{ calls: number; bytes: number }> => {
        const { calls, traceBytes } = host;
        await source.report();
        return { calls: host.calls - calls, bytes: host.traceBytes - traceBytes };
      };

      beforeEach(async () => {
        const folder = await bed.folder('runs');
        home = join(folder, "it's [home] $HOME");
        await mkdir(join(home, '.claude'), { recursive: true });
        const path = process.env['PATH'];
        const PATH = tools ? `${await tools(join(folder, 'tools'))}:${path}` : path;
        host = loggingHost({ PATH, HOME: home, TMUX_TMPDIR: folder }, [], shell);
        source = new ClaudeSource(host, { log: silentLog });
      });

      it('are none where there is no folder of them, at no cost', async () => {
        assert.deepEqual(await runs(), []);
        const { bytes } = await cost();
        assert.ok(bytes < 120, `${bytes} bytes`);
      });

      it('are told with their lines, their turns and what is settled', async () => {
        const { order, folder } = await writeRun(home, {
          files: {
            'run.jsonl': lineText(
              ['run started', { pid: 7, start: '99', boot: 'b' }],
              'analysis started',
              ['analysis failed', { code: 1, reason: 'api_error', text: 'a\nb\u202e' }],
              ['documents missing', { names: ['critic.md'] }],
            ),
            'analysis.jsonl': `${init}${retry}${result({ is_error: true, api_error_status: 529, terminal_reason: 'api_error', result: 'Overloaded', total_cost_usd: 0.5, permission_denials: [{ tool_name: 'Write' }, { tool_name: 'Write' }] })}`,
            'documents.jsonl': `${result({})}${init}${answer}${retry}`,
            'review.jsonl': `${init}${retry}${answer}`,
            settled: '{"lines":2,"at":1700000000,"by":"Pat"}',
          },
        });
        const run = await only();
        assert.deepEqual(run.order, order);
        assert.deepEqual(run.lines, [
          { at: 1_700_000_000_000, step: 'run', state: 'started', pid: 7, start: '99', boot: 'b' },
          { at: 1_700_000_001_000, step: 'analysis', state: 'started' },
          { at: 1_700_000_002_000, step: 'analysis', state: 'failed', code: 1, reason: 'api_error', text: 'a b' },
          { at: 1_700_000_003_000, step: 'documents', state: 'missing', names: ['critic.md'] },
        ]);
        assert.deepEqual([run.lineCount, run.settledLines, run.alive, run.claudeAlive], [4, 2, false, undefined]);
        assert.deepEqual(
          run.logs.map(({ size, changedAt, ...log }) => ({ ...log, told: size > 0 && Math.abs(changedAt - Date.now()) < 600_000 })),
          [
            { step: 'analysis', path: `${folder}/analysis.jsonl`, told: true, result: { isError: true, subtype: 'success', terminalReason: 'api_error', apiStatus: 529, text: 'Overloaded', turns: 2, costUsd: 0.5, denied: ['Write'] } },
            // Another turn has begun since the result, and tries the API again.
            { step: 'documents', path: `${folder}/documents.jsonl`, told: true, retry: { attempt: 3, of: 10, status: 529, error: 'overloaded', delayMs: 900 } },
            // It got through.
            { step: 'review', path: `${folder}/review.jsonl`, told: true },
          ],
        );
        assert.deepEqual(await readRun(host, order.id), run);
        assert.equal(await readRun(host, randomUUID()), undefined);
      }); // prettier-ignore

      it('of an implementation are told with its steps, and with the turn that goes on alone', async () => {
        const session = randomUUID();
        const { folder } = await writeRun(home, {
          order: { kind: 'implementation' },
          files: {
            'run.jsonl': lineText(
              'run started',
              ['implement started', { n: 1, how: 'begin', pid: 7 }],
              ['check failed', { n: 1, code: 1, reason: 'failed', text: 'npm test: 3 failing' }],
              ['check answered', { n: 1, reason: 'skip' }],
              ['implement started', { n: 11, how: 'resume', session }],
              ['implement started', { n: 0, how: 'fork', session: '../x' }],
            ),
            ...Object.fromEntries(
              Array.from({ length: 11 }, (_, n) => [`step-${n + 1}.jsonl`, `${init}${retry}`]),
            ),
            'check-1.log': 'long',
          },
        });
        const run = await only();
        assert.deepEqual(
          run.lines.slice(1).map((line) => ({ ...line, at: 0 })),
          [
            { at: 0, step: 'implement', state: 'started', n: 1, how: 'begin', pid: 7 },
            {
              at: 0,
              step: 'check',
              state: 'failed',
              n: 1,
              code: 1,
              reason: 'failed',
              text: 'npm test: 3 failing',
            },
            { at: 0, step: 'check', state: 'answered', n: 1, reason: 'skip' },
            { at: 0, step: 'implement', state: 'started', n: 11, how: 'resume', session },
            { at: 0, step: 'implement', state: 'started' },
          ],
        );
        assert.deepEqual(
          run.logs.map(({ step, n, path, retry: again }) => [step, n, path, again?.attempt]),
          [['implement', 11, `${folder}/step-11.jsonl`, 3]],
        );
        assert.ok((await cost()).bytes < 250);
        await appendFile(join(folder, 'step-11.jsonl'), answer);
        assert.equal((await only()).logs[0]?.retry, undefined);
      });

      it('cost nothing while nothing changes, and little where something does', async () => {
        const many = [];
        for (let n = 0; n < 60; n++)
          many.push(
            await writeRun(home, {
              order: { createdAt: 1_700_000_000_000 + n },
              files: {
                'run.jsonl': lineText('run started', 'analysis started', 'run complete'),
                'analysis.jsonl': `${init}${answer.repeat(20)}${result({})}`,
              },
            }),
          );
        const first = await runs();
        assert.equal(first.length, 60);
        assert.deepEqual(first.map(({ order }) => order), many.map(({ order }) => order).reverse());
        const quiet = await cost();
        assert.ok(quiet.calls === 1 && quiet.bytes < 250, JSON.stringify(quiet));
        assert.equal(await runs(), first);

        // One goes on: only that is told, in the same round trip, and the others are the same objects.
        const { order, folder } = many[7]!;
        await appendFile(join(folder, 'run.jsonl'), lineText('run started'));
        const grown = await cost();
        assert.ok(grown.calls === 1 && grown.bytes < 2500, JSON.stringify(grown));
        const second = await runs();
        assert.equal(second.filter((one) => first.includes(one)).length, 59);
        assert.equal(second.find((one) => one.order.id === order.id)?.lineCount, 4);

        // Settled twice, with as many bytes and within the second.
        const settle = async (lines: number): Promise<void> => {
          await writeFile(join(folder, '.new'), `{"lines":${lines},"at":1,"by":"x"}`);
          await rename(join(folder, '.new'), join(folder, 'settled'));
        };
        const settledLines = async (): Promise<unknown> =>
          (await runs()).find((one) => one.order.id === order.id)?.settledLines;
        await settle(3);
        assert.equal(await settledLines(), 3);
        await settle(4);
        assert.equal(await settledLines(), 4);

        // One goes away, and comes back.
        await rename(folder, `${folder}.aside`);
        assert.equal((await runs()).length, 59);
        await rename(`${folder}.aside`, folder);
        assert.equal((await runs()).length, 60);
        await rm(dirname(folder), { recursive: true });
        assert.deepEqual(await runs(), []);
      }); // prettier-ignore

      it('live by their very process, and end without a word', async () => {
        const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' });
        await bed.add({ dispose: () => end(sleeper) });
        const note = await processNote(sleeper.pid!);
        const files = { 'run.jsonl': lineText('run started', 'analysis started'), runner: note, claude: `${note.trim()} analysis 0\n` };
        const { folder } = await writeRun(home, { files });
        const state = async (): Promise<string> => runOf(await only(), 'h').state.kind;
        assert.equal(await state(), 'running');
        assert.equal((await only()).claudeAlive, true);
        const quiet = await cost();
        assert.ok(quiet.calls === 1 && quiet.bytes < 250, JSON.stringify(quiet));

        // Another process has the number now; then one of before the host was started anew.
        await writeFile(join(folder, 'runner'), await processNote(sleeper.pid!, { start: '1' }));
        assert.equal(await state(), 'interrupted');
        await writeFile(join(folder, 'runner'), await processNote(sleeper.pid!, { boot: randomUUID() }));
        assert.deepEqual([(await only()).alive, (await only()).rebooted], [false, true]);

        await writeFile(join(folder, 'runner'), note);
        assert.equal(await state(), 'running');
        sleeper.kill('SIGKILL');
        await once(sleeper, 'exit');
        // No file has changed.
        assert.equal(await state(), 'interrupted');
        assert.equal((await only()).claudeAlive, false);
        const dead = await cost();
        assert.ok(dead.calls === 1 && dead.bytes < 250, JSON.stringify(dead));
      }); // prettier-ignore

      it('are believed in nothing: hostile and broken ones are skipped and counted', async () => {
        const secret = join(home, 'secret');
        await writeFile(secret, lineText('run started', ['run failed', { text: 'hush' }]));
        const whole = await writeRun(home, { files: { 'run.jsonl': lineText('run started') } });
        const id = (): string => runFolder(home, randomUUID());
        // Links: a folder, an order, the other files.
        await symlink(whole.folder, id());
        const linked = id();
        await mkdir(linked);
        await symlink(join(whole.folder, 'run.json'), join(linked, 'run.json'));
        const links = await writeRun(home);
        for (const file of ['run.jsonl', 'runner', 'claude', 'settled', 'analysis.jsonl'])
          await symlink(secret, join(links.folder, file));
        // Pipes, on which who reads waits for ever; a file for a folder; a name that is none.
        const pipes = await writeRun(home);
        for (const file of ['run.jsonl', 'runner', 'settled', 'review.jsonl'])
          await output(['mkfifo', join(pipes.folder, file)]);
        await writeFile(id(), '');
        const odd = await writeRun(home);
        await rename(odd.folder, join(dirname(odd.folder), "$(touch hacked) `x` it's\n./"));
        await mkdir(join(dirname(odd.folder), '.slots'));
        // Orders: of another run, no JSON, too long, a branch that is none.
        const other = id();
        await mkdir(other);
        await writeFile(join(other, 'run.json'), JSON.stringify(whole.order));
        await writeRun(home, { files: { 'run.json': '{"schema":1,' } });
        await writeRun(home, { order: { flags: Array.from({ length: 99 }, () => 'x'.repeat(8000)) } });
        await writeRun(home, { order: { branch: '--upload-pack=x' } });
        await writeRun(home, { order: { docs: { directory: '../..', names: [] } } });
        // Lines and turns: what can be read of them is.
        const noisy = await writeRun(home, {
          files: {
            'run.jsonl': `${'x'.repeat(100_000)}\n${'{"at":1}\n'.repeat(20_000)}{"at":"1","step":"run","state":"failed"}\n{"at":3,"step":"dance","state":"done"}\n{"at":5,"step":"run","state":"started","pid":-1,"names":"x","text":7}\n{"at":9,"step":"run","sta`,
            runner: 'not a pid\n',
            claude: `${'9'.repeat(5000)} 1 1\n`,
            settled: '{"lines":"many"}',
            'analysis.jsonl': `${init}${result({ is_error: true, result: 'y'.repeat(100_000) })}`,
            'review.jsonl': `\0\0\n{"type":"result","is_error":"no"}\n${'z'.repeat(600_000)}`,
          },
        });
        await chmod(whole.folder, 0o700);

        const report = await source.report();
        const found = new Map(report.runs?.map((one) => [one.order.id, one]));
        assert.deepEqual([...found.keys()].sort(), [whole, links, pipes, noisy].map(({ order }) => order.id).sort());
        assert.deepEqual(report.problems, ['5 runs cannot be read']);
        for (const { order } of [links, pipes]) {
          const { lines, logs, settledLines, lineCount } = found.get(order.id)!;
          assert.deepEqual([lines, logs, settledLines, lineCount], [[], [], 0, 0]);
        }
        const { lines, lineCount, logs, settledLines, alive, claudeAlive } = found.get(noisy.order.id)!;
        assert.deepEqual(lines, [{ at: 5000, step: 'run', state: 'started' }]);
        assert.deepEqual([lineCount, settledLines, alive, claudeAlive], [20_004, 0, false, false]);
        assert.deepEqual(logs.map((log) => log.result), [{ isError: true }, undefined]);
        assert.ok(!host.said.includes('hush'));
        assert.ok(!(await readdir(dirname(whole.folder))).includes('hacked'));
        assert.equal((await source.report()).runs, report.runs);
        await assert.rejects(readRun(host, other.split('/').at(-1)!), /cannot be read/);
        await assert.rejects(readRun(host, '../x'), /is no run/);
      }); // prettier-ignore

      it('come in several answers where they are large', async () => {
        const padding = 'x'.repeat(8000);
        await Promise.all(
          Array.from({ length: 70 }, () =>
            writeRun(home, {
              order: { flags: Array.from({ length: 9 }, () => padding) },
              files: { 'run.jsonl': `${lineText('run started')}${`${padding}\n`.repeat(9)}` },
            }),
          ),
        );
        const { calls } = host;
        const found = await runs();
        assert.deepEqual([found.length, host.calls - calls], [70, 2]);
        assert.deepEqual([await runs(), host.calls - calls], [found, 3]);
      });

      it('are the newest 200', async () => {
        const numbers = Array.from({ length: 205 }, (_, n) => n);
        const all = await Promise.all(numbers.map((createdAt) => writeRun(home, { order: { createdAt } })));
        // They count as new by what happened to them last.
        for (const { folder } of all.slice(0, 5))
          await output(['touch', '-d', '2001-01-01', join(folder, 'run.json')]);
        const report = await source.report();
        assert.deepEqual(report.runs?.map(({ order }) => order.createdAt), Array.from({ length: 200 }, (_, n) => 204 - n));
        assert.deepEqual(report.problems, ['only the newest 200 runs are listed']);
        assert.equal((await source.report()).runs, report.runs);
        await writeFile(join(all[2]!.folder, 'run.jsonl'), lineText('run started'));
        const again = await runs();
        assert.deepEqual([again.length, again.at(-1)?.order.createdAt], [200, 2]);
      }); // prettier-ignore
    });

  it('come over ssh in one round trip, and few bytes while nothing changes', async () => {
    const folder = await bed.folder('over');
    const ssh = await bed.add(startSsh(folder, { devserver: {} }));
    const { home, proxy } = ssh.hosts.devserver;
    const settings = { ...settingsSchema.parse({}).local, ssh: 'devserver' };
    const host = new SshHost({ name: 'devserver', settings, log: silentLog, configFile: ssh.configFile });
    await bed.add({ dispose: () => host.dispose() });
    const written = await Promise.all(
      Array.from({ length: 200 }, (_, createdAt) =>
        writeRun(home, {
          order: { createdAt },
          files: {
            'run.jsonl': lineText('run started', ['run complete', { commit: 'abcdef1' }]),
            'analysis.jsonl': `${init}${result({})}`,
          },
        }),
      ),
    );
    const source = new ClaudeSource(host, { log: silentLog });
    await host.script(':', []); // Connects.
    const { counts } = proxy;
    const look = async () => {
      const { roundTrips, received, sent } = counts;
      const { runs } = await source.report();
      return {
        runs,
        trips: counts.roundTrips - roundTrips,
        received: counts.received - received,
        sent: counts.sent - sent,
      };
    };
    const first = await look();
    assert.equal(first.runs?.length, 200);
    const second = await look();
    assert.equal(second.runs, first.runs);
    // A machine that is busy sends an answer in pieces, which then count as several.
    assert.equal(Math.min(second.trips, (await look()).trips, (await look()).trips), 1);
    assert.ok(second.received < 4000, `${second.received} bytes`);
    const { order, folder: changed } = written[100]!;
    await appendFile(join(changed, 'run.jsonl'), lineText('run started'));
    const third = await look();
    assert.ok(third.trips <= 2, `${third.trips} round trips`);
    assert.ok(third.received < 6000, `${third.received} bytes`);
    assert.equal(third.runs?.find((run) => run.order.id === order.id)?.lineCount, 3);
    assert.equal((await readRun(host, order.id))?.lineCount, 3);
  });
});
