import { groupBy } from '../../../util/groupBy';
import { sameFields, sameItems } from '../../../util/same';
import { webTerminalUrl } from '../../links/webTerminal';
import type { BindingIndex, BindingSubject } from '../../binding/binding';
import type { Lineage } from '../../binding/lineage';
import { hostSession, subjectOf, type SessionFacts } from './hostSession';
import { quietMs } from '../liveness';
import type { Session, TerminalInfo } from '../session';
import type { HostReport, KeptTranscript, SessionTrace, TranscriptSummary } from '../transcript';

/** A session, and what binding looked at. */
export interface KnownSession {
  session: Session;
  subject: BindingSubject;
}

/** What was made of a transcript, and of what else: while all of it is the same, so is the session. */
interface Made extends KnownSession, SessionFacts {
  binding: BindingIndex;
  cleanupPeriodDays: number;
  /** Nothing but its transcript speaks of it, and that has been quiet. */
  still: boolean;
}

/** What one look at the host rests on. */
interface Look {
  report: HostReport;
  supervised: readonly TerminalInfo[];
  binding: BindingIndex;
  lineage: ReadonlyMap<string, Lineage>;
  webTerminal: string | undefined;
}

/**
 * The sessions of one host, look after look. A session is the same object as before while nothing of it differs: of ten
 * thousand few do, and to find that out costs little. Remembers nothing of what is gone.
 */
export class HostSessions {
  private transcripts: readonly TranscriptSummary[] = [];
  private rows: readonly TranscriptSummary[] = [];
  private twins: ReadonlySet<string> = new Set();
  private made: readonly Made[] = [];

  of(look: Look): readonly KnownSession[] {
    const { report } = look;
    const before = this.before(report.transcripts);
    const stirring = stirringIds(look);
    const traces = tracesById(report);
    const kept = keptById(report);
    const make = (transcript: TranscriptSummary, last: Made | undefined): Made => {
      const { id, modifiedAt } = transcript;
      const still =
        !stirring.has(id) &&
        !stirring.has(anyId) &&
        !this.twins.has(id) &&
        report.clock - modifiedAt >= quietMs;
      const told = traces.get(id);
      if (still && last?.still && isSame(last, look.lineage.get(id), told, kept.get(id), look)) return last;
      return makeAnew(transcript, look, told, kept.get(id), still, last);
    };
    const made = this.rows.map((transcript, i) => make(transcript, before(transcript, i)));
    const listed = new Set(made.filter(({ still }) => !still).map(({ session }) => session.id));
    for (const live of report.live) {
      const { sessionId } = live;
      // Claude creates the file at the first prompt.
      if (listed.has(sessionId)) continue;
      listed.add(sessionId);
      const last = this.made.findLast(({ session }) => session.id === sessionId);
      made.push(make(blank(live), last));
    }
    this.made = sameItems(made, this.made) ? this.made : made;
    return this.made;
  }

  /** Takes in the list, and answers where to find what was made of a transcript before. */
  private before(
    transcripts: readonly TranscriptSummary[],
  ): (transcript: TranscriptSummary, row: number) => Made | undefined {
    const { made, rows } = this;
    if (sameItems(transcripts, this.transcripts)) return (_, row) => made[row];
    this.transcripts = transcripts;
    const byId = new Map<string, TranscriptSummary>();
    const twins = new Set<string>();
    for (const transcript of transcripts) {
      const other = byId.get(transcript.id);
      // Of copies in several folders any may be written to.
      if (other) twins.add(transcript.id);
      if (!other || isBetterCopy(transcript, other)) byId.set(transcript.id, transcript);
    }
    this.rows = [...byId.values()];
    this.twins = twins;
    const found = new Map(rows.map((transcript, i) => [transcript, made[i]]));
    return (transcript) => found.get(transcript);
  }
}

function makeAnew(
  transcript: TranscriptSummary,
  look: Look,
  traces: readonly SessionTrace[] | undefined,
  kept: KeptTranscript | undefined,
  still: boolean,
  last: Made | undefined,
): Made {
  const { report, supervised, binding } = look;
  const facts = { lineage: look.lineage.get(transcript.id), traces, kept };
  const ownName = binding.name(transcript.id, report.host);
  const subject = subjectOf(transcript, report.host, ownName);
  const session = withWebTerminal(
    hostSession(transcript, subject, report, supervised, binding, facts),
    look.webTerminal,
  );
  const made = { ...facts, binding, cleanupPeriodDays: report.cleanupPeriodDays, still };
  // One that lives is made at each look, and is mostly what it was.
  const same = last !== undefined && JSON.stringify(last.session) === JSON.stringify(session);
  if (same && last.still === still && isSame(last, facts.lineage, traces, kept, look)) return last;
  return same && sameFields(last.subject, subject)
    ? { ...made, session: last.session, subject: last.subject }
    : { ...made, session, subject };
}

/** The host's own template goes before what a record says; it leads to terminals that are there. */
function withWebTerminal(session: Session, template: string | undefined): Session {
  const { id, key, terminal } = session;
  const address = terminal && webTerminalUrl(template, { name: terminal.name, session: id, key });
  return address === undefined ? session : { ...session, webTerminalUrl: address };
}

const isSame = (
  last: Made,
  lineage: Lineage | undefined,
  traces: readonly SessionTrace[] | undefined,
  kept: KeptTranscript | undefined,
  { report, binding }: Look,
): boolean =>
  last.binding === binding &&
  last.cleanupPeriodDays === report.cleanupPeriodDays &&
  (last.traces === traces || sameItems(last.traces ?? [], traces ?? [])) &&
  sameFields(last.kept, kept) &&
  sameFields(last.lineage, lineage);

/** Of copies in several project folders, the one in which a conversation went on last. */
const isBetterCopy = (a: TranscriptSummary, b: TranscriptSummary): boolean =>
  a.hasConversation === b.hasConversation ? a.modifiedAt > b.modifiedAt : a.hasConversation;

const blank = (live: HostReport['live'][number]): TranscriptSummary => ({
  id: live.sessionId,
  fileId: live.sessionId,
  path: '',
  size: 0,
  modifiedAt: live.statusUpdatedAt ?? live.startedAt ?? 0,
  hasConversation: false,
  directories: live.directory ? [live.directory] : [],
});

const anyId = '*';

/** The sessions of which something besides their transcript speaks; `anyId` where any may be alive. */
function stirringIds({ report, supervised }: Look): Set<string> {
  const { live, stale, naming, panes, unread = [], registryUnread } = report;
  const ids = new Set([...live, ...stale, ...naming].map(({ sessionId }) => sessionId));
  for (const { sessionId } of [...panes, ...supervised]) if (sessionId !== undefined) ids.add(sessionId);
  if (registryUnread || unread.length > 0) ids.add(anyId);
  return ids;
}

export const tracesById = (report: HostReport | undefined): Map<string, SessionTrace[]> =>
  groupBy(report?.traces ?? [], (trace) => trace.sessionId);

export const keptById = (report: HostReport | undefined): Map<string, KeptTranscript> =>
  new Map((report?.kept ?? []).map((copy) => [copy.sessionId, copy]));
