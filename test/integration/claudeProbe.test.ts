import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunOptions } from '../../src/hosts/host';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { probe } from '../../src/sources/claude/probe/probe';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { end } from '../bed/command';
import { makeTmux } from '../bed/tmux';
import type { Tmux } from '../bed/tmux';
import { answer, attachment, begin, jsonl, user } from '../unit/claude/lines';
import { shellHost } from '../unit/claude/shellHost';

/** Not constant: a process that a broken run left behind must not be taken for one of this. Sorted, for comparison. */
const ids: string[] = [1, 2, 3].map(() => randomUUID()).sort();

/** The tools of busybox alone, as on a small machine; tmux is the real one. */
const busybox = ['busybox', 'sh'];
const shells: { name: string; shell: string[]; tools: 'gnu' | 'busybox' }[] = [
  { name: 'sh', shell: ['/bin/sh'], tools: 'gnu' },
  { name: 'bash', shell: ['/bin/bash', '--posix'], tools: 'gnu' },
  { name: 'busybox', shell: busybox, tools: 'busybox' },
];

describe('the probe of an account', () => {
  const bed = new Bed();
  let folder: string;
  let home: string;
  let tmux: Tmux;
  let pid: number;
  let start: string;

  const environment = (tools: 'gnu' | 'busybox'): NodeJS.ProcessEnv => ({
    PATH: tools === 'gnu' ? process.env['PATH'] : `${join(folder, 'tools')}:${process.env['PATH']}`,
    HOME: home,
    TMUX_TMPDIR: tmux.folder,
  });

  before(async () => {
    folder = await bed.folder('probe');
    home = join(folder, "it's home");
    const base = join(home, '.claude');
    for (const path of ['sessions', 'projects/-srv-platform', `projects/-srv-platform/${ids[0]}`])
      await mkdir(join(base, path), { recursive: true });
    const tools = join(folder, 'tools');
    await mkdir(tools);
    await bedCommand(['busybox', '--install', '-s', tools]);
    await bedCommand([
      'sh',
      '-c',
      'ln -sf "$(command -v tmux)" "$1/tmux"; printf "#!/bin/false\\n" >"$1/perl"; chmod +x "$1/perl"',
      'sh',
      tools,
    ]);

    const sleeper = spawn('sleep', ['600'], { stdio: 'ignore' });
    await bed.add({ dispose: () => end(sleeper) });
    pid = sleeper.pid ?? 0;
    start = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19] ?? '';

    await writeFile(join(base, 'settings.json'), '{"env":{"API_KEY":"hush-1"},"cleanupPeriodDays" : 45}');
    await writeFile(join(base, `sessions/${pid}.hash.key`), 'hush-2');
    await writeFile(
      join(base, `sessions/${pid}.json`),
      JSON.stringify({
        pid,
        sessionId: ids[0],
        cwd: '/srv',
        startedAt: Date.now(),
        procStart: start,
        status: 'busy',
      }),
    );
    begin();
    const project = join(base, 'projects/-srv-platform');
    await writeFile(join(project, `${ids[0]}.jsonl`), jsonl(user('One'), attachment(100_000), answer(1000)));
    await writeFile(join(project, `${ids[0]}/custom-title.json`), '{"customTitle":"Renamed"}');
    await writeFile(join(project, `${ids[1]}.jsonl`), '');
    await writeFile(join(project, 'agent-1234.jsonl'), jsonl(user('A sub-agent of old')));
    await writeFile(join(project, 'notes.txt'), 'no transcript');

    tmux = await bed.add(makeTmux(join(folder, 't')));
    // One process: a shell that waits by itself.
    const command = ['sh', '-c', 'read line', ids[2] ?? ''];
    await tmux.run(['new-session', '-d', '-s', 'a b|c', '--', ...command], { socket: 'mine' });
    await tmux.run(['set-option', '-t', '=a b|c:', '@ts_session', ids[1] ?? ''], { socket: 'mine' });
  });
  after(() => bed.dispose());

  async function bedCommand(argv: string[]): Promise<void> {
    const [file = '', ...args] = argv;
    const [code] = (await once(spawn(file, args, { stdio: 'ignore' }), 'close')) as [number];
    assert.equal(code, 0, argv.join(' '));
  }

  async function tree(directory: string): Promise<string[]> {
    const names = await readdir(directory, { recursive: true });
    return Promise.all(
      names.sort().map(async (name) => {
        const { size, mtimeMs } = await stat(join(directory, name));
        return `${name} ${size} ${mtimeMs}`;
      }),
    );
  }

  for (const { name, shell, tools } of shells)
    for (const procDirectory of ['/proc', '/nonexistent']) {
      // busybox has no ps of the kind that macOS has, and no system is like that.
      if (tools === 'busybox' && procDirectory !== '/proc') continue;
      it(`works in ${name}, ${procDirectory === '/proc' ? 'with' : 'without'} a proc file system`, async () => {
        const host = shellHost(environment(tools), shell);
        const before = Date.now();
        const found = await probe(host, { limit: 100, procDirectory });
        // It tells whole seconds.
        assert.ok(found.clock > before - 2000 && found.clock < Date.now() + 2000);
        assert.equal(found.home, home);
        assert.equal(found.configDir, join(home, '.claude'));
        assert.equal(found.cleanupPeriodDays, 45);
        assert.match(found.tmuxVersion ?? '', /^\d/);
        assert.deepEqual(
          found.registry.map((file) => [file.pid, file.alive]),
          [[pid, procDirectory === '/proc' ? true : undefined]],
        );
        const process = found.processes.get(pid);
        assert.equal(process?.command, 'sleep');
        if (procDirectory === '/proc') {
          assert.deepEqual(process?.start, { ticks: start });
          assert.match(found.pidDomain ?? '', /^linux:[0-9a-f]*:pid:\[\d+\]$/);
        } else
          assert.ok(
            process?.start && 'at' in process.start && Math.abs(process.start.at - Date.now()) < 600_000,
          );

        const [pane, ...more] = found.panes;
        assert.equal(more.length, 0);
        assert.deepEqual([pane?.sessionName, pane?.sessionId], ['a b|c', ids[1]]);
        assert.deepEqual(
          found.naming
            .filter(({ sessionId }) => ids.includes(sessionId))
            .map(({ pid, sessionId }) => [pid, sessionId]),
          [[pane?.pid, ids[2]]],
        );
        assert.deepEqual(found.transcripts?.changed.map(({ path }) => path.split('/').at(-1)).sort(), [
          `${ids[0]}.jsonl`,
          `${ids[1]}.jsonl`,
        ]);
        assert.deepEqual(found.problems, []);
      });
    }

  it('takes a fork for the session that it writes, not for the one that it reads', async () => {
    const [original, copy] = [randomUUID(), randomUUID()];
    const words = ['--resume', original, '--fork-session', '--session-id', copy];
    const fork = spawn('sh', ['-c', 'echo up; read -r _', 'claude', ...words], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    try {
      await once(fork.stdout, 'data');
      const { naming } = await probe(shellHost(environment('gnu'), ['sh']), { limit: 100 });
      assert.deepEqual(
        naming.filter(({ pid }) => pid === fork.pid).map(({ sessionId }) => sessionId),
        [copy],
      );
    } finally {
      fork.kill();
    }
  });

  for (const { name, shell, tools } of shells)
    it(`reports twice in ${name}: the second time with one question and few bytes`, async () => {
      const host = shellHost(environment(tools), shell);
      const source = new ClaudeSource(host, { log: silentLog });
      const before = await tree(home);
      const report = await source.report();
      assert.deepEqual(
        report.transcripts
          .toSorted((a, b) => (a.id < b.id ? -1 : 1))
          .map(({ id, hasConversation, title, context }) => [
            id,
            hasConversation,
            title,
            context?.usedTokens,
          ]),
        [
          [ids[0], true, 'Renamed', 1000],
          [ids[1], false, undefined, undefined],
        ],
      );
      assert.equal(host.calls, tools === 'gnu' ? 1 : 2, 'without perl it is read by a further question');
      host.calls = host.bytes = 0;
      assert.deepEqual((await source.report()).transcripts, report.transcripts);
      assert.equal(host.calls, 1);
      assert.ok(host.bytes < 3000, `${host.bytes} bytes`);
      assert.deepEqual(await tree(home), before, 'something was written');
    });

  it('sees what grew and what went away', async () => {
    const host = shellHost(environment('gnu'));
    const source = new ClaudeSource(host, { log: silentLog });
    const file = join(home, `.claude/projects/-srv-platform/${ids[2]}.jsonl`);
    await writeFile(file, jsonl(user('Three')));
    assert.equal((await source.report()).transcripts.length, 3);
    await writeFile(file, jsonl(user('Three'), answer(77)));
    const grown = (await source.report()).transcripts.find(({ id }) => id === ids[2]);
    assert.equal(grown?.context?.usedTokens, 77);
    // Restored from a backup: another content, an old time.
    await writeFile(file, jsonl(user('Older')));
    await utimes(file, 1_600_000_000, 1_600_000_000);
    const restored = (await source.report()).transcripts.find(({ id }) => id === ids[2]);
    assert.deepEqual([restored?.title, restored?.modifiedAt], ['Older', 1_600_000_000_000]);
    await rm(file);
    assert.equal((await source.report()).transcripts.length, 2);
  });

  it('is of the time when it was asked, however long it reads', async () => {
    const host = shellHost(environment('gnu'));
    let asked = 0;
    const script: typeof host.script = (...given) => {
      asked = Date.now();
      return host.script(...given);
    };
    const { at } = await new ClaudeSource({ ...host, script }, { log: silentLog }).report();
    assert.ok(at <= asked, `${at - asked} ms later`);
  });

  it('tells nothing of what is secret', async () => {
    const host = shellHost(environment('gnu'));
    let all = '';
    await new ClaudeSource(
      {
        ...host,
        script: async (body, args, options = {}) => {
          const onStdout = (bytes: Buffer): void => {
            all += bytes.toString('latin1');
            options.onStdout?.(bytes);
          };
          const result = await host.script(body, args, { ...options, onStdout });
          all += result.stderr;
          return result;
        },
      },
      { log: silentLog },
    ).report();
    assert.ok(all.includes('cleanupPeriodDays'));
    assert.equal(/hush/.test(all), false);
  });

  it('tells of a living process whose registry file it cannot read, and of a registry that it cannot enter', async () => {
    const sessions = join(home, '.claude/sessions');
    const file = join(sessions, `${pid}.json`);
    const source = new ClaudeSource(shellHost(environment('gnu')), { log: silentLog });
    const text = await readFile(file, 'utf8');
    try {
      for (const half of [text.slice(0, 20), '']) {
        await writeFile(file, half);
        const { unread, live } = await source.report();
        assert.deepEqual([unread, live], [[pid], []]);
      }
      await rename(sessions, `${sessions}.away`);
      await writeFile(sessions, '');
      const closed = await source.report();
      assert.equal(closed.registryUnread, true);
      assert.deepEqual(closed.problems, [`${sessions} cannot be entered`]);
    } finally {
      await rm(sessions);
      await rename(`${sessions}.away`, sessions);
      await writeFile(file, text);
    }
  });

  it('does not wait for a stopped tmux server', async () => {
    const socket = 'stopped';
    await tmux.run(['new-session', '-d', '-s', 'x', '--', 'sleep', '600'], { socket });
    const { stdout } = await tmux.run(['display-message', '-p', '#{pid}'], { socket });
    process.kill(Number(stdout), 'SIGSTOP');
    try {
      const found = await probe(shellHost(environment('gnu')), { limit: 1 });
      assert.deepEqual(found.problems, [
        `tmux server ${tmux.folder}/tmux-${process.getuid?.()}/${socket} does not answer`,
      ]);
      assert.equal(found.panes.length, 1);
    } finally {
      process.kill(Number(stdout), 'SIGCONT');
      await tmux.run(['kill-server'], { socket });
    }
  });

  it('finds another configuration directory, and an account without any', async () => {
    const host = shellHost({ PATH: process.env['PATH'], HOME: folder, TMUX_TMPDIR: folder });
    const none = await new ClaudeSource(host, { log: silentLog }).report();
    assert.deepEqual([none.transcripts, none.live, none.problems], [[], [], []]);
    const given = await new ClaudeSource(host, { log: silentLog, configDir: "~/it's home/.claude" }).report();
    assert.equal(given.transcripts.length, 2);
    assert.equal(given.configDir, join(home, '.claude'));
  });

  it('does not believe half an answer', async () => {
    const host = shellHost(environment('gnu'));
    const half = {
      ...host,
      script: (body: string, args: readonly string[], options: RunOptions = {}) =>
        host.script(body, args, {
          ...options,
          onStdout: (bytes) => options.onStdout?.(bytes.subarray(0, -40)),
        }),
    };
    await assert.rejects(probe(half, { limit: 10 }), /half an answer/);
  });
});
