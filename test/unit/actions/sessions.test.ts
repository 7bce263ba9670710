import assert from 'node:assert/strict';
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JiraAccount } from '../../../src/actions/account';
import type { StartPlan } from '../../../src/actions/session/resume/plan';
import { Sessions } from '../../../src/actions/session/sessions';
import type { SnapshotStore } from '../../../src/actions/store';
import { TerminalActions } from '../../../src/actions/terminals';
import { LocalHost } from '../../../src/hosts/local';
import type { Terminals } from '../../../src/hosts/terminals';
import { keepAlive, NotKeptAlive } from '../../../src/hosts/terminals/keepAlive';
import { UserError } from '../../../src/model/errors';
import type { Session, TerminalInfo } from '../../../src/model/session/session';
import type { HostReport } from '../../../src/model/session/transcript';
import { Ledger } from '../../../src/state/ledger';
import { silentLog } from '../../../src/util/log';
import { id, pane, report, session, settings, task, transcript } from '../model/examples';

describe('sessions', () => {
  let folder: string;
  let host: LocalHost;
  let sessions: Session[];
  /** What the host says now; the picture's is `before`. */
  let now: HostReport;
  /** How old its answers are, of one after the other; ms. */
  let ages: number[];
  let before: HostReport | undefined;
  let keeper: () => Promise<Terminals>;
  let actions: Sessions;

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'ts-')));
    const claude = join(folder, 'claude');
    await writeFile(claude, '#!/bin/sh\necho "2.1.200 (Claude Code)"\n');
    await chmod(claude, 0o755);
    const configured = settings({ local: { name: 'laptop', roots: ['~/src'], claudePath: claude } });
    const env = { PATH: process.env['PATH'], HOME: folder, SHELL: '/bin/sh' };
    host = new LocalHost({ name: 'laptop', settings: configured.local, log: silentLog, env });
    sessions = [];
    now = report('laptop');
    before = undefined;
    ages = [];
    keeper = () => Promise.reject(new NotKeptAlive('Nothing keeps it.', ''));
    const store = {
      get snapshot() {
        return { sessions, tasks: [] };
      },
      report: () => before,
    };
    actions = new Sessions({
      settings: configured,
      hosts: [host],
      reports: [
        {
          name: 'laptop',
          local: true,
          names: ['laptop'],
          report: () => Promise.resolve({ ...now, at: Date.now() - (ages.shift() ?? 0) }),
        },
      ],
      store: store as unknown as SnapshotStore,
      account: { state: { signedIn: false } } as JiraAccount,
      terminals: new TerminalActions([host], () => keeper()),
      ledger: new Ledger(join(folder, 'state')),
    });
  });
  afterEach(async () => {
    host.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const live = (sessionId: string, paneId: string, sessionName = 'PAY-1-00000001') => ({
    sessionId,
    pid: 50,
    kind: 'interactive' as const,
    directory: '/srv',
    pane: { socket: '/run/tmux-1000/task-sessions', id: paneId, sessionName },
  });

  describe('of one id on several hosts', () => {
    const on = (name: string, fields: Partial<Session> = {}): Session => session({ host: name, ...fields });

    it('are the one that lives', () => {
      sessions = [on('laptop'), on('devserver', { live: { pid: 1, kind: 'interactive' } })];
      assert.equal(actions.find(id(1)).session.host, 'devserver');
    });

    it('are the only one that is there', () => {
      sessions = [on('laptop', { state: 'missing' }), on('devserver')];
      assert.equal(actions.find(id(1)).session.host, 'devserver');
    });

    it('are never guessed', () => {
      sessions = [on('laptop'), on('devserver', { state: 'unknown' })];
      assert.throws(
        () => actions.find(id(1)),
        /^UserError: Session 00000001 is on several hosts: laptop \(ended\), devserver \(unknown\)\.$/,
      );
      assert.equal(actions.find(id(1), 'devserver').session.host, 'devserver');
    });
  });

  describe('to copy', () => {
    it('give no command for a host that is none of ours', () =>
      assert.throws(() => actions.resumeCommand(session({ host: 'evilhost' })), /"evilhost" is not one of/));

    for (const [what, directory, transcripts, expected] of [
      ['a record names outside of the roots', '/etc', [], undefined],
      ['a record names under a root', '/home/dev/src/a', [], '/home/dev/src/a'],
      ['the transcript names', '/srv/platform', [transcript()], '/srv/platform'],
    ] as const)
      it(`${expected ? 'say' : 'leave out'} the directory that ${what}`, () => {
        before = report('laptop', { transcripts: [...transcripts] });
        const line = actions.resumeCommand(session({ directory }));
        assert.equal(/ -c (\S+)/.exec(line)?.[1], expected === undefined ? undefined : expected);
      });
  });

  it('are viewed in the pane where they live now', async () => {
    const seen = session({ live: live(id(1), '%0') });
    now = report('laptop', { live: [live(id(1), '%7')], panes: [pane({ id: '%7' })] });
    const { argv } = await actions.view(seen);
    assert.ok(argv.includes('%7') && !argv.includes('%0'), argv.join(' '));
    now = report('laptop');
    await assert.rejects(actions.view(seen), /^UserError: Only a session that lives in tmux/);
  });

  it('are viewed by an answer that is of now, not by one that took long', async () => {
    now = report('laptop', { live: [live(id(1), '%7')], panes: [pane({ id: '%7' })] });
    ages = [20_000, 10];
    assert.ok((await actions.view(session())).argv.includes('%7'));
    assert.deepEqual(ages, []);
    ages = [20_000, 20_000];
    await assert.rejects(actions.view(session()), /^UserError: Only a session that lives in tmux/);
  });

  describe('to start from documents', () => {
    it('are checked for claude first', async () => {
      const { spec, open } = await actions.planFromDocuments(task('PAY-1'), folder);
      assert.ok(spec.argv.includes(join(folder, 'claude')), spec.argv.join(' '));
      assert.equal(open.mortal, 'Nothing keeps it.');
      await rm(join(folder, 'claude'));
      await assert.rejects(
        actions.planFromDocuments(task('PAY-1'), folder),
        /^UserError: There is no claude on laptop\.$/,
      );
    });

    it('are not started unguarded because a question failed', async () => {
      keeper = () => Promise.reject(new UserError('laptop took too long.', ''));
      await assert.rejects(actions.planFromDocuments(task('PAY-1'), folder), /took too long/);
    });
  });

  describe('that somebody else starts too', () => {
    let terminals: TerminalInfo[];
    const terminal = (name: string, pid: number): TerminalInfo => ({
      host: 'laptop',
      name,
      attached: 0,
      windows: 1,
      createdAt: 1000,
      sessionId: id(1),
      pid,
    });
    const plan = (fields: Partial<StartPlan> = {}): StartPlan => ({
      kind: 'start',
      session: session(),
      checks: [],
      open: { id: 'x', title: 'x', argv: [], host: 'laptop' },
      spec: { name: 'PAY-1-00000001', argv: ['claude'], directory: '/', sessionId: id(1) },
      flags: {},
      begins: false,
      ...fields,
    });

    beforeEach(() => {
      terminals = [];
      keeper = () =>
        Promise.resolve({
          kind: 'tmux',
          list: () => Promise.resolve(terminals),
          create: ({ name }) => {
            terminals.push(terminal(name, 200));
            return Promise.resolve({ created: true });
          },
          kill: (name) => {
            terminals = terminals.filter((one) => one.name !== name);
            return Promise.resolve();
          },
          attachArgv: (name) => ['attach', name],
          send: () => Promise.reject(new Error('unused')),
          capture: () => Promise.reject(new Error('unused')),
        });
    });
    const names = (): string[] => terminals.map(({ name }) => name);

    it('go on in the older terminal', async () => {
      terminals = [terminal('session-00000001', 100)];
      assert.deepEqual((await actions.start(plan())).argv, ['attach', 'session-00000001']);
      assert.deepEqual(names(), ['session-00000001']);
    });

    it('stay where they are before the younger one', async () => {
      terminals = [terminal('session-00000001', 300)];
      assert.deepEqual((await actions.start(plan())).argv, ['attach', 'PAY-1-00000001']);
      assert.deepEqual(names(), ['session-00000001', 'PAY-1-00000001']);
    });

    it('leave alone the terminal in which another conversation goes on', async () => {
      terminals = [terminal('session-00000001', 100)];
      now = report('laptop', { live: [live(id(2), '%1', 'session-00000001')] });
      assert.deepEqual((await actions.start(plan())).argv, ['attach', 'PAY-1-00000001']);
    });

    it('are not started where nothing keeps them alive', async () => {
      now = report('laptop', { live: [live(id(1), '%1')] });
      const open = { ...plan().open, mortal: 'Nothing keeps it.' };
      await assert.rejects(actions.start(plan({ open })), /^UserError: Somebody else just opened/);
      now = report('laptop');
      assert.equal(await actions.start(plan({ open })), open);
    });
  });
});

describe('what keeps sessions alive', () => {
  it('is no tmux only where the host says so', async () => {
    const host = (answer: () => Promise<{ code: number; stdout: Buffer; stderr: string }>) =>
      ({ name: 'devserver', local: false, script: answer }) as unknown as LocalHost;
    const on = keepAlive({ mode: 'auto', supervisor: '', env: {} });
    const none = host(() => Promise.resolve({ code: 127, stdout: Buffer.of(), stderr: '' }));
    await assert.rejects(on(none), NotKeptAlive);
    const slow = host(() => Promise.reject(new UserError('devserver took too long.', '')));
    await assert.rejects(on(slow), (error) => !(error instanceof NotKeptAlive));
  });
});
