import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { webTerminalUrl } from '../../src/model/links/webTerminal';
import { Bed } from '../bed/bed';
import { startSsh, type Ssh } from '../bed/sshd';
import { openPty, type Pty } from './pty';

const attachOnly = resolve(__dirname, '../../media/attach-only.sh');

/** A web terminal (wetty) runs `ssh -t HOST COMMAND`, with the command of the page's address. */
describe('the way in of a web terminal', () => {
  const bed = new Bed();
  const name = 'PAY-1-5f1d9b2e';
  let ssh: Ssh<'devserver'>;

  before(async () => {
    const folder = await bed.folder('web');
    ssh = await bed.add(startSsh(folder, { devserver: {} }));
    await writeFile(join(folder, 'devserver/entrance'), await readFile(attachOnly));
    const { code, stderr } = await ssh.hosts.devserver.tmux.run(['new-session', '-d', '-s', name, 'sh']);
    assert.equal(code, 0, stderr);
  });
  after(() => bed.dispose());

  const open = (command: readonly string[]): Promise<Pty> => {
    const argv = ['ssh', '-F', ssh.configFile, '-tt', '-o', 'BatchMode=yes', '--', 'devserver', ...command];
    return bed.add(openPty(argv, { env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } }));
  };
  const sessions = async (): Promise<string> =>
    (await ssh.hosts.devserver.tmux.run(['list-sessions', '-F', '#S'])).stdout.trim();

  it("attaches to the terminal that the template's address names", async () => {
    const address = webTerminalUrl('https://term.example.com/wetty?command=${name}', { name });
    const terminal = await open([new URL(address!).searchParams.get('command')!]);
    await terminal.shows('[PAY-1');
    terminal.write('echo "web: $((40 + 2))"\r');
    await terminal.shows('web: 42');
    await ssh.hosts.devserver.tmux.run(['detach-client', '-s', `=${name}`]);
    assert.equal(await terminal.exited, 0);
    assert.match(await ssh.hosts.devserver.tmux.screen(name), /web: 42/);
  });

  for (const command of [
    [],
    [`id;${name}`],
    [`${name};touch pwned`],
    [`${name} -d`],
    ['-V'],
    ['$(touch pwned)'],
    [`${name}\nid`],
    ['*'],
    // How wetty puts a `path` of the address before the command.
    [`$SHELL -c "cd /tmp;${name}"`],
  ])
    it(`runs nothing for ${JSON.stringify(command.join(' '))}`, async () => {
      const terminal = await open(command);
      await terminal.shows('This is not the name of a terminal.');
      assert.equal(await terminal.exited, 2);
      assert.equal(await sessions(), name);
    });

  it('makes no terminal, and guesses none by its beginning', async () => {
    for (const other of ['PAY-1', 'OTHER-1-00000000']) {
      const terminal = await open([other]);
      assert.equal(await terminal.exited, 1);
      assert.match(terminal.output, /can't find session/);
    }
    assert.equal(await sessions(), name);
  });
});
