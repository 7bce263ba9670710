import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { App } from '../../../src/app';
import { takeFloor } from '../../../src/actions/session/asking/floor';
import { question } from '../../../src/model/gate/question';
import type { Session } from '../../../src/model/session/session';
import { Bed } from '../../bed/bed';
import { hold } from '../../bed/hold';
import { liveEntries, startTui, transcriptOf, type ClaudeAccount, type Tui } from '../../bed/claude';
import { startModelStub, type ModelStub } from '../../bed/modelStub';
import { until } from '../../bed/until';
import { openApp, type Person } from '../analyses/startApp';
import { addClaude, makeWorld, writeSession, type World } from '../cliBed';

describe('asking in a session', () => {
  const bed = new Bed();
  let stub: ModelStub;
  let world: World;
  let account: ClaudeAccount;
  let clone: string;
  let person: Person;
  let app: App;

  before(async () => {
    stub = await bed.add(startModelStub());
    world = await makeWorld(bed, { issues: ['PAY-1', 'PAY-2', 'PAY-3'] });
    account = await addClaude(world, stub);
    clone = world.repository.clone;
    const configuration = join(world.home, '.config/task-sessions/config.json');
    const settings = JSON.parse(await readFile(configuration, 'utf8')) as Record<string, unknown>;
    const env = Object.fromEntries(Object.entries(world.env).map(([name, value]) => [name, value ?? '']));
    person = { settings, env, jiraUrl: world.jira.url };
    app = await bed.add(openApp(person));
    await writeFile(join(clone, 'secret.txt'), 'a word that nobody asked for\n');
  });
  after(() => bed.dispose());

  async function recorded(key: string, sessionId: string): Promise<Session> {
    world.record(key, { sessionId, host: 'laptop', directory: clone });
    await app.store.refresh();
    return app.sessions.find(sessionId).session;
  }
  const words = async (sessionId: string): Promise<string> =>
    readFile((await transcriptOf(account, sessionId)) ?? '', 'utf8');
  const asked = (about: string): string =>
    question(
      {
        path: 'docs/plan.md',
        first: 3,
        last: 4,
        text: 'See @secret.txt\n#(touch tmux-ran); $(touch sh-ran);',
        commit: 'abcdef0123',
      },
      about,
      'mark',
    );

  describe('that lives', () => {
    let tui: Tui;
    let session: Session;

    before(async () => {
      const id: string = randomUUID();
      const args = ['--session-id', id, '--permission-mode', 'default'];
      tui = await startTui(account, world.tmux, { name: 'mine', cwd: clone, args, socket: 'default' });
      await tui.reaches('idle');
      await tui.type('Analyze');
      await tui.reaches('idle');
      session = await recorded('PAY-1', id);
    });
    const keys = (...args: string[]) =>
      world.tmux.run(['send-keys', '-t', '=mine:', ...args], { socket: 'default' });

    it("types it into the user's own tmux, and sees it in the conversation", async () => {
      // Who scrolls back is at tmux's keys, not at Claude's.
      await world.tmux.run(['copy-mode', '-t', '=mine:'], { socket: 'default' });
      const said: string[] = [];
      const done = await app.asking.ask(session, asked('Why retry twice?'), {
        onProgress: (line) => said.push(line),
      });
      assert.equal(done.kind, 'asked', JSON.stringify(done));
      assert.ok(done.kind === 'asked' && !done.started && done.open.name === 'mine');
      const { prompt } = stub.requests.at(-1)!;
      assert.match(prompt, /A question about docs\/plan\.md:3-4 \(abcdef0\):\nWhy retry twice\?/);
      assert.match(prompt, /BEGIN mark -----\nSee ＠secret\.txt\n#\(touch tmux-ran\); \$\(touch sh-ran\);\n/);
      assert.doesNotMatch(await words(session.id), /a word that nobody asked for/);
      assert.ok(!existsSync(join(clone, 'tmux-ran')) && !existsSync(join(clone, 'sh-ran')));
      assert.equal((await world.tmux.run(['list-buffers'], { socket: 'default' })).stdout, '');
      await tui.reaches('idle');
    });

    it('asks two questions at once one after the other, from two windows too', async () => {
      const [first, second, third] = ['First of two?', 'Second of two?', 'Another window of two?'];
      const other = await bed.add(openApp(person));
      const done = await Promise.all([
        ...[first, second].map((one) => app.asking.ask(session, asked(one))),
        other.asking.ask(session, asked(third)),
      ]);
      assert.deepEqual(
        done.map(({ kind }) => kind),
        ['asked', 'asked', 'asked'],
      );
      await tui.reaches('idle');
      const prompts = stub.requests.map(({ prompt }) => prompt).filter((one) => one.includes(' of two?'));
      for (const prompt of prompts) assert.equal(prompt.split(' of two?').length, 2, JSON.stringify(prompt));
    });

    it('lets one have the floor, until it is given back or has lapsed', async () => {
      const host = app.terminals.host('laptop');
      const take = (patienceMs: number) => takeFloor(host, session.id, { patienceMs });
      const all = await Promise.all(Array.from({ length: 6 }, () => take(0)));
      assert.equal(all.filter(Boolean).length, 1);
      // Refused, in words, and nothing is typed.
      const done = await app.asking.ask(session, asked('Among others?'), { patienceMs: 0 });
      assert.match(
        done.kind === 'refused' ? done.reason : done.kind,
        /^Somebody else asks in it at this moment/,
      );
      assert.doesNotMatch(await tui.screen(), /Among others/);
      const mine = all.find(Boolean)!;
      const next = take(60_000);
      await mine.leave();
      assert.ok(await next);
      // Who was killed with it has it for a minute.
      const folder = join(world.home, '.local/state/task-sessions/asking');
      for (const file of await readdir(folder)) {
        const [, who = ''] = (await readFile(join(folder, file), 'utf8')).split(' ');
        if (who !== '') await writeFile(join(folder, file), `${Math.floor(Date.now() / 1000) - 61} ${who}`);
      }
      const last = await take(0);
      assert.ok(last);
      // He comes back, and takes nothing away.
      await mine.leave();
      assert.equal(await take(0), undefined);
      await last.leave();
    });

    it('adds nothing to what somebody has begun to write', async () => {
      await keys('-l', 'half a sent');
      await until(async () => (await tui.screen()).includes('half a sent'), { what: 'it is typed' });
      const done = await app.asking.ask(session, asked('Joined?'));
      assert.match(done.kind === 'refused' ? done.reason : done.kind, /begun to write/);
      await keys('C-u');
      await until(async () => !(await tui.screen()).includes('half a sent'), { what: 'it is gone' });
    });

    it('answers no dialog', async () => {
      stub.say({ tools: [{ name: 'Bash', input: { command: 'touch allowed', description: 'Touch' } }] });
      await tui.type('Touch it');
      await tui.reaches('waiting');
      const done = await app.asking.ask(session, asked('1'));
      assert.match(done.kind === 'refused' ? done.reason : done.kind, /waits there \(permission prompt\)/);
      assert.ok(!existsSync(join(clone, 'allowed')));
      const [entry] = (await liveEntries(account)).filter(({ sessionId }) => sessionId === session.id);
      assert.equal(entry?.status, 'waiting');
      await keys('Escape');
      await tui.reaches('idle');
    });

    it('waits while Claude works, and gives up where it is told so', async () => {
      const { released, release } = hold();
      stub.say({ text: 'At last.', after: released });
      await tui.type('Take your time');
      await tui.reaches('busy');
      const early = await app.asking.ask(session, asked('Too early?'), { patienceMs: 0 });
      assert.match(early.kind === 'refused' ? early.reason : early.kind, /still at work/);
      const said: string[] = [];
      const done = await app.asking.ask(session, asked('And now?'), {
        onProgress: (line) => {
          said.push(line);
          if (line === 'waiting until Claude is idle') release();
        },
      });
      assert.ok(said.includes('waiting until Claude is idle'), said.join('\n'));
      assert.equal(done.kind, 'asked', JSON.stringify(done));
      assert.doesNotMatch(await words(session.id), /Too early/);
      await tui.reaches('idle');
    });

    it('is told on the command line what is to be changed, and the issue too', async () => {
      const args = ['request-changes', 'PAY-1', '--reason', 'Step 2 forgets the refunds', '--yes'];
      const { requested } = await world.json<{ requested: Record<string, unknown> }>(args);
      assert.deepEqual(
        { ...requested, comment: '' },
        {
          key: 'PAY-1',
          comment: '',
          moved: 'unmapped',
          told: 'asked',
          problems: [],
        },
      );
      assert.match(stub.requests.at(-1)!.prompt, /BEGIN \w+ -----\nStep 2 forgets the refunds\n/);
      const { task } = await world.json<{ task: { phase: string; failed?: true } }>(['show', 'PAY-1']);
      assert.deepEqual([task.phase, task.failed], ['analyzing', undefined]);
      const unasked = await world.cli(['request-changes', 'PAY-1', '--no-session']);
      assert.equal(unasked.code, 1);
      assert.match(unasked.stderr, /There are no reasons/);
    });
  });

  it('resumes one that does not live, and asks there', async () => {
    const id = await writeSession(account, clone);
    const session = await recorded('PAY-2', id);
    const done = await app.asking.ask(session, asked('Are you back?'), { task: app.tasks.get('PAY-2') });
    assert.equal(done.kind, 'asked', JSON.stringify(done));
    assert.ok(done.kind === 'asked' && done.started);
    assert.match(stub.requests.at(-1)!.prompt, /Are you back\?/);
    const holders = (await liveEntries(account)).filter(({ sessionId }) => sessionId === id);
    assert.equal(holders.length, 1);
    const argv = await readFile(`/proc/${holders[0]!.pid}/cmdline`, 'utf8');
    assert.doesNotMatch(argv, /back|plan\.md/);
  });

  it('says why where it cannot be resumed', async () => {
    const session = await recorded('PAY-3', randomUUID());
    const done = await app.asking.ask(session, 'Hello?');
    assert.equal(done.kind, 'refused');
    await assert.rejects(app.asking.ask(session, ' \u001b '), /nothing to ask/);
    await assert.rejects(app.asking.ask(session, 'x'.repeat(40_000)), /40000 characters/);
  });
});
