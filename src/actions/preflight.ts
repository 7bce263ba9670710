import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../hosts/host';
import { errorLine, isCancelled, UserError } from '../model/errors';
import { liveness, transcriptsOf, type Liveness } from '../model/liveness';
import type { Session } from '../model/session';
import type { Snapshot, Task } from '../model/task';
import type { HostReport } from '../model/transcript';
import { findClaude } from '../sources/claude/findClaude';
import { lastExistingDirectory, locateTranscript, trustState } from '../sources/claude/preflight';
import { readHead } from '../sources/git/head';
import type { JiraAccount } from './account';
import type { PreflightCheck, WayOut } from './resumePlan';
import type { ReportSource } from './store';

/** What stops a resume: said to the person, with the ways on. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    readonly next: string,
    readonly waysOut: WayOut[],
  ) {
    super(reason);
  }
}

/** What a preflight finds out for the start. */
export interface Ready {
  liveness: Exclude<Liveness, { kind: 'unknown' }>;
  /** Id as the transcript's file name spells it. */
  fileId: string;
  directory: string;
  claudePath: string;
  /** Of the transcript; Claude itself does not restore `plan`. */
  permissionMode?: string;
}

export interface PreflightOptions {
  session: Session;
  task?: Task | undefined;
  host: Host;
  reports: ReportSource;
  account: JiraAccount;
  snapshot: Snapshot;
  signal?: AbortSignal | undefined;
  /** Called with each check as it is made. */
  onCheck(check: PreflightCheck): void;
  /** The person said that nobody holds the session although we cannot tell. */
  assumeDead?: boolean;
  /** A fork reads the transcript only, so a living session does not matter. */
  fork?: boolean;
}

/** How long an uncertain answer about life is worth waiting for, in milliseconds. */
const patienceMs = 12_000;

/**
 * Looks at everything that design.md's identity rules ask before a session is resumed, and spawns nothing of it.
 * Throws `Refusal`; trouble that does not endanger the conversation is a failed check, and the resume goes on.
 */
export async function preflight(options: PreflightOptions): Promise<Ready> {
  const { session, task, host, onCheck, signal } = options;
  checkDocs(options);
  const inFull = checkComments(options);
  inFull.catch(() => undefined);
  const report = await freshReport(options);
  onCheck({ check: 'host', ok: true, detail: `${host.name} answers` });

  const living = await findLiveness(options, report);
  const alive = living.kind !== 'dead';
  const { fileId, permissionMode } = await checkTranscript(options, report, alive);
  const wanted = [
    ...(transcriptsOf(session.id, report)[0]?.directories ?? []),
    ...(alive ? [] : recorded(session, host)),
  ];
  const [directory, claudePath] = await Promise.all([
    checkDirectory(options, wanted, report),
    alive && !options.fork ? '' : checkClaude(options),
  ]);
  if (!alive || options.fork)
    await Promise.all([
      checkTrust(options, directory),
      checkBranch(host, directory, session, task, onCheck, signal),
    ]);
  await inFull;
  return {
    liveness: living,
    fileId,
    directory,
    claudePath,
    ...(permissionMode !== undefined && { permissionMode }),
  };
}

async function freshReport({ reports, host, onCheck, signal }: PreflightOptions): Promise<HostReport> {
  try {
    return await reportOf(reports, signal);
  } catch (error) {
    if (isCancelled(error) || !(error instanceof UserError)) throw error;
    onCheck({ check: 'host', ok: false, detail: error.message, fix: error.next });
    throw new Refusal(`${host.name} does not answer: ${error.message}`, error.next, [
      'retry',
      'startFromDocuments',
    ]);
  }
}

async function reportOf(reports: ReportSource, signal: AbortSignal | undefined): Promise<HostReport> {
  const report = await reports.report(signal);
  if (report) return report;
  throw new UserError('Nothing is started in Restricted Mode.', 'Trust this workspace first.');
}

/** Waits where a moment may tell; an answer that stays uncertain is the person's to give. */
async function findLiveness(options: PreflightOptions, first: HostReport): Promise<Ready['liveness']> {
  const { session, reports, onCheck, signal, assumeDead, fork } = options;
  const until = Date.now() + patienceMs;
  let report = first;
  for (;;) {
    const now = liveness({ sessionId: session.id, report });
    if (now.kind !== 'unknown') {
      onCheck({ check: 'liveness', ok: true, detail: lifeText(now) });
      return now;
    }
    const wait = now.retryInMs;
    if (fork || assumeDead || wait === undefined || Date.now() + wait > until) {
      onCheck({
        check: 'liveness',
        ok: false,
        detail: now.why,
        fix: 'Make sure that nobody works in it, or fork it.',
      });
      if (fork || assumeDead) return { kind: 'dead' };
      throw new Refusal(
        `Somebody may be working in this session: ${now.why}.`,
        'Two processes in one session lose turns. Look there first, fork it, or resume if you know that it is free.',
        ['fork', 'retry', 'resumeAnyway'],
      );
    }
    await pause(wait + 50, undefined, signal && { signal });
    report = await reportOf(reports, signal);
  }
}

function lifeText(living: Ready['liveness']): string {
  switch (living.kind) {
    case 'attach':
      return `alive in tmux session ${living.pane.sessionName}${living.process ? ` (pid ${living.process.pid})` : ''}`;
    case 'background':
      return `alive as one of Claude's background sessions (pid ${living.process.pid})`;
    case 'detached':
      return `alive as a detached run (pid ${living.process.pid})`;
    case 'elsewhere':
      return `alive outside tmux (pid ${living.process.pid})`;
    case 'dead':
      return 'nobody holds it';
  }
}

async function checkTranscript(
  { session, host, onCheck, signal, snapshot }: PreflightOptions,
  report: HostReport,
  alive: boolean,
): Promise<{ fileId: string; permissionMode?: string }> {
  const { configDir } = host.settings;
  const found = await locateTranscript(host, session.id, {
    ...(configDir && { configDir }),
    ...(signal && { signal }),
  });
  const known = transcriptsOf(session.id, report)[0];
  const fileId =
    found[0]?.path
      .split('/')
      .at(-1)
      ?.replace(/\.jsonl$/, '') ?? session.id;
  const fail = (detail: string, fix: string): never => {
    onCheck({ check: 'transcript', ok: false, detail, fix });
    throw new Refusal(detail, fix, ['startFromDocuments']);
  };
  // A session that was just started has no file until its first prompt; to look at it none is needed.
  if (!alive && found.length === 0) {
    const elsewhere = otherHosts(snapshot, session).map((one) => one.host);
    fail(
      `${host.name} has no transcript of this session.`,
      elsewhere.length > 0
        ? `It is on ${elsewhere.join(', ')}: resume it there.`
        : 'Claude deletes transcripts after some weeks. A new session can start from the documents.',
    );
  }
  if (!alive && !found.some((one) => one.hasConversation))
    fail(
      'Its transcript holds no conversation, so Claude would not find it.',
      'Start a new session from the documents.',
    );
  if (found.length > 1)
    fail(
      `${host.name} has ${found.length} transcripts with this id: ${found.map((one) => one.path).join(', ')}.`,
      'Claude would take one by chance. Move the copies away, then resume.',
    );
  onCheck({
    check: 'transcript',
    ok: true,
    detail: found[0]
      ? `${Math.ceil(found[0].size / 1024)} KB in ${found[0].path}`
      : 'none yet: the session has just started',
  });
  return { fileId, ...(known?.permissionMode !== undefined && { permissionMode: known.permissionMode }) };
}

/** The same session on other hosts, as far as the picture knows. */
export const otherHosts = (snapshot: Snapshot, session: Session): Session[] =>
  snapshot.sessions.filter(
    (one) => one.id === session.id && one.host !== session.host && one.state !== 'missing',
  );

/** A directory from a record counts only under the roots configured for the host. */
function recorded(session: Session, host: Host): string[] {
  const { roots, repository } = host.settings;
  const allowed = [
    ...roots,
    ...(typeof repository === 'string' ? [repository] : Object.values(repository ?? {})),
  ];
  const { directory } = session;
  return directory && allowed.some((root) => directory === root || directory.startsWith(`${root}/`))
    ? [directory]
    : [];
}

async function checkDirectory(
  { host, onCheck, signal }: PreflightOptions,
  wanted: readonly string[],
  report: HostReport,
): Promise<string> {
  const last = wanted.at(-1);
  const found = await lastExistingDirectory(host, wanted, signal && { signal });
  if (found !== undefined && found === last) {
    onCheck({ check: 'directory', ok: true, detail: found });
    return found;
  }
  const directory = found ?? report.home;
  onCheck({
    check: 'directory',
    ok: false,
    detail: `${last ?? 'Its directory'} does not exist any more; ${found === undefined ? 'none of its others does either' : 'an earlier one does'}`,
    fix: `It resumes in ${directory}.`,
  });
  return directory;
}

async function checkClaude({ host, onCheck, signal }: PreflightOptions): Promise<string> {
  const { claudePath } = host.settings;
  const found = await findClaude(host, {
    ...(claudePath !== undefined && { claudePath }),
    ...(signal && { signal }),
  });
  const refuse = (detail: string, next: string): never => {
    onCheck({ check: 'claude', ok: false, detail, fix: next });
    throw new Refusal(detail, next, ['retry']);
  };
  switch (found.kind) {
    case 'found':
      onCheck({
        check: 'claude',
        ok: found.warning === undefined,
        detail: `${found.path} ${found.version}`,
        ...(found.warning !== undefined && { fix: found.warning }),
      });
      return found.path;
    case 'missing':
      return refuse(`There is no claude on ${host.name}.`, found.next);
    case 'tooOld':
      return refuse(
        `${found.path} on ${host.name} is version ${found.version}, which resumes under another id.`,
        found.next,
      );
    case 'broken':
      return refuse(`${found.path} on ${host.name} does not run: ${found.detail}`, found.next);
  }
}

async function checkTrust({ host, onCheck, signal }: PreflightOptions, directory: string): Promise<void> {
  const { configDir } = host.settings;
  const state = await trustState(host, directory, {
    ...(configDir && { configDir }),
    ...(signal && { signal }),
  });
  if (state === 'untrusted')
    onCheck({
      check: 'trust',
      ok: false,
      detail: `Claude has not been told yet to trust ${directory}`,
      fix: 'It will ask in the terminal; the answer is yours.',
    });
}

async function checkBranch(
  host: Host,
  directory: string,
  session: Session,
  task: Task | undefined,
  onCheck: PreflightOptions['onCheck'],
  signal: AbortSignal | undefined,
): Promise<void> {
  const expected = session.branch ?? task?.branch;
  if (expected === undefined) return;
  const head = await readHead(host, directory, signal);
  if (head === undefined) return;
  onCheck(
    head === expected
      ? { check: 'branch', ok: true, detail: expected }
      : {
          check: 'branch',
          ok: false,
          detail: `${directory} is on ${head}, the session was on ${expected}`,
          fix: 'Claude goes on with the files that are there; check the branch out first if it should see its own.',
        },
  );
}

/** Reads every comment anew: a record that went away or that another issue owns must not open a conversation. */
async function checkComments({
  session,
  task,
  account,
  onCheck,
  signal,
  snapshot,
}: PreflightOptions): Promise<void> {
  if (!task || !snapshot.jira.signedIn || session.evidence === 'candidate') return;
  try {
    const claims = await (await account.jira(signal)).claims(task.key, signal);
    const named = claims.some((claim) => claim.sessionId === session.id);
    if (session.evidence === 'record' && !named) {
      onCheck({
        check: 'comments',
        ok: false,
        detail: `No comment on ${task.key} names this session any more`,
        fix: 'Refresh.',
      });
      throw new Refusal(
        `The record that bound this session to ${task.key} is gone.`,
        'Refresh, and look at the comments of the issue.',
        ['retry'],
      );
    }
    onCheck({
      check: 'comments',
      ok: true,
      detail: named ? `a record on ${task.key} names it` : `read in full (${claims.length} records)`,
    });
  } catch (error) {
    if (error instanceof Refusal || isCancelled(error)) throw error;
    onCheck({ check: 'comments', ok: false, detail: errorLine(error), fix: 'The last good answer is used.' });
  }
}

function checkDocs({ task, onCheck }: PreflightOptions): void {
  if (!task) return;
  const missing = task.docsExpected - task.docs.length;
  onCheck({
    check: 'docs',
    ok: task.branchError === undefined,
    detail:
      task.branchError ??
      `${task.docs.length} documents on the branch${missing > 0 ? `, ${missing} missing` : ''}`,
  });
}
