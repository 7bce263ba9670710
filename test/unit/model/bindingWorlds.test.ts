import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { Assembler } from '../../../src/model/assemble';
import type { LedgerEntry, LedgerWorktree } from '../../../src/model/binding/ledger';
import type { RecordClaim } from '../../../src/model/record/record';
import type { HostReading } from '../../../src/model/session/known/knownSessions';
import type { RunReading } from '../../../src/model/run/run';
import type { Session } from '../../../src/model/session/session';
import type { LiveEntry, SessionTrace, TranscriptSummary } from '../../../src/model/session/transcript';
import type { Issue } from '../../../src/model/task/issue';
import type { BranchReading } from '../../../src/model/task/task';
import { claim, clock, entry, id, issue, report, settings, transcript } from './examples';
import { lines, order, reading, runId } from './run/examples';

/**
 * Ten thousand worlds in which everything looks like everything else, and what CONTRIBUTING ("Identity") says of them in plain rules:
 * which task may a session be bound to, by which evidence. The rules are written here once more, without an index, an
 * order or a memory, and know nothing of the code that they judge.
 */

const hour = 3_600_000;
const day = 24 * hour;
const hosts = ['laptop', 'devserver', 'ci'] as const;
// `PAY-1` begins `PAY-12`, and `PA` and `PAY` look alike to whoever searches for parts of words.
const keys = ['PAY-1', 'PAY-12', 'PA-1', 'OPS-1'] as const;

interface World {
  issues: Issue[];
  ledger: { entries: LedgerEntry[]; worktrees: LedgerWorktree[] };
  transcripts: [host: string, transcript: TranscriptSummary][];
  live: [host: string, live: LiveEntry][];
  traces: [host: string, trace: SessionTrace][];
  runs: [host: string, run: RunReading][];
  branchNames: Map<string, string>;
  branches: Map<string, BranchReading>;
  /** Hosts that did not answer. */
  down: string[];
  /** By how much a host's clock is off, ms. */
  skew: Record<string, number>;
}

// Few of each, so that they meet.
const anyKey = fc.constantFrom(...keys);
const anyHost = fc.constantFrom(...hosts);
const anyId = fc.integer({ min: 1, max: 5 }).map(id);
const anyTime = fc.integer({ min: -72, max: 0 }).map((hours) => clock + hours * hour);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
/** `-w-a-b` is the folder of `/w/a-b`, `/w/a/b` and `/w/a.b`; worktrees lie in one another; one path leaves itself. */
const anyDirectory = fc.constantFrom(
  '/w/PAY-1',
  '/w/PAY-1/src',
  '/w/PAY-1/PAY-12',
  '/w/PAY-1/PAY-12/x',
  '/w/PAY-12',
  '/w/PAY.1',
  '/w/PAY-1/../PAY-12',
  '/w/PAY-1-old',
  '/srv/platform',
  '/srv/platform-renamed',
  '/',
);
const anyBranch = fc.constantFrom('task/PAY-1-analysis', 'task/PAY-12-analysis', 'main', 'wip/OPS-1');
const anyText = fc.constantFrom('PAY-1', 'Do PAY-12', 'PAY-1 PAY-12 PA-1 OPS-1', 'xPAY-1', 'fix it');
const anyFirstLine = fc.constantFrom('first', 'second', 'third');

const without = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;

const anyTranscript: fc.Arbitrary<TranscriptSummary> = fc
  .record({
    id: anyId,
    directory: maybe(anyDirectory),
    branch: maybe(anyBranch),
    title: maybe(anyText),
    firstPrompt: maybe(anyText),
    firstUuid: maybe(anyFirstLine),
    firstActivity: maybe(anyTime),
    modifiedAt: anyTime,
    size: fc.integer({ min: 1, max: 3 }),
    hasConversation: fc.boolean(),
    beginning: maybe(
      fc
        .record({
          headAt: maybe(anyTime),
          copiedFrom: maybe(anyId),
          startedAs: maybe(anyId),
          cleared: maybe(fc.constant<true>(true)),
        })
        .map(without),
    ),
  })
  .map(({ directory, ...fields }) =>
    transcript({
      ...without(fields),
      directories: directory === undefined ? [] : ['/elsewhere', directory],
      lastActivity: fields.modifiedAt,
    }),
  );

const anyClaim: fc.Arbitrary<RecordClaim> = fc
  .record({
    issueKey: anyKey,
    sessionId: maybe(anyId),
    commentId: fc.integer({ min: 1, max: 30 }),
    created: anyTime,
    edited: fc.constantFrom(0, 0, hour, 48 * hour),
    host: maybe(fc.constantFrom(...hosts, 'unknown')),
    directory: maybe(anyDirectory),
    branch: maybe(anyBranch),
    continues: maybe(anyId),
  })
  .map(({ edited, commentId, ...fields }) =>
    claim({
      ...without(fields),
      // Jira counts comments over all issues: no two issues have one of the same number.
      commentId: String(commentId * keys.length + keys.indexOf(fields.issueKey)),
      updated: fields.created + edited,
    }),
  );

const anyEntry: fc.Arbitrary<LedgerEntry> = fc
  .record({
    sessionId: anyId,
    host: anyHost,
    key: maybe(anyKey),
    evidence: fc.constantFrom('started', 'linked', 'unlinked', 'seen'),
    rejected: maybe(fc.array(anyKey, { maxLength: 2 })),
    name: maybe(anyText),
    forkedFrom: maybe(anyId),
    continues: maybe(anyId),
  })
  // Who links a session to a task no longer says that it is none of it.
  .map(({ rejected, ...fields }) => ({
    ...fields,
    rejected: rejected?.filter((key) => key !== fields.key || fields.evidence === 'unlinked'),
  }))
  .map((fields) => entry(without(fields) as Partial<LedgerEntry>));

const anyRun = fc
  .record({ key: anyKey, sessionId: anyId, reviewId: anyId, createdAt: anyTime })
  .map((fields) => reading(lines('run started'), { order: order(fields) }));

/** A session that is chosen anew for each run is in one only; ids of runs differ. */
function apart(runs: [host: string, run: RunReading][]): [host: string, run: RunReading][] {
  const seen = new Set<string>();
  return runs.flatMap(([host, run], n): [string, RunReading][] => {
    const places = [run.order.sessionId, run.order.reviewId!].map((one) => `${host} ${one}`);
    if (places[0] === places[1] || places.some((place) => seen.has(place))) return [];
    for (const place of places) seen.add(place);
    return [[host, { ...run, order: { ...run.order, id: runId(n) } }]];
  });
}

const world: fc.Arbitrary<World> = fc
  .record({
    claims: fc.array(anyClaim, { maxLength: 5 }),
    known: fc.subarray([...keys], { minLength: 1 }),
    created: anyTime,
    entries: fc.array(anyEntry, { maxLength: 4 }),
    worktrees: fc.array(
      fc.record({ key: anyKey, host: anyHost, directory: anyDirectory, createdAt: anyTime }),
      { maxLength: 3 },
    ),
    transcripts: fc.array(fc.tuple(anyHost, anyTranscript), { maxLength: 6 }),
    live: fc.array(fc.tuple(anyHost, anyId, anyDirectory), { maxLength: 2 }),
    traces: fc.array(fc.tuple(anyHost, anyId, anyDirectory, anyText, anyTime), { maxLength: 2 }),
    runs: fc.array(fc.tuple(anyHost, anyRun), { maxLength: 3 }),
    branchNames: fc.array(fc.tuple(anyKey, anyBranch), { maxLength: 4 }),
    committed: maybe(anyTime),
    down: fc.subarray([...hosts], { maxLength: 1 }),
    skew: fc.record({
      laptop: fc.constant(0),
      devserver: fc.constantFrom(0, -5 * hour, 5 * hour),
      ci: fc.constantFrom(0, -hour),
    }),
  })
  .map((made) => ({
    issues: made.known.map((key) =>
      issue(key, { created: made.created, claims: made.claims.filter((one) => one.issueKey === key) }),
    ),
    // The ledger holds one entry for a session and host, and one worktree for a place.
    ledger: {
      entries: [...new Map(made.entries.map((one) => [`${one.host} ${one.sessionId}`, one])).values()],
      worktrees: [...new Map(made.worktrees.map((one) => [`${one.host} ${one.directory}`, one])).values()],
    },
    transcripts: made.transcripts,
    live: made.live.map(([host, sessionId, directory]) => [
      host,
      { pid: 9, sessionId, directory, kind: 'interactive', status: 'idle' },
    ]),
    traces: made.traces.map(([host, sessionId, directory, title, at]) => [
      host,
      { sessionId, source: 'log', directory, title, at },
    ]),
    runs: apart(made.runs),
    branchNames: new Map(made.branchNames),
    branches: new Map(
      made.branchNames.map(([key, name]) => [
        key,
        {
          branch: without({
            repository: 'platform',
            host: 'laptop',
            directory: '/srv/platform',
            name,
            ref: `refs/heads/${name}`,
            head: 'a',
            committedAt: made.committed,
          }) as never,
          docs: [],
        },
      ]),
    ),
    down: made.down,
    skew: made.skew,
  }));

/** What a world looks like to the one who assembles it; a host that is down keeps its last answer, with an error. */
const readings = (of: World): HostReading[] =>
  hosts.map((name) => ({
    state: { name, local: name === 'laptop', ...(of.down.includes(name) && { error: 'down' }) },
    names: [name],
    report: report(name, {
      clock: clock + of.skew[name]!,
      transcripts: of.transcripts.filter(([host]) => host === name).map(([, one]) => one),
      live: of.live.filter(([host]) => host === name).map(([, one]) => one),
      traces: of.traces.filter(([host]) => host === name).map(([, one]) => one),
      runs: of.runs.filter(([host]) => host === name).map(([, one]) => one),
    }),
  }));

const usual = settings();
const picture = (of: World, assembler = new Assembler()) =>
  assembler.assemble({
    at: clock,
    settings: usual,
    jira: { signedIn: true },
    issues: of.issues,
    hosts: readings(of),
    branchNames: of.branchNames,
    branches: of.branches,
    ledger: of.ledger,
  });

/** One id may have several transcripts on one host, or several processes: then either may speak for it. */
const copiesOn = (of: World, { id: sessionId, host }: Session): number =>
  of.transcripts.filter(([on, one]) => on === host && one.id === sessionId).length ||
  of.live.filter(([on, one]) => on === host && one.sessionId === sessionId).length;

// The rules.

/** The user's last word on that host; without one, on any other. */
function hasUnlinked(of: World, { id: sessionId, host }: Session, key: string): boolean {
  const saysNo = (one: LedgerEntry): boolean =>
    (one.evidence === 'unlinked' && one.key === key) || (one.rejected ?? []).includes(key);
  const saysYes = (one: LedgerEntry): boolean =>
    one.key === key && (one.evidence === 'started' || one.evidence === 'linked');
  const words = of.ledger.entries.filter(
    (one) => one.sessionId === sessionId && (saysNo(one) || saysYes(one)),
  );
  const here = words.filter((one) => one.host === host);
  return (here.length > 0 ? here : words).some(saysNo);
}

/** Started or linked; on that host if anything was decided there, else on another where it was not taken back. */
function ledgerKeys(of: World, session: Session): string[] {
  const decided = of.ledger.entries.filter(
    (one) => one.sessionId === session.id && one.key !== undefined && one.evidence !== 'seen',
  );
  const here = decided.filter((one) => one.host === session.host);
  const keys = (here.length > 0 ? here : decided)
    .filter((one) => one.evidence === 'started' || one.evidence === 'linked')
    .map((one) => one.key!)
    .filter((key) => here.length > 0 || !hasUnlinked(of, session, key));
  // Others that were given to two tasks tell nothing of this one.
  return new Set(keys).size === 1 ? keys : [];
}

const inside = (path: string, folder: string): boolean =>
  !path.split('/').includes('..') && `${path}/`.startsWith(`${folder}/`);

/** The innermost worktree of ours around what the session's own files say; a log's word is not enough. */
function worktreeKeys(of: World, session: Session): string[] {
  const copies = of.transcripts.filter(([host, one]) => host === session.host && one.id === session.id);
  const lives = of.live.filter(([host, one]) => host === session.host && one.sessionId === session.id);
  const at =
    copies.length > 0
      ? copies.map(([, one]) => ({
          directory: one.directories.at(-1),
          last: one.lastActivity ?? one.modifiedAt,
        }))
      : lives.map(([, one]) => ({ directory: one.directory as string | undefined, last: Infinity }));
  return at.flatMap(({ directory, last }) => {
    const around = of.ledger.worktrees.filter(
      (one) =>
        one.host === session.host &&
        directory !== undefined &&
        directory !== '/' &&
        inside(directory, one.directory),
    );
    const [innermost] = around.toSorted((a, b) => b.directory.length - a.directory.length);
    return innermost && (last > innermost.createdAt - day || last === Infinity) ? [innermost.key] : [];
  });
}

/** The issue of the earliest record; no issue where that one was put into an old comment and another claims it too. */
function recordKeys(of: World, { id: sessionId, createdAt, host }: Session): string[] {
  const claims = of.issues.flatMap((one) => one.claims).filter((one) => one.sessionId === sessionId);
  const [first] = claims.toSorted(
    (a, b) => a.created - b.created || Number(a.commentId) - Number(b.commentId),
  );
  if (!first) return [];
  const earliest = claims.filter((one) => one.created === first.created && one.commentId === first.commentId);
  const began = of.transcripts.some(([on, one]) => on === host && one.id === sessionId)
    ? createdAt
    : undefined;
  return earliest
    .filter(
      (one) =>
        !(
          claims.some((other) => other.issueKey !== one.issueKey) &&
          one.updated !== one.created &&
          began !== undefined &&
          one.created < began - hour
        ),
    )
    .map((one) => one.issueKey);
}

/** The run of that host whose order names it. */
const runKeys = (of: World, { id: sessionId, host }: Session): string[] =>
  of.runs
    .filter(([on, { order }]) => on === host && [order.sessionId, order.reviewId].includes(sessionId))
    .map(([, { order }]) => order.key);

/** Which task CONTRIBUTING gives the session, and by which evidence; several where the world itself is ambiguous. */
function allowed(of: World, session: Session): { evidence: Session['evidence']; keys: string[] } | undefined {
  const ledger = ledgerKeys(of, session);
  if (ledger.length > 0) return { evidence: 'ledger', keys: ledger };
  const worktree = worktreeKeys(of, session).filter((key) => !hasUnlinked(of, session, key));
  const record = recordKeys(of, session).filter((key) => !hasUnlinked(of, session, key));
  if (worktree.length > 0) return { evidence: 'ledger', keys: worktree };
  if (record.length > 0) return { evidence: 'record', keys: record };
  const run = runKeys(of, session).filter((key) => !hasUnlinked(of, session, key));
  return run.length > 0 ? { evidence: 'run', keys: run } : undefined;
}

/** Every task that any evidence names: of two copies on one host, which rule holds depends on which speaks. */
const named = (of: World, session: Session): string[] =>
  [ledgerKeys, worktreeKeys, recordKeys, runKeys].flatMap((rule) => rule(of, session));

const runs = { numRuns: 10_000 };

describe('ten thousand worlds', function () {
  this.timeout(60_000);

  it('have no session bound to a task that its evidence does not name, and none left out', () => {
    const met = { bound: 0, unlinked: 0, free: 0, candidates: 0, worktree: 0, record: 0, run: 0 };
    fc.assert(
      fc.property(world, (of) => {
        const { sessions, tasks } = picture(of);
        for (const session of sessions) {
          const { evidence, key, reason } = session;
          assert.notEqual(evidence, 'candidate', 'a candidate is never among the bound');
          const rule = allowed(of, session);
          if (rule && copiesOn(of, session) <= 1) {
            assert.ok(
              key !== undefined && rule.keys.includes(key),
              `${session.id} is ${key}, not ${rule.keys.join()}`,
            );
            assert.equal(evidence, rule.evidence);
            met.bound++;
            if (evidence === 'record' || evidence === 'run') met[evidence]++;
            if (reason?.includes('worktree')) met.worktree++;
          } else if (key !== undefined) {
            assert.ok(named(of, session).includes(key), `nothing binds ${session.id} to ${key}`);
          } else met.free++;
          if (key !== undefined && evidence !== 'ledger') assert.ok(!hasUnlinked(of, session, key));
          if (keys.some((other) => hasUnlinked(of, session, other) && other !== key)) met.unlinked++;
        }
        for (const task of tasks)
          for (const session of task.sessions) {
            if (session.evidence !== 'candidate') {
              assert.ok(session.key === task.key && sessions.includes(session));
              continue;
            }
            met.candidates++;
            assert.ok(!hasUnlinked(of, session, task.key), 'what was taken back is not offered again');
            assert.ok(session.reason && session.score && session.score <= 100);
            const own = sessions.find((one) => one.id === session.id && one.host === session.host);
            assert.notEqual(own?.key, task.key, 'nor what is bound there already');
          }
        for (const task of tasks)
          assert.deepEqual(
            task.sessions.filter((one) => one.evidence !== 'candidate').length,
            sessions.filter((one) => one.key === task.key).length,
          );
      }),
      runs,
    );
    // Worlds in which nothing happens prove nothing.
    for (const [what, count] of Object.entries(met)) assert.ok(count > 500, `${what}: ${count}`);
  });

  it('look the same to one who remembers the last world', () => {
    const assembler = new Assembler();
    fc.assert(
      fc.property(world, fc.nat(), (of, n) => {
        picture(of, assembler);
        const next = changed(of, n);
        assert.deepEqual(picture(next, assembler), picture(next));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same world a little later: one part of it differs, the others are the same objects. */
function changed(of: World, n: number): World {
  const [host, one] = of.transcripts[0] ?? ['laptop', transcript()];
  const changes: Partial<World>[] = [
    {},
    { ledger: { ...of.ledger, entries: of.ledger.entries.slice(1) } },
    { ledger: { ...of.ledger, worktrees: of.ledger.worktrees.slice(1) } },
    { issues: of.issues.slice(1) },
    { live: [] },
    { traces: [] },
    { runs: of.runs.slice(1) },
    { runs: of.runs.map(([on, run]) => [on, { ...run, lineCount: 9 }]) },
    { transcripts: of.transcripts.slice(1) },
    {
      transcripts: [
        [host, { ...one, branch: 'task/PAY-12-analysis', modifiedAt: clock }],
        ...of.transcripts.slice(1),
      ],
    },
    { transcripts: of.transcripts.toReversed() },
    { branchNames: new Map([['PA-1', 'main']]) },
    { branches: new Map() },
    { down: ['laptop'] },
    { skew: { laptop: 0, devserver: 0, ci: 48 * hour } },
  ];
  return { ...of, ...changes[n % changes.length] };
}
