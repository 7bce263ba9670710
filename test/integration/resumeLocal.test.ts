import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { Bed } from '../bed/bed';
import { liveEntries, startTui } from '../bed/claude';
import type { ClaudeAccount, LiveEntry } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { until } from '../bed/until';
import { addClaude, makeWorld, quiet, settled, writeSession } from './cliBed';
import type { World } from './cliBed';

describe('resume on this machine', () => {
  const bed = new Bed();
  let stub: ModelStub;
  let world: World;
  let account: ClaudeAccount;
  let clone: string;
  let issues = 0;

  before(async () => {
    stub = await bed.add(startModelStub());
    world = await makeWorld(bed, { tasks: [{ key: 'PAY-100', docs: { 'task_desc.md': '# Refunds\n' } }] });
    account = await addClaude(world, stub);
    clone = world.repository.clone;
  });
  after(() => bed.dispose());

  /** An issue of its own with a recorded session. */
  async function recorded(): Promise<{ key: string; sessionId: string }> {
    const key = `PAY-${++issues}`;
    world.jira.state.addIssue({ key, summary: `Task ${issues}`, assignee: 'dana' });
    const sessionId = await writeSession(account, clone);
    world.record(key, { sessionId, host: 'laptop', directory: clone });
    return { key, sessionId };
  }

  const holders = async (sessionId: string): Promise<LiveEntry[]> =>
    (await liveEntries(account)).filter((entry) => entry.sessionId === sessionId);

  const idle = (sessionId: string): Promise<LiveEntry> =>
    until(async () => (await holders(sessionId)).find(({ status }) => status === 'idle'), {
      what: 'the session lives',
    });

  const clients = async (name: string, socket = 'task-sessions'): Promise<number> => {
    const { stdout } = await world.tmux.run(['list-clients', '-t', `=${name}`], { socket });
    return stdout.split('\n').filter(Boolean).length;
  };

  /** Types a line into a terminal, as a user without a window would. */
  async function say(name: string, line: string): Promise<void> {
    assert.deepEqual((await world.cli(['send', name, line])).stderr, '');
  }

  const screenShows = (name: string, text: string): Promise<boolean> =>
    until(async () => (await world.tmux.screen(name)).includes(text), { what: `the screen shows ${text}` });

  it('comes back into the very process after its terminal was killed', async () => {
    const { key, sessionId } = await recorded();
    const name = `${key}-${sessionId.slice(0, 8)}`;
    const first = await world.inTerminal(['resume', key]);
    const { pid } = await idle(sessionId);
    await first.shows('Analyze');
    assert.equal(await readlink(`/proc/${pid}/cwd`), clone);
    first.kill('SIGKILL');
    await until(async () => (await clients(name)) === 0, { what: 'nobody looks' });

    const second = await world.inTerminal(['resume', sessionId.slice(0, 8)]);
    await second.shows('Analyze');
    assert.equal(await clients(name), 1);
    assert.deepEqual(
      (await holders(sessionId)).map((entry) => entry.pid),
      [pid],
    );

    stub.say('Here I am again.');
    await say(name, 'Are you there?');
    await screenShows(name, 'Here I am again.');
    const { terminals } = await world.json<{ terminals: Record<string, unknown>[] }>(['terminals']);
    assert.deepEqual(
      terminals.map((terminal) => ({ ...terminal, createdAt: undefined })),
      [
        {
          host: 'laptop',
          name,
          attached: true,
          windows: 1,
          key,
          sessionId,
          createdAt: undefined,
        },
      ],
    );
  });

  it('gives the terminal back when the session ends', async () => {
    const { key, sessionId } = await recorded();
    const terminal = await world.inTerminal(['resume', key]);
    await terminal.shows('Analyze');
    await idle(sessionId);
    await say(`${key}-${sessionId.slice(0, 8)}`, '/exit');
    assert.equal(await terminal.exited, 0);
    assert.match(terminal.output, /\[detached \(from session [^\]]*\]\s*$/);
  });

  it('starts one process where two resume at the same moment', async () => {
    const { key, sessionId } = await recorded();
    const both = await Promise.all([world.inTerminal(['resume', key]), world.inTerminal(['resume', key])]);
    await Promise.all(both.map((terminal) => terminal.shows('Analyze')));
    await idle(sessionId);
    assert.equal((await holders(sessionId)).length, 1);
    const { stdout } = await world.tmux.run(['list-sessions', '-F', '#{session_name}']);
    assert.equal(stdout.split('\n').filter((name) => name.startsWith(`${key}-`)).length, 1);
  });

  it('starts one process where one resumes it by the task, and one who is signed out by its id', async () => {
    const { key, sessionId } = await recorded();
    // Without the state that remembers tasks too, so that its terminal has another name.
    const env = { TASK_SESSIONS_JIRA_TOKEN: undefined, XDG_STATE_HOME: `${world.home}/signed-out` };
    const both = await Promise.all([
      world.inTerminal(['resume', key]),
      world.inTerminal(['resume', sessionId], { env }),
    ]);
    await Promise.all(both.map((terminal) => terminal.shows('Analyze')));
    await idle(sessionId);
    assert.equal((await holders(sessionId)).length, 1);
    const { stdout } = await world.tmux.run(['list-sessions', '-F', '#{session_name}']);
    assert.equal(stdout.split('\n').filter((name) => name.endsWith(sessionId.slice(0, 8))).length, 1);
  });

  it("attaches to a session that lives in the user's own tmux", async () => {
    const { key, sessionId } = await recorded();
    const options = { name: 'mine', cwd: clone, args: ['--resume', sessionId], socket: 'default' };
    const tui = await startTui(account, world.tmux, options);
    const { pid } = await tui.reaches('idle');
    const terminal = await world.inTerminal(['resume', key]);
    await terminal.shows('Analyze');
    await until(async () => (await clients('mine', 'default')) === 1, { what: 'we look at it' });
    assert.deepEqual(
      (await holders(sessionId)).map((entry) => entry.pid),
      [pid],
    );
    const { preflight } = await world.json<{ preflight: { check: string; detail: string }[] }>([
      'resume',
      key,
      '--dry-run',
    ]);
    assert.equal(
      preflight.find(({ check }) => check === 'liveness')?.detail,
      `alive in tmux session mine (pid ${pid})`,
    );
  });

  it('opens another terminal where a conversation was cleared for a new one', async () => {
    const { key, sessionId } = await recorded();
    const first = await world.inTerminal(['resume', key]);
    const { pid } = await idle(sessionId);
    await first.shows('Analyze');
    const name = `${key}-${sessionId.slice(0, 8)}`;
    await say(name, '/clear');
    await until(async () => (await holders(sessionId)).length === 0, { what: 'the process left it' });
    await settled(account, sessionId);
    await quiet(account, sessionId);
    const second = await world.inTerminal(['resume', key]);
    await second.shows('Analyze');
    assert.notEqual((await idle(sessionId)).pid, pid);
    assert.equal(await clients(`${name}-2`), 1);
  });

  it('forks under an id of ours, and leaves a living original alone', async () => {
    const { key, sessionId } = await recorded();
    await world.inTerminal(['resume', key]);
    const original = await idle(sessionId);
    const others = new Set((await liveEntries(account)).map((entry) => entry.sessionId));
    const terminal = await world.inTerminal(['resume', key, '--fork']);
    await terminal.shows('Analyze');
    const fork = await until(
      async () =>
        (await liveEntries(account)).find((one) => one.status === 'idle' && !others.has(one.sessionId)),
      {
        what: 'the fork lives',
      },
    );
    assert.deepEqual(
      (await holders(sessionId)).map(({ pid }) => pid),
      [original.pid],
    );
    const { task } = await world.json<{ task: { sessions: Record<string, unknown>[] } }>(['show', key]);
    const { evidence, forkedFrom } = task.sessions.find(({ id }) => id === fork.sessionId) ?? {};
    assert.deepEqual({ evidence, forkedFrom }, { evidence: 'ledger', forkedFrom: sessionId });
  });

  it('keeps tokens and leftovers out of claude, its pane and the tmux server', async function () {
    if (process.platform !== 'linux') return;
    const own = await makeWorld(bed, { issues: ['PAY-1'] });
    const ours = await addClaude(own, stub);
    const sessionId = await writeSession(ours, own.repository.clone);
    own.record('PAY-1', { sessionId, host: 'laptop', directory: own.repository.clone });
    const leftover = `leftover-${randomUUID()}`;
    const names = [
      'CLAUDECODE',
      'CLAUDE_CODE_CHILD_SESSION',
      'CLAUDE_CODE_SESSION_ID',
      'CLAUDE_CODE_ENTRYPOINT',
      'CLAUDE_SOMETHING_NEW',
      'VSCODE_IPC_HOOK_CLI',
      'VSCODE_GIT_ASKPASS_MAIN',
      'ELECTRON_NO_ATTACH_CONSOLE',
      'GIT_ASKPASS',
      'TASK_SESSIONS_ANYTHING',
    ];
    const env = Object.fromEntries(names.map((name) => [name, leftover]));
    const terminal = await own.inTerminal(['resume', 'PAY-1'], { env });
    await terminal.shows('Analyze');
    const { pid } = await until(async () => (await liveEntries(ours))[0], { what: 'it lives' });
    const { stdout } = await own.tmux.run(['list-panes', '-a', '-F', '#{pid} #{pane_pid}']);
    for (const process of [pid, ...stdout.trim().split(/\s/)]) {
      const environment = (await readFile(`/proc/${process}/environ`, 'utf8')).split('\0');
      const bad = environment.filter(
        (line) => line.includes(leftover) || line.includes('dana-token') || line.startsWith('TASK_SESSIONS_'),
      );
      assert.deepEqual(bad, [], `process ${process}`);
    }
    // A session that inherited such a marker would write no transcript.
    assert.doesNotMatch(terminal.output, /Transcript saving is off/);
  });
});
