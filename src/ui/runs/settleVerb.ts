import * as vscode from 'vscode';
import type { PublishedRequest, Requests } from '../../actions/gate/requests';
import type { Settling } from '../../actions/run/settling';
import { plural } from '../../model/describe';
import { withProgress } from '../failures';
import { settledText } from './runTexts';

export interface Settlers {
  settling: Pick<Settling, 'settle'>;
  requests: Pick<Requests, 'settle'>;
}

/** Tells Jira what runs have come to and what sessions ask, of one task or of all, and says in one line what that was. */
export async function settleRuns({ settling, requests }: Settlers, key?: string): Promise<void> {
  const [done, asked] = await withProgress(`Settling ${key ?? 'runs'}`, async (signal) => {
    const what = { ...(key !== undefined && { key }), signal };
    return [await settling.settle(what), await requests.settle(what)] as const;
  });
  const problems = [...new Set([...done, ...asked].flatMap((one) => one.problems))];
  const lines = [...(done.length > 0 || asked.length === 0 ? [settledText(done)] : []), ...askedText(asked)];
  if (problems.length > 0) void vscode.window.showWarningMessage([...lines, ...problems].join(' '));
  else void vscode.window.showInformationMessage(lines.join(' '));
}

const askedText = (asked: readonly PublishedRequest[]): string[] => {
  const published = asked.filter(({ record }) => record === 'published' || record === 'unchanged').length;
  return published > 0 ? [`Published ${plural(published, 'request')} for approval.`] : [];
};
