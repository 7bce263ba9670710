import { setTimeout as pause } from 'node:timers/promises';
import type { Screen } from '../../../hosts/terminals';
import { isCancelled } from '../../../model/errors';
import type { HostReport } from '../../../model/session/transcript';
import {
  startBlocker,
  type BlockerKind,
  type StartBlocker,
} from '../../../sources/claude/launch/startBlocker';
import type { StartOutcome, WayOut } from './plan';

export interface StartWatch {
  sessionId: string;
  capture(signal?: AbortSignal): Promise<Screen>;
  report(signal?: AbortSignal): Promise<HostReport | undefined>;
  signal?: AbortSignal | undefined;
}

/** A start is known one way or the other after about a second; a slow machine gets this long, in milliseconds. */
const patienceMs = 20_000;
const everyMs = 500;

/**
 * Follows a start: the live registry says that the session lives; a dead pane or a question on the screen says what
 * stands in its way. There is no event for either, so both are looked at until one is so.
 */
export async function watchStart({ sessionId, capture, report, signal }: StartWatch): Promise<StartOutcome> {
  const until = Date.now() + patienceMs;
  let screen: Screen = { text: '' };
  while (Date.now() < until) {
    try {
      screen = await capture(signal);
      const blocker = blockerOf(screen);
      if (screen.dead) return blocked(blocker ?? endedAtOnce(screen.dead), screen);
      const now = await report(signal);
      if (now?.live.some((one) => one.sessionId === sessionId)) return { kind: 'running' };
      // No life in the registry: a dialog holds the start up.
      if (blocker) return blocked(blocker, screen);
    } catch (error) {
      if (isCancelled(error)) throw error;
      // A host that stutters while its terminal stands is no reason to give up watching.
    }
    await pause(everyMs, undefined, signal && { signal });
  }
  return { kind: 'unclear' };
}

/** tmux does not always tell with which status a process ended; its words still count as last ones. */
const blockerOf = ({ text, dead }: Screen): StartBlocker | undefined =>
  startBlocker(text, dead && (dead.status ?? 0));

/** What stood in the way of a start that has just ended; undefined where it lives, or ended as it should. */
export function endedStart({ text, dead }: Screen): (StartOutcome & { kind: 'blocked' }) | undefined {
  if (!dead) return undefined;
  const blocker = blockerOf({ text, dead });
  if (!blocker && (dead.status ?? 0) === 0 && dead.signal === undefined) return undefined;
  return blocked(blocker ?? endedAtOnce(dead), { text, dead });
}

const blocked = (
  { kind, message, next }: StartBlocker,
  screen: Screen,
): StartOutcome & { kind: 'blocked' } => ({
  kind: 'blocked',
  ended: screen.dead !== undefined,
  message,
  next,
  waysOut: waysOut(kind),
  screen: screen.text,
});

const endedAtOnce = ({ status, signal }: NonNullable<Screen['dead']>): StartBlocker => ({
  kind: 'ended',
  message: `Claude ended at once (${status === undefined ? (signal ?? 'no status') : `exit status ${status}`}).`,
  next: 'Its last screen is kept in the terminal.',
});

function waysOut(kind: BlockerKind): WayOut[] {
  switch (kind) {
    case 'noConversation':
      return ['startFromDocuments'];
    case 'inUse':
    case 'runningInBackground':
      return ['fork', 'retry'];
    default:
      return ['retry'];
  }
}
