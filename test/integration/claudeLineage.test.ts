import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalHost } from '../../src/hosts/local';
import { lineageOf, type Lineage } from '../../src/model/binding/lineage';
import { settingsSchema } from '../../src/model/settings';
import { ClaudeSource } from '../../src/sources/claude/hostReport';
import { silentLog } from '../../src/util/log';
import { Bed } from '../bed/bed';
import { liveEntries, makeClaudeAccount, printTurn, runClaude, startTui, transcriptOf } from '../bed/claude';
import type { ClaudeAccount, Tui } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { makeTmux } from '../bed/tmux';
import type { Tmux } from '../bed/tmux';
import { until } from '../bed/until';

describe('the lineage of sessions of the real claude', () => {
  const bed = new Bed();
  let account: ClaudeAccount;
  let stub: ModelStub;
  let tmux: Tmux;
  let source: ClaudeSource;
  let project: string;

  before(async () => {
    const folder = await bed.folder('lineage');
    project = join(folder, 'project');
    await mkdir(project);
    stub = await bed.add(startModelStub());
    account = await makeClaudeAccount({ home: join(folder, 'home'), stub, trusted: [project] });
    tmux = await bed.add(makeTmux(join(folder, 't'), account.env));
    const host = new LocalHost({
      name: 'here',
      settings: settingsSchema.parse({}).local,
      log: silentLog,
      env: { ...account.env, TMUX_TMPDIR: tmux.folder },
    });
    await bed.add({ dispose: () => host.dispose() });
    source = new ClaudeSource(host, { log: silentLog });
  });
  after(() => bed.dispose());

  async function tui(name: string, args: string[]): Promise<Tui> {
    const terminal = await startTui(account, tmux, { name, cwd: project, args, socket: 'users-own' });
    await terminal.reaches('idle');
    return terminal;
  }

  async function say(terminal: Tui, prompt: string): Promise<void> {
    stub.say({ text: `On ${prompt}.` });
    await terminal.type(prompt);
    await terminal.reaches('idle');
  }

  /** The session that some process holds and that is none of `known`. */
  function newId(known: string[]): Promise<string> {
    const held = async (): Promise<string | undefined> =>
      (await liveEntries(account)).find(({ sessionId }) => !known.includes(sessionId))?.sessionId;
    return until(held, { what: 'a new session id' });
  }

  const lineage = async (): Promise<Map<string, Lineage>> => lineageOf([await source.report()]);

  it('tells the copy from the original, whichever way it was made', async () => {
    const [original, fork, printed] = [randomUUID(), randomUUID(), randomUUID()];
    await say(await tui('original', ['--session-id', original]), 'first prompt');
    const forking = ['--resume', original, '--fork-session', '--session-id'];
    const terminal = await tui('fork', [...forking, fork]);
    await say(terminal, 'another way');
    await runClaude(account, ['-p', ...forking, printed, '--', 'a third way'], { cwd: project });

    await terminal.type('/branch');
    const branched = await newId([original, fork, printed]);
    await until(() => transcriptOf(account, branched), { what: 'the transcript of the branch' });

    const found = await lineage();
    assert.deepEqual(
      [original, fork, printed, branched].map((id) => found.get(id)?.forkedFrom),
      // Claude notes its own /branch; of the others only the first lines tell.
      [undefined, original, original, fork],
    );
  });

  it('knows a fork of what a run has left', async () => {
    const [run, fork] = [randomUUID(), randomUUID()];
    await printTurn(account, { sessionId: run, cwd: project, prompt: 'Analyse' });
    await say(await tui('of-run', ['--resume', run, '--fork-session', '--session-id', fork]), 'go on');
    const found = await lineage();
    assert.deepEqual([found.get(run), found.get(fork)], [undefined, { forkedFrom: run }]);
  });

  it('knows what was held before /clear, which is no copy', async () => {
    const before = randomUUID();
    const terminal = await tui('cleared', ['--session-id', before]);
    await say(terminal, 'something long');
    const others = (await liveEntries(account)).map(({ sessionId }) => sessionId);
    await terminal.type('/clear');
    const after = await newId(others);
    await say(terminal, 'something else');
    // Claude writes its history of prompts in batches.
    const known = async (): Promise<Lineage | undefined> => (await lineage()).get(after);
    assert.deepEqual(await until(known, { what: 'what was cleared' }), { clearedFrom: before });
    assert.equal((await lineage()).get(before), undefined);
  });
});
