import { setTimeout as pause } from 'node:timers/promises';
import type { Host } from '../../../hosts/host';
import { CancelledError } from '../../../model/errors';
import { sessionState } from '../../../model/session/liveness';
import type { Session } from '../../../model/session/session';
import type { HostReport } from '../../../model/session/transcript';
import type { OpenTerminal } from '../resume/plan';
import { hasArrived, sizesOf } from './arrival';
import { refused, type Asked } from './asked';
import type { AskOptions } from './asking';

/** Claude writes a prompt down within a second. */
const arrivalMs = 20_000;
const everyMs = 700;
/** Between two tries to send what stands at the prompt. */
const againMs = 3000;
/** A paste is drawn at once, but not by a Claude that has just started on a busy machine. */
const drawnMs = 5000;

/** How the text gets into one conversation. */
export interface Mouth {
  /** What stands at the prompt, unsent. */
  draft(): Promise<string>;
  /** Types it, without sending it. */
  type(): Promise<void>;
  send(): Promise<void>;
}

/** Where a question is said, as it was found when the floor was ours. */
interface Speaking {
  open: OpenTerminal;
  started: boolean;
  host: Host;
  report: HostReport;
  mouth: Mouth;
  /** What the host says now. */
  look(signal?: AbortSignal): Promise<HostReport | undefined>;
}

/** Types the question where nobody has begun to write, sends it, and sees it arrive. The floor is ours. */
export async function speak(
  { id: sessionId }: Pick<Session, 'id'>,
  question: string,
  { open, started, host, report, mouth, look }: Speaking,
  { signal, onProgress }: Pick<AskOptions, 'signal' | 'onProgress'>,
): Promise<Asked> {
  if ((await mouth.draft()) !== '')
    return {
      ...refused(
        'Somebody has begun to write at its prompt.',
        'Send or clear what stands there, and ask again.',
        ['retry'],
      ),
      open,
    };
  const before = sizesOf(sessionId, report);
  onProgress?.('asking');
  await mouth.type();
  await shown(mouth, signal);
  for (let until = Date.now() + arrivalMs, next = 0; Date.now() < until;) {
    const now = await look(signal);
    const asked = { text: question, sessionId, before };
    if (now && (await hasArrived(asked, host, now, signal))) return { kind: 'asked', open, started };
    // A Claude that is slow takes Enter for a part of what was pasted, and a dialog would take it for an answer.
    const { state } = sessionState(sessionId, now);
    if (state === 'waiting') break;
    if (state === 'idle' && Date.now() >= next && (next === 0 || (await mouth.draft()) !== '')) {
      await mouth.send();
      next = Date.now() + againMs;
    }
    await rest(everyMs, signal);
  }
  return {
    kind: 'unclear',
    open,
    reason: 'The question was typed, but has not come into the conversation so far.',
    next: 'Look at the terminal before you ask again.',
  };
}

/** Waits until what was typed is to be seen. A screen that we do not know shows nothing, and is trusted after a while. */
async function shown(mouth: Mouth, signal: AbortSignal | undefined): Promise<void> {
  const until = Date.now() + drawnMs;
  while ((await mouth.draft()) === '' && Date.now() < until) await rest(200, signal);
}

export async function rest(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await pause(milliseconds, undefined, signal && { signal }).catch(() => {
    throw new CancelledError();
  });
}
