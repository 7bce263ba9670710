import { z } from 'zod';
import { isAbsolutePath, parseSessionId } from '../../../model/names';
import type { SessionTrace } from '../../../model/session/transcript';
import { clip, parseObject } from '../transcripts/lines';

const entry = z.object({
  display: z.string(),
  timestamp: z.number().int().nonnegative().max(8.64e15),
  project: z.string().max(4096).optional(),
  sessionId: z.string(),
});

/** The sessions that are remembered at most, those with the newest prompts. */
const limit = 2000;

/** Claude's history of prompts (`history.jsonl`), read once and then only what was appended. Times are epoch ms. */
export class PromptHistory {
  private sessions = new Map<string, SessionTrace>();
  /** How far it has been read, and of which file. */
  inode = '';
  offset = 0;

  /** In the order of their newest prompts, the newest last. */
  get traces(): SessionTrace[] {
    return [...this.sessions.values()];
  }

  /** Takes in the bytes from `from` on. A piece may begin and end inside a line. */
  take(inode: string, from: number, bytes: Buffer): void {
    // Another file, or one that was cut: nothing of the old one holds.
    if (inode !== this.inode || from !== this.offset) this.sessions.clear();
    const end = bytes.lastIndexOf(10) + 1;
    this.inode = inode;
    this.offset = from + end;
    for (const line of bytes.toString('utf8', 0, end).split('\n')) this.line(line);
    const surplus = this.sessions.size - limit;
    for (const id of [...this.sessions.keys()].slice(0, Math.max(0, surplus))) this.sessions.delete(id);
  }

  private line(text: string): void {
    const { success, data } = entry.safeParse(parseObject(text));
    const sessionId = success ? parseSessionId(data.sessionId) : undefined;
    if (!success || !sessionId) return;
    const before = this.sessions.get(sessionId);
    // `/exit` says what the session did last, but not what it was about.
    const title = /^\s*\/[a-z]/.test(data.display) ? before?.title : clip(data.display, 200) || before?.title;
    const clearedAt = /^\s*\/clear\b/.test(data.display) ? data.timestamp : before?.clearedAt;
    this.sessions.delete(sessionId);
    this.sessions.set(sessionId, {
      sessionId,
      source: 'history',
      ...(title !== undefined && { title }),
      ...(data.project !== undefined && isAbsolutePath(data.project) && { directory: data.project }),
      at: data.timestamp,
      ...(clearedAt !== undefined && { clearedAt }),
    });
  }
}
