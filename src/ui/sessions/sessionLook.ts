import * as vscode from 'vscode';
import { age } from '../../model/age';
import { expiryText, lineageText, plural } from '../../model/describe';
import { shortId } from '../../model/names';
import { candidateText, isLive, lastSeen } from '../../model/session/listing';
import { sizeText } from '../../model/size';
import type { Session, SessionState } from '../../model/session/session';
import { oneLine } from '../../util/markdownText';

/** How a session looks in every tree. */

export const icon = (name: string, color?: string): vscode.ThemeIcon =>
  new vscode.ThemeIcon(name, color === undefined ? undefined : new vscode.ThemeColor(color));

export const stateIcons: Record<SessionState, vscode.ThemeIcon> = {
  working: icon('loading~spin', 'charts.blue'),
  waiting: icon('bell-dot', 'charts.yellow'),
  idle: icon('circle-filled', 'charts.green'),
  ended: icon('circle-outline'),
  missing: icon('circle-slash', 'disabledForeground'),
  unknown: icon('question', 'disabledForeground'),
};

/** What it does; of one that does nothing, that it will soon be gone, unless a copy of it is kept. */
export function sessionIcon(session: Session, now: number): vscode.ThemeIcon {
  const isExpiring = session.state !== 'missing' && !session.kept && expiryText(session, now) !== undefined;
  return isExpiring && !isLive(session)
    ? icon('warning', 'list.warningForeground')
    : stateIcons[session.state];
}

/**
 * What menus ask for, as words between dots: `session.linked.live.terminal`. In the tree of tasks a candidate is one;
 * in the list of sessions it is a session that is not linked.
 */
export function sessionContext(session: Session): string {
  const candidate = session.evidence === 'candidate';
  return [
    candidate ? 'candidate' : 'session',
    session.key === undefined || candidate ? 'unlinked' : 'linked',
    ...(session.hostKnown ? ['host'] : []),
    ...(session.live ? ['live'] : []),
    ...(session.terminal ? ['terminal'] : []),
    ...(session.state !== 'missing' && session.hasConversation !== false ? ['transcript'] : []),
    ...(session.kept ? ['kept'] : []),
    ...(session.webTerminalUrl === undefined ? [] : ['web']),
    ...(session.remoteUrl === undefined ? [] : ['shared']),
  ].join('.');
}

/** Its name, by which a person knows it. */
export const sessionName = (session: Session): string =>
  oneLine(session.title ?? '').trim() || shortId(session.id);

/** The name in a row. It leaves room for a key beside it, also in a side bar as wide as VS Code makes it. */
export function rowName(session: Session): string {
  const name = sessionName(session);
  const characters = Array.from(name);
  return characters.length > 20 ? `${characters.slice(0, 19).join('').trimEnd()}…` : name;
}

/** `PAY-1 · 2 h · 1.2 MB · 38 % · expires in 2 days`. */
export function listedSummary(session: Session, candidates: readonly Session[], now: number): string {
  const at = lastSeen(session);
  const expiry = expiryText(session, now);
  const lineage = lineageText(session);
  return [
    session.key ?? candidateText(candidates) ?? 'not linked',
    ...(session.waitingFor ? [session.waitingFor] : []),
    ...(session.state === 'missing' ? [session.kept ? 'only the copy is left' : 'missing'] : []),
    ...(at > 0 ? [age(at, now)] : []),
    ...(session.size ? [sizeText(session.size)] : []),
    ...(session.context ? [`${session.context.usedPercent} %`] : []),
    ...(expiry ? [expiry] : []),
    ...(session.kept && session.state !== 'missing' ? ['copy kept'] : []),
    ...(lineage ? [lineage] : []),
  ].join(' · ');
}

/** `12 sessions · 3 live`. */
export function countText(sessions: readonly Session[]): string {
  const live = sessions.filter(isLive).length;
  return [plural(sessions.length, 'session'), ...(live > 0 ? [`${live} live`] : [])].join(' · ');
}
