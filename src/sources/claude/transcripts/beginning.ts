import { parseSessionId } from '../../../model/names';
import type { TranscriptBeginning } from '../../../model/session/transcript';
import { exact, objectOf } from './lines';
import type { Json } from './lines';

/** Lines that stand before the conversation and bear the time at which the file was begun. */
const timed = /^\{"type":"(?:queue-operation|file-history-snapshot)"/;
const conversation = /^\{(?:"parentUuid":|"type":"(?:user|assistant|system|attachment)")/;

/**
 * The latest time noted before the first conversation line, epoch ms (`claude -p` notes when it took the prompt from
 * its queue, a TUI when it took a snapshot of files). Such lines are otherwise of no use and may be large: no JSON is
 * parsed.
 */
export function headTime(head: Buffer): number | undefined {
  let latest: number | undefined;
  for (let start = 0; start < head.length;) {
    const end = head.indexOf(10, start);
    if (end === -1) break;
    const opening = head.toString('latin1', start, Math.min(end, start + 40));
    if (conversation.test(opening)) break;
    if (timed.test(opening)) {
      const [, text = ''] = /"timestamp":"([^"]{10,40})"/.exec(head.toString('latin1', start, end)) ?? [];
      const time = Date.parse(text);
      if (!Number.isNaN(time)) latest = Math.max(latest ?? 0, time);
    }
    start = end + 1;
  }
  return latest;
}

/** Takes the conversation lines of a transcript's head, in order, and says how it came about. */
export class Beginning {
  private lines = 0;
  private copiedFrom: string | undefined;
  private cleared = false;
  private startedAs: string | undefined;

  take(line: Json): void {
    const first = this.lines++ === 0;
    if (first) this.copiedFrom = idOf(objectOf(line['forkedFrom'])?.['sessionId']);
    // The caveat comes first, then the command.
    if (this.lines <= 3 && line['type'] === 'user') {
      const content = objectOf(line['message'])?.['content'];
      if (typeof content === 'string' && content.startsWith('<command-name>/clear<')) this.cleared = true;
    }
    if (line['type'] === 'assistant') this.startedAs ??= idOf(line['session_id']);
  }

  /** Undefined where there is nothing to say. */
  summary(id: string, headAt: number | undefined): TranscriptBeginning | undefined {
    const { copiedFrom, cleared, startedAs } = this;
    const beginning: TranscriptBeginning = {
      ...(headAt !== undefined && { headAt }),
      ...(copiedFrom !== undefined && copiedFrom !== id && { copiedFrom }),
      ...(cleared && { cleared }),
      ...(startedAs !== undefined && startedAs !== id && { startedAs }),
    };
    return Object.keys(beginning).length > 0 ? beginning : undefined;
  }
}

const idOf = (value: unknown): string | undefined => parseSessionId(exact(value, 36) ?? '');
