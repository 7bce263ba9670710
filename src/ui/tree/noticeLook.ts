import * as vscode from 'vscode';
import { ago } from '../../model/age';
import { plural } from '../../model/describe';
import { icon } from '../sessions/sessionLook';
import type { Look } from './look';
import type { NoticeNode } from './nodes';

/** Rows above the tasks: what could not be asked, or is not fresh. */
export function noticeLook(node: NoticeNode, now: number): Look {
  switch (node.kind) {
    case 'jiraNotice': {
      // Without a list the view's message says what happened, in full; this row is the way on.
      const look =
        node.asOf === undefined
          ? { label: 'Try Again', icon: icon('refresh') }
          : {
              label: `Jira as of ${ago(node.asOf, now)}`,
              description: node.error,
              icon: icon('warning', 'list.warningForeground'),
            };
      return {
        ...look,
        tooltip: [node.error, node.next].filter(Boolean).join('\n'),
        command: { command: 'taskSessions.refresh', title: 'Refresh' },
        spoken: `${node.error} ${node.next ?? ''} Press Enter to try again.`,
      };
    }
    case 'earlierNotice': {
      const what = `${node.sources.join(', ')} as of ${ago(node.asOf, now)}`;
      const label = `${what[0]?.toUpperCase()}${what.slice(1)}`;
      const why = whyEarlier(node);
      return {
        label,
        description: why,
        icon: icon('history'),
        tooltip: `What was known when the tasks were last shown; ${why}.`,
        ...(node.signedIn
          ? { command: { command: 'taskSessions.refresh', title: 'Refresh' } }
          : { command: { command: 'taskSessions.signIn', title: 'Sign In' } }),
      };
    }
    case 'branchesNotice':
      return {
        label:
          node.asOf === undefined ? 'Branches could not be read' : `Branches as of ${ago(node.asOf, now)}`,
        description: node.error,
        icon: icon('warning', 'list.warningForeground'),
        tooltip: [node.error, node.next].filter(Boolean).join('\n'),
        command: { command: 'taskSessions.refresh', title: 'Refresh' },
        spoken: `The branches could not be read. ${node.error} ${node.next ?? ''} Press Enter to try again.`,
      };
    case 'hostNotice': {
      const known = node.host.asOf === undefined ? 'nothing known yet' : `as of ${ago(node.host.asOf, now)}`;
      return {
        label: node.host.name,
        description: `does not answer · ${known}`,
        icon: icon('debug-disconnect', 'list.warningForeground'),
        tooltip: [node.host.error, node.host.next].filter(Boolean).join('\n'),
        command: { command: 'taskSessions.refresh', title: 'Refresh' },
        spoken: `Host ${node.host.name} does not answer, ${known}. ${node.host.error ?? ''} ${node.host.next ?? ''}`,
      };
    }
    case 'repositoryNotice':
      return {
        label: node.error,
        description: plural(node.tasks, 'task'),
        icon: icon('info'),
        command: { command: 'taskSessions.openSettings', title: 'Open Settings' },
        spoken: `${node.error} Concerns ${plural(node.tasks, 'task')}. Press Enter to open the settings.`,
      };
  }
}

function whyEarlier({ signedIn, sources }: NoticeNode & { kind: 'earlierNotice' }): string {
  if (!signedIn) return 'not signed in';
  return vscode.workspace.isTrusted || sources.includes('Jira')
    ? 'no answer yet'
    : 'not read in Restricted Mode';
}
