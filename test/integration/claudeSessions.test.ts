import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalHost } from '../../src/hosts/local';
import { liveness, sessionState } from '../../src/model/session/liveness';
import type { Liveness } from '../../src/model/session/liveness';
import { settingsSchema } from '../../src/model/settings';
import { findClaude } from '../../src/sources/claude/launch/findClaude';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { launchArgv } from '../../src/sources/claude/launch/launch';
import { locateTranscript, trustState } from '../../src/sources/claude/launch/preflight';
import { startBlocker } from '../../src/sources/claude/launch/startBlocker';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { installClaude, makeClaudeAccount, printTurn, startTui, transcriptOf } from '../bed/claude';
import type { ClaudeAccount, Tui } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { findProgram } from '../bed/prepare';
import { makeTmux } from '../bed/tmux';
import type { Tmux } from '../bed/tmux';
import { until } from '../bed/until';
import { openPty } from './pty';

describe('sessions of the real claude', () => {
  const bed = new Bed();
  let account: ClaudeAccount;
  let stub: ModelStub;
  let tmux: Tmux;
  let host: LocalHost;
  let source: ClaudeSource;
  let project: string;
  let hostEnv: NodeJS.ProcessEnv;

  before(async () => {
    const folder = await bed.folder('sessions');
    project = join(folder, "it's a project");
    await mkdir(project);
    stub = await bed.add(startModelStub());
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [project] });
    await installClaude(account, join(account.home, '.local/bin'));
    await writeFile(join(account.home, '.profile'), 'echo "Welcome!"\nPATH="$HOME/.local/bin:$PATH"\n');
    tmux = await bed.add(makeTmux(join(folder, 't'), account.env));
    hostEnv = { ...account.env, TMUX_TMPDIR: tmux.folder, SHELL: '/bin/sh' };
    host = new LocalHost({
      name: 'here',
      settings: settingsSchema.parse({}).local,
      log: silentLog,
      env: hostEnv,
    });
    await bed.add({ dispose: () => host.dispose() });
    source = new ClaudeSource(host, { log: silentLog });
  });
  after(() => bed.dispose());

  /** As if the transcript had been quiet for an hour. */
  async function quieten(sessionId: string): Promise<void> {
    const hourAgo = Date.now() / 1000 - 3600;
    await utimes((await transcriptOf(account, sessionId)) ?? '', hourAgo, hourAgo);
  }

  async function look(sessionId: string): Promise<{ alive: Liveness; state: string; waitingFor?: string }> {
    const report = await source.report();
    return { alive: liveness({ sessionId, report, now: Date.now() }), ...sessionState(sessionId, report) };
  }

  function tui(name: string, args: string[], socket = 'users-own'): Promise<Tui> {
    return startTui(account, tmux, { name, cwd: project, args, socket });
  }

  it('finds one that -p has left, and knows what it was', async () => {
    const sessionId = randomUUID();
    stub.say({ text: 'Here it is.', usage: { input_tokens: 120_000 } });
    await printTurn(account, { sessionId, cwd: project, prompt: 'Describe the task' });
    await quieten(sessionId);
    const report = await source.report();
    const [transcript] = report.transcripts.filter(({ id }) => id === sessionId);
    assert.ok(transcript);
    assert.deepEqual(
      [transcript.hasConversation, transcript.directories, transcript.title, transcript.entrypoint],
      [true, [project], 'Describe the task', 'sdk-cli'],
    );
    assert.equal(transcript.context?.windowTokens, 1_000_000);
    assert.ok((transcript.context?.usedTokens ?? 0) >= 120_000);
    assert.equal(report.configDir, join(account.home, '.claude'));
    assert.deepEqual(await look(sessionId), { alive: { kind: 'dead' }, state: 'ended' });
    const located = await locateTranscript(host, sessionId.toUpperCase());
    assert.deepEqual(
      located.map(({ path, hasConversation }) => [path, hasConversation]),
      [[await transcriptOf(account, sessionId), true]],
    );
  });

  it("finds one in the user's own tmux, idle, waiting and busy, and attaches to that very pane", async () => {
    const sessionId = randomUUID();
    const terminal = await tui('work', ['--session-id', sessionId, '--permission-mode', 'manual']);
    const entry = await terminal.reaches('idle');
    const idle = await look(sessionId);
    assert.ok(idle.alive.kind === 'attach');
    assert.equal(idle.state, 'idle');
    assert.equal(idle.alive.process?.pid, entry.pid);
    assert.equal(idle.alive.pane.sessionName, 'work');
    assert.ok(idle.alive.pane.socket.endsWith('/users-own'));

    stub.say({ tools: [{ name: 'Write', input: { file_path: join(project, 'x.md'), content: 'x' } }] });
    await terminal.type('Write x.md');
    await terminal.reaches('waiting');
    const waiting = await look(sessionId);
    assert.deepEqual(
      [waiting.alive.kind, waiting.state, waiting.waitingFor],
      ['attach', 'waiting', 'permission prompt'],
    );

    stub.say({ hang: true });
    const asked = stub.requests.length;
    // A dialog that has just come up does not hear the first key.
    const confirm = async (): Promise<boolean> => {
      await tmux.run(['send-keys', '-t', '=work:', 'Enter'], { socket: 'users-own' });
      return (await look(sessionId)).state === 'working';
    };
    await until(confirm, { what: 'the session works', intervalMs: 200 });
    // Else the next test would get the answer that hangs.
    await until(() => stub.requests.length > asked, { what: 'the model is asked' });

    process.kill(entry.pid, 'SIGKILL');
    await until(async () => (await look(sessionId)).alive.kind !== 'attach', {
      what: 'the session is killed',
    });
    assert.deepEqual((await look(sessionId)).state, 'unknown'); // Its transcript was written just now.
    await quieten(sessionId);
    assert.deepEqual(await look(sessionId), { alive: { kind: 'dead' }, state: 'ended' });
    assert.deepEqual(
      (await source.report()).stale.map(({ pid, why }) => [pid, why]),
      [[entry.pid, 'gone']],
    );
  });

  it('follows /clear to the new session and lets the old one go', async () => {
    const first = randomUUID();
    const terminal = await tui('clear', ['--session-id', first]);
    await terminal.reaches('idle');
    await terminal.type('Hello');
    await until(() => transcriptOf(account, first), { what: 'a transcript' });
    await terminal.reaches('idle');
    await terminal.type('/clear');
    const now = await until(
      async () =>
        (await source.report()).live.find(
          ({ pane, sessionId }) => pane?.sessionName === 'clear' && sessionId !== first,
        ),
      { what: 'another session in that pane' },
    );
    // Claude may put a last line to the old transcript after it has named the new session.
    const letGo = async (): Promise<boolean> => {
      await quieten(first);
      return (await look(first)).alive.kind === 'dead';
    };
    await until(letGo, { what: 'the old session is let go' });
    assert.equal((await look(now.sessionId)).alive.kind, 'attach');
  });

  it('finds a busy run without a screen, and one in a terminal that is nobody else’s', async () => {
    const run = randomUUID();
    stub.say({ hang: true });
    const child = openPty([join(account.home, '.local/bin/claude'), '-p', '--session-id', run, 'Work'], {
      env: hostEnv,
    });
    await bed.add(child);
    const detached = await until(
      async () => {
        const seen = await look(run);
        return seen.state === 'working' && seen.alive.kind === 'detached' && seen.alive;
      },
      { what: 'a run at work' },
    );
    assert.equal(detached.process.entrypoint, 'sdk-cli');

    const screen = randomUUID();
    const loose = openPty(['sh', '-c', 'cd "$1" && exec claude --session-id "$2"', 'sh', project, screen], {
      env: { ...hostEnv, PATH: `${join(account.home, '.local/bin')}:${hostEnv['PATH']}` },
      columns: 120,
      rows: 40,
    });
    await bed.add(loose);
    const elsewhere = await until(
      async () => {
        const { alive } = await look(screen);
        return alive.kind === 'elsewhere' && alive;
      },
      { what: 'a session in a terminal' },
    );
    assert.equal(elsewhere.host, 'here');
    assert.equal(elsewhere.process.directory, project);
    assert.ok(Math.abs((elsewhere.process.startedAt ?? 0) - Date.now()) < 600_000);
  });

  it('sees a fork by the first line that it shares', async () => {
    const [parent, child] = [randomUUID(), randomUUID()];
    await printTurn(account, { sessionId: parent, cwd: project, prompt: 'First' });
    const argv = launchArgv({ kind: 'fork', sessionId: parent, newId: child });
    const { code, stderr } = await host.run([...argv, '-p', 'Second'], { cwd: project });
    assert.equal(code, 0, stderr);
    const { transcripts } = await source.report();
    const firstOf = (id: string) => transcripts.find((one) => one.id === id)?.firstUuid;
    assert.ok(firstOf(parent));
    assert.equal(firstOf(child), firstOf(parent));
  });

  describe('starting it', () => {
    for (const shell of ['sh', 'bash', 'zsh', 'fish', 'tcsh']) {
      const path = findProgram(shell);
      // Those that the machine happens to have; sh and fish always.
      if (!path && shell !== 'fish') continue;
      it(`works through ${shell} as the login shell`, async () => {
        assert.ok(path, `${shell} is missing`);
        const home = join(account.home, `of ${shell}`);
        await mkdir(join(home, '.config/fish'), { recursive: true });
        const set = `${account.home}/.local/bin`;
        await writeFile(join(home, '.profile'), `echo noise; export PATH="${set}:$PATH"\n`);
        await writeFile(join(home, '.zprofile'), `echo noise; export PATH="${set}:$PATH"\n`);
        await writeFile(join(home, '.config/fish/config.fish'), `echo noise; set -gx PATH "${set}" $PATH\n`);
        await writeFile(join(home, '.login'), `echo noise; setenv PATH "${set}:$PATH"\n`);
        const there = new LocalHost({
          name: 'there',
          settings: settingsSchema.parse({}).local,
          log: silentLog,
          env: { PATH: '/usr/bin:/bin', HOME: home, SHELL: path },
        });
        try {
          const found = await findClaude(there);
          assert.ok(found.kind === 'found', JSON.stringify(found));
          assert.equal(found.path, join(set, 'claude'));
          const show = join(account.home, 'show');
          await writeFile(show, '#!/bin/sh\nprintf "[%s]" "$@"\n');
          await chmod(show, 0o755);
          const newId = randomUUID();
          const hostile = `it's "$HOME" \`x\` !! \\ * ~ ; #{x}\né`;
          const argv = launchArgv(
            { kind: 'new', newId, prompt: hostile },
            { claudePath: show, flags: { addDir: ['/a b', "/c'd"], permissionMode: 'plan' } },
          );
          const { stdout } = await there.run(argv);
          assert.ok(
            stdout
              .toString()
              .endsWith(
                `[--session-id][${newId}][--permission-mode=plan][--add-dir=/a b][--add-dir=/c'd][--][${hostile}]`,
              ),
            stdout.toString(),
          );
        } finally {
          there.dispose();
        }
      });
    }

    it('says which blocker stands in the way', async () => {
      const untrusted = join(project, '../untrusted');
      await mkdir(untrusted);
      assert.equal(await trustState(host, project), 'trusted');
      assert.equal(await trustState(host, untrusted), 'untrusted');
      const screenOf = async (cwd: string, name: string, args: string[]) => {
        await startTui(account, tmux, { name, cwd, args });
        await tmux.run(['set-option', '-w', '-t', `=${name}:`, 'remain-on-exit', 'on']);
        return until(
          async () => {
            const { stdout } = await tmux.run(['list-panes', '-t', `=${name}:`, '-F', '#{pane_dead_status}']);
            return startBlocker(await tmux.screen(name), stdout.trim() === '' ? undefined : Number(stdout));
          },
          { what: 'a blocker' },
        );
      };
      const dialog = await screenOf(untrusted, 'trust', []);
      assert.equal(dialog.kind, 'trustDialog');
      const added = await screenOf(project, 'added', [`--add-dir=${untrusted}`]);
      assert.equal(added.kind, 'directoryDialog');
    });

    it('attaches to a start that a dialog holds up', async () => {
      const sessionId = randomUUID();
      await startTui(account, tmux, {
        name: 'held',
        cwd: join(project, '../untrusted'),
        args: ['--session-id', sessionId],
      });
      await until(async () => (await tmux.screen('held')).includes('Quick safety check'), {
        what: 'the dialog',
      });
      const { alive } = await look(sessionId);
      assert.ok(alive.kind === 'attach');
      assert.deepEqual([alive.pane.sessionName, alive.process], ['held', undefined]);
    });

    it('tells an unknown session by the last words and the status', async () => {
      const argv = launchArgv({ kind: 'resume', sessionId: randomUUID() });
      const { code, stdout, stderr } = await host.run([...argv, '-p', 'x'], { cwd: project });
      assert.equal(startBlocker(stdout.toString() + stderr, code)?.kind, 'noConversation');
      const missing = await host.run(
        launchArgv({ kind: 'new', newId: randomUUID() }, { claudePath: 'claude-of-nobody' }),
      );
      assert.equal(startBlocker(missing.stderr, missing.code)?.kind, 'notFound');
    });
  });
});
