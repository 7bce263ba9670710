import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { installClaude, liveEntries, makeClaudeAccount } from '../bed/claude';
import type { ClaudeAccount, LiveEntry } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { deadHost, startSsh } from '../bed/sshd';
import type { Ssh } from '../bed/sshd';
import { until } from '../bed/until';
import { makeWorld, pathWithout, writeSession } from './cliBed';
import type { World } from './cliBed';

describe('resume over ssh', () => {
  const bed = new Bed();
  let ssh: Ssh<'devserver' | 'bare'>;
  let stub: ModelStub;
  let world: World;
  let account: ClaudeAccount;
  let project: string;
  let issues = 0;

  before(async () => {
    ssh = await bed.add(startSsh(await bed.folder('ssh'), { devserver: {}, bare: {} }));
    stub = await bed.add(startModelStub());
    const { home } = ssh.hosts.devserver;
    // A directory that every shell and tmux on the way would like to read differently.
    project = join(home, `it's $HOME #(id); a "project"`);
    await mkdir(project);
    account = await makeClaudeAccount({ home, stub, trusted: [project] });
    await installClaude(account, join(home, '.local/bin'));
    world = await makeWorld(bed, {});
    await world.configure({
      ssh: { configFile: ssh.configFile },
      hosts: {
        devserver: { ssh: 'devserver', aliases: ['dev.example.com'], roots: [home] },
        bare: { ssh: 'bare' },
        buildbox: { ssh: deadHost },
      },
    });
  });
  after(() => bed.dispose());

  async function recorded(host = 'devserver'): Promise<{ key: string; sessionId: string }> {
    const key = `PAY-${++issues}`;
    world.jira.state.addIssue({ key, summary: `Task ${issues}`, assignee: 'dana' });
    const sessionId = await writeSession(account, project);
    world.record(key, { sessionId, host, directory: project });
    return { key, sessionId };
  }

  const holders = async (sessionId: string): Promise<LiveEntry[]> =>
    (await liveEntries(account)).filter((entry) => entry.sessionId === sessionId);
  const idle = (sessionId: string): Promise<LiveEntry> =>
    until(async () => (await holders(sessionId)).find(({ status }) => status === 'idle'), {
      what: 'the session lives',
    });
  const clients = async (): Promise<number> =>
    (await ssh.hosts.devserver.tmux.run(['list-clients'])).stdout.split('\n').filter(Boolean).length;

  it("comes back into the very process after the laptop's end was killed", async () => {
    // By an alias: names differ between people.
    const { key, sessionId } = await recorded('dev.example.com');
    const first = await world.inTerminal(['resume', key]);
    const { pid, cwd } = await idle(sessionId);
    await first.shows('Analyze');
    assert.equal(cwd, await realpath(project));
    assert.equal(await clients(), 1);
    first.kill('SIGKILL');
    await until(async () => (await clients()) === 0, { what: 'nobody looks' });

    const second = await world.inTerminal(['resume', key]);
    await second.shows('Analyze');
    // The network goes too: this time it is said.
    ssh.hosts.devserver.proxy.cut();
    await second.shows('The connection to devserver ended. The session goes on there: resume it again.');
    assert.equal(await second.exited, 1);

    const third = await world.inTerminal(['resume', key]);
    await third.shows('Analyze');
    assert.deepEqual(
      (await holders(sessionId)).map((entry) => entry.pid),
      [pid],
    );
    third.kill('SIGKILL');
  });

  it('starts one process where two resume at the same moment', async () => {
    const { key, sessionId } = await recorded();
    const both = await Promise.all([world.inTerminal(['resume', key]), world.inTerminal(['resume', key])]);
    await Promise.all(both.map((terminal) => terminal.shows('Analyze')));
    await idle(sessionId);
    assert.equal((await holders(sessionId)).length, 1);
    for (const terminal of both) terminal.kill('SIGKILL');
  });

  it('takes no token and no leftover to the host', async () => {
    const { key, sessionId } = await recorded();
    const env = { CLAUDECODE: 'leftover', VSCODE_PID: 'leftover', LC_LEFTOVER: 'kept' };
    await (await world.inTerminal(['resume', key], { env })).shows('Analyze');
    const { pid } = await idle(sessionId);
    const { stdout } = await ssh.hosts.devserver.tmux.run(['display-message', '-p', '#{pid}']);
    for (const process of [pid, stdout.trim()]) {
      const environment = (await readFile(`/proc/${process}/environ`, 'utf8')).split('\0');
      const bad = /dana-token|=leftover$|^TASK_SESSIONS_|^VSCODE_/;
      assert.deepEqual(
        environment.filter((line) => bad.test(line)),
        [],
      );
    }
    assert.doesNotMatch(ssh.hosts.devserver.log(), /dana-token/);
  });

  it('names the host that is down, beside one that lives', async () => {
    const { key } = await recorded();
    const down = `PAY-${++issues}`;
    world.jira.state.addIssue({ key: down, summary: 'On the dead host', assignee: 'dana' });
    const sessionId = '5f1d9b2e-7c44-4c1b-9a1e-2b8f0f5f6a01';
    world.record(down, { sessionId, host: 'buildbox', directory: project });
    const { code, stdout, stderr } = await world.cli(['tasks']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`${key} .*\\n +○ devserver · ended`));
    assert.match(stdout, /\? buildbox · unknown/);
    assert.equal(
      stderr,
      'buildbox: buildbox refused the connection. Check that its ssh server runs, and the port. Nothing is known of it yet.\n',
    );
    const refused = await world.cli(['resume', down]);
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /\nbuildbox refused the connection\. Check that its ssh server runs, and the port\.\n$/,
    );
    const { preflight } = JSON.parse((await world.cli(['resume', down, '--dry-run', '--json'])).stdout) as {
      preflight: unknown[];
    };
    assert.deepEqual(preflight.at(-1), {
      check: 'host',
      ok: false,
      detail: 'buildbox refused the connection.',
      fix: 'Check that its ssh server runs, and the port.',
    });
  });

  it('resumes in the last directory that exists', async () => {
    const gone = join(ssh.hosts.devserver.home, 'gone');
    await mkdir(gone);
    const sessionId = await writeSession(account, gone);
    await rm(gone, { recursive: true });
    const { directory, preflight } = await world.json<{ directory: string; preflight: { check: string }[] }>([
      'resume',
      sessionId,
      '--dry-run',
    ]);
    assert.equal(directory, ssh.hosts.devserver.home);
    assert.deepEqual(
      preflight.find(({ check }) => check === 'directory'),
      {
        check: 'directory',
        ok: false,
        detail: `${gone} does not exist any more; none of its others does either`,
        fix: `It resumes in ${directory}.`,
      },
    );
  });

  it('works for one terminal at a time without tmux there, and says so', async () => {
    const { home } = ssh.hosts.bare;
    await writeFile(join(home, '.bashrc'), `PATH=${await pathWithout(bed, 'tmux')}\n`);
    const there = await makeClaudeAccount({ home, stub, trusted: [home] });
    await installClaude(there, join(home, '.local/bin'));
    const sessionId = await writeSession(there, home);
    const terminal = await world.inTerminal(['resume', sessionId]);
    await terminal.shows('There is no tmux on bare, so a session there ends with its window.');
    await terminal.shows('Analyze');
    const { pid } = await until(async () => (await liveEntries(there))[0], { what: 'it lives' });
    terminal.kill('SIGKILL');
    await until(() => !existsSync(`/proc/${pid}`), { what: 'it ended with its terminal' });
    assert.match((await world.cli(['terminals'])).stderr, /^bare: There is no tmux on bare/m);
  });
});
