import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Bed } from '../bed/bed';
import { deadHost, startSsh } from '../bed/sshd';
import type { Ssh } from '../bed/sshd';
import { makeWorld, pathWithout } from './cliBed';
import type { CallOptions, World } from './cliBed';

/** As sh and bash show it. */
const prompt = process.getuid?.() === 0 ? '# ' : '$ ';

describe('command line: terminals', () => {
  const bed = new Bed();
  let ssh: Ssh<'devserver'>;
  let world: World;
  let withoutTmux: NodeJS.ProcessEnv;

  before(async () => {
    ssh = await bed.add(startSsh(await bed.folder('ssh'), { devserver: {} }));
    world = await makeWorld(bed, {});
    await world.configure({
      // Terminals need no Jira.
      jira: {},
      ssh: { configFile: ssh.configFile },
      hosts: { devserver: { ssh: 'devserver' } },
    });
    withoutTmux = { PATH: await pathWithout(bed, 'tmux') };
  });
  after(() => bed.dispose());

  const names = async (options?: CallOptions): Promise<string[]> => {
    const { terminals } = await world.json<{ terminals: { host: string; name: string }[] }>(
      ['terminals'],
      options,
    );
    return terminals.map(({ host, name }) => `${host}/${name}`).sort();
  };

  async function refusal(args: string[], options?: CallOptions): Promise<string> {
    const { code, stdout, stderr } = await world.cli(args, options);
    assert.deepEqual({ code, stdout, lines: stderr.split('\n').length }, { code: 1, stdout: '', lines: 2 });
    return stderr.trimEnd();
  }

  it('lists nothing where no server runs', async () => {
    assert.deepEqual(
      { ...(await world.cli(['terminals'])) },
      { code: 0, signal: null, stdout: '', stderr: '' },
    );
    assert.deepEqual(await names(), []);
  });

  for (const at of ['laptop', 'devserver'])
    it(`creates, attaches, sends, lists and kills on ${at}`, async () => {
      const name = at === 'laptop' ? 'work' : `${at}/work`;
      const first = await world.inTerminal(['attach', name]);
      await first.shows(prompt);
      const second = await world.inTerminal(['attach', name]);
      await second.shows(prompt);
      const sent = await world.cli(['send', name, 'echo "sum: $((40 + 2))"']);
      assert.deepEqual({ ...sent }, { code: 0, signal: null, stdout: '', stderr: '' });
      await Promise.all([first.shows('sum: 42'), second.shows('sum: 42')]);
      assert.deepEqual(await names(), [`${at}/work`]);
      assert.match(
        (await world.cli(['terminals'])).stdout,
        new RegExp(`^${at}/work  attached  1 window  just now\n$`),
      );
      const again = await world.inTerminal(['attach', name, '--new']);
      await again.shows(`The terminal work exists on ${at} already. Leave out --new to attach to it.`);
      assert.equal(await again.exited, 1);

      assert.equal((await world.cli(['kill', name])).code, 0);
      await Promise.all([first.exited, second.exited]);
      assert.deepEqual(await names(), []);
      assert.equal(
        await refusal(['kill', name]),
        `There is no terminal work on ${at}. List the terminals to see which there are.`,
      );
      assert.equal(
        await refusal(['send', name, 'x']),
        `There is no terminal work on ${at}. List the terminals to see which there are.`,
      );
    });

  it('starts at home, with nothing of ours in its environment', async () => {
    const terminal = await world.inTerminal(['attach', 'clean', '--new'], {
      env: { CLAUDECODE: '1', VSCODE_PID: '1' },
    });
    await terminal.shows(prompt);
    await world.cli(['send', 'clean', 'pwd; env | grep -cE "^(TASK_SESSIONS|CLAUDE|VSCODE)"; echo done']);
    await terminal.shows('done');
    const screen = await world.tmux.screen('clean');
    assert.match(screen, new RegExp(`^${world.home}\n0\ndone$`, 'm'));
    await world.cli(['kill', 'clean']);
  });

  for (const name of ['-x', '', 'a b', 'a;b', 'a.b', 'a:b', 'nowhere/x', '#(id)', '=a', 'ü', 'a\nb'])
    it(`refuses the name ${JSON.stringify(name)}`, async () => {
      const says = await refusal(['send', '--', name, 'x']);
      assert.match(says, /is not the name of a terminal|There is no host "nowhere"/);
    });

  it('creates nothing without a terminal to show it in', async () => {
    assert.equal(
      await refusal(['attach', 'work']),
      'This is no terminal to attach in. Run attach in a terminal.',
    );
    assert.deepEqual(await names(), []);
  });

  it('lists the hosts that answer, and names the one that does not', async () => {
    const file = `${world.home}/down.json`;
    await writeFile(
      file,
      JSON.stringify({
        local: { name: 'laptop' },
        ssh: { configFile: ssh.configFile },
        hosts: { buildbox: { ssh: deadHost } },
      }),
    );
    const { code, stdout, stderr } = await world.cli(['terminals', '--config', file]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: '' });
    assert.equal(
      stderr,
      'buildbox: buildbox refused the connection. Check that its ssh server runs, and the port.\n',
    );
  });

  it('says so where tmux is wanted and missing', async () => {
    await world.configure({ jira: {}, terminal: { keepAlive: 'tmux' } });
    for (const args of [['terminals'], ['send', 'work', 'x'], ['kill', 'work']])
      assert.match(
        await refusal(args, { env: withoutTmux }),
        /There is no tmux on laptop, so a session there ends with its window\. Install tmux there/,
      );
  });

  it('keeps terminals by itself where tmux is missing', async () => {
    await world.configure({ jira: {} });
    const options = { env: withoutTmux };
    const first = await world.inTerminal(['attach', 'work'], options);
    await first.shows(prompt);
    first.kill('SIGKILL');
    const second = await world.inTerminal(['attach', 'work'], options);
    await second.shows(prompt);
    assert.equal((await world.cli(['send', 'work', 'echo "sum: $((40 + 2))"'], options)).code, 0);
    await second.shows('sum: 42');
    assert.deepEqual(await names(options), ['laptop/work']);
    assert.equal((await world.cli(['kill', 'work'], options)).code, 0);
    await second.exited;
    assert.deepEqual(await names(options), []);
  });
});
