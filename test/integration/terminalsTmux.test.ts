import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalHost } from '../../src/hosts/local';
import { TmuxTerminals } from '../../src/hosts/terminals/tmux';
import { UserError } from '../../src/model/errors';
import { settingsSchema } from '../../src/model/settings';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { findProgram } from '../bed/prepare';
import { makeTmux } from '../bed/tmux';
import type { Tmux } from '../bed/tmux';
import { until } from '../bed/until';
import { openPty } from './pty';

const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';

describe('tmux itself', () => {
  const bed = new Bed();
  let tmux: Tmux;
  let terminals: TmuxTerminals;

  const hostWith = async (env: NodeJS.ProcessEnv): Promise<LocalHost> => {
    const host = new LocalHost({
      name: 'here',
      settings: settingsSchema.parse({}).local,
      log: silentLog,
      env,
    });
    await bed.add({ dispose: () => host.dispose() });
    return host;
  };

  beforeEach(async () => {
    tmux = await bed.add(makeTmux(await bed.folder('tmux')));
    terminals = new TmuxTerminals(await hostWith(tmux.env));
  });
  after(() => bed.dispose());

  it('has an empty list where no server runs', async () => {
    assert.deepEqual(await terminals.list(), []);
    await assert.rejects(terminals.kill('nobody'), /There is no terminal nobody/);
  });

  it('has an empty list where a server was killed', async () => {
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/' });
    const { stdout } = await tmux.run(['display-message', '-p', '#{pid}']);
    process.kill(Number(stdout), 'SIGKILL');
    await until(async () => (await terminals.list()).length === 0, { what: 'an empty list' });
    assert.deepEqual(await terminals.create({ name: 'one', argv: ['cat'], directory: '/' }), {
      created: true,
    });
  });

  it('says that tmux is missing', async () => {
    const bin = await bed.folder('bin');
    for (const program of ['sh', 'awk', 'cat']) await symlink(findProgram(program) ?? '', join(bin, program));
    const bare = new TmuxTerminals(await hostWith({ PATH: bin, HOME: bin }));
    await assert.rejects(
      bare.list(),
      (error) => error instanceof UserError && /tmux is not installed on here/.test(error.message),
    );
  });

  it('leaves no session id in the command line of the server, even of one that replaces one that is just ending', async () => {
    for (let round = 0; round < 30; round += 1) {
      await tmux.run(['kill-server']);
      const argv = ['sh', '-c', 'cat', sessionId];
      assert.deepEqual(await terminals.create({ name: 'one', argv, directory: '/', sessionId }), {
        created: true,
      });
      const { stdout } = await tmux.run(['display-message', '-p', '#{pid}']);
      const commandLine = await readFile(`/proc/${stdout.trim()}/cmdline`, 'utf8');
      assert.match(commandLine, /start-server/);
      assert.doesNotMatch(commandLine, new RegExp(sessionId));
    }
  });

  it('ends its server with the last terminal', async () => {
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/' });
    await terminals.kill('one');
    await until(async () => /no server running/.test((await tmux.run(['list-sessions'])).stderr), {
      what: 'the end of the server',
    });
  });

  it('attaches from inside another tmux, and to itself', async () => {
    await terminals.create({ name: 'one', argv: ['sh', '-c', 'echo inner; cat'], directory: '/' });
    const nested = { ...tmux.env, TMUX: `${tmux.folder}/tmux-0/task-sessions,1,0`, TMUX_PANE: '%0' };
    const client = await bed.add(openPty(terminals.attachArgv('one'), { env: nested }));
    await client.shows('inner');
  });

  it('keeps the mouse and the status line to its own sessions', async () => {
    await tmux.run(['new-session', '-d', '-s', 'users']);
    await terminals.create({ name: 'one', argv: ['cat'], directory: '/' });
    const option = async (session: string, name: string): Promise<string> =>
      (await tmux.run(['show-options', '-A', '-v', '-t', `=${session}:`, name])).stdout.trim();
    assert.deepEqual([await option('one', 'mouse'), await option('one', 'status')], ['on', 'off']);
    assert.deepEqual([await option('users', 'mouse'), await option('users', 'status')], ['off', 'on']);
  });

  it('leaves out names that are not ours and values that are none', async () => {
    await tmux.run(['new-session', '-d', '-s', 'a name|with x']);
    await tmux.run(['new-session', '-d', '-s', 'plain']);
    await tmux.run(['set-option', '-t', '=plain:', '@ts_key', 'no key|1|2']);
    await tmux.run(['new-session', '-d', '-s', 'forged']);
    await tmux.run(['set-option', '-t', '=forged:', '@ts_session', 'rm -rf']);
    const names = (await terminals.list()).map(({ name, key, sessionId }) => ({ name, key, sessionId }));
    assert.deepEqual(names, [{ name: 'forged', key: undefined, sessionId: undefined }]);
  });

  describe("a pane of the user's own server", () => {
    const users = 'users';
    const pane = async (target: string) => {
      const format = '#{socket_path} #{pane_id} #{session_name}';
      const { stdout } = await tmux.run(['display-message', '-p', '-t', target, format], { socket: users });
      const [socket = '', id = '', sessionName = ''] = stdout.trim().split(' ');
      return { socket, id, sessionName };
    };

    beforeEach(async () => {
      const start = ['new-session', '-d', '-s', 'work', '-n', 'first', 'echo first window; cat'];
      await tmux.run(start, { socket: users });
      const more = ['new-window', '-d', '-t', 'work', '-n', 'second', 'echo second window; cat'];
      await tmux.run(more, { socket: users });
    });

    it('is shown', async () => {
      const argv = terminals.paneAttachArgv(await pane('work:second'));
      const client = await bed.add(openPty(argv, { env: tmux.env }));
      await client.shows('second window');
    });

    it('is shown beside a window that somebody looks at, and nothing stays', async () => {
      const other = await bed.add(
        openPty(['tmux', '-u', '-L', users, 'attach', '-t', 'work:first'], { env: tmux.env }),
      );
      await other.shows('first window');
      const client = await bed.add(
        openPty(terminals.paneAttachArgv(await pane('work:second')), { env: tmux.env }),
      );
      await client.shows('second window');
      const current = ['display-message', '-p', '-t', '=work:', '#{window_name}'];
      assert.equal((await tmux.run(current, { socket: users })).stdout.trim(), 'first');
      client.kill('SIGHUP');
      await until(
        async () => {
          const { stdout } = await tmux.run(['list-sessions', '-F', '#{session_name}'], { socket: users });
          return stdout.trim() === 'work';
        },
        { what: 'the end of the view' },
      );
      assert.match(await tmux.screen('work', users), /first window/);
    });

    it('leaves no view behind where it cannot be shown', async () => {
      const other = await bed.add(
        openPty(['tmux', '-u', '-L', users, 'attach', '-t', 'work:first'], { env: tmux.env }),
      );
      await other.shows('first window');
      const argv = terminals.paneAttachArgv(await pane('work:second'));
      const { code, stderr } = await (await hostWith(tmux.env)).run(argv);
      assert.deepEqual([code, /not a terminal/.test(stderr)], [1, true]);
      const { stdout } = await tmux.run(['list-sessions', '-F', '#{session_name}'], { socket: users });
      assert.equal(stdout.trim(), 'work');
      await other.shows('first window');
    });

    it('is refused where it is none', async () => {
      const { socket } = await pane('work:first');
      const client = await bed.add(
        openPty(terminals.paneAttachArgv({ socket, id: '%99', sessionName: 'work' }), { env: tmux.env }),
      );
      await client.shows('The tmux pane %99 is gone.');
      assert.equal(await client.exited, 1);
      for (const id of ['%1;kill-server', '1', '#(touch x)', ''])
        assert.throws(() => terminals.paneAttachArgv({ socket, id, sessionName: 'work' }), UserError);
      assert.throws(() => terminals.paneAttachArgv({ socket: 'x', id: '%1', sessionName: 'w' }), UserError);
    });
  });

  it('gives the command of a long argv up in words', async () => {
    const argv = ['sh', '-c', 'cat', 'x'.repeat(20_000)];
    await assert.rejects(terminals.create({ name: 'long', argv, directory: '/' }), /too long for tmux/);
    await mkdir(join(tmux.folder, 'after'), { recursive: true });
    assert.deepEqual(await terminals.list(), []);
  });
});
