import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { liveEntries } from '../bed/claude';
import type { ClaudeAccount, LiveEntry } from '../bed/claude';
import { run } from '../bed/command';
import { startModelStub } from '../bed/modelStub';
import { until } from '../bed/until';
import { addClaude, makeWorld, pathWithout, writeSession } from './cliBed';
import type { World } from './cliBed';

interface Check {
  check: string;
  ok: boolean;
  detail: string;
  fix?: string;
}

describe('resume starts', () => {
  const bed = new Bed();
  let world: World;
  let account: ClaudeAccount;
  let clone: string;
  let issues = 0;

  before(async () => {
    const stub = await bed.add(startModelStub());
    world = await makeWorld(bed, {});
    account = await addClaude(world, stub);
    clone = world.repository.clone;
  });
  after(() => bed.dispose());

  async function recorded(directory = clone): Promise<{ key: string; sessionId: string; name: string }> {
    const key = `PAY-${++issues}`;
    world.jira.state.addIssue({ key, summary: `Task ${issues}`, assignee: 'dana' });
    const sessionId = await writeSession(account, directory);
    world.record(key, { sessionId, host: 'laptop', directory });
    return { key, sessionId, name: `${key}-${sessionId.slice(0, 8)}` };
  }

  const holders = async (sessionId: string): Promise<LiveEntry[]> =>
    (await liveEntries(account)).filter((entry) => entry.sessionId === sessionId);
  const idle = (sessionId: string): Promise<LiveEntry> =>
    until(async () => (await holders(sessionId)).find(({ status }) => status === 'idle'), {
      what: 'the session lives',
    });

  async function check(key: string, wanted: string, directory?: string): Promise<Check | undefined> {
    const answer = await world.json<{ directory: string; preflight: Check[] }>(['resume', key, '--dry-run']);
    if (directory !== undefined) assert.equal(answer.directory, directory);
    return answer.preflight.find((one) => one.check === wanted);
  }

  const screenShows = (name: string, text: string): Promise<boolean> =>
    until(async () => (await world.tmux.screen(name)).includes(text), { what: `the screen shows ${text}` });

  it('answers a dry run with every check, and starts nothing', async () => {
    const { key, sessionId, name } = await recorded();
    const answer = await world.json<{ host: string; argv: string[]; preflight: Check[] }>([
      'resume',
      key,
      '--dry-run',
    ]);
    assert.equal(answer.host, 'laptop');
    assert.deepEqual(answer.argv.slice(-2), ['task-sessions', name]);
    assert.deepEqual(
      answer.preflight.map((one) => [one.check, one.ok]),
      [
        ['docs', true],
        ['comments', true],
        ['host', true],
        ['liveness', true],
        ['transcript', true],
        ['directory', true],
        ['claude', true],
        ['branch', true],
      ],
    );
    const { stdout } = await world.cli(['resume', key, '--dry-run']);
    assert.match(stdout, new RegExp(`\nStarts ${name} on laptop in ${clone}, and attaches to it\\.\n$`));
    assert.deepEqual(await holders(sessionId), []);
    const { terminals } = await world.json<{ terminals: unknown[] }>(['terminals']);
    assert.deepEqual(terminals, []);
  });

  it('in the last of its directories that exists', async () => {
    const directory = join(world.home, 'gone');
    await mkdir(directory);
    const { key } = await recorded(directory);
    await rm(directory, { recursive: true });
    assert.deepEqual(await check(key, 'directory', world.home), {
      check: 'directory',
      ok: false,
      detail: `${directory} does not exist any more; none of its others does either`,
      fix: `It resumes in ${world.home}.`,
    });
  });

  it('on another branch, and says so', async () => {
    const { key } = await recorded();
    await world.repository.git(['switch', '--quiet', '--create', 'elsewhere']);
    try {
      const branch = await check(key, 'branch');
      assert.equal(branch?.ok, false);
      assert.equal(branch?.detail, `${clone} is on elsewhere, the session was on main`);
    } finally {
      await world.repository.git(['switch', '--quiet', 'main']);
    }
  });

  it('with the question if the folder is trusted, and says what stood in the way', async () => {
    const directory = join(world.home, 'strange');
    await mkdir(directory);
    const { key, name } = await recorded(directory);
    assert.deepEqual(await check(key, 'trust'), {
      check: 'trust',
      ok: false,
      detail: `Claude has not been told yet to trust ${directory}`,
      fix: 'It will ask in the terminal; the answer is yours.',
    });
    const terminal = await world.inTerminal(['resume', key]);
    await terminal.shows(`trust: Claude has not been told yet to trust ${directory}.`);
    await screenShows(name, 'Quick safety check');
    // Its own default is No. It takes no keys in its first moments.
    const answering = setInterval(() => terminal.write('\r'), 500);
    try {
      assert.equal(await terminal.exited, 1);
    } finally {
      clearInterval(answering);
    }
    const after = terminal.output.slice(terminal.output.lastIndexOf('[detached'));
    assert.match(after, /\nClaude asks if this folder is trusted\. Open the terminal and answer/);
    assert.match(after, /\n {2}Claude Code didn't start because this folder isn't trusted\.\r\n/);
  });

  it('in this very terminal where nothing is to keep it, and says so', async () => {
    const { key, sessionId } = await recorded();
    await world.configure({ terminal: { keepAlive: 'none' } });
    try {
      const terminal = await world.inTerminal(['resume', key]);
      await terminal.shows('keepAlive is "none": the session ends with its window.');
      await terminal.shows('Analyze');
      await idle(sessionId);
      terminal.kill('SIGHUP');
      await until(async () => (await holders(sessionId)).length === 0, { what: 'it ended' });
    } finally {
      await world.configure();
    }
  });

  it('under our own supervisor where there is no tmux, and comes back into the very process', async () => {
    const { key, sessionId, name } = await recorded();
    const env = { PATH: await pathWithout(bed, 'tmux') };
    const first = await world.inTerminal(['resume', key], { env });
    await first.shows('Analyze');
    const { pid } = await idle(sessionId);
    first.kill('SIGKILL');
    const [second, third] = await Promise.all([
      world.inTerminal(['resume', key], { env }),
      world.inTerminal(['resume', key], { env }),
    ]);
    await Promise.all([second.shows('Analyze'), third.shows('Analyze')]);
    assert.deepEqual(
      (await holders(sessionId)).map((entry) => entry.pid),
      [pid],
    );
    assert.equal((await world.cli(['kill', name], { env })).code, 0);
    await until(async () => (await run(['ps', '-p', String(pid)])).code !== 0, { what: 'it ended' });
  });
});
