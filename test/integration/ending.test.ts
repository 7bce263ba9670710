import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ending, holderText } from '../../src/actions/session/ending';
import { TerminalActions } from '../../src/actions/terminals';
import { LocalHost } from '../../src/hosts/local';
import { TmuxTerminals } from '../../src/hosts/terminals/tmux';
import { settingsSchema } from '../../src/model/settings';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { endProcess } from '../../src/sources/claude/launch/endProcess';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { installClaude, liveEntries, makeClaudeAccount, runClaude, startTui } from '../bed/claude';
import type { ClaudeAccount, LiveEntry } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { claudeBinary } from '../bed/prepare';
import { makeTmux } from '../bed/tmux';
import type { Tmux } from '../bed/tmux';
import { until } from '../bed/until';
import { openPty } from './pty';

describe('ending a session of the real claude', () => {
  const bed = new Bed();
  let account: ClaudeAccount;
  let stub: ModelStub;
  let tmux: Tmux;
  let host: LocalHost;
  let project: string;
  let terminals: TmuxTerminals;
  let ending: Ending;

  before(async () => {
    const folder = await bed.folder('ending');
    project = join(folder, 'project');
    await mkdir(project);
    stub = await bed.add(startModelStub());
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [project] });
    await installClaude(account, join(account.home, '.local/bin'));
    await writeFile(join(account.home, '.profile'), 'PATH="$HOME/.local/bin:$PATH"\n');
    tmux = await bed.add(makeTmux(join(folder, 't'), account.env));
    const env = { ...account.env, TMUX_TMPDIR: tmux.folder, SHELL: '/bin/sh' };
    const settings = settingsSchema.parse({}).local;
    host = new LocalHost({ name: 'here', settings, log: silentLog, env });
    await bed.add({ dispose: () => host.dispose() });
    const source = new ClaudeSource(host, { log: silentLog });
    const reports = [{ name: 'here', local: true, names: ['here'], report: source.report.bind(source) }];
    terminals = new TmuxTerminals(host);
    const actions = new TerminalActions([host], () => Promise.resolve(terminals));
    ending = new Ending({ reports, terminals: actions });
  });
  after(() => bed.dispose());

  const lives = (sessionId: string): Promise<LiveEntry> =>
    until(async () => (await liveEntries(account)).find((one) => one.sessionId === sessionId && one.status), {
      what: `${sessionId} lives`,
    });
  const find = (sessionId: string) => ending.find({ id: sessionId, host: 'here' });
  const isDead = (pid: number): boolean => {
    try {
      return !process.kill(pid, 0);
    } catch {
      return true;
    }
  };

  /** Its parent may take a moment to notice that it has ended. */
  const gone = (pid: number): Promise<boolean> => until(() => isDead(pid), { what: `${pid} is gone` });

  it('ends our own terminal with it', async () => {
    const sessionId = randomUUID();
    const argv = ['env', ...environment(), claudeBinary(), '--session-id', sessionId];
    await terminals.create({ name: 'PAY-1', argv, directory: project, sessionId, key: 'PAY-1' });
    const { pid } = await lives(sessionId);
    const holder = await find(sessionId);
    assert.equal(holderText(holder), `terminal PAY-1 (process ${pid}) on here`);
    assert.equal(await ending.end(holder), `Ended terminal PAY-1 (process ${pid}) on here.`);
    await gone(pid);
    assert.deepEqual(await terminals.list(), []);
    await assert.rejects(find(sessionId), /^UserError: Nobody holds session/);
  });

  it('leaves the rest of a terminal standing into which somebody put more', async () => {
    const sessionId = randomUUID();
    const argv = ['env', ...environment(), claudeBinary(), '--session-id', sessionId];
    await terminals.create({ name: 'PAY-2', argv, directory: project, sessionId });
    await tmux.run(['new-window', '-d', '-t', '=PAY-2:', 'sleep 1000']);
    const { pid } = await lives(sessionId);
    const holder = await find(sessionId);
    assert.equal(holderText(holder), `process ${pid} in tmux session PAY-2 on here`);
    await ending.end(holder);
    await gone(pid);
    assert.deepEqual((await terminals.list()).map(({ name }) => name), ['PAY-2']); // prettier-ignore
    await terminals.kill('PAY-2');
  });

  it("ends it in the user's own tmux, and nothing else there", async () => {
    const sessionId = randomUUID();
    const socket = 'users-own';
    await tmux.run(['new-session', '-d', '-s', 'other', 'sleep 1000'], { socket });
    const args = ['--session-id', sessionId];
    const tui = await startTui(account, tmux, { name: 'work', cwd: project, args, socket });
    const { pid } = await tui.reaches('idle');
    const holder = await find(sessionId);
    assert.equal(await ending.end(holder), `Ended process ${pid} in tmux session work on here.`);
    await gone(pid);
    const { stdout } = await tmux.run(['list-sessions', '-F', '#{session_name}'], { socket });
    assert.equal(stdout.trim(), 'other');
    // What was found a while ago may be another's by now.
    await assert.rejects(
      ending.end(holder),
      /^UserError: Nothing was ended: process \d+ in tmux session work/,
    );
  });

  it('ends it in a terminal outside of tmux', async () => {
    const sessionId = randomUUID();
    const pty = await bed.add(
      openPty(
        ['sh', '-c', 'cd "$1" && exec "$2" --session-id "$3"', 'sh', project, claudeBinary(), sessionId],
        {
          env: account.env,
        },
      ),
    );
    const { pid } = await lives(sessionId);
    const holder = await find(sessionId);
    assert.equal(holderText(holder), `process ${pid} outside of tmux on here`);
    await ending.end(holder);
    assert.equal(await pty.exited, 143);
  });

  it('ends a detached run in the middle of its turn, which can be resumed', async () => {
    const sessionId = randomUUID();
    stub.say({ hang: true });
    const run = spawn(claudeBinary(), ['-p', '--session-id', sessionId, 'Analyze'], {
      cwd: project,
      env: account.env,
      stdio: 'ignore',
    });
    const exited = once(run, 'exit');
    await bed.add({ dispose: () => void run.kill('SIGKILL') });
    const { pid } = await lives(sessionId);
    assert.equal(pid, run.pid);
    const holder = await find(sessionId);
    assert.equal(await ending.end(holder), `Ended the detached run (process ${pid}) on here.`);
    assert.deepEqual(await exited, [143, null]);
    await assert.rejects(find(sessionId), /Nobody holds|What holds/);
  });

  it('has Claude stop a background session of its own', async () => {
    const started = await runClaude(account, ['--bg', 'Check the build'], { cwd: project });
    const short = /backgrounded · ([0-9a-f]{8})/.exec(started.stdout)?.[1] ?? '';
    assert.ok(short, started.stdout + started.stderr);
    try {
      const { pid, sessionId } = await until(
        async () => (await liveEntries(account)).find((one) => one.sessionId.startsWith(short)),
        { what: 'the background session lives' },
      );
      const holder = await find(sessionId);
      assert.equal(holderText(holder), `Claude's background session ${short} (process ${pid}) on here`);
      await ending.end(holder);
      await gone(pid);
    } finally {
      await runClaude(account, ['daemon', 'stop', '--any'], { cwd: project });
    }
  });

  describe('signals nobody', () => {
    let sleeper: number;
    let registered: string;
    const sessionId = randomUUID();

    before(async () => {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      await bed.add({ dispose: () => void child.kill('SIGKILL') });
      sleeper = child.pid!;
      registered = join(account.home, '.claude/sessions', `${sleeper}.json`);
    });

    const register = async (fields: object): Promise<void> =>
      writeFile(registered, JSON.stringify({ pid: sleeper, sessionId, startedAt: Date.now(), ...fields }));
    const ask = (id = sessionId, startedAt?: number) =>
      endProcess(host, join(account.home, '.claude'), {
        pid: sleeper,
        sessionId: id,
        ...(startedAt !== undefined && { startedAt }),
      });

    it('where the pid is another process by now', async () => {
      await register({ procStart: '1' });
      assert.equal(await ask(), 'changed');
    });
    it('where the process went on to another session', async () => {
      await register({ procStart: await ticks(sleeper), sessionId: randomUUID() });
      assert.equal(await ask(), 'changed');
    });
    it('where nothing tells when it started, or its age does not fit', async () => {
      await register({});
      assert.equal(await ask(), 'changed');
      assert.equal(await ask(sessionId, Date.now() - 3_600_000), 'changed');
    });
    it('where there is no registry file', async () => {
      assert.equal(await endProcess(host, '/nowhere', { pid: sleeper, sessionId }), 'changed');
    });
    afterEach(() => assert.ok(!isDead(sleeper)));
  });

  it('judges by the age of the process where no ticks are noted, and by ticks whatever the id looks like', async () => {
    for (const noted of ['age', 'ticks']) {
      const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
      await bed.add({ dispose: () => void child.kill('SIGKILL') });
      const exited = once(child, 'exit');
      const sessionId = randomUUID();
      const pid = child.pid!;
      const text = JSON.stringify(
        {
          pid,
          sessionId: sessionId.toUpperCase(),
          ...(noted === 'ticks' && { procStart: await ticks(pid) }),
        },
        undefined,
        2,
      );
      await writeFile(join(account.home, '.claude/sessions', `${pid}.json`), text);
      const configDir = join(account.home, '.claude');
      assert.equal(await endProcess(host, configDir, { pid, sessionId, startedAt: Date.now() }), 'ended');
      assert.deepEqual(await exited, [null, 'SIGTERM']);
    }
  });

  it('says so, and does no more, where a process ignores the request', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.2; done']);
    await bed.add({ dispose: () => void child.kill('SIGKILL') });
    await once(child.stdout, 'data');
    const sessionId = randomUUID();
    const pid = child.pid!;
    const file = join(account.home, '.claude/sessions', `${pid}.json`);
    const holder = {
      kind: 'process',
      place: 'elsewhere',
      host: 'here',
      sessionId,
      configDir: join(account.home, '.claude'),
      process: { pid, sessionId, directory: project, kind: 'interactive' },
    } as const;
    await writeFile(file, JSON.stringify({ pid, sessionId, procStart: await ticks(pid) }));
    await assert.rejects(ending.end(holder), /Asked to end, process \d+ outside of tmux on here still runs/);
    assert.ok(!isDead(pid));
  });

  const environment = (): string[] => Object.entries(account.env).map(([key, value]) => `${key}=${value}`);
  const ticks = async (pid: number): Promise<string> =>
    (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/.*\) /, '').split(' ')[19]!;
});
