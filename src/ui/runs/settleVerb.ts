import * as vscode from 'vscode';
import type { Settlement } from '../../actions/run/progress';
import type { Settling } from '../../actions/run/settling';
import { plural } from '../../model/describe';
import { withProgress } from '../failures';

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

/** `Settled 2 runs: PAY-1 complete (record written, status moved); PAY-2 failed (nothing to change).` */
export function settledText(done: readonly Settlement[]): string {
  if (done.length === 0) return 'Nothing to settle: the issues say what the runs say.';
  const parts = done.map(({ run, record, status, told }) => {
    const changes = [
      ...(record === 'unchanged' ? [] : [`record ${recordWords[record]}`]),
      ...(status === 'unchanged' ? [] : [`status ${statusWords[status]}`]),
      ...(told > 0 ? [`${plural(told, 'webhook')} told`] : []),
    ];
    return `${run.key} ${run.state} (${changes.join(', ') || 'nothing to change'})`;
  });
  return `Settled ${plural(done.length, 'run')}: ${parts.join('; ')}.`;
}

const owedWords = { owed: 'owed until Jira takes it', refused: 'refused' } as const;
const recordWords: Record<Exclude<Settlement['record'], 'unchanged'>, string> = {
  published: 'written',
  ...owedWords,
};
const statusWords: Record<Exclude<Settlement['status'], 'unchanged'>, string> = {
  moved: 'moved',
  ...owedWords,
};
