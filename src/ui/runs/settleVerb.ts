import * as vscode from 'vscode';
import type { Settling } from '../../actions/run/settling';
import { withProgress } from '../failures';
import { settledText } from './runTexts';

/** Tells Jira what runs have come to, of one task or of all, and says in one line what that was. */
export async function settleRuns(settling: Pick<Settling, 'settle'>, key?: string): Promise<void> {
  const done = await withProgress(`Settling ${key ?? 'runs'}`, (signal) =>
    settling.settle({ ...(key !== undefined && { key }), signal }),
  );
  const problems = [...new Set(done.flatMap((one) => one.problems))];
  const line = settledText(done);
  if (problems.length > 0) void vscode.window.showWarningMessage([line, ...problems].join(' '));
  else void vscode.window.showInformationMessage(line);
}
