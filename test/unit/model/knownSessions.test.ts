import assert from 'node:assert/strict';
import { Assembler, type AssembleInput } from '../../../src/model/assemble';
import type { HostReading } from '../../../src/model/session/known/knownSessions';
import type { Session } from '../../../src/model/session/session';
import type {
  HostReport,
  KeptTranscript,
  LiveEntry,
  SessionTrace,
} from '../../../src/model/session/transcript';
import { claim, clock, entry, id, issue, report, settings, transcript } from './examples';

const host = (name: string, fields: Partial<HostReport> = {}, error?: string): HostReading => ({
  state: { name, local: name === 'laptop', ...(error !== undefined && { error }) },
  names: [name],
  report: report(name, fields),
});

const input = (fields: Partial<AssembleInput> = {}): AssembleInput => ({
  at: clock,
  settings: settings(),
  jira: { signedIn: true },
  issues: [],
  hosts: [host('laptop')],
  branchNames: new Map(),
  branches: new Map(),
  ledger: { entries: [], worktrees: [] },
  ...fields,
});

const picture = (fields: Partial<AssembleInput>) => new Assembler().assemble(input(fields));
const sessionsOn = (fields: Partial<HostReport>, others: Partial<AssembleInput> = {}): Session[] =>
  picture({ hosts: [host('laptop', fields)], ...others }).sessions;

const log: SessionTrace = { sessionId: id(1), source: 'log', path: '/var/log/run.jsonl', directory: '/srv/wt/PAY-1', title: 'Do PAY-1', at: clock - 9 }; // prettier-ignore
const kept: KeptTranscript = { sessionId: id(1), path: './-srv/x.jsonl', size: 7, modifiedAt: clock - 99 };
const live: LiveEntry = { pid: 50, sessionId: id(1), directory: '/srv', kind: 'interactive', entrypoint: 'cli', status: 'idle' }; // prettier-ignore

describe('a session without a transcript', () => {
  it('is known by what else names it on its host', () => {
    const job: SessionTrace = { sessionId: id(1), source: 'job', at: clock - 5 };
    assert.deepEqual(sessionsOn({ traces: [log, job] }), [
      {
        id: id(1),
        host: 'laptop',
        hostKnown: true,
        directory: '/srv/wt/PAY-1',
        kind: 'other',
        state: 'missing',
        title: 'Do PAY-1',
        lastActivity: clock - 5,
        traces: [log, job],
      },
    ]);
    const [copy] = sessionsOn({ kept: [kept] });
    assert.deepEqual([copy?.state, copy?.kept, copy?.lastActivity], ['missing', kept, clock - 99]);
  });

  it('is unknown, not missing, where its host does not answer now', () => {
    const { sessions } = picture({ hosts: [host('laptop', { traces: [log] }, 'down')] });
    assert.equal(sessions[0]?.state, 'unknown');
  });

  it('is bound by a record or the ledger, and by no log, not even of our worktree', () => {
    const worktrees = [{ key: 'PAY-1', host: 'laptop', directory: '/srv/wt/PAY-1', createdAt: 1 }];
    const issues = [issue('PAY-1')];
    const keyOf = (fields: Partial<AssembleInput>) => sessionsOn({ traces: [log] }, fields).map(({ key, evidence }) => [key, evidence]); // prettier-ignore
    assert.deepEqual(keyOf({ issues, ledger: { entries: [], worktrees } }), [[undefined, undefined]]);
    const recorded = [issue('PAY-1', { claims: [claim({ sessionId: id(1), host: 'elsewhere' })] })];
    assert.deepEqual(keyOf({ issues: recorded }), [['PAY-1', 'record']]);
    assert.deepEqual(keyOf({ ledger: { entries: [entry({ key: 'PAY-2' })], worktrees } }), [
      ['PAY-2', 'ledger'],
    ]);
    const { tasks } = picture({ issues, hosts: [host('laptop', { traces: [log] })], ledger: { entries: [], worktrees } }); // prettier-ignore
    assert.deepEqual(tasks[0]?.sessions.map(({ evidence }) => evidence), ['candidate']); // prettier-ignore
  });

  it('is no second session where another host has it', () => {
    const hosts = [host('laptop', { traces: [log] }), host('devserver', { transcripts: [transcript()] })];
    assert.deepEqual(picture({ hosts }).sessions.map((one) => one.host), ['devserver']); // prettier-ignore
  });
});

describe('a session of a host that does not answer', () => {
  const silent = (fields: Partial<HostReading['state']> = {}, last?: HostReport): HostReading => ({
    state: { name: 'laptop', local: true, ...fields },
    names: ['laptop'],
    ...(last && { report: last }),
  });
  const copy = host('devserver', { transcripts: [transcript()] });
  const ledger = { entries: [entry({ key: 'PAY-1' })], worktrees: [] };
  const shown = (there: HostReading) =>
    picture({ hosts: [there, copy], ledger }).sessions.map((one) => [one.host, one.state, one.reason]);
  const both = [
    ['devserver', 'ended', 'started for this task on laptop'],
    ['laptop', 'unknown', undefined],
  ];

  for (const [what, there] of [
    ['yet', silent()],
    ['at all', silent({ error: 'down' })],
    ['any more, and had not told of it', silent({ error: 'down' }, report('laptop'))],
    ['in this run', silent({ asOf: 1, earlier: true }, report('laptop'))],
  ] as const)
    it(`${what} is listed beside the copy on another host`, () => assert.deepEqual(shown(there), both));

  it('is listed once where its host told of it before', () =>
    assert.deepEqual(
      shown(silent({ error: 'down' }, report('laptop', { transcripts: [transcript()] }))).map(([on]) => on),
      ['laptop', 'devserver'],
    ));

  it('is not listed where its host answers that it has none', () =>
    assert.deepEqual(shown(host('laptop')).map(([on]) => on), ['devserver'])); // prettier-ignore

  it('stays the same object, and so does the list', () => {
    const entries = [entry({ key: 'PAY-1' }), entry({ host: 'ci', key: 'PAY-1' })];
    const ci = { ...silent({ name: 'ci' }), names: ['ci'] };
    const assembler = new Assembler();
    const [first, second] = [1, 2].map(
      () => assembler.assemble(input({ hosts: [silent(), ci, copy], ledger: { entries, worktrees: [] } })).sessions,
    ); // prettier-ignore
    assert.deepEqual(first?.map((one) => one.host), ['devserver', 'ci', 'laptop']); // prettier-ignore
    assert.deepEqual(first?.map((one, n) => one === second?.[n]), [true, true, true]); // prettier-ignore
  });
});

describe('a session with a transcript', () => {
  it('carries what else names it there, what is kept, and whether there is anything in it', () => {
    const one = transcript({ entrypoint: 'sdk-cli', hasConversation: false, turns: 3 });
    const [session] = sessionsOn({ transcripts: [one], traces: [log], kept: [kept] });
    assert.deepEqual(
      [session?.traces, session?.kept, session?.entrypoint, session?.hasConversation, session?.turns],
      [[log], kept, 'sdk-cli', false, 3],
    );
  });

  it("bears the user's own name before Claude's, on every host", () => {
    const entries = [entry({ evidence: 'seen', name: 'Mine' })];
    const hosts = ['laptop', 'devserver'].map((name) => host(name, { transcripts: [transcript({ title: 'Its' })] })); // prettier-ignore
    const { sessions } = picture({ hosts, ledger: { entries, worktrees: [] } });
    assert.deepEqual(sessions.map(({ title }) => title), ['Mine', 'Mine']); // prettier-ignore
  });

  it('does not expire before it has a file', () => {
    const [session] = sessionsOn({ live: [live] });
    assert.deepEqual([session?.expiresAt, session?.hasConversation, session?.entrypoint], [undefined, false, 'cli']); // prettier-ignore
  });

  it('says what it was copied from; the ledger knows better than its lines', () => {
    const transcripts = [
      transcript({
        id: id(1),
        firstUuid: 'a',
        firstActivity: clock - 9e7,
        beginning: { headAt: clock - 9e7 },
      }),
      transcript({
        id: id(2),
        firstUuid: 'a',
        firstActivity: clock - 9e7,
        beginning: { headAt: clock - 8e7 },
      }),
    ];
    const forkedFrom = (entries: ReturnType<typeof entry>[]) =>
      sessionsOn({ transcripts }, { ledger: { entries, worktrees: [] } }).map((one) => one.forkedFrom);
    assert.deepEqual(forkedFrom([]), [undefined, id(1)]);
    assert.deepEqual(forkedFrom([entry({ sessionId: id(2), forkedFrom: id(9) })]), [undefined, id(9)]);
  });
});

describe('the candidates of a task', () => {
  const copies = (fields: Parameters<typeof transcript>[0] = {}) => [
    transcript({ id: id(1), firstUuid: 'a', firstActivity: clock - 9e7, beginning: { headAt: clock - 9e7 } }),
    transcript({ id: id(2), firstUuid: 'a', firstActivity: clock - 9e7, beginning: { headAt: clock - 8e7 }, ...fields }),
  ]; // prettier-ignore

  it('are the copies of its sessions, which lineage never binds', () => {
    const ledger = { entries: [entry({ key: 'PAY-1' })], worktrees: [] };
    const { tasks, sessions } = picture({ issues: [issue('PAY-1')], ledger, hosts: [host('laptop', { transcripts: copies() })] }); // prettier-ignore
    assert.equal(sessions.find((one) => one.id === id(2))?.key, undefined);
    const shown = tasks[0]?.sessions.map((one) => [one.id, one.evidence, one.reason]);
    assert.deepEqual(shown, [
      [id(1), 'ledger', 'started for this task'],
      [id(2), 'candidate', 'it is a fork of 00000001 of this task'],
    ]);
    // Not once the user has said no.
    const no = entry({ sessionId: id(2), evidence: 'unlinked', key: 'PAY-1' });
    const after = picture({ issues: [issue('PAY-1')], ledger: { ...ledger, entries: [...ledger.entries, no] }, hosts: [host('laptop', { transcripts: copies() })] }); // prettier-ignore
    assert.equal(after.tasks[0]?.sessions.length, 1);
  });

  it('are the five that fit best, and the others are counted', () => {
    const transcripts = Array.from({ length: 8 }, (_, n) =>
      transcript({ id: id(n + 1), ...(n % 2 ? { branch: 'x/PAY-1' } : { title: 'PAY-1' }) }),
    );
    const [task] = picture({ issues: [issue('PAY-1')], hosts: [host('laptop', { transcripts })] }).tasks;
    assert.deepEqual(task?.sessions.map(({ score }) => score), [50, 50, 50, 50, 35]); // prettier-ignore
    assert.equal(task?.moreCandidates, 3);
  });
});

describe('picture after picture', () => {
  const transcripts = [1, 2, 3].map((n) => transcript({ id: id(n), branch: 'x/PAY-1' }));
  const issues = [issue('PAY-1'), issue('PAY-2', { claims: [claim({ issueKey: 'PAY-2', sessionId: id(3) })] })]; // prettier-ignore
  const ledger = { entries: [], worktrees: [] };
  const branches = new Map();
  const looks = (...reports: Partial<HostReport>[]) => {
    const assembler = new Assembler();
    const same = settings();
    return reports.map((fields, at) =>
      assembler.assemble(
        input({ at, settings: same, issues, ledger, branches, hosts: [host('laptop', { transcripts: [...transcripts], ...fields })] }),
      ),
    ); // prettier-ignore
  };

  it('what has not changed is the same object, whatever lives', () => {
    const [first, second] = looks({ live: [live] }, { live: [{ ...live }], clock: clock + 5000 });
    assert.equal(first?.sessions, second?.sessions);
    assert.equal(first?.tasks, second?.tasks);
    assert.notEqual(first?.at, second?.at);
  });

  it('only what has changed is new', () => {
    const changed = [{ ...transcripts[0]!, size: 9 }, ...transcripts.slice(1)];
    const [first, second] = looks({}, { transcripts: changed });
    const same = first?.sessions.map((session, n) => session === second?.sessions[n]);
    assert.deepEqual(same, [false, true, true]);
    assert.deepEqual(first?.tasks.map((task, n) => task === second?.tasks[n]), [false, true]); // prettier-ignore
  });

  it('a session that comes to life, and ends, is never what it was', () => {
    const states = looks({}, { live: [live] }, { live: [{ ...live, status: 'busy' }] }, {}).map(
      ({ sessions }) => sessions[0]?.state,
    );
    assert.deepEqual(states, ['ended', 'idle', 'working', 'ended']);
  });

  it('a session of which another copy is just written to is not what it was', () => {
    const [one] = transcripts;
    const copy = { ...one!, path: './-other/x.jsonl', hasConversation: false };
    const states = looks(
      { transcripts: [one!, copy] },
      { transcripts: [one!, { ...copy, modifiedAt: clock - 1000 }] },
    ).map(({ sessions }) => sessions[0]?.state);
    assert.deepEqual(states, ['ended', 'unknown']);
  });

  it('forgets what is gone', () => {
    const counts = looks({ traces: [{ ...log, sessionId: id(9) }] }, {}, { transcripts: [] }).map(
      ({ sessions }) => sessions.length,
    );
    // The record keeps naming its own.
    assert.deepEqual(counts, [4, 3, 1]);
  });
});
