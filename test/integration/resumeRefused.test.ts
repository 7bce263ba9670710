import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { liveEntries, runClaude, transcriptOf } from '../bed/claude';
import type { ClaudeAccount, LiveEntry } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { claudeBinary } from '../bed/prepare';
import { until } from '../bed/until';
import { addClaude, makeWorld, quiet, writeSession } from './cliBed';
import type { World } from './cliBed';
import { openPty } from './pty';

interface DryRun {
  argv: string[];
  preflight: { check: string; ok: boolean; detail: string; fix?: string }[];
  refused?: { reason: string; next: string };
}

describe('resume refuses', () => {
  const bed = new Bed();
  let stub: ModelStub;
  let world: World;
  let account: ClaudeAccount;
  let clone: string;
  let issues = 0;

  before(async () => {
    stub = await bed.add(startModelStub());
    world = await makeWorld(bed, {});
    account = await addClaude(world, stub);
    clone = world.repository.clone;
  });
  after(() => bed.dispose());

  function issue(): string {
    const key = `PAY-${++issues}`;
    world.jira.state.addIssue({ key, summary: `Task ${issues}`, assignee: 'dana' });
    return key;
  }

  async function recorded(): Promise<{ key: string; sessionId: string; comment: string }> {
    const key = issue();
    const sessionId = await writeSession(account, clone);
    return { key, sessionId, comment: world.record(key, { sessionId, host: 'laptop', directory: clone }) };
  }

  const living = (sessionId: string, status: string): Promise<LiveEntry> =>
    until(
      async () =>
        (await liveEntries(account)).find((one) => one.sessionId === sessionId && one.status === status),
      { what: `the session is ${status}` },
    );

  /** The refusal as the user reads it, in a terminal and without one alike. */
  async function refusal(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await world.cli(['resume', ...args]);
    assert.deepEqual(
      { code, stdout, lines: stderr.split('\n').length },
      { code: 1, stdout: '', lines: 2 },
      stderr,
    );
    return stderr.trimEnd();
  }

  async function failed(key: string): Promise<DryRun['preflight'][number] | undefined> {
    const { stdout } = await world.cli(['resume', key, '--dry-run', '--json']);
    return (JSON.parse(stdout) as DryRun).preflight.findLast(({ ok }) => !ok);
  }

  it('a session that is open in a terminal outside tmux, and offers a fork', async () => {
    const { key, sessionId } = await recorded();
    const terminal = await bed.add(
      openPty(
        ['sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'sh', clone, claudeBinary(), '--resume', sessionId],
        {
          env: account.env,
        },
      ),
    );
    const { pid } = await living(sessionId, 'idle');
    assert.match(
      await refusal(key),
      new RegExp(
        `^It is open on laptop in another terminal \\(pid ${pid}, since .*\\), outside tmux\\. Go on there.*\\(--fork\\)$`,
      ),
    );
    const dry = await world.cli(['resume', key, '--dry-run', '--json']);
    const { argv, preflight, refused } = JSON.parse(dry.stdout) as DryRun;
    assert.deepEqual({ code: dry.code, argv }, { code: 1, argv: [] });
    assert.deepEqual(
      preflight.find(({ check }) => check === 'liveness'),
      { check: 'liveness', ok: true, detail: `alive outside tmux (pid ${pid})` },
    );
    assert.match(refused?.reason ?? '', /^It is open on laptop/);
    const { start } = await world.json<{ start: string[] }>(['resume', key, '--fork', '--dry-run']);
    assert.deepEqual(start.slice(-5, -2), ['--resume', sessionId, '--fork-session']);
    terminal.kill('SIGKILL');
  });

  it('a session that a detached run is working in', async () => {
    const { key, sessionId } = await recorded();
    stub.say({ hang: true });
    const ended = runClaude(account, ['-p', '--resume', sessionId, 'Go on'], { cwd: clone });
    const { pid } = await living(sessionId, 'busy');
    assert.match(
      await refusal(key),
      new RegExp(
        `^It is running on laptop without a screen \\(pid ${pid}, since .*\\)\\. It can be resumed when`,
      ),
    );
    process.kill(pid, 'SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');
  });

  it('where a process names the session and nobody can tell, unless the person insists', async () => {
    const { key, sessionId } = await recorded();
    const terminal = await bed.add(
      openPty(['sh', '-c', 'read line; exit 0', 'claude', sessionId], { env: { PATH: process.env['PATH'] } }),
    );
    assert.match(
      await refusal(key),
      /^Somebody may be working in this session: process \d+ \(sh\) on laptop names this session\. Two processes/,
    );
    const no = await world.inTerminal(['resume', key]);
    await no.shows('Resume anyway? [y/N]');
    no.write('n\r');
    assert.equal(await no.exited, 1);
    const yes = await world.inTerminal(['resume', key]);
    await yes.shows('Resume anyway? [y/N]');
    yes.write('y\r');
    await yes.shows('Analyze');
    await living(sessionId, 'idle');
    terminal.kill('SIGKILL');
  });

  it('a session without a transcript', async () => {
    const key = issue();
    world.record(key, { sessionId: randomUUID(), host: 'laptop', directory: clone });
    assert.match(
      await refusal(key),
      /^laptop has no transcript of this session\. Claude deletes transcripts/,
    );
    assert.equal((await failed(key))?.check, 'transcript');
  });

  it('a transcript without a conversation', async () => {
    const key = issue();
    const sessionId: string = randomUUID();
    const folder = join(world.home, '.claude/projects', clone.replaceAll(/[^A-Za-z0-9]/g, '-'));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${sessionId}.jsonl`), '');
    await quiet(account, sessionId);
    world.record(key, { sessionId, host: 'laptop', directory: clone });
    assert.match(await refusal(key), /^Its transcript holds no conversation/);
  });

  it('two transcripts of one id', async () => {
    const { key, sessionId } = await recorded();
    const file = (await transcriptOf(account, sessionId)) ?? '';
    const copy = join(world.home, '.claude/projects/-elsewhere');
    await mkdir(copy, { recursive: true });
    const copied = join(copy, `${sessionId}.jsonl`);
    await copyFile(file, copied);
    await utimes(copied, 1e9, 1e9);
    assert.match(
      await refusal(key),
      /^laptop has 2 transcripts with this id: .*Move the copies away, then resume\.$/,
    );
    await rm(copy, { recursive: true });
  });

  it('a host that a record names and nobody configured', async () => {
    const key = issue();
    world.record(key, { sessionId: randomUUID(), host: 'evilhost', directory: '/tmp' });
    assert.match(
      await refusal(key),
      /^"evilhost" is not one of your hosts\. Add the host .* never connected to\.$/,
    );
  });

  it('a session whose record has gone since the search saw it', async () => {
    const { key, comment } = await recorded();
    world.jira.settings.searchLagMs = 3_600_000;
    try {
      world.jira.state.deleteComment(key, comment);
      const shown = await world.cli(['show', key]);
      assert.match(shown.stdout, /1 session|Sessions/);
      assert.match(
        await refusal(key),
        new RegExp(`^The record that bound this session to ${key} is gone\\.`),
      );
    } finally {
      world.jira.settings.searchLagMs = 0;
    }
  });

  it('to guess among several sessions of a task', async () => {
    const { key, sessionId } = await recorded();
    const other = await writeSession(account, clone);
    world.record(key, { sessionId: other, host: 'laptop', directory: clone });
    const said = await refusal(key);
    assert.match(said, new RegExp(`^${key} has 2 sessions: `));
    for (const id of [sessionId, other]) assert.ok(said.includes(`${id.slice(0, 8)} (laptop, ended)`), said);
    assert.match(await refusal('00000000'), /^No session 00000000 is known\./);
    assert.match(
      await refusal(sessionId, '--host', 'nowhere'),
      /^There is no host "nowhere" in your configuration\./,
    );
  });

  describe('where claude', () => {
    const program = (): string => join(world.home, '.local/bin/claude');
    let key: string;

    before(async () => {
      ({ key } = await recorded());
      await rename(program(), `${program()}.real`);
    });
    after(() => rename(`${program()}.real`, program()));

    it('is missing', async () => {
      assert.match(await refusal(key), /^There is no claude on laptop\. Install Claude Code on laptop/);
    });

    it('is too old', async () => {
      await writeFile(program(), '#!/bin/sh\necho "2.1.51 (Claude Code)"\n', { mode: 0o755 });
      assert.match(
        await refusal(key),
        /claude on laptop is version 2\.1\.51, which .* Update it there: .*claude update\.$/,
      );
    });

    it('does not run', async () => {
      await writeFile(program(), '#!/bin/sh\necho "cannot find libfoo"; exit 127\n', { mode: 0o755 });
      assert.match(
        await refusal(key),
        /claude on laptop does not run: cannot find libfoo\. Run .*claude --version/,
      );
    });
  });
});
