import { kindOf } from '../../binding/binding';
import type { BindingIndex, BindingSubject, RunSession } from '../../binding/binding';
import type { LedgerEntry } from '../../binding/ledger';
import type { Lineage } from '../../binding/lineage';
import type { SessionRecord } from '../../record/record';
import { sessionState } from '../liveness';
import type { Session, TerminalInfo } from '../session';
import { terminalOf } from '../terminals';
import type { HostReport, KeptTranscript, SessionTrace, TranscriptSummary } from '../transcript';

/** What is known of one session besides its transcript. */
export interface SessionFacts {
  lineage?: Lineage | undefined;
  traces?: readonly SessionTrace[] | undefined;
  kept?: KeptTranscript | undefined;
}

/** What binding looks at. The user's own name goes before Claude's. */
export const subjectOf = (
  transcript: TranscriptSummary,
  host: string,
  ownName: string | undefined,
): BindingSubject => ({
  sessionId: transcript.id,
  host,
  directory: transcript.directories.at(-1),
  branch: transcript.branch,
  name: ownName ?? transcript.title,
  firstPrompt: transcript.firstPrompt,
  firstActivity: transcript.firstActivity,
  // One that has just begun to live has no time yet.
  lastActivity: transcript.lastActivity ?? (transcript.modifiedAt || undefined),
});

/** A session whose transcript lies on a host, or that lives there before it has one. */
export function hostSession(
  transcript: TranscriptSummary,
  subject: BindingSubject,
  report: HostReport,
  supervised: readonly TerminalInfo[],
  binding: BindingIndex,
  { lineage, traces, kept }: SessionFacts,
): Session {
  const { id } = transcript;
  const live = report.live.find((one) => one.sessionId === id);
  const entry = binding.entry(id, report.host);
  const bound = binding.bound(subject);
  const record = binding.claimed.get(id)?.record;
  const run = binding.run(id, report.host);
  const { state, waitingFor } = sessionState(id, report);
  const terminal = terminalOf(id, live?.pane, report, supervised);
  const directory = subject.directory ?? live?.directory;
  const title = subject.name ?? live?.name;
  return {
    id,
    host: report.host,
    hostKnown: true,
    ...(directory !== undefined && { directory }),
    ...(transcript.branch !== undefined && { branch: transcript.branch }),
    kind: kindOf(record, entry, run),
    ...(run?.review && { role: 'review' }),
    state,
    ...(waitingFor !== undefined && { waitingFor }),
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    ...(title !== undefined && { title }),
    ...(transcript.firstActivity !== undefined && { createdAt: transcript.firstActivity }),
    lastActivity: transcript.lastActivity ?? transcript.modifiedAt,
    ...(transcript.turns !== undefined && { turns: transcript.turns }),
    ...(transcript.model !== undefined && { model: transcript.model }),
    ...(transcript.context && { context: transcript.context }),
    ...(terminal && { terminal }),
    ...descent(record, entry, lineage, run),
    ...expiry(transcript, report),
    ...(transcript.unread ? { unread: true } : { hasConversation: transcript.hasConversation }),
    ...entrypointOf(transcript, live?.entrypoint),
    size: transcript.size,
    ...(traces && { traces }),
    ...(kept && { kept }),
    ...(live && { live }),
    ...recordLinks(record),
  };
}

/** What we or the record say goes before what transcripts tell. */
export function descent(
  record: SessionRecord | undefined,
  entry: LedgerEntry | undefined,
  lineage: Lineage | undefined,
  run?: RunSession,
): Pick<Session, 'continues' | 'continuedBy' | 'forkedFrom' | 'clearedFrom'> {
  const continues = entry?.continues ?? record?.continues ?? run?.continues ?? lineage?.continues;
  const forkedFrom = entry?.forkedFrom ?? lineage?.forkedFrom;
  return {
    ...lineage,
    ...(run?.continuedBy !== undefined && { continuedBy: run.continuedBy }),
    ...(continues !== undefined && { continues }),
    ...(forkedFrom !== undefined && { forkedFrom }),
  };
}

export const recordLinks = (
  record: SessionRecord | undefined,
): Pick<Session, 'remoteUrl' | 'webTerminalUrl'> => ({
  ...(record?.remote !== undefined && { remoteUrl: record.remote }),
  ...(record?.webTerminal !== undefined && { webTerminalUrl: record.webTerminal }),
});

/** A session that lives without a file has nothing to expire. */
function expiry({ path, modifiedAt }: TranscriptSummary, report: HostReport): Pick<Session, 'expiresAt'> {
  const at = modifiedAt + report.cleanupPeriodDays * 86_400_000;
  // Who keeps transcripts for ever sets a period that leads out of the calendar (ECMAScript's ends here).
  return path !== '' && at <= 8.64e15 ? { expiresAt: at } : {};
}

function entrypointOf(
  { entrypoint }: TranscriptSummary,
  live: string | undefined,
): Pick<Session, 'entrypoint'> {
  const first = entrypoint ?? live;
  return first === undefined ? {} : { entrypoint: first };
}
