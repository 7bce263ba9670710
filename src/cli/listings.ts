import { age, ago } from '../model/age';
import {
  aheadBehind,
  boundSessions,
  plural,
  presentDocs,
  sessionNotes,
  sessionRole,
  sessionSummary,
  taskSummary,
} from '../model/describe';
import { reviewText } from '../model/gate/review/review';
import { staleText } from '../model/gate/approval/approval';
import { shortId } from '../model/names';
import { phaseText } from '../model/phase/words';
import { candidateText, isLive, lastSeen, placeOf } from '../model/session/listing';
import { sizeText } from '../model/size';
import { listedPhases, phaseTitle } from '../model/task/phase';
import type { Run } from '../model/run/run';
import { isCheckFailed, rowNote, rowTitle, runNext, runSummary } from '../model/run/words';
import type { Session, TerminalInfo } from '../model/session/session';
import type { HostState, Snapshot, SourceState, Task, TaskDoc } from '../model/task/task';
import { groupBy } from '../util/groupBy';
import { paint, plain, printLine, table } from './output';

/** What a session's state looks like in a terminal that may not know more than ASCII and a few dots. */
const marks: Record<Session['state'], string> = {
  working: '◐',
  waiting: '!',
  idle: '●',
  ended: '○',
  missing: '×',
  unknown: '?',
};

const stepMarks: Record<Run['steps'][number]['state'], string> = {
  todo: '·',
  doing: '◐',
  done: '✓',
  failed: '×',
};

const runMarks: Record<Run['state']['kind'], string> = {
  starting: '·',
  queued: '·',
  running: '◐',
  interrupted: '!',
  stopped: '○',
  failed: '×',
  complete: '✓',
};

/** The tree as text: phases, tasks, their runs and sessions. */
export function printTasks(tasks: readonly Task[], now: number): void {
  // One table, so that the columns of all groups stand in line.
  const lines = table(tasks.map((task) => [`  ${task.key}`, taskSummary(task) || '–', task.summary]));
  const lineOf = new Map(tasks.map((task, index) => [task, lines[index] ?? '']));
  for (const phase of listedPhases) {
    const group = tasks.filter((task) => task.phase === phase);
    if (group.length === 0) continue;
    printLine(paint('bold', `${phaseTitle(phase)}  ${group.length}`));
    for (const task of group) {
      printLine(lineOf.get(task));
      for (const run of shownRuns(task)) printLine(`      ${runLine(run, now)}`);
      for (const session of boundSessions(task)) printLine(`      ${sessionLine(session, now)}`);
    }
  }
}

export const sessionLine = (session: Session, now: number): string =>
  plain(
    `${marks[session.state]} ${sessionSummary(session, now)}  ${shortId(session.id)}  ${sessionRole(session)}`,
  );

export const runLine = (run: Run, now: number): string =>
  plain(
    [
      `${run.asOf === undefined ? runMarks[run.state.kind] : '?'} ${runSummary(run, now)} · ${run.host}`,
      ...(run.asOf === undefined ? [] : [` · as of ${ago(run.asOf, now)}`]),
      `  ${shortId(run.id)}`,
    ].join(''),
  );

/** The newest one, unless it is over and nobody needs to know. */
const shownRuns = ({ runs = [] }: Task): Run[] =>
  runs.slice(0, 1).filter(({ state, settled }) => state.kind !== 'complete' || !settled);

/** `changed`: when each document changed, epoch ms by path, as far as known. */
export function printTask(task: Task, changed: ReadonlyMap<string, number>, now: number): void {
  printLine(paint('bold', plain(`${task.key}  ${task.summary}`)));
  const rows: [string, string | undefined][] = [
    ['Phase', `${phaseText(task, now)} · Jira: ${task.status}`],
    ['Priority', task.priority],
    ['Assignee', task.assignee],
    ['Needs you', task.needsYou && `${task.needsYou.reason} (${ago(task.needsYou.since, now)})`],
    [
      'Approval',
      task.approval
        ? [
            `${task.approval.commit.slice(0, 8)} by ${task.approval.by}, ${ago(task.approval.at, now)}`,
            ...(task.approval.stale ? [staleText(task.approval)] : []),
          ].join(' · ')
        : task.approvalDoubt && `cannot be told. ${task.approvalDoubt}`,
    ],
    [
      'Pull request',
      task.pullRequest && [task.pullRequest.name, task.pullRequest.url].filter(Boolean).join(' '),
    ],
    ['URL', task.url],
    [
      'Branch',
      task.branch &&
        [task.branch, task.checkout ? aheadBehind(task) : (task.branchError ?? 'not found')].join(' · '),
    ],
    ['Checked out', task.checkout?.worktree?.directory],
    ['Documents', `${presentDocs(task)} of ${task.docsExpected}`],
  ];
  for (const line of table(rows.flatMap(([label, value]) => (value ? [[`  ${label}`, value]] : []))))
    printLine(line);
  const documents = task.docs.map((doc) => {
    const at = doc.changedAt ?? changed.get(doc.path);
    const changedAt = at === undefined ? '' : `changed ${ago(at, now)}`;
    return [`    ${doc.name}`, doc.review ? reviewText(doc.review) : '', changedAt];
  });
  for (const line of table(documents)) printLine(line);
  printRuns(task, now);
  const bound = boundSessions(task);
  if (bound.length > 0) printLine('  Sessions');
  for (const session of bound) {
    printLine(`    ${sessionLine(session, now)}`);
    if (session.directory) printLine(plain(`      in ${session.directory}`));
  }
  const candidates = task.sessions.filter((session) => session.evidence === 'candidate');
  if (candidates.length > 0) printLine('  Candidates (not linked)');
  for (const session of candidates)
    printLine(`    ${sessionLine(session, now)}${plain(session.reason ? ` · ${session.reason}` : '')}`);
}

/** Paths of documents, and how each stands to its reader. */
export function printDocs(docs: readonly TaskDoc[]): void {
  for (const line of table(docs.map((doc) => [doc.path, doc.review ? reviewText(doc.review) : ''])))
    printLine(line);
}

/** With its steps where it goes on or has come to a halt, and what to do then. */
function printRuns({ runs = [] }: Task, now: number): void {
  if (runs.length > 0) printLine('  Runs');
  for (const run of runs) {
    printLine(`    ${runLine(run, now)}`);
    if (run.state.kind === 'complete') continue;
    printSteps(run);
    const next = isCheckFailed(run) ? answersTo(run) : runNext(run);
    if (next !== undefined) printLine(plain(`      ${next}`));
  }
}

const answersTo = ({ id }: Run): string =>
  `task-sessions continue ${shortId(id)} --fix has Claude look at it, --skip passes it over, neither checks again what you have mended; stop ${shortId(id)} leaves it.`;

/** In one line; the steps of a plan, which have titles, one below the other. */
function printSteps({ steps, kind }: Run): void {
  if (kind !== 'implementation') {
    const words = steps.map((row) => `${stepMarks[row.state]} ${rowTitle(row, kind)}`);
    return printLine(plain(`      ${words.join('  ').toLowerCase()}`));
  }
  for (const row of steps) {
    const notes = [rowNote(row), row.commit?.slice(0, 8)].filter(Boolean).join(' · ');
    printLine(plain(`      ${stepMarks[row.state]} ${rowTitle(row, kind)}${notes && `  ${notes}`}`));
  }
}

/** Every session, under its host: configured hosts in their order, then names that only records know. */
export function printSessions(
  sessions: readonly Session[],
  hosts: readonly HostState[],
  candidates: ReadonlyMap<string, readonly Session[]>,
  now: number,
): void {
  const rows = sessions.map((session) => sessionRow(session, candidates.get(placeOf(session)) ?? [], now));
  // One table, so that the columns of all hosts stand in line.
  const lines = table(rows);
  const lineOf = new Map(sessions.map((session, index) => [session, lines[index] ?? '']));
  const groups = groupBy(sessions, ({ host }) => host);
  const known = new Map(hosts.map((host) => [host.name, host]));
  for (const name of new Set([...known.keys(), ...groups.keys()])) {
    const group = groups.get(name) ?? [];
    const host = known.get(name);
    if (group.length === 0 && host?.error === undefined) continue;
    printLine(paint('bold', plain([name || 'host not recorded', hostNote(group, host, now)].join('  '))));
    for (const session of group) printLine(lineOf.get(session));
  }
}

/** `12 sessions, 3 live`, and where it is so, that this is not of now. */
function hostNote(sessions: readonly Session[], host: HostState | undefined, now: number): string {
  const live = sessions.filter(isLive).length;
  return [
    plural(sessions.length, 'session'),
    ...(live > 0 ? [`${live} live`] : []),
    ...(host ? [] : ['not among your hosts']),
    ...(host?.error === undefined ? [] : ['does not answer']),
    ...(host?.error !== undefined && host.asOf !== undefined ? [`as of ${ago(host.asOf, now)}`] : []),
  ].join(', ');
}

function sessionRow(session: Session, candidates: readonly Session[], now: number): string[] {
  const at = lastSeen(session);
  const notes = [...(session.waitingFor ? [session.waitingFor] : []), ...sessionNotes(session, now)];
  return [
    `  ${marks[session.state]} ${shortId(session.id)}`,
    session.key ?? candidateText(candidates) ?? 'not linked',
    at > 0 ? age(at, now) : '',
    session.size ? sizeText(session.size) : '',
    session.context ? `${session.context.usedPercent} %` : '',
    [session.title ?? '', ...notes].filter(Boolean).join(' · '),
  ];
}

export function printTerminals(terminals: readonly TerminalInfo[], now: number): void {
  const rows = terminals.map((terminal) => [
    `${terminal.host}/${terminal.name}`,
    terminal.dead
      ? `ended (${terminal.dead.status ?? terminal.dead.signal ?? '?'})`
      : terminal.attached
        ? 'attached'
        : 'detached',
    `${terminal.windows} window${terminal.windows === 1 ? '' : 's'}`,
    ago(terminal.createdAt, now),
  ]);
  for (const line of table(rows)) printLine(line);
}

/** What does not answer, before the list that is older for it; on stderr, so that a pipe gets only the list. */
export function printTroubles(snapshot: Snapshot, now: number): void {
  const say = (name: string, { error, next, asOf }: SourceState): void => {
    const shown =
      asOf === undefined ? 'Nothing is known of it yet.' : `Shown is what it said ${ago(asOf, now)}.`;
    if (error)
      process.stderr.write(
        `${plain([name, ': ', error, ' ', next ?? '', next ? ' ' : '', shown].join(''))}\n`,
      );
  };
  say('Jira', snapshot.jira);
  if (snapshot.branches) say('Branches', snapshot.branches);
  for (const host of snapshot.hosts) say(host.name, host);
}
