import { approvalCounts, approvalOf } from './approval';
import { bindingIndex, kindOf, type BindingIndex, type BindingSubject } from './binding';
import type { Issue } from './issue';
import type { LedgerState } from './ledger';
import { sessionState } from './liveness';
import { phaseOf } from './phase';
import type { RecordClaim } from './record';
import type { Session, TerminalInfo } from './session';
import type { Settings } from './settings';
import type { BranchReading, HostState, NeedsYou, Snapshot, Task } from './task';
import type { HostReport, PaneInfo, TranscriptSummary } from './transcript';

/** How one host answered last. `names` are its configured name and aliases, as records may spell it. */
export interface HostReading {
  state: HostState;
  names: readonly string[];
  report?: HostReport;
}

export interface AssembleInput {
  /** Epoch ms. */
  at: number;
  settings: Settings;
  jira: Snapshot['jira'];
  /** In the order of the user's JQL. */
  issues: readonly Issue[];
  hosts: readonly HostReading[];
  /** Branch that each task is expected to have, by key. */
  branchNames: ReadonlyMap<string, string>;
  branches: ReadonlyMap<string, BranchReading>;
  ledger: LedgerState;
  /** Terminals that no tmux server reports: those of the supervisor. */
  supervised?: readonly TerminalInfo[];
}

/** Joins what every source last said into the one picture. Pure: no I/O, no clock. */
export function assemble(input: AssembleInput): Snapshot {
  const binding = bindingIndex(input.issues, input.ledger, input.branchNames);
  const sessions = allSessions(input, binding);
  const byKey = new Map<string, Session[]>();
  for (const session of sessions)
    if (session.key) byKey.set(session.key, [...(byKey.get(session.key) ?? []), session]);
  const candidates = candidatesByKey(input, binding, sessions);
  return {
    at: input.at,
    jira: input.jira,
    hosts: input.hosts.map((host) => host.state),
    tasks: input.issues.map((issue) =>
      taskOf(issue, input, [...(byKey.get(issue.key) ?? []), ...(candidates.get(issue.key) ?? [])]),
    ),
    sessions,
    terminals: [
      ...input.hosts.flatMap(({ report }) => (report ? terminalsOf(report) : [])),
      ...(input.supervised ?? []),
    ],
  };
}

function taskOf(issue: Issue, input: AssembleInput, sessions: Session[]): Task {
  const { settings } = input;
  const reading = input.branches.get(issue.key);
  const branch = reading?.branch;
  const name = input.branchNames.get(issue.key);
  const { phase, failed } = phaseOf(issue, settings.phases, (claim) =>
    approvalCounts(claim, issue, settings),
  );
  const docs = reading?.docs ?? [];
  const approval = approvalOf(issue, docs, branch?.head, settings);
  const needsYou = needsYouOf(issue, phase, sessions);
  return {
    key: issue.key,
    id: issue.id,
    summary: issue.summary,
    status: issue.status,
    statusCategory: issue.statusCategory,
    phase,
    ...(failed && { failed }),
    ...(issue.priority !== undefined && { priority: issue.priority }),
    ...(issue.assignee !== undefined && { assignee: issue.assignee }),
    url: issue.url,
    updated: issue.updated,
    ...(name !== undefined && { branch: name }),
    ...(branch && { head: branch.head, checkout: branch }),
    ...(reading?.error !== undefined && { branchError: reading.error }),
    docs,
    docsExpected: settings.docs.names.length,
    sessions: sessions.sort(bySessionRank),
    ...(approval && { approval }),
    ...(needsYou && { needsYou }),
  };
}

function needsYouOf(issue: Issue, phase: Task['phase'], sessions: Session[]): NeedsYou | undefined {
  const waiting = sessions.find((session) => session.state === 'waiting' && session.evidence !== 'candidate');
  if (waiting)
    return {
      reason: waiting.waitingFor ?? 'waiting for you',
      since: waiting.lastActivity ?? issue.updated,
      sessionId: waiting.id,
    };
  if (phase !== 'awaitingReview') return undefined;
  return { reason: 'documents await review', since: issue.claims.at(-1)?.updated ?? issue.updated };
}

const liveRank: Record<Session['state'], number> = {
  waiting: 0,
  working: 1,
  idle: 2,
  unknown: 3,
  ended: 4,
  missing: 5,
};

/** Bound before candidates, living before ended, newest first. */
function bySessionRank(a: Session, b: Session): number {
  return (
    Number(a.evidence === 'candidate') - Number(b.evidence === 'candidate') ||
    liveRank[a.state] - liveRank[b.state] ||
    (b.lastActivity ?? b.createdAt ?? 0) - (a.lastActivity ?? a.createdAt ?? 0)
  );
}

function allSessions(input: AssembleInput, binding: BindingIndex): Session[] {
  const sessions: Session[] = [];
  const seen = new Set<string>();
  for (const { report } of input.hosts) {
    if (!report) continue;
    const transcripts = new Map(report.transcripts.map((one) => [one.id, one]));
    for (const live of report.live)
      if (!transcripts.has(live.sessionId)) transcripts.set(live.sessionId, blank(live));
    for (const transcript of transcripts.values()) {
      seen.add(transcript.id);
      sessions.push(fromTranscript(transcript, report, binding));
    }
  }
  for (const { owner } of binding.claimed.values())
    if (owner.sessionId && !seen.has(owner.sessionId)) {
      seen.add(owner.sessionId);
      sessions.push(fromRecord(owner, input, binding));
    }
  for (const entry of input.ledger.entries)
    if (entry.key && !seen.has(entry.sessionId) && entry.evidence !== 'unlinked' && entry.evidence !== 'seen')
      sessions.push(fromLedger(entry, input));
  return sessions;
}

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

function fromTranscript(transcript: TranscriptSummary, report: HostReport, binding: BindingIndex): Session {
  const live = report.live.find((one) => one.sessionId === transcript.id);
  const entry = binding.entry(transcript.id);
  const bound = binding.bound(subjectOf(transcript, report));
  const owner = binding.claimed.get(transcript.id)?.owner;
  const { state, waitingFor } = sessionState(transcript.id, report);
  const pane = live?.pane ?? paneOf(transcript.id, report);
  const directory = transcript.directories.at(-1) ?? live?.directory;
  const title = transcript.title ?? live?.name;
  return {
    id: transcript.id,
    host: report.host,
    hostKnown: true,
    ...(directory !== undefined && { directory }),
    ...(transcript.branch !== undefined && { branch: transcript.branch }),
    kind: kindOf(owner, entry),
    state,
    ...(waitingFor !== undefined && { waitingFor }),
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    ...(title !== undefined && { title }),
    ...(transcript.firstActivity !== undefined && { createdAt: transcript.firstActivity }),
    lastActivity: transcript.lastActivity ?? transcript.modifiedAt,
    ...(transcript.model !== undefined && { model: transcript.model }),
    ...(transcript.context && { context: transcript.context }),
    ...(pane && isOurs(pane) && { terminal: { name: pane.sessionName, attached: attachedTo(pane, report) } }),
    ...(owner?.continues !== undefined && { continues: owner.continues }),
    ...(entry?.forkedFrom !== undefined && { forkedFrom: entry.forkedFrom }),
    expiresAt: transcript.modifiedAt + report.cleanupPeriodDays * 86_400_000,
    size: transcript.size,
    ...(live && { live }),
    ...recordLinks(owner),
  };
}

const recordLinks = (claim: RecordClaim | undefined): Pick<Session, 'remoteUrl' | 'webTerminalUrl'> => ({
  ...(claim?.remote !== undefined && { remoteUrl: claim.remote }),
  ...(claim?.webTerminal !== undefined && { webTerminalUrl: claim.webTerminal }),
});

const subjectOf = (transcript: TranscriptSummary, report: HostReport): BindingSubject => ({
  sessionId: transcript.id,
  host: report.host,
  directory: transcript.directories.at(-1),
  branch: transcript.branch,
  name: transcript.title,
  firstPrompt: transcript.firstPrompt,
});

/** A session that only its record knows: missing where its host answered, unknown where nobody could ask. */
function fromRecord(claim: RecordClaim, input: AssembleInput, binding: BindingIndex): Session {
  const host = input.hosts.find((one) => claim.host !== undefined && one.names.includes(claim.host));
  const everyHostAnswered = input.hosts.every((one) => one.report && !one.state.error);
  const answered = host
    ? host.report !== undefined && !host.state.error
    : claim.host === undefined && everyHostAnswered;
  const bound = binding.bound({ sessionId: claim.sessionId!, host: host?.state.name ?? '' });
  return {
    id: claim.sessionId!,
    host: host?.state.name ?? claim.host ?? '',
    hostKnown: host !== undefined,
    ...(claim.directory !== undefined && { directory: claim.directory }),
    ...(claim.branch !== undefined && { branch: claim.branch }),
    kind: kindOf(claim, undefined),
    state: answered ? 'missing' : 'unknown',
    ...(bound && { evidence: bound.evidence, key: bound.key, reason: bound.reason }),
    createdAt: claim.created,
    ...(claim.continues !== undefined && { continues: claim.continues }),
    ...recordLinks(claim),
  };
}

function fromLedger(entry: LedgerState['entries'][number], input: AssembleInput): Session {
  const host = input.hosts.find((one) => one.state.name === entry.host);
  return {
    id: entry.sessionId,
    host: entry.host,
    hostKnown: host !== undefined,
    ...(entry.directory !== undefined && { directory: entry.directory }),
    ...(entry.branch !== undefined && { branch: entry.branch }),
    kind: entry.kind,
    state: host?.report && !host.state.error ? 'missing' : 'unknown',
    evidence: 'ledger',
    ...(entry.key !== undefined && { key: entry.key }),
    createdAt: entry.createdAt,
    ...(entry.lastUsedAt !== undefined && { lastActivity: entry.lastUsedAt }),
    ...(entry.continues !== undefined && { continues: entry.continues }),
    ...(entry.forkedFrom !== undefined && { forkedFrom: entry.forkedFrom }),
  };
}

function candidatesByKey(
  input: AssembleInput,
  binding: BindingIndex,
  sessions: Session[],
): Map<string, Session[]> {
  const prompts = new Map(
    input.hosts.flatMap(({ report }) =>
      (report?.transcripts ?? []).map((one) => [`${report!.host}/${one.id}`, one.firstPrompt] as const),
    ),
  );
  const found = new Map<string, Session[]>();
  for (const session of sessions) {
    const subject: BindingSubject = {
      sessionId: session.id,
      host: session.host,
      directory: session.directory,
      branch: session.branch,
      name: session.title,
      firstPrompt: prompts.get(`${session.host}/${session.id}`),
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
      found.set(candidate.key, [...(found.get(candidate.key) ?? []), shown]);
    }
  }
  return found;
}

/** Our tmux server's socket is named so; see hosts/terminals. */
const isOurs = (pane: { socket: string }): boolean => pane.socket.endsWith('/task-sessions');

const paneOf = (sessionId: string, report: HostReport): PaneInfo | undefined =>
  report.panes.find((pane) => pane.sessionId === sessionId && !pane.dead);

const attachedTo = (pane: { socket: string; sessionName: string }, report: HostReport): boolean =>
  report.panes.some(
    (one) => one.socket === pane.socket && one.sessionName === pane.sessionName && one.attached > 0,
  );

function terminalsOf(report: HostReport): TerminalInfo[] {
  const terminals = new Map<string, TerminalInfo>();
  for (const pane of report.panes.filter(isOurs)) {
    if (terminals.has(pane.sessionName)) continue;
    terminals.set(pane.sessionName, {
      host: report.host,
      name: pane.sessionName,
      attached: pane.attached,
      windows: pane.windows,
      createdAt: pane.createdAt,
      ...(pane.key !== undefined && { key: pane.key }),
      ...(pane.sessionId !== undefined && { sessionId: pane.sessionId }),
      ...(pane.dead && { dead: pane.dead }),
    });
  }
  return [...terminals.values()];
}
