import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionTrace } from '../../src/model/session/transcript';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { makeClaudeAccount, runClaude, startTui, transcriptOf } from '../bed/claude';
import type { ClaudeAccount } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub, Reply } from '../bed/modelStub';
import { claudeBinary } from '../bed/prepare';
import { makeTmux } from '../bed/tmux';
import { until } from '../bed/until';
import { loggingHost } from '../unit/claude/loggingHost';

describe('traces of the real claude', () => {
  const bed = new Bed();
  after(() => bed.dispose());

  let account: ClaudeAccount;
  let stub: ModelStub;
  let cwd: string;
  let folder: string;
  let source: ClaudeSource;

  before(async () => {
    folder = await bed.folder('traces');
    cwd = join(folder, 'project');
    await mkdir(cwd);
    await mkdir(join(folder, 'logs'));
    stub = await bed.add(startModelStub());
    stub.respond(({ prompt }) => (prompt === 'Hang' ? { hang: true } : undefined));
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [cwd] });
    const host = loggingHost({ ...account.env, TMUX_TMPDIR: join(folder, 't') }, [
      join(folder, 'logs/*.jsonl'),
    ]);
    source = new ClaudeSource(host, { log: silentLog });
  });

  /** `claude -p … >log`, as scripts start it; `kill` ends it as soon as the log says so. */
  async function run(name: string, args: string[], replies: Reply[], kill?: RegExp): Promise<string> {
    stub.say(...replies);
    const path = join(folder, `logs/${name}.jsonl`);
    const log = await open(path, 'a');
    const argv = ['-p', '--output-format', 'stream-json', '--verbose', ...args, '--'];
    const child = spawn(claudeBinary(), [...argv, kill ? 'Hang' : 'Look at the parser'], {
      cwd,
      env: account.env,
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    const ended = once(child, 'exit');
    if (kill) {
      await until(async () => kill.test(await readFile(path, 'utf8')), {
        what: `${String(kill)} in the log`,
      });
      child.kill('SIGKILL');
    }
    await ended;
    return path;
  }

  async function trace(path: string): Promise<SessionTrace[]> {
    return ((await source.report()).traces ?? []).filter((one) => one.path === path).map(timeless);
  }

  it("finds a run that Claude's own picker hides, with its log and its end", async () => {
    const sessionId = randomUUID();
    const path = await run('done', ['--session-id', sessionId], [{ text: 'The parser is fine.' }]);
    assert.deepEqual(await trace(path), [
      {
        sessionId,
        source: 'log',
        path,
        directory: cwd,
        outcome: { failed: false, text: 'The parser is fine.' },
      },
    ]);
    const report = await source.report();
    assert.equal(report.transcripts.find(({ id }) => id === sessionId)?.entrypoint, 'sdk-cli');
    // The trace stays when the transcript goes.
    await rm((await transcriptOf(account, sessionId)) ?? '');
    const later = await source.report();
    assert.equal(
      later.transcripts.some(({ id }) => id === sessionId),
      false,
    );
    assert.equal(
      later.traces?.some((one) => one.sessionId === sessionId),
      true,
    );
  });

  for (const [error, words] of [
    ['overloaded', /^API Error: 529/],
    ['unauthorized', /^Invalid API key/],
  ] as const)
    it(`tells that a run failed: ${error}`, async () => {
      const sessionId = randomUUID();
      const path = await run(error, ['--session-id', sessionId], [{ error }, { error }, { error }]);
      const [found] = await trace(path);
      assert.equal(found?.sessionId, sessionId);
      assert.equal(found.outcome?.failed, true);
      assert.match(found.outcome.text ?? '', words);
    });

  it('tells no end of a run that was killed, nor of one that goes on after another', async () => {
    const sessionId = randomUUID();
    const killed = await run('killed', ['--session-id', sessionId], [], /"init"/);
    assert.deepEqual(await trace(killed), [{ sessionId, source: 'log', path: killed, directory: cwd }]);

    const again = randomUUID();
    await run('again', ['--session-id', again], [{ text: 'One.' }]);
    const path = await run('again', ['--resume', again], [], /"init"[^]*"result"[^]*"init"/);
    assert.deepEqual(await trace(path), [{ sessionId: again, source: 'log', path, directory: cwd }]);
  });

  it('knows what was typed in a terminal, also where the transcript is gone', async () => {
    const tmux = await bed.add(makeTmux(join(folder, 't'), account.env));
    const sessionId = randomUUID();
    const tui = await startTui(account, tmux, { name: 'typed', cwd, args: ['--session-id', sessionId] });
    await tui.reaches('idle');
    await tui.type('Rename the parser');
    await tui.reaches('idle');
    await until(() => existsSync(join(account.home, '.claude/history.jsonl')), { what: 'the history' });
    const { traces: found = [] } = await source.report();
    assert.deepEqual(found.filter((one) => one.sessionId === sessionId).map(timeless), [
      { sessionId, source: 'history', title: 'Rename the parser', directory: cwd },
    ]);
  });

  it('knows a background job by its state', async () => {
    stub.say('Background work done.');
    const started = await runClaude(account, ['--bg', '--name', 'Nightly check', 'Check the build'], {
      cwd,
    });
    const short = /backgrounded · ([0-9a-f]{8})/.exec(started.stdout)?.[1] ?? '';
    assert.ok(short, started.stdout + started.stderr);
    try {
      const found = await until(
        async () =>
          ((await source.report()).traces ?? []).find(
            (one) => one.source === 'job' && one.sessionId.startsWith(short),
          ),
        { what: 'the job' },
      );
      assert.deepEqual([found.title, found.directory], ['Nightly check', cwd]);
      assert.equal(found.path, join(account.home, `.claude/jobs/${short}/state.json`));
    } finally {
      await runClaude(account, ['stop', short], { cwd });
      await runClaude(account, ['daemon', 'stop', '--any'], { cwd });
    }
    const stopped = await until(
      async () =>
        (await source.report()).traces?.find(
          ({ sessionId, outcome }) => sessionId.startsWith(short) && outcome?.text === 'stopped',
        ),
      { what: 'its end' },
    );
    assert.equal(stopped.outcome?.failed, false);
  });
});

function timeless(trace: SessionTrace): SessionTrace {
  const copy = { ...trace };
  delete copy.at;
  return copy;
}
