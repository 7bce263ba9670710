import type { Host } from '../../../hosts/host';
import { UserError } from '../../../model/errors';
import { transcriptsOf } from '../../../model/session/liveness';
import type { HostReport } from '../../../model/session/transcript';
import { readRange } from '../../../sources/claude/conversation/readRange';

/** How much of what was added is looked through; a prompt stands at its beginning. */
const mostBytes = 4 << 20;

/** How long each transcript of a session was, in bytes. */
export type Sizes = ReadonlyMap<string, number>;

export const sizesOf = (sessionId: string, report: HostReport | undefined): Sizes =>
  new Map(report ? transcriptsOf(sessionId, report).map(({ path, size }) => [path, size]) : []);

/** True once a transcript of the session has the text as a prompt, behind what it had before. */
export async function hasArrived(
  { text, sessionId, before }: { text: string; sessionId: string; before: Sizes },
  host: Host,
  report: HostReport,
  signal?: AbortSignal,
): Promise<boolean> {
  const { configDir } = host.settings;
  for (const { path, size } of transcriptsOf(sessionId, report)) {
    const from = before.get(path) ?? 0;
    if (size <= from) continue;
    try {
      const place = { host, path, ...(configDir && { configDir }) };
      const { bytes } = await readRange(place, from, Math.min(size - from, mostBytes), signal);
      if (holdsPrompt(bytes.toString(), text)) return true;
    } catch (error) {
      // It may be written just now.
      if (!(error instanceof UserError)) throw error;
    }
  }
  return false;
}

/** Whether lines of a transcript hold the text as a prompt of the person, sent or waiting in Claude's own queue. */
export function holdsPrompt(lines: string, text: string): boolean {
  const wanted = words(text);
  return lines.split('\n').some((line) => {
    if (!/"type":"(?:user|queue-operation)"/.test(line)) return false;
    try {
      return words(textOf(JSON.parse(line) as Prompt)).includes(wanted);
    } catch {
      return false;
    }
  });
}

interface Prompt {
  content?: unknown;
  message?: { content?: string | { text?: unknown }[] };
}

function textOf({ content, message }: Prompt): string {
  const said = message?.content ?? content;
  if (typeof said === 'string') return said;
  return Array.isArray(said)
    ? said.map(({ text }: { text?: unknown }) => (typeof text === 'string' ? text : '')).join('\n')
    : '';
}

/** Terminals may change blanks. */
const words = (text: string): string => text.split(/\s+/).filter(Boolean).join(' ');
