import * as vscode from 'vscode';
import type { PublishedRequest, Requests } from '../../actions/gate/requests';
import type { DebtPayer, Payment } from '../../actions/owed/debts';
import type { Settling } from '../../actions/run/settling';
import { plural } from '../../model/describe';
import { withProgress } from '../failures';
import { settledText } from './runTexts';

export interface Settlers {
  settling: Pick<Settling, 'settle'>;
  requests: Pick<Requests, 'settle'>;
  debts: Pick<DebtPayer, 'pay'>;
}

/** Tells Jira what runs have come to and what sessions ask, of one task or of all, and says in one line what that was. */
export async function settleRuns({ settling, requests, debts }: Settlers, key?: string): Promise<void> {
  const [done, asked, paid] = await withProgress(`Settling ${key ?? 'runs'}`, async (signal) => {
    const what = { ...(key !== undefined && { key }), signal };
    return [await settling.settle(what), await requests.settle(what), await debts.pay(what)] as const;
  });
  const problems = new Set([
    ...[...done, ...asked].flatMap((one) => one.problems),
    ...paid.flatMap(({ problem }) => problem ?? []),
  ]);
  const others = [...askedText(asked), ...paidText(paid)];
  const lines = [...(done.length > 0 || others.length === 0 ? [settledText(done)] : []), ...others];
  if (problems.size > 0) void vscode.window.showWarningMessage([...lines, ...problems].join(' '));
  else void vscode.window.showInformationMessage(lines.join(' '));
}

const askedText = (asked: readonly PublishedRequest[]): string[] => {
  const published = asked.filter(({ record }) => record === 'published' || record === 'unchanged').length;
  return published > 0 ? [`Published ${plural(published, 'request')} for approval.`] : [];
};

const paidText = (paid: readonly Payment[]): string[] => {
  const links = paid.filter(({ kind, result }) => kind === 'link' && result === 'paid').length;
  return links > 0 ? [`Put ${plural(links, 'link')} of pull requests on the issues.`] : [];
};
