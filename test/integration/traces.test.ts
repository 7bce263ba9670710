import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionTrace } from '../../src/model/session/transcript';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { output } from '../bed/command';
import { loggingHost } from '../unit/claude/loggingHost';
import type { LoggingHost } from '../unit/claude/loggingHost';
import { hostShells } from './hostShells';

const init = (session_id: string, cwd = '/srv'): string =>
  `${JSON.stringify({ type: 'system', subtype: 'init', cwd, session_id, tools: [] })}\n`;
const result = (session_id: string, text: string): string =>
  `${JSON.stringify({ session_id, is_error: false, result: text, type: 'result', subtype: 'success' })}\n`;
const prompt = (sessionId: string, display: string): string =>
  `${JSON.stringify({ display, pastedContents: {}, timestamp: 1_700_000_000_000, project: '/srv', sessionId })}\n`;

describe('traces of sessions', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  for (const { name, shell, tools } of hostShells)
    describe(`in ${name}`, () => {
      let home: string;
      let logs: string;
      let host: LoggingHost;
      let source: ClaudeSource;
      const traces = async (): Promise<readonly SessionTrace[]> => (await source.report()).traces ?? [];
      /** What the next report costs: questions, and the bytes that answer ours. */
      const cost = async (): Promise<{ calls: number; bytes: number }> => {
        const { calls, traceBytes } = host;
        await source.report();
        return { calls: host.calls - calls, bytes: host.traceBytes - traceBytes };
      };

      beforeEach(async () => {
        const folder = await bed.folder('traces');
        home = join(folder, "it's [home] $HOME");
        logs = join(home, 'my logs');
        await mkdir(join(home, '.claude/jobs/aa'), { recursive: true });
        await mkdir(join(logs, 'deep'), { recursive: true });
        const path = process.env['PATH'];
        const PATH = tools ? `${await tools(join(folder, 'tools'))}:${path}` : path;
        const env = { PATH, HOME: home, TMUX_TMPDIR: folder };
        host = loggingHost(
          env,
          ['~/my logs/*.jsonl', '~/my logs/it*', `~/my logs/d??p/[r]*.log`, '~/$(touch x)/`touch y`', '-x'],
          shell,
        );
        source = new ClaudeSource(host, { log: silentLog });
      });

      it('reads logs by globs, and neither links, pipes nor what hides in a name', async () => {
        const [one, two] = [randomUUID(), randomUUID()];
        await writeFile(join(logs, "it's $1 \\ `x`.jsonl"), `noise\n${init(one)}${result(one, 'Done.')}`);
        await writeFile(join(logs, 'deep/run.log'), init(two, '/there'));
        await writeFile(join(logs, 'deep/other.log'), init(randomUUID()));
        await writeFile(join(logs, 'new\nline.jsonl'), init(randomUUID()));
        await writeFile(join(logs, 'empty.jsonl'), '');
        await writeFile(join(home, 'outside.jsonl'), init(randomUUID()));
        await symlink(join(home, 'outside.jsonl'), join(logs, 'link.jsonl'));
        await output(['mkfifo', join(logs, 'pipe.jsonl')]);
        await mkdir(join(logs, 'folder.jsonl'));
        const found = await traces();
        assert.deepEqual(
          found
            .map(({ at, ...trace }) => ({ ...trace, recent: Math.abs((at ?? 0) - Date.now()) < 600_000 }))
            .sort(byId(one)),
          [
            {
              sessionId: one,
              source: 'log',
              path: join(logs, "it's $1 \\ `x`.jsonl"),
              directory: '/srv',
              outcome: { failed: false, text: 'Done.' },
              recent: true,
            },
            {
              sessionId: two,
              source: 'log',
              path: join(logs, 'deep/run.log'),
              directory: '/there',
              recent: true,
            },
          ],
        );
        assert.deepEqual((await readdir(home)).sort(), ['.claude', 'my logs', 'outside.jsonl']);
      });

      it('costs nothing while nothing changes, and little where something does', async () => {
        const many = await Promise.all(
          Array.from({ length: 60 }, async (_, i) => {
            const id = randomUUID();
            const file = join(logs, `${id}.jsonl`);
            await writeFile(file, init(id) + `{"x":"${'y'.repeat(1000 * i)}"}\n` + result(id, `Answer ${i}`));
            await utimes(file, 1_700_000_000 + i, 1_700_000_000 + i);
            return { id, file };
          }),
        );
        const history = join(home, '.claude/history.jsonl');
        await writeFile(history, prompt(many[0]!.id, 'First'));
        const first = await traces();
        assert.equal(first.length, 61);
        assert.ok(
          first.every(({ source, outcome }) => source === 'history' || outcome?.text?.startsWith('Answer')),
        );
        // The digest is all.
        const quiet = await cost();
        assert.ok(quiet.calls === 1 && quiet.bytes > 40 && quiet.bytes < 200, JSON.stringify(quiet));
        assert.equal(await traces(), await traces());

        // One grows: only it is read, in the same round trip.
        const { id, file } = many[3]!;
        await appendFile(file, init(id) + result(id, 'Another'));
        const grown = await cost();
        assert.ok(grown.calls === 1 && grown.bytes < 30_000, JSON.stringify(grown));
        assert.equal((await traces()).find(({ sessionId }) => sessionId === id)?.outcome?.text, 'Another');

        // Of the history only what is new, even where it is large.
        await appendFile(history, prompt(id, 'z'.repeat(50_000)).repeat(9));
        await source.report();
        await appendFile(history, prompt(id, 'Second') + prompt(id, '/exit') + '{"display":"half');
        const prompted = await cost();
        assert.ok(prompted.calls === 1 && prompted.bytes < 10_000, JSON.stringify(prompted));
        const titles = async (): Promise<unknown[]> =>
          (await traces()).filter((trace) => trace.source === 'history').map(({ title }) => title);
        assert.deepEqual(await titles(), ['Second', 'First']);
        await appendFile(history, ' a line"}\n' + prompt(id, 'Third'));
        assert.deepEqual(await titles(), ['Third', 'First']);
        // Begun anew.
        await rm(history);
        await writeFile(history, prompt(id, 'Fourth'));
        assert.deepEqual(await titles(), ['Fourth']);
        await rm(history);
        assert.deepEqual(await titles(), []);

        // One goes away, one comes from a backup.
        await rm(many[7]!.file);
        assert.equal((await traces()).length, 59);
        const old = join(logs, 'restored.jsonl');
        await writeFile(old, init(randomUUID()));
        await utimes(old, 1_600_000_000, 1_600_000_000);
        assert.equal((await traces()).length, 60);
        assert.deepEqual((await cost()).calls, 1);
      });

      it('asks again for what it did not get', async () => {
        const ids = await Promise.all(
          Array.from({ length: 20 }, async (_, i) => {
            const id = randomUUID();
            await writeFile(join(logs, `${i}.jsonl`), init(id));
            return id;
          }),
        );
        const { script } = host;
        host.script = (body, args, options) =>
          body.includes('number=0') ? Promise.reject(new Error('lost')) : script(body, args, options);
        await assert.rejects(source.report(), /lost/);
        host.script = script;
        assert.deepEqual((await traces()).map(({ sessionId }) => sessionId).sort(), ids.sort());
      });

      it('takes no secret of a job from the host', async () => {
        const sessionId = randomUUID();
        const state = {
          state: 'failed',
          providerEnv: { TOKEN: 'hush-1', name2: 'hush-2' },
          respawnFlags: ['--settings', '{"name": "hush-3"}'],
          intent: 'Say "name": "x" \\ it',
          name: 'Nightly "check" \\',
          sessionId,
          cwd: '/srv/a b',
          updatedAt: '2026-11-21T06:40:04.169Z',
        };
        const file = join(home, '.claude/jobs/aa/state.json');
        await writeFile(file, JSON.stringify(state, null, 2));
        const found = await traces();
        assert.deepEqual(found, [
          {
            sessionId,
            source: 'job',
            path: file,
            directory: '/srv/a b',
            title: 'Nightly "check" \\',
            at: Date.parse(state.updatedAt),
            outcome: { failed: true, text: 'failed' },
          },
        ]);
        assert.ok(host.said.includes(sessionId));
        assert.equal(/hush/.test(host.said), false);
      });

      it('knows the newest logs where there are too many', async () => {
        const folder = join(logs, 'deep');
        const ids = await Promise.all(
          Array.from({ length: 520 }, async (_, i) => {
            const id = randomUUID();
            await writeFile(join(folder, `r${i}.log`), init(id));
            // Ten a second: order among them must be the same on both sides.
            await utimes(join(folder, `r${i}.log`), 1_700_000_000 + Math.floor(i / 10), 1_700_000_000);
            return id;
          }),
        );
        for (const [i] of ids.entries()) {
          const seconds = 1_700_000_000 + Math.floor(i / 10);
          await utimes(join(folder, `r${i}.log`), seconds, seconds);
        }
        const report = await source.report();
        assert.equal(report.traces?.length, 500);
        assert.deepEqual(report.problems, ['only the newest 500 logs of runs are read']);
        const known = new Set(report.traces.map(({ sessionId }) => sessionId));
        assert.deepEqual(
          ids.filter((id) => !known.has(id)),
          ids.slice(0, 20),
        );
        assert.equal((await cost()).calls, 1);
        await appendFile(join(folder, 'r519.log'), 'x\n');
        assert.equal((await cost()).calls, 1);
      });

      it('knows every kept copy, and says where it knows only the newest jobs', async () => {
        const kept = join(home, '.local/state/task-sessions/kept/-srv');
        await mkdir(kept, { recursive: true });
        for (let i = 0; i < 510; i++) {
          await writeFile(join(kept, `${randomUUID()}.jsonl`), 'x');
          const job = join(home, `.claude/jobs/j${i}`);
          await mkdir(job);
          await writeFile(join(job, 'state.json'), JSON.stringify({ sessionId: randomUUID() }));
        }
        const report = await source.report();
        assert.deepEqual([report.kept?.length, report.traces?.length], [510, 500]);
        assert.deepEqual(report.problems, ['only the newest 500 background jobs are read']);
        assert.equal((await cost()).calls, 1);
        await writeFile(join(kept, `${randomUUID()}.jsonl`), 'x');
        assert.equal((await source.report()).kept?.length, 511);
      });
    });
});

const byId =
  (first: string) =>
  (a: { sessionId: string }): number =>
    a.sessionId === first ? -1 : 1;
