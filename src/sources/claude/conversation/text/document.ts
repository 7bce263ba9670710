import { setImmediate } from 'node:timers/promises';
import { sizeText } from '../../../../model/size';
import { escapeInline, inlineCode } from '../../../../util/markdownText';
import type { Block } from './block';
import type { Conversation } from '../conversation';
import { ConversationWriter } from './writer';

/** What a reader wants to know before the first line. Untrusted texts. */
export interface ConversationFacts {
  title: string;
  id: string;
  host: string;
  directory?: string;
  branch?: string;
  /** What is to be known of the transcript itself, each a sentence. */
  notes?: readonly string[];
}

/** A conversation as one Markdown text. Lines are counted from 0. */
export interface ConversationDocument {
  text: string;
  /** First and last line of each piece whose details may be folded away. */
  folds: readonly (readonly [number, number])[];
  /** Where the text speaks of what lies before. */
  earlierLine: number;
  earlierBytes: number;
}

/** So many lines of a transcript are rendered before others may have the processor. */
const linesAtOnce = 2000;

/** Renders what is held of a conversation; beyond \`most\` characters the beginning is left out. */
export async function conversationDocument(
  conversation: Pick<Conversation, 'agents' | 'earlierBytes' | 'shown' | 'unfinished'>,
  facts: ConversationFacts,
  most = Infinity,
): Promise<ConversationDocument> {
  const { earlierBytes, shown, unfinished } = conversation;
  const writer = new ConversationWriter(conversation.agents);
  const blocks: Block[] = [];
  for (const [count, line] of [...shown, ...unfinished].entries()) {
    blocks.push(...writer.push(line));
    if (count % linesAtOnce === linesAtOnce - 1) await setImmediate();
  }
  blocks.push(...writer.unfinished());
  const isLeft = leftTurns(blocks);
  const texts = blocks.map((block) => textOf(block, isLeft));

  let first = texts.length;
  for (let size = 0; first > 0 && size + texts[first - 1]!.length < most; first--) size += texts[first - 1]!.length; // prettier-ignore
  const before =
    earlierBytes > 0
      ? `*Earlier turns: ${sizeText(earlierBytes)}.*`
      : first > 0
        ? '*What is still earlier is too much for one document: task-sessions transcript prints all of it.*'
        : '';
  const head = header(facts, before);
  const lines: string[] = head.flatMap((part) => [...part.split('\n'), '']);
  const earlierLine = before === '' ? 0 : lines.length - 2;
  const folds: [number, number][] = [];
  for (let at = first; at < texts.length; at++) {
    const own = texts[at]!.split('\n');
    if (blocks[at]!.isFolded) folds.push([lines.length, lines.length + own.length - 1]);
    for (const line of own) lines.push(line);
    lines.push('');
  }
  if (texts.length === 0) lines.push('*Nothing has been said yet.*', '');
  return { text: lines.join('\n'), folds, earlierLine, earlierBytes };
}

/** The title of a conversation and where it took place. */
export function header(
  { title, id, host, directory, branch, notes = [] }: ConversationFacts,
  before = '',
): string[] {
  const where = [
    inlineCode(id),
    `on ${escapeInline(host)}`,
    ...(directory === undefined ? [] : [`in ${inlineCode(directory)}`]),
    ...(branch === undefined ? [] : [`branch ${inlineCode(branch)}`]),
  ];
  const said = notes.map((note) => `*${escapeInline(note)}*`);
  return [
    `# ${escapeInline(title).trim() || 'Conversation'}`,
    where.join(' · '),
    ...said,
    ...(before ? [before] : []),
  ];
}

/** Turns that the conversation went back from say so in their heading. */
function textOf({ markdown, turn }: Block, isLeft: readonly boolean[]): string {
  if (turn === undefined || !isLeft[turn]) return markdown;
  return markdown.replace('\n', ' · *left*\n');
}

/** By turn. Many may have been left many times. */
function leftTurns(blocks: readonly Block[]): boolean[] {
  const begins: number[] = [];
  for (const { leaves } of blocks)
    if (leaves) begins[leaves.first] = Math.max(begins[leaves.first] ?? 0, leaves.last);
  const isLeft: boolean[] = [];
  for (let turn = 0, last = 0; turn < begins.length || turn <= last; turn++) {
    last = Math.max(last, begins[turn] ?? 0);
    isLeft.push(turn <= last);
  }
  return isLeft;
}
