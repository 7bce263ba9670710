import { groupBy } from '../../util/groupBy';
import { kindOf, type BindingIndex, type BindingSubject } from '../binding/binding';
import type { LedgerEntry, LedgerState } from '../binding/ledger';
import { sessionState } from './liveness';
import type { SessionRecord } from '../record/record';
import type { Session, TerminalInfo } from './session';
import type { HostState } from '../task/task';
import { terminalOf } from './terminals';
import type { HostReport, TranscriptSummary } from './transcript';

/** How one host answered last. `names` are its configured name and aliases, as records may spell it. */
export interface HostReading {
  state: HostState;
  names: readonly string[];
  report?: HostReport;
}

export interface SessionsInput {
  hosts: readonly HostReading[];
  ledger: LedgerState;
  /** Terminals that no tmux server reports: those of the supervisor. */
  supervised?: readonly TerminalInfo[];
}

/** Every session that a host, the ledger or a record knows, each with the task that its evidence names. */
export function knownSessions(input: SessionsInput, binding: BindingIndex): Session[] {
  const sessions: Session[] = [];
  const seen = new Set<string>();
  for (const { report } of input.hosts) {
    if (!report) continue;
    const transcripts = new Map<string, TranscriptSummary>();
    for (const transcript of report.transcripts) {
      const other = transcripts.get(transcript.id);
      if (!other || isBetterCopy(transcript, other)) transcripts.set(transcript.id, transcript);
    }
    for (const live of report.live)
      if (!transcripts.has(live.sessionId)) transcripts.set(live.sessionId, blank(live));
    for (const transcript of transcripts.values()) {
      seen.add(transcript.id);
      sessions.push(fromTranscript(transcript, report, input, binding));
    }
  }
  // What no host has: our own ledger knows better than a record where it was.
  for (const entry of input.ledger.entries.toReversed())
    if (
      !seen.has(entry.sessionId) &&
      entry.key &&
      (entry.evidence === 'started' || entry.evidence === 'linked')
    ) {
      seen.add(entry.sessionId);
      sessions.push(fromLedger(entry, input, binding));
    }
  for (const { record } of binding.claimed.values())
    if (!seen.has(record.sessionId)) sessions.push(fromRecord(record, input, binding));
  return sessions;
}

/** Of copies in several project folders, the one in which a conversation went on last. */
const isBetterCopy = (a: TranscriptSummary, b: TranscriptSummary): boolean =>
  a.hasConversation === b.hasConversation ? a.modifiedAt > b.modifiedAt : a.hasConversation;

/** A live session that has no transcript yet: Claude creates the file at the first prompt. */
function blank(live: HostReport['live'][number]): TranscriptSummary {
  return {
    id: live.sessionId,
    fileId: live.sessionId,
    path: '',
    size: 0,
    modifiedAt: live.statusUpdatedAt ?? live.startedAt ?? 0,
    hasConversation: false,
    directories: live.directory ? [live.directory] : [],
  };
}

function fromTranscript(
  transcript: TranscriptSummary,
  report: HostReport,
  input: SessionsInput,
  binding: BindingIndex,
): Session {
  const live = report.live.find((one) => one.sessionId === transcript.id);
  const entry = binding.entry(transcript.id, report.host);
  const bound = binding.bound(subjectOf(transcript, report));
  const record = binding.claimed.get(transcript.id)?.record;
  const { state, waitingFor } = sessionState(transcript.id, report);
  const terminal = terminalOf(transcript.id, live?.pane, report, input.supervised ?? []);
  const directory = transcript.directories.at(-1) ?? live?.directory;
  const title = transcript.title ?? live?.name;
  return {
    id: transcript.id,
    host: report.host,
    hostKnown: true,
    ...(directory !== undefined && { directory }),
    ...(transcript.branch !== undefined && { branch: transcript.branch }),
    kind: kindOf(record, entry),
    state,
    ...(waitingFor !== undefined && { waitingFor }),
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    ...(title !== undefined && { title }),
    ...(transcript.firstActivity !== undefined && { createdAt: transcript.firstActivity }),
    lastActivity: transcript.lastActivity ?? transcript.modifiedAt,
    ...(transcript.model !== undefined && { model: transcript.model }),
    ...(transcript.context && { context: transcript.context }),
    ...(terminal && { terminal }),
    ...continued(record, entry),
    ...(entry?.forkedFrom !== undefined && { forkedFrom: entry.forkedFrom }),
    ...expiry(transcript.modifiedAt + report.cleanupPeriodDays * 86_400_000),
    size: transcript.size,
    ...(live && { live }),
    ...recordLinks(record),
  };
}

/** Who keeps transcripts for ever sets a period that leads out of the calendar (ECMAScript's ends here). */
const expiry = (at: number): Pick<Session, 'expiresAt'> => (at <= 8.64e15 ? { expiresAt: at } : {});

const recordLinks = (record: SessionRecord | undefined): Pick<Session, 'remoteUrl' | 'webTerminalUrl'> => ({
  ...(record?.remote !== undefined && { remoteUrl: record.remote }),
  ...(record?.webTerminal !== undefined && { webTerminalUrl: record.webTerminal }),
});

function continued(
  record: SessionRecord | undefined,
  entry: LedgerEntry | undefined,
): Pick<Session, 'continues'> {
  const continues = entry?.continues ?? record?.continues;
  return continues === undefined ? {} : { continues };
}

const subjectOf = (transcript: TranscriptSummary, report: HostReport): BindingSubject => ({
  sessionId: transcript.id,
  host: report.host,
  directory: transcript.directories.at(-1),
  branch: transcript.branch,
  name: transcript.title,
  firstPrompt: transcript.firstPrompt,
  firstActivity: transcript.firstActivity,
});

/** A session that only its record knows: missing where its host answered, unknown where nobody could ask. */
function fromRecord(record: SessionRecord, input: SessionsInput, binding: BindingIndex): Session {
  const host = input.hosts.find((one) => record.host !== undefined && one.names.includes(record.host));
  const everyHostAnswered = input.hosts.every((one) => one.report && !one.state.error);
  const answered = host
    ? host.report !== undefined && !host.state.error
    : record.host === undefined && everyHostAnswered;
  const bound = binding.bound({ sessionId: record.sessionId, host: host?.state.name ?? '' });
  return {
    id: record.sessionId,
    host: host?.state.name ?? record.host ?? '',
    hostKnown: host !== undefined,
    ...(record.directory !== undefined && { directory: record.directory }),
    ...(record.branch !== undefined && { branch: record.branch }),
    kind: kindOf(record, undefined),
    state: answered ? 'missing' : 'unknown',
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    createdAt: record.created,
    ...continued(record, undefined),
    ...recordLinks(record),
  };
}

function fromLedger(entry: LedgerEntry, input: SessionsInput, binding: BindingIndex): Session {
  const record = binding.claimed.get(entry.sessionId)?.record;
  const host = input.hosts.find((one) => one.state.name === entry.host);
  return {
    id: entry.sessionId,
    host: entry.host,
    hostKnown: host !== undefined,
    ...(entry.directory !== undefined && { directory: entry.directory }),
    ...(entry.branch !== undefined && { branch: entry.branch }),
    kind: kindOf(record, entry),
    state: host?.report && !host.state.error ? 'missing' : 'unknown',
    evidence: 'ledger',
    ...(entry.key !== undefined && { key: entry.key }),
    createdAt: entry.createdAt,
    ...(entry.lastUsedAt !== undefined && { lastActivity: entry.lastUsedAt }),
    ...continued(record, entry),
    ...(entry.forkedFrom !== undefined && { forkedFrom: entry.forkedFrom }),
    ...recordLinks(record),
  };
}

/** What each task might also have: sessions whose branch, name, directory or prompt carries its key. */
export function candidatesByKey(
  input: SessionsInput,
  binding: BindingIndex,
  sessions: Session[],
): Map<string | undefined, Session[]> {
  const prompts = new Map(
    input.hosts.flatMap(({ report }) =>
      (report?.transcripts ?? []).map((one) => [`${report!.host}/${one.id}`, one.firstPrompt] as const),
    ),
  );
  const found: Session[] = [];
  for (const session of sessions) {
    const subject: BindingSubject = {
      sessionId: session.id,
      host: session.host,
      directory: session.directory,
      branch: session.branch,
      name: session.title,
      firstPrompt: prompts.get(`${session.host}/${session.id}`),
      firstActivity: session.createdAt,
    };
    // A bound session is a candidate only where another issue's record claims it too.
    const claimedElsewhere = binding.claimed.get(session.id)?.others ?? [];
    for (const candidate of binding.candidates(subject)) {
      if (session.key && (session.key === candidate.key || !claimedElsewhere.includes(candidate.key)))
        continue;
      const shown: Session = {
        ...session,
        key: candidate.key,
        evidence: 'candidate',
        reason: candidate.reason,
      };
      found.push(shown);
    }
  }
  return groupBy(found, (session) => session.key);
}
