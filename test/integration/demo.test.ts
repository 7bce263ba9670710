import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { output, run } from '../bed/command';
import { startDemo, type Demo } from '../demo/environment';

const checkout = resolve(__dirname, '../..');
const node = process.env['TASK_SESSIONS_TEST_NODE'] ?? process.execPath;

interface Listed {
  key: string;
  phase: string;
  docs: unknown[];
  sessions: {
    id: string;
    host: string;
    state: string;
    evidence: string;
    lastActivity?: string;
    context?: { usedPercent: number };
  }[];
}

describe('demo', () => {
  it('prints the tasks in the terminal, exits and leaves nothing behind', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'ts-demo-test-'));
    try {
      const { code, stdout, stderr } = await run(
        [process.execPath, '--import=tsx', 'test/demo/index.ts', '--cli'],
        { cwd: checkout, env: { ...process.env, TMPDIR: temporary }, input: '', timeoutMs: 170_000 },
      );
      assert.equal(code, 0, stderr);
      for (const group of [/^Awaiting review {2}4$/m, /^Analyzing {2}2$/m, /^Backlog {2}5$/m])
        assert.match(stdout, group, stderr);
      assert.match(stdout, /^ {2}PAY-456 .* 2 sessions · 5\/5 docs .* Refunds charge twice/m);
      assert.match(stdout, /devserver · idle · 38 % · 3 h {2}5f1d9b2e {2}Analysis$/m);
      assert.match(stdout, /devserver · waiting \(permission prompt\) .* 84f0a6d3/);
      assert.match(stdout, /fork of 3c4d5e6f$/m);
      assert.match(stderr, /buildbox refused the connection/);
      const left = (await readdir(temporary)).filter((name) => !name.startsWith('tsx-'));
      assert.deepEqual(left, []);
    } finally {
      await rm(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  });

  describe('world', () => {
    let demo: Demo;
    before(async () => {
      demo = await startDemo({ sessions: 'generated' });
    });
    after(() => demo.dispose());

    const tasks = async (): Promise<Listed[]> => {
      const argv = [node, join(checkout, 'dist/cli.js'), 'tasks', '--json', '--config', demo.settingsFile];
      const answer = JSON.parse(await output(argv, { cwd: demo.workspace, env: demo.env })) as {
        tasks: Listed[];
      };
      return answer.tasks;
    };

    it('has tasks in all phases, and sessions in what states they may have without claude', async () => {
      const listed = await tasks();
      assert.equal(listed.length, 20);
      assert.equal(new Set(listed.map(({ phase }) => phase)).size, 7);
      const state = (key: string): string[] =>
        (listed.find((task) => task.key === key)?.sessions ?? []).map(
          (session) => `${session.host} ${session.state} ${session.evidence}`,
        );
      assert.deepEqual(state('PAY-456'), ['laptop ended ledger', 'devserver ended record']);
      assert.deepEqual(state('PAY-490'), ['laptop ended candidate']);
      assert.deepEqual(state('PAY-433'), ['devserver missing record']);
      assert.deepEqual(state('PORTAL-109'), ['buildbox unknown record']);
    });

    it('has sessions that nobody has published: one to link, one that expires, one of a nightly run', async () => {
      const argv = [node, join(checkout, 'dist/cli.js'), 'sessions', '--json', '--config', demo.settingsFile];
      const { sessions } = JSON.parse(await output(argv, { cwd: demo.workspace, env: demo.env })) as {
        sessions: (Listed['sessions'][number] & {
          key?: string;
          expiresAt?: string;
          traces?: { path: string }[];
        })[];
      };
      const bySlot = (slot: string) =>
        sessions.find(({ id }) => id === demo.sessions.find((one) => one.slot === slot)?.id);
      assert.equal(bySlot('other/unlinked')?.key, undefined);
      assert.equal(bySlot('other/unlinked')?.host, 'devserver');
      const expiring = bySlot('other/expiring');
      assert.equal(expiring?.key, 'PAY-472');
      const days = (Date.parse(expiring?.expiresAt ?? '') - Date.now()) / 86_400_000;
      assert.ok(days > 2 && days < 3, `it expires in ${days} days`);
      assert.match(bySlot('other/run')?.traces?.[0]?.path ?? '', /runs\/nightly-links\.jsonl$/);
    });

    it('has an analysis that ended and one that failed, and Jira knows of both', async () => {
      const argv = [node, join(checkout, 'dist/cli.js'), 'tasks', '--json', '--config', demo.settingsFile];
      const { tasks: listed } = JSON.parse(await output(argv, { cwd: demo.workspace, env: demo.env })) as {
        tasks: { key: string; runs?: { state: { kind: string }; host: string; settled: boolean }[] }[];
      };
      const runs = (key: string) =>
        listed
          .find((task) => task.key === key)
          ?.runs?.map(({ state, host, settled }) => `${state.kind} on ${host}${settled ? ', settled' : ''}`);
      assert.deepEqual(runs('PAY-456'), ['complete on devserver, settled']);
      assert.deepEqual(runs('PAY-485'), ['failed on devserver, settled']);
      const settle = [node, join(checkout, 'dist/cli.js'), 'settle', '--config', demo.settingsFile];
      assert.equal(await output(settle, { cwd: demo.workspace, env: demo.env }), '');
      assert.deepEqual(demo.receiver.taken, []);
    });

    it('is as full and as old as it says', async () => {
      const listed = await tasks();
      const contexts = listed.flatMap(({ sessions }) =>
        sessions.flatMap(({ context }) => context?.usedPercent ?? []),
      );
      assert.equal(contexts.length, 19);
      assert.ok(contexts.includes(84) && contexts.every((percent) => percent >= 8 && percent <= 84));
      const hour = 3_600_000;
      const [oldest] = demo.sessions.filter(({ slot }) => slot === 'PAY-441/analysis');
      const shown = listed.flatMap(({ sessions }) => sessions).find(({ id }) => id === oldest?.id);
      assert.ok(Math.abs(Date.parse(shown?.lastActivity ?? '') - (Date.now() - 255 * hour)) < hour);
    });

    it('keeps the clone clean, on main, with branches in every relation to their remotes', async () => {
      const git = (...args: string[]): Promise<string> =>
        output(['git', ...args], { cwd: demo.workspace, env: demo.env });
      assert.equal(await git('status', '--porcelain', '--branch'), '## main...origin/main\n');
      const tracks = await git('for-each-ref', '--format=%(refname:short) %(upstream:track)', 'refs/heads');
      const lines = tracks.split('\n').map((line) => line.trim());
      assert.deepEqual(lines.filter(Boolean), [
        'main',
        'task/PAY-461-analysis [behind 1]',
        'task/PAY-478-analysis [ahead 2]',
        'task/PAY-490-analysis',
        'task/PORTAL-128-analysis',
      ]);
      assert.equal((await git('branch', '--remotes')).trim().split('\n').length, 16);
    });

    it('is nobody else’s: what it says of homes lies in its own folder', () => {
      for (const [name, value] of Object.entries(demo.env))
        if (/^(HOME|XDG_|TMPDIR|TMUX_)/.test(name)) assert.ok(value.startsWith(`${demo.folder}/`), name);
      assert.ok(!Object.keys(demo.env).some((name) => /^(ANTHROPIC_|CLAUDE|SSH_)/.test(name)));
      assert.ok(existsSync(join(demo.env['HOME']!, '.claude.json')));
    });
  });
});
