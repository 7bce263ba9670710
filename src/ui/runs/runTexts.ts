import type { Settlement } from '../../actions/run/progress';
import type { RunLogText } from '../../actions/run/runLogs';
import { plural } from '../../model/describe';
import type { Run } from '../../model/run/run';
import { sizeText } from '../../model/size';
import { codeBlock, escapeMarkdown } from '../../util/markdownText';
import { kindTitle, rowNote, rowTitle, runStateText } from '../../model/run/words';

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

/** How it stands, its steps, and its files as they are. */
export function logText(run: Run, logs: readonly RunLogText[], now: number): string {
  const { state } = run;
  const time = (at: number | undefined): string => (at === undefined ? '' : new Date(at).toLocaleString());
  const marks = { todo: '○', doing: '◐', done: '✓', failed: '×' } as const;
  return [
    `# ${kindTitle(run.kind)} of ${run.key}`,
    `**State:** ${escapeMarkdown(runStateText(run, now))}`,
    ...(state.kind === 'failed' ? [`**Next:** ${escapeMarkdown(state.failure.next)}`] : []),
    [
      `- Host: ${escapeMarkdown(run.host)}`,
      `- Directory: ${escapeMarkdown(run.directory)}`,
      `- Branch: ${escapeMarkdown(run.branch)}`,
      `- Session: ${run.sessionId}`,
      ...(run.earlierSessions ? [`- Sessions before: ${run.earlierSessions.join(', ')}`] : []),
      `- Started by: ${escapeMarkdown(run.startedBy)}`,
    ].join('\n'),
    '## Steps',
    run.steps
      .map((row) => {
        const words = [
          escapeMarkdown(rowTitle(row, run.kind)),
          rowNote(row),
          row.commit?.slice(0, 12),
          time(row.at),
        ];
        return `- ${marks[row.state]} ${words.filter(Boolean).join(' · ')}`;
      })
      .join('\n'),
    ...logs.flatMap(({ name, text, size, cut }) => [
      `## ${escapeMarkdown(name)}${cut ? ` (its end; ${sizeText(size)} in all)` : ''}`,
      codeBlock(text),
    ]),
    '',
  ].join('\n\n');
}
