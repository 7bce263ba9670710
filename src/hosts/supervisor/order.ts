import { z } from 'zod';
import { isTerminalName } from '../../model/names';

/** What the parent hands over on stdin: nothing of it may stand in a command line. */
export const orderSchema = z.object({
  folder: z.string(),
  name: z.string().refine(isTerminalName),
  argv: z.array(z.string()).min(1),
  directory: z.string(),
  env: z.record(z.string(), z.string()),
  key: z.string().optional(),
  sessionId: z.string().optional(),
  keepEnded: z.boolean().optional(),
  goesWhenEnded: z.boolean().optional(),
});
export type Order = z.infer<typeof orderSchema>;

/** The one line that the parent gets on stdout. */
export const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('created') }),
  z.object({ kind: z.literal('taken') }),
  z.object({ kind: z.literal('ended') }),
  z.object({ kind: z.literal('noPty'), reason: z.string() }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
]);
export type Outcome = z.infer<typeof outcomeSchema>;
