import * as vscode from 'vscode';
import { ago } from '../../model/age';
import { shortId } from '../../model/names';
import type { Run, RunStepState } from '../../model/run/run';
import { isLiveRun, isStalled } from '../../model/run/standing';
import type { Task } from '../../model/task/task';
import { icon, stateIcons } from '../sessions/sessionLook';
import { rowCommand, type Look } from './look';
import type { TreeNode } from './nodes';
import { runTooltip } from './tooltips/runTooltip';
import { isCheckFailed, kindTitle, rowNote, rowTitle, runStateText } from '../../model/run/words';

const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** So long a start is taken to be under way, in milliseconds; an older one was interrupted. */
const startMs = 120_000;

export const isStarting = ({ state, createdAt }: Run, now: number): boolean =>
  state.kind === 'starting' && now - createdAt < startMs;

/**
 * What menus ask of a task: `running` where a run of it lives; `stalled` where its newest run wants to go on, `check` where
 * that stands at a check that failed; `approved` where its implementation may begin.
 */
export function runWords(task: Task, now: number): string[] {
  const { runs = [], sessions, statusCategory } = task;
  const [newest] = runs;
  if (runs.some(isLiveRun)) return ['running'];
  const ready = isReady(task) ? ['approved'] : [];
  if (newest && isStalled(newest))
    return isStarting(newest, now)
      ? ['running']
      : ['stalled', ...(isCheckFailed(newest) ? ['check'] : []), ...ready];
  const isBound = sessions.some(({ evidence }) => evidence !== 'candidate');
  return newest || isBound || statusCategory === 'done' || ready.length > 0 ? ready : ['fresh'];
}

/** Its documents are approved as they stand, and nobody of us has begun to implement that. */
const isReady = ({ approval, runs = [], statusCategory }: Task): boolean =>
  approval !== undefined &&
  !approval.stale &&
  statusCategory !== 'done' &&
  !runs.some(({ kind, createdAt }) => kind === 'implementation' && createdAt > approval.at);

export function runLook({ task, run }: TreeNode & { kind: 'run' }, now: number): Look {
  const label = `${kindTitle(run.kind)} · ${runStateText(run, now)}`;
  const description = [
    run.host,
    ...(run.mine ? [] : [`by ${run.startedBy}`]),
    ...(run.asOf === undefined ? [] : [`does not answer · as of ${ago(run.asOf, now)}`]),
    ...(run.settled || isLiveRun(run) || run.state.kind === 'starting' ? [] : ['not on the issue yet']),
  ].join(' · ');
  return {
    label,
    description,
    icon: runIcon(run, now),
    tooltip: runTooltip(run, now),
    state:
      run.steps.length === 0 ? vscode.TreeItemCollapsibleState.None : isLiveRun(run) ? Expanded : Collapsed,
    context: runContext(run, now),
    command: runCommand(task, run, now),
    spoken: `Run ${shortId(run.id)}: ${label}, ${description}. Press Enter to ${isNext(run, now) ? 'continue it' : 'view its log'}.`,
  };
}

const isNext = (run: Run, now: number): boolean => isStalled(run) && !isStarting(run, now);

/** Enter is the next step; what costs something is asked before, since a click is easily made. */
const runCommand = (task: Task, run: Run, now: number): vscode.Command => {
  const target = { key: task.key, runId: run.id, host: run.host };
  return isNext(run, now)
    ? rowCommand('continueRun', 'Continue Run', { ...target, ask: true })
    : rowCommand('viewRunLog', 'View Run Log', target);
};

/** Words between dots: `run.live.mine`, `run.stalled.check.launched.unsettled`. */
function runContext(run: Run, now: number): string {
  return [
    'run',
    ...(isLiveRun(run) ? ['live'] : []),
    ...(isNext(run, now) ? ['stalled'] : []),
    ...(isCheckFailed(run) ? ['check'] : []),
    ...(run.state.kind === 'starting' ? ['unlaunched'] : ['launched']),
    ...(run.mine ? ['mine'] : []),
    ...(run.settled ? [] : ['unsettled']),
  ].join('.');
}

function runIcon(run: Run, now: number): vscode.ThemeIcon {
  if (run.asOf !== undefined) return stateIcons.unknown;
  switch (run.state.kind) {
    case 'starting':
      return isStarting(run, now)
        ? icon('loading~spin', 'charts.blue')
        : icon('warning', 'list.warningForeground');
    case 'queued':
      return icon('watch', 'charts.blue');
    case 'running':
      return icon('loading~spin', run.state.retry ? 'charts.yellow' : 'charts.blue');
    case 'interrupted':
      return icon('warning', 'list.warningForeground');
    case 'stopped':
      return icon('stop-circle');
    case 'failed':
      return icon('error', 'list.errorForeground');
    case 'complete':
      return icon('pass', 'charts.green');
  }
}

export function stepLook({ run, step }: TreeNode & { kind: 'runStep' }, now: number): Look {
  const label = rowTitle(step, run.kind);
  const note = rowNote(step);
  const description = [
    ...(note ? [note] : []),
    // When something began that is to do again is no news.
    ...(step.at === undefined || step.state === 'todo'
      ? []
      : [`${step.state === 'doing' ? 'since ' : ''}${clockTime(step.at, now)}`]),
    ...(step.commit === undefined ? [] : [step.commit.slice(0, 8)]),
    ...(step.state === 'failed' && run.state.kind === 'failed' ? [run.state.failure.message] : []),
  ].join(' · ');
  return {
    label,
    description,
    icon:
      step.state === 'doing' && run.asOf !== undefined
        ? stateIcons.unknown
        : step.skipped
          ? icon('debug-step-over', 'list.warningForeground')
          : stepIcons[step.state],
    context: ['runStep', ...(step.state === 'failed' && isCheckFailed(run) ? ['check'] : [])].join('.'),
    ...(step.title !== undefined && { tooltip: stepTooltip(run, step) }),
    spoken: [label, stepWords[step.state], description].filter(Boolean).join(', '),
  };
}

/** The whole title, and what happened. */
const stepTooltip = ({ state }: Run, step: RunStepState): string =>
  [
    `Step ${step.n}: ${step.title}`,
    rowNote(step),
    step.commit && `committed as ${step.commit.slice(0, 12)}`,
    step.state === 'failed' && state.kind === 'failed' && `${state.failure.message}\n${state.failure.next}`,
  ]
    .filter(Boolean)
    .join('\n');

const stepIcons: Record<RunStepState['state'], vscode.ThemeIcon> = {
  todo: icon('circle-large-outline', 'disabledForeground'),
  doing: icon('loading~spin', 'charts.blue'),
  done: icon('check', 'charts.green'),
  failed: icon('error', 'list.errorForeground'),
};

const stepWords: Record<RunStepState['state'], string> = {
  todo: 'to do',
  doing: 'doing',
  done: 'done',
  failed: 'failed',
};

/** `14:05`, with the day where that is another one. */
function clockTime(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString();
  return new Date(at).toLocaleString(vscode.env.language, {
    ...(!isToday && { dateStyle: 'medium' }),
    timeStyle: 'short',
  });
}
