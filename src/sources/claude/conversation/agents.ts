import { exact, parseObject } from '../transcripts/lines';
import type { Clipped, Line } from './entry';
import { readAgents, type TranscriptPlace } from './readRange';
import { readLine } from './readLine';

/** What is told of a sub-agent under the call that started it. */
export interface AgentReport {
  type?: string;
  description?: string;
  /** Undefined where an old version of Claude does not say. */
  finished?: boolean;
  lastAnswer?: Clipped;
}

/** The calls in these lines that may have started a sub-agent. */
export const agentCalls = (lines: readonly Line[]): string[] =>
  lines
    .flatMap(({ entries }) => entries)
    .flatMap((entry) => (entry.kind === 'call' && /^(?:Agent|Task)$/.test(entry.name) ? [entry.id] : []));

/** The sub-agents that these lines started, by the id of the call. One round trip, and none where there is no such call. */
export async function agentsOf(
  place: TranscriptPlace,
  lines: readonly Line[],
  signal?: AbortSignal,
): Promise<Map<string, AgentReport>> {
  const found = new Map<string, AgentReport>();
  for (const { meta, tail } of await readAgents(place, agentCalls(lines), signal)) {
    const json = parseObject(meta);
    const call = exact(json?.['toolUseId'], 200);
    if (!json || call === undefined) continue;
    const type = exact(json['agentType'], 100);
    const description = exact(json['description'], 300);
    const lastAnswer = lastAnswerOf(tail);
    found.set(call, {
      ...(type && { type }),
      ...(description && { description }),
      ...(typeof json['finished'] === 'boolean' && { finished: json['finished'] }),
      ...(lastAnswer && { lastAnswer }),
    });
  }
  return found;
}

function lastAnswerOf(tail: Buffer): Clipped | undefined {
  for (const line of tail.toString().split('\n').toReversed())
    for (const entry of readLine(line, true).entries.toReversed())
      if (entry.kind === 'answer') return entry.text;
  return undefined;
}
