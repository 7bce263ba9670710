import * as vscode from 'vscode';
import { ago } from '../../../model/age';
import { requestReason, requestTrouble, type ApprovalRequest } from '../../../model/gate/request/request';
import { expiryText, lineageText, sessionRole, stateText } from '../../../model/describe';
import type { Session } from '../../../model/session/session';
import type { KeptTranscript, SessionTrace } from '../../../model/session/transcript';
import { sizeText } from '../../../model/size';
import { Tooltip } from './tooltip';

/** All that is known of a session. `candidates`: the tasks that one without a task might belong to. */
export function sessionTooltip(
  session: Session,
  now: number,
  candidates: readonly Session[] = [],
): vscode.MarkdownString {
  const time = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : `${date(at)} (${ago(at, now)})`;
  const tooltip = new Tooltip(session.title ?? sessionRole(session))
    .row('Session', session.id)
    .row(
      'Host',
      session.hostKnown ? session.host : `${session.host || 'not recorded'} (not among your hosts)`,
    )
    .row('State', stateText(session))
    .row('Asks', session.asks && asksText(session, session.asks, now))
    .row('Process', session.live && processText(session.live, now))
    .row(
      'Terminal',
      session.terminal && `${session.terminal.name}${session.terminal.attached ? ' (attached)' : ''}`,
    )
    .row('Web terminal', session.webTerminalUrl)
    .row('Shared at', session.remoteUrl)
    .row('Directory', session.directory)
    .row('Branch', session.branch)
    .row('Started by', session.entrypoint && entryText(session.entrypoint))
    .row('Model', session.model)
    .row(
      'Context',
      session.context &&
        `${session.context.usedPercent} % (${session.context.usedTokens.toLocaleString('en')} of ${session.context.windowTokens.toLocaleString('en')} tokens)`,
    )
    .row('Size', session.size ? sizeText(session.size) : undefined)
    .row('Conversation', conversationText(session))
    .row('Created', time(session.createdAt))
    .row('Last activity', time(session.lastActivity))
    .row('Claude keeps it until', session.state === 'missing' ? undefined : expiry(session, now))
    .row('Our copy', session.kept && keptText(session.kept, session.state === 'missing'))
    .row('Lineage', lineageText(session))
    .gap();
  whyBound(tooltip, session, candidates);
  for (const trace of (session.traces ?? []).slice(0, 5)) tooltip.row('Trace', traceText(trace, now));
  return tooltip.markdown;
}

function whyBound(tooltip: Tooltip, session: Session, candidates: readonly Session[]): void {
  const { key, reason, evidence } = session;
  if (evidence === 'candidate') tooltip.row(`Candidate for ${key}`, because(session));
  else if (key !== undefined) tooltip.row(`Linked to ${key}`, reason ?? 'by its evidence');
  else if (candidates.length === 0) tooltip.row('Task', 'not linked');
  for (const candidate of candidates) tooltip.row(`Candidate for ${candidate.key}`, because(candidate));
}

const asksText = (session: Session, request: ApprovalRequest, now: number): string =>
  [`${requestReason(request.note)}, ${ago(request.at, now)}`, requestTrouble({ request, session })]
    .filter(Boolean)
    .join('. ');

const because = ({ reason = 'it fits', score }: Session): string =>
  score === undefined ? reason : `${reason} (${score} of 100)`;

const expiry = (session: Session, now: number): string | undefined =>
  session.expiresAt === undefined
    ? undefined
    : [date(session.expiresAt), expiryText(session, now)].filter(Boolean).join(', ');

const date = (at: number): string =>
  new Date(at).toLocaleString(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });

const processText = (live: NonNullable<Session['live']>, now: number): string =>
  [
    `${live.pid}`,
    ...(live.pane ? [`in tmux session ${live.pane.sessionName}`] : []),
    ...(live.startedAt === undefined ? [] : [`started ${ago(live.startedAt, now)}`]),
  ].join(', ');

function entryText(entrypoint: string): string {
  if (entrypoint === 'cli') return 'a person, in a terminal';
  return entrypoint.startsWith('sdk')
    ? `${entrypoint} (a detached run: Claude's own picker hides it)`
    : entrypoint;
}

const keptText = ({ size, modifiedAt }: KeptTranscript, onlyOne: boolean): string =>
  `${sizeText(size)}, as of ${date(modifiedAt)}${onlyOne ? '; Put Back makes it resumable' : ''}`;

const traceText = ({ source, path, at, outcome }: SessionTrace, now: number): string =>
  [
    { log: 'log of a run', history: 'prompt history', job: 'background job' }[source],
    ...(path ? [path] : []),
    ...(outcome ? [outcome.failed ? `failed: ${outcome.text ?? ''}` : 'done'] : []),
    ...(at === undefined ? [] : [ago(at, now)]),
  ].join(', ');

function conversationText({ unread, hasConversation }: Session): string | undefined {
  if (unread) return 'its transcript cannot be read: look at its owner and mode';
  return hasConversation === false ? 'none in it: it cannot be resumed' : undefined;
}
