import { sameItems } from '../../../util/same';
import type { BindingIndex, BindingSubject } from '../../binding/binding';
import type { LedgerState } from '../../binding/ledger';
import { lineageOf, type Lineage } from '../../binding/lineage';
import type { HostState } from '../../task/task';
import { answers, fromLedger, fromRecord, fromTraces } from './absentSession';
import { HostSessions, keptById, tracesById, type KnownSession } from './hostSessions';
import { transcriptsOf } from '../liveness';
import type { Session, TerminalInfo } from '../session';
import type { HostReport } from '../transcript';

/** How one host answered last. `names` are its configured name and aliases, as records may spell it. */
export interface HostReading {
  state: HostState;
  names: readonly string[];
  /** Template of its web terminal, as configured. */
  webTerminal?: string | undefined;
  report?: HostReport;
}

export interface SessionsInput {
  hosts: readonly HostReading[];
  ledger: LedgerState;
  /** Terminals that no tmux server reports: those of the supervisor. */
  supervised?: readonly TerminalInfo[];
}

/** The sessions that hosts have, as lists of each host. */
interface Present {
  lists: readonly (readonly KnownSession[])[];
  sessions: readonly KnownSession[];
  ids: ReadonlySet<string>;
}

/**
 * Every session that a host, the ledger or a record knows, each with the task that its evidence names, look after look:
 * what is the same as before is the same object, the list included.
 */
export class KnownSessions {
  private readonly hosts = new Map<string, HostSessions>();
  private known: readonly KnownSession[] = [];
  private lineage: { parts: unknown[]; found: ReadonlyMap<string, Lineage> } = {
    parts: [],
    found: new Map(),
  };
  private present: Present = { lists: [], sessions: [], ids: new Set() };
  private absent: ReadonlyMap<string, KnownSession> = new Map();

  of(input: SessionsInput, binding: BindingIndex): readonly KnownSession[] {
    const { hosts, supervised = [] } = input;
    const lineage = this.lineageOf(hosts.flatMap(({ report }) => report ?? []));
    const lists = hosts.flatMap(({ report, webTerminal }) =>
      report ? [this.host(report.host).of({ report, supervised, binding, lineage, webTerminal })] : [],
    );
    const { sessions, ids } = this.presentIn(lists);
    const known = [...sessions];
    const absent = new Map<string, KnownSession>();
    for (const session of absentSessions(input, binding, ids)) {
      const place = `${session.host}/${session.id}`;
      const before = this.absent.get(place);
      const one =
        before && JSON.stringify(before.session) === JSON.stringify(session)
          ? before
          : { session, subject: subjectOfAbsent(session) };
      absent.set(place, one);
      known.push(one);
    }
    this.absent = absent;
    if (!sameItems(known, this.known)) this.known = known;
    return this.known;
  }

  private presentIn(lists: Present['lists']): Present {
    if (!sameItems(lists, this.present.lists)) {
      const sessions = lists.flat();
      this.present = { lists, sessions, ids: new Set(sessions.map(({ session }) => session.id)) };
    }
    return this.present;
  }

  private host(name: string): HostSessions {
    const host = this.hosts.get(name) ?? new HostSessions();
    this.hosts.set(name, host);
    return host;
  }

  /** Families of transcripts are looked for only when one has come, gone or changed. */
  private lineageOf(reports: readonly HostReport[]): ReadonlyMap<string, Lineage> {
    const parts = reports.flatMap(({ transcripts, traces = [] }): unknown[] =>
      traces.length > 0 ? [...transcripts, ...traces] : transcripts,
    );
    if (!sameItems(parts, this.lineage.parts)) this.lineage = { parts, found: lineageOf(reports) };
    return this.lineage.found;
  }
}

function* absentSessions(
  input: SessionsInput,
  binding: BindingIndex,
  present: ReadonlySet<string>,
): Generator<Session> {
  const { hosts, ledger } = input;
  const named = new Set<string>();
  const isNew = (id: string): boolean => !present.has(id) && !named.has(id);
  const elsewhere = hosts.map((host) => ({
    host,
    traces: tracesById(host.report),
    kept: keptById(host.report),
  }));
  const bound = ledger.entries
    .toReversed()
    .filter(({ key, evidence }) => key && (evidence === 'started' || evidence === 'linked'));
  // Who does not answer may well have it: another host's copy does not stand for it.
  const silent = new Set(
    bound.filter((entry) => {
      const host = hosts.find(({ state }) => state.name === entry.host);
      return host && !answers(host) && !has(host, entry.sessionId);
    }),
  );
  // What no host has: our own ledger knows better than a record where it was.
  for (const entry of new Set([...silent, ...bound])) {
    if (!silent.has(entry) && !isNew(entry.sessionId)) continue;
    named.add(entry.sessionId);
    const there = elsewhere.find(({ host }) => host.state.name === entry.host);
    const facts = { traces: there?.traces.get(entry.sessionId), kept: there?.kept.get(entry.sessionId) };
    yield fromLedger(entry, hosts, binding, facts);
  }
  for (const { host, traces, kept } of elsewhere)
    for (const id of new Set([...traces.keys(), ...kept.keys()])) {
      if (!isNew(id)) continue;
      named.add(id);
      yield fromTraces(id, host, binding, { traces: traces.get(id), kept: kept.get(id) });
    }
  for (const { record } of binding.claimed.values())
    if (isNew(record.sessionId)) yield fromRecord(record, hosts, binding);
}

/** What it said last, be it long ago. */
const has = ({ report }: HostReading, id: string): boolean =>
  report !== undefined &&
  (transcriptsOf(id, report).length > 0 || report.live.some(({ sessionId }) => sessionId === id));

const subjectOfAbsent = ({
  id,
  host,
  directory,
  branch,
  title,
  createdAt,
  lastActivity,
}: Session): BindingSubject => ({
  sessionId: id,
  host,
  directory,
  branch,
  name: title,
  firstActivity: createdAt,
  lastActivity,
});
