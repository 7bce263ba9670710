import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Bed } from '../bed/bed';
import { liveEntries, startTui } from '../bed/claude';
import type { ClaudeAccount, LiveEntry, Tui } from '../bed/claude';
import { startModelStub } from '../bed/modelStub';
import type { ModelStub } from '../bed/modelStub';
import { claudeBinary } from '../bed/prepare';
import { until } from '../bed/until';
import { addClaude, makeWorld, writeSession } from './cliBed';
import type { World } from './cliBed';

interface Listed {
  sessions: {
    id: string;
    key?: string;
    state: string;
    candidates?: { key: string; reason: string }[];
  }[];
  hosts: { name: string; error?: string }[];
}

interface Checks {
  checks: { check: string; ok: boolean; detail: string; fix?: string }[];
}

describe('command line: every session', () => {
  const bed = new Bed();
  let stub: ModelStub;
  let world: World;
  let account: ClaudeAccount;
  let tui: Tui;
  const living = randomUUID();
  let recorded: string;
  let unlinked: string;

  before(async () => {
    stub = await bed.add(startModelStub());
    const branch = { key: 'PAY-1', branch: 'task/PAY-1-analysis', docs: { 'task_desc.md': '# It' } };
    world = await makeWorld(bed, { tasks: [branch], issues: ['PAY-1', 'PAY-2'] });
    account = await addClaude(world, stub);
    const { clone } = world.repository;
    recorded = await writeSession(account, clone);
    unlinked = await writeSession(account, clone, 'What does PAY-2 need?');
    world.record('PAY-1', { sessionId: recorded, host: 'laptop', directory: clone });
    // As if our own terminal had been made for it: the session begins in it.
    const name = `PAY-1-${living.slice(0, 8)}`;
    tui = await startTui(account, world.tmux, { name, cwd: clone, args: ['--session-id', living] });
    await world.tmux.run(['set-option', '-t', `=${name}:`, '@ts_session', living]);
    await world.tmux.run(['set-option', '-t', `=${name}:`, '@ts_key', 'PAY-1']);
    await tui.reaches('idle');
    await tui.type('Begin');
    await tui.reaches('idle');
  });
  after(() => bed.dispose());

  const short = (id: string): string => id.slice(0, 8);
  const ids = async (...args: string[]): Promise<string[]> =>
    (await world.json<Listed>(['sessions', ...args])).sessions.map(({ id }) => id);

  it('lists them by host, living ones first, with what they are linked to', async () => {
    const { code, stdout } = await world.cli(['sessions']);
    assert.equal(code, 0);
    const [title, ...rows] = stdout.trimEnd().split('\n');
    assert.equal(title, 'laptop  3 sessions, 1 live');
    assert.match(rows[0]!, new RegExp(`^ {2}● ${short(living)}  not linked .* Begin$`));
    assert.match(stdout, new RegExp(`^ {2}○ ${short(recorded)}  PAY-1 +\\S.* KB +\\d+ % +Analyze$`, 'm'));
    assert.match(
      stdout,
      new RegExp(`^ {2}○ ${short(unlinked)}  candidate PAY-2 · \\d+ .*What does PAY-2`, 'm'),
    );
    assert.equal(rows.length, 3);
  });

  it('prints one document with the candidates of those that are not linked', async () => {
    const { sessions, hosts } = await world.json<Listed>(['sessions']);
    assert.deepEqual(hosts.map(({ name }) => name), ['laptop']); // prettier-ignore
    const of = (id: string) => sessions.find((one) => one.id === id);
    assert.deepEqual([of(recorded)?.key, of(recorded)?.candidates], ['PAY-1', undefined]);
    const [candidate] = of(unlinked)?.candidates ?? [];
    assert.equal(candidate?.key, 'PAY-2');
    assert.match(candidate.reason, /first prompt/);
    assert.equal(of(living)?.state, 'idle');
  });

  it('narrows them to what is not linked, to words and to a host', async () => {
    assert.deepEqual(await ids('--unlinked'), [living, unlinked]);
    assert.deepEqual(await ids('--search', 'pay-1'), [recorded]);
    assert.deepEqual(await ids('--search', `${short(unlinked)} laptop`), [unlinked]);
    assert.deepEqual((await ids('--host', 'local')).length, 3);
    const none = await world.cli(['sessions', '--search', 'nowhere']);
    assert.deepEqual([none.code, none.stdout, none.stderr], [0, '', 'No session fits.\n']);
    const unknown = await world.cli(['sessions', '--host', 'mars']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /no host "mars"/);
  });

  it('names the host that does not answer, and lists the others', async () => {
    const settings = { local: { name: 'laptop' }, hosts: { gone: { ssh: 'nowhere.invalid' } } };
    await world.configure(settings);
    try {
      const { code, stdout, stderr } = await world.cli(['sessions']);
      assert.equal(code, 0);
      assert.match(stderr, /^gone: The address of gone is not known\./m);
      assert.match(stdout, /^laptop {2}3 sessions, 1 live$/m);
      assert.match(stdout, /^gone {2}0 sessions, does not answer$/m);
    } finally {
      await world.configure();
    }
  });

  it('needs no Jira', async () => {
    // Nor what it said in an earlier run.
    const state = await bed.folder('state');
    const signedOut = { env: { TASK_SESSIONS_JIRA_TOKEN: undefined, XDG_STATE_HOME: state } };
    const { sessions } = await world.json<Listed>(['sessions'], signedOut);
    assert.deepEqual(new Set(sessions.map(({ id }) => id)), new Set([living, recorded, unlinked]));
    assert.ok(sessions.every(({ key }) => key === undefined));
    world.jira.faults.add({ kind: 'reset' });
    const down = await world.cli(['sessions']);
    world.jira.faults.clear();
    assert.equal(down.code, 0);
    assert.match(down.stderr, /^Jira: The connection/m);
    assert.match(down.stdout, /^laptop {2}3 sessions/m);
  });

  describe('doctor', () => {
    it('says why a session is shown as it is', async () => {
      const { checks } = await world.json<Checks>(['doctor', short(unlinked)]);
      const detail = (check: string): string | undefined => checks.find((one) => one.check === check)?.detail;
      assert.match(detail(`session ${short(unlinked)}`) ?? '', /linked to no task, ended on laptop; candidate of PAY-2 \(/); // prettier-ignore
      assert.match(
        detail('laptop') ?? '',
        new RegExp(`transcript .*/\\.claude/projects/.*/${unlinked}\\.jsonl`),
      );
      assert.match(detail('ledger') ?? '', /^nothing/);
      assert.equal(detail('records'), 'no listed issue names it');
    });

    it('says why one is not shown', async () => {
      const { code, stdout } = await world.cli(['doctor', randomUUID()]);
      assert.equal(code, 1);
      assert.match(stdout, /^-- {2}session \S+: not shown: no host knows it\n {6}Its transcript was deleted/);
    });

    it('says which sessions a task has and why', async () => {
      const { code, stdout } = await world.cli(['doctor', 'PAY-1']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^ok {2}sessions: ${short(recorded)} on laptop \\(recorded by .*\\), ended$`, 'm')); // prettier-ignore
    });
  });

  it('ends the process that holds a session, by its id', async () => {
    const sessionId = randomUUID();
    stub.say({ hang: true });
    const run = spawn(claudeBinary(), ['-p', '--session-id', sessionId, 'Analyze'], {
      cwd: world.repository.clone,
      env: account.env,
      stdio: 'ignore',
    });
    const exited = once(run, 'exit');
    await bed.add({ dispose: () => void run.kill('SIGKILL') });
    await until(
      async () => (await liveEntries(account)).find((one: LiveEntry) => one.sessionId === sessionId),
      {
        what: 'the run lives',
      },
    );
    const { code, stderr } = await world.cli(['kill', short(sessionId)]);
    assert.deepEqual([code, stderr], [0, `Ended the detached run (process ${run.pid}) on laptop.\n`]);
    assert.deepEqual(await exited, [143, null]);
  });

  describe('where no file of the ledger is whole', () => {
    const files = (): string => join(world.home, '.local/state/task-sessions/ledger');

    it('says so, and rebuilds from terminals, records and worktrees what they tell', async () => {
      assert.match((await world.cli(['doctor', '--rebuild'])).stderr, /nothing to rebuild/);
      await world.cli(['link', recorded, 'PAY-2', '--publish']);
      const { directory } = await world.json<{ directory: string }>(['checkout', 'PAY-1', '--worktree']);
      const madeAt = Date.now() - 3 * 86_400_000;
      await utimes(join(directory, '.git'), madeAt / 1000, madeAt / 1000);
      const damaged = (await readdir(files())).filter((name) => name.startsWith('g'));
      assert.ok(damaged.length > 0);
      for (const name of damaged) await writeFile(join(files(), name), '{"cut');

      const before = await world.cli(['doctor']);
      assert.match(before.stdout, /^-- {2}ledger: every file of it .* was damaged/m);
      assert.match((await world.cli(['sessions'])).stderr, /doctor --rebuild/);
      // What is written meanwhile begins anew, and what is lost stays lost until it is rebuilt.
      await world.cli(['link', unlinked, 'PAY-2']);
      assert.equal((await readdir(join(files(), 'damaged'))).length, damaged.length);

      const rebuilt = await world.cli(['doctor', '--rebuild']);
      assert.match(rebuilt.stderr, /^Rebuilt from terminals, records and git: 2 sessions, 1 worktree\.$/m);
      assert.match(rebuilt.stdout, /^ok {2}ledger: 3 sessions in .*; \d damaged files? set aside/m);
      const [newest] = (await readdir(files()))
        .filter((name) => name.startsWith('g'))
        .toSorted()
        .slice(-1);
      const { value } = JSON.parse(await readFile(join(files(), newest!), 'utf8')) as {
        value: { entries: { sessionId: string; evidence: string; key?: string; published?: object }[]; worktrees: { key: string; directory: string; createdAt: number }[] }; // prettier-ignore
      };
      const entry = (id: string) => value.entries.find(({ sessionId }) => sessionId === id);
      assert.deepEqual([entry(living)?.evidence, entry(living)?.key], ['started', 'PAY-1']);
      assert.deepEqual([entry(unlinked)?.evidence, entry(unlinked)?.key], ['linked', 'PAY-2']);
      assert.deepEqual([entry(recorded)?.evidence, entry(recorded)?.key], ['seen', undefined]);
      assert.ok(entry(recorded)?.published);
      assert.deepEqual(value.worktrees.map((one) => [one.key, one.directory]), [['PAY-1', directory]]); // prettier-ignore
      // Since it was made, not since the ledger was lost: what worked there before belongs to it.
      assert.ok(Math.abs(value.worktrees[0]!.createdAt - madeAt) < 1000);
      assert.match((await world.cli(['doctor', '--rebuild'])).stderr, /nothing to rebuild/);
    });
  });
});
