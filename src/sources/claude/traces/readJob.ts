import { z } from 'zod';
import { isAbsolutePath, parseSessionId } from '../../../model/names';
import type { SessionTrace } from '../../../model/session/transcript';
import { clip, parseObject } from '../transcripts/lines';

const state = z.object({
  sessionId: z.string(),
  name: z.string().optional().catch(undefined),
  intent: z.string().optional().catch(undefined),
  cwd: z.string().max(4096).optional().catch(undefined),
  state: z.string().max(50).optional().catch(undefined),
  updatedAt: z.iso.datetime().optional().catch(undefined),
});

/** Words of Claude's for a background job that goes on no more: failed, or not. */
const ends: Readonly<Record<string, boolean>> = { done: false, stopped: false, failed: true };

/** A background job by the fields of its `state.json` that the host picked, one a line. `at`: of the file, epoch ms. */
export function readJob(path: string, at: number, picked: string): SessionTrace[] {
  // The first of a name is the job's own; what lies deeper comes later or never.
  const fields = new Map<string, string>();
  for (const line of picked.split('\n')) {
    const name = /^"(\w+)"/.exec(line)?.[1];
    if (name !== undefined && !fields.has(name)) fields.set(name, line);
  }
  const { success, data } = state.safeParse(parseObject(`{${[...fields.values()].join(',')}}`));
  const sessionId = success ? parseSessionId(data.sessionId) : undefined;
  if (!success || !sessionId) return [];
  const title = clip(data.name ?? data.intent ?? '', 200);
  const failed = data.state === undefined ? undefined : ends[data.state];
  return [
    {
      sessionId,
      source: 'job',
      path,
      ...(data.cwd !== undefined && isAbsolutePath(data.cwd) && { directory: data.cwd }),
      ...(title && { title }),
      at: data.updatedAt === undefined ? at : Date.parse(data.updatedAt),
      ...(failed !== undefined && { outcome: { failed, text: data.state! } }),
    },
  ];
}
