/** One thing that a reader of a conversation sees, as the transcript has it, clipped. Texts are untrusted and not escaped. */
export type Entry =
  /** What the person said. `queued`: while Claude was at work. `attached`: what came with it, in words. */
  | { kind: 'prompt'; text: Clipped; attached: readonly string[]; queued?: true }
  /** `/clear`, a command of a skill, or `!` with a shell command. */
  | { kind: 'command'; text: string }
  /** What such a command wrote. */
  | { kind: 'output'; text: Clipped }
  | { kind: 'answer'; text: Clipped }
  | { kind: 'thinking'; text: Clipped }
  | { kind: 'call'; id: string; name: string; argument?: string; input?: Clipped; language?: 'diff' }
  | { kind: 'plan'; id: string; text: Clipped }
  | { kind: 'question'; id: string; questions: readonly Question[] }
  | { kind: 'result'; id: string; outcome: Outcome; text: Clipped; answers?: ReadonlyMap<string, string> }
  | { kind: 'error'; text: Clipped }
  | { kind: 'retry'; attempt: number; of?: number; text: string }
  | { kind: 'interrupted' }
  | { kind: 'compaction'; trigger?: string; before?: number; after?: number }
  /** With what Claude goes on after a compaction. */
  | { kind: 'summary'; text: Clipped }
  | { kind: 'note'; text: string }
  | { kind: 'unknown'; type: string }
  /** A line that is too long to be read, or that is no JSON. `text`: as far as its beginning tells. */
  | { kind: 'omitted'; bytes: number; text?: Clipped }
  | { kind: 'damaged' };

export type Outcome = 'done' | 'failed' | 'denied';

export interface Question {
  text: string;
  options: readonly string[];
}

/** The beginning of a text, and what is left out of it. */
export interface Clipped {
  text: string;
  moreLines: number;
  moreCharacters: number;
}

/** One line of a transcript: its place in the tree of the conversation, and what it shows. */
export interface Line {
  uuid?: string;
  parent?: string;
  /** Epoch ms. */
  at?: number;
  model?: string;
  entries: readonly Entry[];
}

/** A prompt, or a command, which may be one. */
export const beginsTurn = ({ entries }: Line): boolean =>
  entries.some(({ kind }) => kind === 'prompt' || kind === 'command');

export function clipped(text: string, lines: number, characters: number): Clipped {
  let end = Math.min(text.length, characters);
  let newlines = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < end; at = text.indexOf('\n', at + 1))
    if (++newlines === lines) end = at;
  const shown = text.slice(0, end);
  if (end === text.length) return { text, moreLines: 0, moreCharacters: 0 };
  const rest = text.slice(end).trimEnd();
  const moreLines = rest.split('\n').length - 1;
  return { text: cut(shown, end), moreLines, moreCharacters: rest.length };
}

/** So many characters at most. Copied: a piece of a string keeps the whole one in memory. */
export const cut = (text: string, characters: number): string =>
  Buffer.from(text.slice(0, characters)).toString();
