import { UserError } from '../../../model/errors';
import type { LedgerRun, RunKind, RunOrder } from '../../../model/run/order';
import type { RunState } from '../../../model/run/run';
import { shortId } from '../../../model/names';
import type { LiveEntry } from '../../../model/session/transcript';
import type { OthersRun } from '../../issue/runRecords';
import type { StartQuestion } from '../progress';
import type { StartSteps } from './steps';
import { wordsOf } from './words';

type Question<Kind extends StartQuestion['kind']> = StartQuestion & { kind: Kind };

/** The branch is there already. */
export const existsQuestion = (
  branch: string,
  where: 'local' | 'remote',
  host: string,
  directory?: string,
): Question<'branchExists'> => ({
  kind: 'branchExists',
  branch,
  where,
  summary: `${branch} exists already ${where === 'local' ? `on ${host}` : 'on the remote'}. Work on it?`,
  detail: `Its commits stay, and what is done is committed on top of them${directory === undefined ? '' : `, in ${directory}`}. Else rename or remove that branch, and start again.`,
  accept: 'Use Branch',
});

/** Work on what was approved has begun there: by hand, or by an earlier run. */
export const begunQuestion = (branch: string, directory: string): Question<'branchExists'> => ({
  kind: 'branchExists',
  branch,
  where: 'local',
  summary: `${branch} has commits since the approval. Build on them?`,
  detail: `They stay, and the steps are committed on top of them, in ${directory}. Else take them back there, or set taskSessions.implementation.branchPattern.`,
  accept: 'Build on Them',
});

/** A Claude lives where the run would work: a person's conversation, or another run. */
export function liveQuestion(
  { sessionId, pid, pane, entrypoint, startedAt }: LiveEntry,
  directory: string,
  host: string,
): Question<'liveSession'> {
  const place = pane
    ? `in tmux session ${pane.sessionName}`
    : entrypoint?.startsWith('sdk')
      ? 'without a screen'
      : 'outside tmux';
  const since = startedAt === undefined ? '' : `, since ${new Date(startedAt).toLocaleString()}`;
  return {
    kind: 'liveSession',
    sessionId,
    host,
    pid,
    ...(startedAt !== undefined && { at: startedAt }),
    summary: `Claude is live in ${directory} on ${host}: session ${shortId(sessionId)} ${place} (pid ${pid}${since}). Start beside it?`,
    detail:
      'What is changed there meanwhile is committed with the run’s own work, and each may undo what the other does. Else end that session first; it is not ended for you.',
    accept: 'Start Beside It',
  };
}

/** An earlier run of ours has not come to a good end. */
export const ownRunQuestion = (
  { id, kind, key, host }: RunOrder,
  state: RunState & { kind: 'starting' | 'interrupted' | 'failed' | 'stopped' },
): Question<'ownRun'> => ({
  kind: 'ownRun',
  runId: id,
  host,
  summary: `Your ${kind} of ${key} on ${host} ${howItStands[state.kind]}. Continue it?`,
  detail: 'What is done stays done.',
  accept: 'Continue It',
});

const howItStands = {
  starting: 'was not started to the end',
  interrupted: 'was interrupted',
  failed: 'failed',
  stopped: 'was stopped',
} as const;

/** Asks once for each session that somebody else works in on the task; throws the question's words on a no. */
export async function askBeside(
  { key, kind }: Pick<RunOrder, 'key' | 'kind'>,
  others: readonly OthersRun[],
  steps: StartSteps,
): Promise<void> {
  for (const { sessionId, by, at, host, mine } of others) {
    if (steps.accepted.has(sessionId)) continue;
    await steps.insist({
      kind: 'othersRun',
      sessionId,
      by,
      at,
      ...(host !== undefined && { host }),
      summary: `${mine ? 'You' : by} already started ${wordsOf[kind].one} of ${key}${host === undefined ? '' : ` on ${host}`}. Start another one?`,
      detail: `Two ${wordsOf[kind].many} of one task cost twice, and their branches may collide.`,
      accept: 'Start Another',
    });
    steps.accepted.add(sessionId);
  }
}

/** True for a run of that kind for the task in the ledger that nobody gave up. */
export const isRunOf = (
  { order, abandoned }: LedgerRun,
  { kind, key, jira }: { kind: RunKind; key: string; jira: string | undefined },
): boolean =>
  abandoned !== true &&
  order.kind === kind &&
  order.key === key &&
  (order.jira === undefined || jira === undefined || order.jira === jira);

export const startedElsewhere = ({ kind, key }: Pick<RunOrder, 'kind' | 'key'>): UserError =>
  new UserError(
    `Another ${kind} of ${key} was started at this moment in another window.`,
    'Look at it in the tree; continue it, should that window be gone.',
  );
