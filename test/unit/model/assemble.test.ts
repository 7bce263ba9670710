import assert from 'node:assert/strict';
import { assemble, type AssembleInput } from '../../../src/model/assemble';
import type { HostReading } from '../../../src/model/session/known/knownSessions';
import type { Session } from '../../../src/model/session/session';
import type { Task } from '../../../src/model/task/task';
import type { LiveEntry } from '../../../src/model/session/transcript';
import { claim, clock, dana, entry, id, issue, pane, report, settings, transcript } from './examples';

type Answer = Parameters<typeof report>[1] | { error: string } | 'silent';

/** A host with an alias, and how it answered. */
function host(name: string, answer: Answer = {}): HostReading {
  const state = { name, local: name === 'laptop' };
  const names = [name, `${name}.example`];
  if (answer === 'silent') return { state, names };
  if (answer && 'error' in answer) return { state: { ...state, error: answer.error }, names, report: report(name) };
  return { state, names, report: report(name, answer) };
} // prettier-ignore

const picture = (input: Partial<AssembleInput>) =>
  assemble({
    at: clock,
    settings: settings(),
    jira: { signedIn: true },
    issues: [],
    hosts: [host('laptop')],
    branchNames: new Map(),
    branches: new Map(),
    ledger: { entries: [], worktrees: [] },
    ...input,
  });

const live = (fields: Partial<LiveEntry> = {}): LiveEntry => ({
  pid: 50,
  sessionId: id(1),
  directory: '/srv/platform',
  kind: 'interactive',
  entrypoint: 'cli',
  status: 'idle',
  startedAt: clock - 60_000,
  ...fields,
});

const recorded = (key: string, fields: Parameters<typeof claim>[0] = {}) =>
  issue(key, { claims: [claim({ issueKey: key, sessionId: id(1), ...fields })] });

const only = <T>(items: readonly T[]): T => {
  assert.equal(items.length, 1, JSON.stringify(items));
  return items[0]!;
};
const sessionOf = (input: Partial<AssembleInput>): Session => only(picture(input).sessions);
const taskOf = (input: Partial<AssembleInput>): Task => only(picture(input).tasks);

describe('a session that only its record knows', () => {
  const cases: { name: string; hosts: HostReading[]; host?: string; is: Partial<Session> }[] = [
    { name: 'its host answered', hosts: [host('laptop'), host('devserver')], host: 'devserver', is: { host: 'devserver', hostKnown: true, state: 'missing' } },
    { name: 'its host answered, by its alias', hosts: [host('devserver')], host: 'devserver.example', is: { host: 'devserver', hostKnown: true, state: 'missing' } },
    { name: 'its host does not answer', hosts: [host('laptop'), host('devserver', { error: 'timed out' })], host: 'devserver', is: { host: 'devserver', hostKnown: true, state: 'unknown' } },
    { name: 'its host was never asked', hosts: [host('devserver', 'silent')], host: 'devserver', is: { host: 'devserver', hostKnown: true, state: 'unknown' } },
    { name: 'nobody configured its host', hosts: [host('laptop')], host: 'elsewhere', is: { host: 'elsewhere', hostKnown: false, state: 'unknown' } },
    { name: 'no host recorded, and every host answered', hosts: [host('laptop'), host('devserver')], is: { host: '', hostKnown: false, state: 'missing' } },
    { name: 'no host recorded, and one does not answer', hosts: [host('laptop'), host('devserver', { error: 'down' })], is: { host: '', hostKnown: false, state: 'unknown' } },
  ]; // prettier-ignore
  for (const { name, hosts, host: on, is } of cases)
    it(`is ${is.state}: ${name}`, () => {
      const fields = on === undefined ? {} : { host: on };
      const session = sessionOf({ hosts, issues: [recorded('PAY-1', fields)] });
      assert.deepEqual(session, { id: id(1), kind: 'analysis', createdAt: 10, evidence: 'record', key: 'PAY-1', reason: 'recorded by Pat', ...is }); // prettier-ignore
    });

  it('carries what its record says, the newest line of each', () => {
    const claims = [
      claim({ sessionId: id(1), created: 1, host: 'laptop', directory: '/old', branch: 'task/PAY-1-analysis', remote: 'https://r.example/1', webTerminal: 'https://t.example/1', continues: id(2) }),
      claim({ sessionId: id(1), created: 2, directory: '/new', author: dana }),
    ]; // prettier-ignore
    const session = sessionOf({ issues: [issue('PAY-1', { claims })] });
    assert.deepEqual(
      [session.directory, session.branch, session.remoteUrl, session.webTerminalUrl, session.continues],
      ['/new', 'task/PAY-1-analysis', 'https://r.example/1', 'https://t.example/1', id(2)],
    );
    assert.equal(session.createdAt, 1);
  });
});

describe('a session on a host', () => {
  it('is where its transcript is, whatever the record says', () => {
    const hosts = [host('laptop'), host('devserver', { transcripts: [transcript({ branch: 'x' })] })];
    const session = sessionOf({ hosts, issues: [recorded('PAY-1', { host: 'laptop' })] });
    assert.equal(session.host, 'devserver');
    assert.equal(session.state, 'ended');
    assert.equal(session.key, 'PAY-1');
    assert.equal(session.lastActivity, clock - 3_600_000);
    assert.equal(session.expiresAt, clock - 3_600_000 + 30 * 86_400_000);
  });

  it('does not expire where transcripts are kept for ever', () => {
    const kept = { transcripts: [transcript()], cleanupPeriodDays: 999_999_999 };
    assert.equal(sessionOf({ hosts: [host('laptop', kept)] }).expiresAt, undefined);
  });

  it('is one on each host that has it', () => {
    const hosts = ['laptop', 'devserver'].map((name) => host(name, { transcripts: [transcript()] }));
    const { sessions, tasks } = picture({ hosts, issues: [recorded('PAY-1')] });
    assert.deepEqual(sessions.map((one) => one.host), ['laptop', 'devserver']); // prettier-ignore
    assert.equal(tasks[0]?.sessions.length, 2);
  });

  it('is the copy that was talked to last', () => {
    const copies = [
      transcript({ modifiedAt: clock - 20_000, directories: ['/old'] }),
      transcript({ modifiedAt: clock - 19_000, directories: ['/new'] }),
      transcript({ modifiedAt: clock - 18_000, directories: ['/empty'], hasConversation: false }),
    ];
    for (const transcripts of [copies, copies.toReversed()])
      assert.equal(sessionOf({ hosts: [host('laptop', { transcripts })] }).directory, '/new');
  });

  it('may live before it has a transcript', () => {
    const session = sessionOf({ hosts: [host('laptop', { live: [live({ name: 'look at PAY-1' })] })] });
    assert.equal(session.state, 'idle');
    assert.equal(session.directory, '/srv/platform');
    assert.equal(session.title, 'look at PAY-1');
    assert.equal(session.live?.pid, 50);
  });

  const ours = pane({ sessionId: id(1), attached: 1 });
  const foreign = pane({ socket: '/run/tmux-1000/default' });
  const supervised = { host: 'laptop', name: 'PAY-1-kept', attached: 0, windows: 1, createdAt: 1, sessionId: id(1) }; // prettier-ignore
  const terminals: { name: string; input: Partial<AssembleInput>; is: Session['terminal'] }[] = [
    { name: 'in our pane', input: { hosts: [host('laptop', { live: [live({ pane: ours })], panes: [ours] })] }, is: { name: ours.sessionName, attached: true } },
    { name: 'starting in our pane', input: { hosts: [host('laptop', { transcripts: [transcript()], panes: [{ ...ours, attached: 0 }] })] }, is: { name: ours.sessionName, attached: false } },
    { name: 'in a pane of the user', input: { hosts: [host('laptop', { live: [live({ pane: foreign })], panes: [foreign] })] }, is: undefined },
    { name: 'in a pane that is dead', input: { hosts: [host('laptop', { transcripts: [transcript()], panes: [{ ...ours, dead: {} }] })] }, is: undefined },
    { name: 'with our supervisor', input: { hosts: [host('laptop', { live: [live()] })], supervised: [supervised] }, is: { name: 'PAY-1-kept', attached: false } },
    { name: 'with our supervisor, ended', input: { hosts: [host('laptop', { transcripts: [transcript()] })], supervised: [{ ...supervised, dead: {} }] }, is: undefined },
    { name: 'with another host\'s supervisor', input: { hosts: [host('laptop', { live: [live()] })], supervised: [{ ...supervised, host: 'devserver' }] }, is: undefined },
  ]; // prettier-ignore
  for (const { name, input, is } of terminals)
    it(`has ${is ? 'a' : 'no'} terminal of ours: ${name}`, () =>
      assert.deepEqual(sessionOf(input).terminal, is));
});

describe('a session of our ledger', () => {
  const started = entry({ key: 'PAY-1', host: 'devserver', directory: '/srv/x', kind: 'implementation', lastUsedAt: 9 }); // prettier-ignore
  const ledger = { entries: [started], worktrees: [] };

  it('is there before anybody has seen it, and where we know it to be', () => {
    const issues = [
      recorded('PAY-1', { host: 'laptop', directory: '/claimed', remote: 'https://r.example/1' }),
    ];
    assert.deepEqual(sessionOf({ issues, ledger, hosts: [host('laptop'), host('devserver', 'silent')] }), {
      id: id(1),
      host: 'devserver',
      hostKnown: true,
      directory: '/srv/x',
      kind: 'implementation',
      state: 'unknown',
      evidence: 'ledger',
      key: 'PAY-1',
      createdAt: 5,
      lastActivity: 9,
      remoteUrl: 'https://r.example/1',
    });
  });

  it('is missing where its host answered, unknown where it is not configured any more', () => {
    assert.equal(sessionOf({ ledger, hosts: [host('devserver')] }).state, 'missing');
    const gone = sessionOf({ ledger });
    assert.deepEqual([gone.state, gone.hostKnown], ['unknown', false]);
  });

  it('is not there if only remembered or unlinked', () => {
    for (const evidence of ['seen', 'unlinked'] as const)
      assert.deepEqual(
        picture({ ledger: { entries: [{ ...started, evidence }], worktrees: [] } }).sessions,
        [],
      );
  });

  it('binds its fork and remembers of what', () => {
    const entries = [entry({ key: 'PAY-1', forkedFrom: id(2) })];
    const hosts = [host('laptop', { transcripts: [transcript()] })];
    const session = sessionOf({ hosts, ledger: { entries, worktrees: [] } });
    assert.deepEqual([session.key, session.forkedFrom], ['PAY-1', id(2)]);
  });
});

describe('a candidate', () => {
  const guess = transcript({ branch: 'task/PAY-1-analysis', title: 'PAY-1', firstPrompt: 'Do PAY-1' });
  const branchNames = new Map([['PAY-1', 'task/PAY-1-analysis']]);

  it('is shown once on its task, and stays unbound', () => {
    const { sessions, tasks } = picture({ issues: [issue('PAY-1')], branchNames, hosts: [host('laptop', { transcripts: [guess] })] }); // prettier-ignore
    assert.equal(only(sessions).key, undefined);
    assert.equal(only(sessions).evidence, undefined);
    const { evidence, reason, key, score } = only(tasks[0]!.sessions);
    assert.deepEqual({ evidence, key, score }, { evidence: 'candidate', key: 'PAY-1', score: 83 });
    assert.equal(reason, 'its branch is task/PAY-1-analysis and its name carries PAY-1');
  });

  it('is nobody who is bound', () => {
    const hosts = [host('laptop', { transcripts: [{ ...guess, firstPrompt: 'Do PAY-2' }] })];
    const { tasks } = picture({ issues: [recorded('PAY-1'), issue('PAY-2')], branchNames, hosts });
    assert.deepEqual(tasks.map((task) => task.sessions.map(({ evidence }) => evidence)), [['record'], []]); // prettier-ignore
  });

  it('is a bound one only where a later record claims it', () => {
    const hosts = [host('laptop', { transcripts: [transcript()] })];
    const issues = [recorded('PAY-1', { created: 1 }), recorded('PAY-2', { created: 2 })];
    const { tasks } = picture({ issues, hosts });
    assert.deepEqual(tasks.map((task) => task.sessions.map(({ evidence }) => evidence)), [['record'], ['candidate']]); // prettier-ignore
  });

  it('does not make its task need anybody', () => {
    const hosts = [host('laptop', { transcripts: [guess], live: [live({ status: 'waiting' })] })];
    assert.equal(taskOf({ issues: [issue('PAY-1')], branchNames, hosts }).needsYou, undefined);
  });
});

describe('a task', () => {
  it('lists the bound before candidates, the living before the ended, the newest first', () => {
    const transcripts = [1, 2, 3, 4].map((n) =>
      transcript({ id: id(n), modifiedAt: clock - 1_000_000 + n, branch: n === 4 ? 'x/PAY-1' : 'x' }),
    );
    const hosts = [host('laptop', { transcripts, live: [live({ sessionId: id(1) }), live({ sessionId: id(4), status: 'waiting' })] })]; // prettier-ignore
    const claims = [1, 2, 3].map((n) => claim({ sessionId: id(n) }));
    const { sessions } = taskOf({ hosts, issues: [issue('PAY-1', { claims })] });
    assert.deepEqual(sessions.map((one) => one.id), [1, 3, 2, 4].map(id)); // prettier-ignore
  });

  it('needs the user where a session waits, before all else', () => {
    const hosts = [host('laptop', { live: [live({ status: 'waiting', waitingFor: 'permission prompt', statusUpdatedAt: 77 })] })]; // prettier-ignore
    assert.deepEqual(taskOf({ hosts, issues: [recorded('PAY-1')] }).needsYou, { reason: 'permission prompt', since: 77, sessionId: id(1) }); // prettier-ignore
  });

  it('needs the user where documents await review', () => {
    const waiting = recorded('PAY-1', { updated: 30 });
    assert.deepEqual(taskOf({ issues: [waiting] }).needsYou, { reason: 'documents await review', since: 30 });
    // Since what made it wait; whatever somebody has written later counts for nothing.
    const written = claim({
      title: 'Approved for Implementation',
      sessionId: id(9),
      created: 90,
      updated: 90,
    });
    const claims = [...waiting.claims, written];
    assert.equal(
      taskOf({ issues: [{ ...waiting, claims, updated: 90 }] }).needsYou?.since,
      waiting.claims[0]?.updated,
    );
    assert.equal(taskOf({ issues: [issue('PAY-1')] }).needsYou, undefined);
  });

  it('has what its branch, its issue and its records say', () => {
    const branch = { repository: 'platform', host: 'laptop', directory: '/src/platform', name: 'task/PAY-1-analysis', ref: 'refs/heads/task/PAY-1-analysis', head: 'a'.repeat(40) }; // prettier-ignore
    const docs = [{ name: 'critic.md', path: 'docs/tasks/PAY-1/critic.md', blob: 'b'.repeat(40) }];
    const approved = claim({
      title: 'Approved for Implementation',
      commit: 'a'.repeat(40),
      author: dana,
      created: 40,
    });
    const task = taskOf({
      settings: settings({ approvers: ['dana'], docs: { names: ['critic.md', 'plan.md', 'plan.md'] } }),
      issues: [issue('PAY-1', { priority: 'High', assignee: 'Pat', claims: [approved] })],
      branchNames: new Map([['PAY-1', branch.name]]),
      branches: new Map([['PAY-1', { branch, docs }]]),
    });
    assert.deepEqual(task, {
      key: 'PAY-1',
      id: '1',
      summary: 'Summary of PAY-1',
      status: 'To Do',
      statusCategory: 'new',
      phase: 'approved',
      phaseCause: { kind: 'approved', at: 40 },
      priority: 'High',
      assignee: 'Pat',
      url: 'https://jira.example/browse/PAY-1',
      updated: 2,
      branch: branch.name,
      head: branch.head,
      checkout: branch,
      docs: docs.map((doc) => ({ ...doc, review: { state: 'new', approved: 'same' } })),
      docsExpected: 2,
      sessions: [],
      approval: { commit: 'a'.repeat(40), by: 'Dana', at: 40, stale: false },
    });
  });

  it('has the branch that it should have, and why it could not be read', () => {
    const branches = new Map([['PAY-1', { docs: [], error: 'no repository' }]]);
    const task = taskOf({ issues: [issue('PAY-1')], branchNames: new Map([['PAY-1', 'x']]), branches });
    assert.deepEqual([task.branch, task.branchError, task.head], ['x', 'no repository', undefined]);
  });

  it('failed where its newest record says so', () => {
    const failed = taskOf({ issues: [recorded('PAY-1', { title: 'AI Analysis Failed' })] });
    assert.deepEqual([failed.phase, failed.failed], ['analyzing', true]);
  });
});

describe('terminals', () => {
  it('are those of our tmux server, once each, and those that are supervised', () => {
    const first = pane({ key: 'PAY-1', sessionId: id(1), attached: 2 });
    const panes = [
      first,
      pane({ id: '%2' }),
      pane({ socket: '/run/tmux-1000/default', sessionName: 'mine' }),
      pane({ id: '%3', sessionName: 'ended', dead: { status: 1 } }),
    ];
    const kept = { host: 'laptop', name: 'kept', attached: 0, windows: 1, createdAt: 1 };
    const { terminals } = picture({ hosts: [host('laptop', { panes }), host('devserver', 'silent')], supervised: [kept] }); // prettier-ignore
    const base = { host: 'laptop', windows: 1, createdAt: 3 };
    assert.deepEqual(terminals, [
      { ...base, name: first.sessionName, attached: 2, key: 'PAY-1', sessionId: id(1) },
      { ...base, name: 'ended', attached: 0, dead: { status: 1 } },
      kept,
    ]);
  });
});

describe('the picture', () => {
  it('keeps the order of the JQL and says how every source answered', () => {
    const hosts = [host('laptop'), host('devserver', { error: 'timed out' })];
    const jira = { signedIn: true, asOf: 5, error: 'down' };
    const { at, jira: said, hosts: states, tasks } = picture({ jira, hosts, issues: ['PAY-9', 'PAY-1', 'PAY-5'].map((key) => issue(key)) }); // prettier-ignore
    assert.deepEqual([at, said], [clock, jira]);
    assert.deepEqual(states, hosts.map(({ state }) => state)); // prettier-ignore
    assert.deepEqual(tasks.map(({ key }) => key), ['PAY-9', 'PAY-1', 'PAY-5']); // prettier-ignore
  });

  it('leaves what it was made of as it was', () => {
    const input = { hosts: [host('laptop', { transcripts: [transcript()], panes: [pane()] })], issues: [recorded('PAY-1')] }; // prettier-ignore
    const before = structuredClone(input);
    picture(input);
    assert.deepEqual(input, before);
  });
});
