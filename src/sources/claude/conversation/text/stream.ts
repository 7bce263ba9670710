import type { Line } from '../entry';
import { agentsOf, type AgentReport } from '../agents';
import type { Block } from './block';
import { readRange, type TranscriptPlace } from '../readRange';
import { ForwardSplitter } from '../splitLines';
import { ConversationWriter } from './writer';

const pageBytes = 1024 * 1024;
/** Calls of so many sub-agents are remembered until their results come. */
const agentsKept = 1000;

/** A conversation from its beginning, page by page: what is held does not grow with the transcript. */
export async function* streamBlocks(place: TranscriptPlace, signal?: AbortSignal): AsyncGenerator<Block[]> {
  const splitter = new ForwardSplitter();
  const agents = new Map<string, AgentReport>();
  const writer = new ConversationWriter(agents);
  const write = async (lines: readonly Line[]): Promise<Block[]> => {
    for (const [call, report] of await agentsOf(place, lines, signal)) agents.set(call, report);
    while (agents.size > agentsKept) agents.delete(agents.keys().next().value!);
    return lines.flatMap((line) => writer.push(line));
  };
  for (let at = 0; ;) {
    const piece = await readRange(place, at, pageBytes, signal);
    const bytes = piece.bytes.subarray(at - piece.from);
    yield await write(splitter.push(bytes));
    at += bytes.length;
    if (bytes.length === 0 || at >= piece.size) break;
  }
  yield [...(await write(splitter.end())), ...writer.unfinished()];
}
