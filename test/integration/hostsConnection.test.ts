import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HostError } from '../../src/hosts/host';
import type { Host, HostFailure } from '../../src/hosts/host';
import { SshHost } from '../../src/hosts/ssh';
import { TmuxTerminals } from '../../src/hosts/terminals/tmux';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { findProgram } from '../bed/prepare';
import { deadHost, hangingHost } from '../bed/sshd';
import { until } from '../bed/until';
import { account, makeHostsBed, sleeper } from './hostsBed';
import type { HostsBed } from './hostsBed';
import { openPty } from './pty';

describe('the way to a host', () => {
  const bed = new Bed();
  let world: HostsBed;

  before(async () => {
    world = await bed.add(makeHostsBed(bed));
  });
  afterEach(() => world.closeHosts());
  after(() => bed.dispose());

  describe('a connection', () => {
    const fails = async (host: Host, kind: HostFailure): Promise<HostError> => {
      const error: unknown = await host.run(['true']).catch((thrown: unknown) => thrown);
      assert.ok(error instanceof HostError, String(error));
      assert.equal(error.kind, kind);
      assert.notEqual(error.next, '');
      return error;
    };

    it('that is refused is told at once, and not tried again at once', async () => {
      const host = world.remote(deadHost);
      const first = await fails(host, 'unreachable');
      assert.equal(await fails(host, 'unreachable'), first);
      host.wake();
      assert.notEqual(await fails(host, 'unreachable'), first);
    });

    it('to a server that never speaks has its deadline', async () => {
      const start = Date.now();
      await fails(world.remote(hangingHost, { openTimeoutMs: 700 }), 'timeout');
      const host = world.remote(hangingHost);
      await assert.rejects(host.run(['true'], { timeoutMs: 700 }), { kind: 'timeout' });
      await assert.rejects(host.run(['true'], { signal: AbortSignal.timeout(300) }), {
        name: 'CancelledError',
      });
      // Without a deadline of its own, a call has 20 s.
      assert.ok(Date.now() - start < 15_000);
    });

    it('to an unknown name is told', () => fails(world.remote('no-such-host.invalid'), 'unreachable'));

    it('with an unknown key is told', async () => {
      const configFile = await world.configuration(
        'unknown-key',
        /UserKnownHostsFile .*/,
        'UserKnownHostsFile /dev/null',
      );
      const error = await fails(world.remote('noisy', { configFile }), 'hostKey');
      assert.match(error.next, /ssh -F .* noisy/);
    });

    it('that is not let in is told', async () => {
      const configFile = await world.configuration('no-key', /IdentityFile .*/, 'IdentityFile /dev/null');
      await fails(world.remote('noisy', { configFile }), 'auth');
    });

    it('that is cut in the middle is a loss, and the process is ended; the next call connects anew', async () => {
      const host = world.remote('noisy');
      await host.run(['true']);
      const file = join(await bed.folder(), 'cut');
      const work = host.script(`echo begun > "$1"; ${sleeper}`, [file]);
      await until(() => readFile(file, 'utf8'), { what: 'the start' });
      world.ssh.hosts.noisy.proxy.cut();
      await assert.rejects(work, { kind: 'lost' });
      await until(async () => (await world.sleepers()) === 0, { what: 'the end of the process' });
      assert.equal((await host.run(['echo', 'again'])).stdout.toString(), 'again\n');
    });

    it('that is cut while idle is not noticed by the next call', async () => {
      const host = world.remote('noisy');
      await host.run(['true']);
      world.ssh.hosts.noisy.proxy.cut();
      await until(async () => (await host.run(['echo', 'x'])).code === 0, { what: 'an answer' });
    });

    it('is one for all calls and terminals', async () => {
      const host = world.remote('noisy');
      await host.run(['true']);
      const { connections } = world.ssh.hosts.noisy.proxy.counts;
      await Promise.all(Array.from({ length: 5 }, () => host.script('sleep 0.2', [])));
      await host.run(['cat'], { stdin: Buffer.alloc(200_000) });
      const pty = await bed.add(openPty(host.interactive(['echo', 'hello']), { env: world.env }));
      await pty.shows('hello');
      assert.equal(world.ssh.hosts.noisy.proxy.counts.connections, connections);
    });

    /** Stops the process that holds the connection which the host's shells share, as if its network were gone. */
    const whileStopped = async (host: SshHost, act: () => Promise<void>): Promise<void> => {
      const path = host.interactive(['ls']).find((word) => word.startsWith('ControlPath=')) ?? '';
      const folder = dirname(path.slice('ControlPath='.length));
      const { stdout } = await world.here().run(['ps', '-A', '-o', 'pid=', '-o', 'args=']);
      const lines = stdout.toString().split('\n');
      const master = lines.find((line) => line.includes(folder) && line.includes('[mux]'));
      assert.ok(master, 'the master in the list of processes');
      const pid = Number(master.trim().split(' ')[0]);
      process.kill(pid, 'SIGSTOP');
      try {
        await act();
      } finally {
        process.kill(pid, 'SIGCONT');
      }
    };

    it('that hangs is not shared any more', async () => {
      const first = world.remote('fishy');
      await first.run(['true']);
      await whileStopped(first, async () => {
        const host = world.remote('fishy', { openTimeoutMs: 20_000 });
        assert.equal((await host.run(['echo', 'direct'])).stdout.toString(), 'direct\n');
        assert.ok(host.interactive(['ls']).includes('ControlPath=none'));
      });
    });

    it('that went silent while nobody used it is made anew within the call', async () => {
      const host = world.remote('fishy', { doubtMs: 0 });
      await host.run(['true']);
      await whileStopped(host, async () => {
        const { stdout } = await host.run(['echo', 'anew']);
        assert.equal(stdout.toString(), 'anew\n');
      });
    });

    it('to an option is refused', () => {
      const settings = { ...account, ssh: '-oProxyCommand=touch ran' };
      assert.throws(() => new SshHost({ name: 'x', settings, log: silentLog }), /not a destination of ssh/);
    });

    it('by a prefix whose program is missing is told', () =>
      fails(world.behind('no-such-prefix'), 'notFound'));

    it('by a prefix that fails is told in its words', async () => {
      const error = await fails(
        world.behind('sh', '-c', 'echo "no such container: dev" >&2; exit 1'),
        'unreachable',
      );
      assert.match(error.message, /no such container: dev/);
    });

    it('leaves the environment of this side behind', async () => {
      const env = { ...world.env, CLAUDECODE: '1', TASK_SESSIONS_JIRA_TOKEN: 'secret', VSCODE_X: '1' };
      const settings = { ...account, via: ['env', 'CLAUDE_CODE_LATE=1'] };
      const behind = new SshHost({ name: 'behind', settings, log: silentLog, env });
      await bed.add({ dispose: () => behind.dispose() });
      for (const host of [world.here(env), behind])
        for (const { stdout } of [
          await host.script('env', []),
          ...(host.local ? [await host.run(['env'])] : []),
        ])
          assert.doesNotMatch(stdout.toString(), /^(?:CLAUDE|VSCODE|TASK_SESSIONS)/m);
    });
  });

  describe('tmux over ssh', () => {
    for (const name of ['noisy', 'fishy', 'tcshy'] as const)
      it(`lives on when the connection to ${name} is cut`, async () => {
        const host = world.remote(name);
        const terminals = new TmuxTerminals(host);
        const directory = join(world.ssh.hosts[name].home, "o'clock #(x) $HOME");
        await mkdir(directory, { recursive: true });
        const argv = ['sh', '-c', 'pwd; echo "$@"; cat', 'sh', "it's", '$HOME'];
        await terminals.create({ name: 'PAY-1-5f1d9b2e', argv, directory, key: 'PAY-1' });
        const one = await bed.add(
          openPty(terminals.attachArgv('PAY-1-5f1d9b2e'), { env: world.env, columns: 200 }),
        );
        await one.shows(directory);
        await one.shows("it's $HOME");
        one.write('before\r');
        await one.shows('before');
        world.ssh.hosts[name].proxy.cut();
        await one.exited;
        const two = await bed.add(
          openPty(terminals.attachArgv('PAY-1-5f1d9b2e'), { env: world.env, columns: 200 }),
        );
        await two.shows('before');
        const [terminal] = await terminals.list();
        assert.equal(terminal?.key, 'PAY-1');
        await terminals.send('PAY-1-5f1d9b2e', 'after é');
        await two.shows('after é');
        await terminals.kill('PAY-1-5f1d9b2e');
        await two.exited;
      });

    it('is found missing in words', async () => {
      const bin = join(await bed.folder(), 'bin');
      await mkdir(bin, { recursive: true });
      for (const program of ['sh', 'awk', 'env', 'printf'])
        await symlink(findProgram(program) ?? '', join(bin, program)).catch(() => {});
      const host = world.behind('env', `PATH=${bin}`, 'HOME=/none');
      await assert.rejects(new TmuxTerminals(host).list(), /tmux is not installed on behind/);
    });
  });
});
