import * as vscode from 'vscode';
import { ago } from '../../model/age';
import { plural, stateText } from '../../model/describe';
import { shortId } from '../../model/names';
import { sessionTooltip } from '../tree/tooltips/sessionTooltip';
import { pageSize, type SessionHostNode, type SessionNode } from './nodes';
import {
  countText,
  icon,
  listedSummary,
  sessionContext,
  rowName,
  sessionIcon,
  sessionName,
} from './sessionLook';

const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** How a row of the view *Sessions* looks. `now` is epoch ms. */
export function sessionItem(node: SessionNode, now: number): vscode.TreeItem {
  const item = itemOf(node, now);
  item.id = node.id;
  item.contextValue ??= node.kind;
  item.accessibilityInformation ??= {
    label: [item.label, item.description].filter((part) => typeof part === 'string').join(', '),
  };
  return item;
}

function itemOf(node: SessionNode, now: number): vscode.TreeItem {
  switch (node.kind) {
    case 'sessionHost':
      return hostItem(node, now);
    case 'sessionGroup': {
      const item = new vscode.TreeItem(node.label, node.open ? Expanded : Collapsed);
      item.description = String(node.sessions.length);
      item.accessibilityInformation = { label: `${node.label}, ${plural(node.sessions.length, 'session')}` };
      return item;
    }
    case 'listedSession': {
      const { session, candidates } = node;
      const item = new vscode.TreeItem(rowName(session), None);
      item.description = listedSummary(session, candidates, now);
      item.iconPath = sessionIcon(session, now);
      item.tooltip = sessionTooltip(session, now, candidates);
      item.contextValue = sessionContext(session);
      item.accessibilityInformation = {
        label: `Session ${sessionName(session)}, ${shortId(session.id)} on ${session.host}, ${stateText(session)}, ${item.description}`,
      };
      return item;
    }
    case 'moreSessions': {
      const item = new vscode.TreeItem('Show More', None);
      item.description = `${Math.min(pageSize, node.left)} of ${node.left} more`;
      item.iconPath = icon('ellipsis');
      item.command = { command: 'taskSessions.showMoreSessions', title: 'Show More', arguments: [node] };
      return item;
    }
  }
}

function hostItem({ name, host, sessions }: SessionHostNode, now: number): vscode.TreeItem {
  const item = new vscode.TreeItem(name || 'Host not recorded', sessions.length > 0 ? Expanded : None);
  const asOf = host?.asOf === undefined ? 'nothing known yet' : `as of ${ago(host.asOf, now)}`;
  const answer = answerOf();
  item.description = [...(answer ? [answer] : []), countText(sessions)].join(' · ');
  item.tooltip = [host?.error, host?.next].filter(Boolean).join('\n') || item.description;
  item.iconPath = hostIcon(host);
  if (host?.error !== undefined) {
    item.contextValue = 'sessionHost.failed';
    item.accessibilityInformation = { label: `Host ${name}, ${item.description}. ${item.tooltip}` };
  }
  return item;

  function answerOf(): string | undefined {
    if (!host) return 'not among your hosts';
    if (host.error !== undefined) return `does not answer · ${asOf}`;
    if (host.earlier) return asOf;
    if (host.asOf !== undefined) return host.local ? 'this machine' : undefined;
    return vscode.workspace.isTrusted ? 'no answer yet' : 'not asked in Restricted Mode';
  }
}

function hostIcon(host: SessionHostNode['host']): vscode.ThemeIcon {
  if (!host) return icon('question', 'disabledForeground');
  if (host.error !== undefined) return icon('debug-disconnect', 'list.warningForeground');
  return icon(host.local ? 'device-desktop' : 'remote');
}
