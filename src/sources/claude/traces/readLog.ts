import { z } from 'zod';
import { isAbsolutePath, parseSessionId } from '../../../model/names';
import type { SessionTrace } from '../../../model/session/transcript';
import { clip, parseObject } from '../transcripts/lines';

/** What was read of a stream-json log: all of it, or its two ends. */
export interface LogEnds {
  head: Buffer;
  /** Undefined where the head is the whole. */
  tail?: Buffer;
}

/** Of one log, the newest ones. */
const sessionsOfLog = 50;

const sessionId = z.string().transform((text, context) => {
  const id = parseSessionId(text);
  if (id === undefined) context.addIssue('no session id');
  return id ?? z.NEVER;
});

/** A line of `claude -p --output-format stream-json`, or the one of `json`; in the order of keys that the day brings. */
const line = z.object({
  type: z.string(),
  subtype: z.string().optional(),
  session_id: sessionId,
  cwd: z.string().max(4096).optional(),
  is_error: z.boolean().optional(),
  result: z.string().optional(),
  errors: z.array(z.unknown()).optional(),
});

/**
 * The sessions that a log names, the last one with its end, if it said one: runs that were killed say nothing, and
 * where another turn has begun since, an earlier result tells nothing. What is no line of that format is passed over.
 */
export function readLog(path: string, at: number, { head, tail }: LogEnds): SessionTrace[] {
  const found = new Map<string, SessionTrace>();
  const texts = [head.toString('utf8'), ...(tail ? [tail.toString('utf8')] : [])];
  for (const text of texts.flatMap((piece) => piece.split('\n'))) {
    const parsed = line.safeParse(parseObject(text.trim()));
    if (!parsed.success) continue;
    const { type, subtype, session_id, cwd, is_error, result, errors } = parsed.data;
    const trace = found.get(session_id) ?? { sessionId: session_id, source: 'log', path, at };
    // The newest one comes last.
    found.delete(session_id);
    found.set(session_id, trace);
    if (type === 'system' && subtype === 'init') {
      delete trace.outcome;
      if (cwd !== undefined && isAbsolutePath(cwd)) trace.directory = cwd;
    } else if (type === 'result' && is_error !== undefined) {
      const words = clip(
        result ?? errors?.filter((error) => typeof error === 'string').join('; ') ?? '',
        200,
      );
      trace.outcome = { failed: is_error, ...(words && { text: words }) };
    }
  }
  // An init line that is longer than the head: its beginning holds what matters.
  const cut =
    found.size === 0
      ? /^\{"type":"system","subtype":"init",.{0,8000}?"session_id":"([^"]*)"/.exec(texts[0] ?? '')
      : null;
  const id = cut?.[1] === undefined ? undefined : parseSessionId(cut[1]);
  return id ? [{ sessionId: id, source: 'log', path, at }] : [...found.values()].slice(-sessionsOfLog);
}

/** True if the end holds no whole line, so that a longer one may lie before. */
export const endIsCut = ({ tail }: LogEnds): boolean =>
  tail !== undefined && !tail.subarray(0, -1).includes(10);
