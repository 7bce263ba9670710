import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';

/** What a client of a supervisor says: one JSON value a line. */
export const requestSchema = z.discriminatedUnion('kind', [
  /** First of all. `watch` gets the screen and all that follows; the others ask one thing. */
  z.object({ kind: z.literal('hello'), token: z.string().max(100) }),
  z.object({
    kind: z.literal('watch'),
    readOnly: z.boolean(),
    columns: z.number().int().min(2).max(1000),
    rows: z.number().int().min(2).max(1000),
  }),
  z.object({ kind: z.literal('input'), data: z.string() }),
  z.object({
    kind: z.literal('resize'),
    columns: z.number().int().min(2).max(1000),
    rows: z.number().int().min(2).max(1000),
  }),
  z.object({ kind: z.literal('info') }),
  z.object({ kind: z.literal('capture') }),
  z.object({ kind: z.literal('send'), text: z.string(), enter: z.boolean() }),
  z.object({ kind: z.literal('kill') }),
]);
export type Request = z.infer<typeof requestSchema>;

export const endSchema = z.object({ status: z.number().optional(), signal: z.string().optional() });
export type End = z.infer<typeof endSchema>;

/** What a supervisor says. */
export const replySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('output'), data: z.string() }),
  z.object({ kind: z.literal('ended'), end: endSchema }),
  z.object({ kind: z.literal('info'), attached: z.number(), pid: z.number().optional() }),
  z.object({ kind: z.literal('screen'), text: z.string() }),
  z.object({ kind: z.literal('done') }),
]);
export type Reply = z.infer<typeof replySchema>;

/** A longer line ends the connection. */
const longestLine = 16 * 1024 * 1024;

export function write(socket: Socket, frame: Request | Reply): void {
  if (socket.writable) socket.write(`${JSON.stringify(frame)}\n`);
}

/** Calls `take` with each frame that `schema` accepts; anything else ends the connection. */
export function readFrames<T>(socket: Socket, schema: z.ZodType<T>, take: (frame: T) => void): void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) return void socket.destroy();
    for (const line of lines) {
      const frame = parse(line, schema);
      if (frame === undefined) return void socket.destroy();
      take(frame);
    }
  });
}

function parse<T>(line: string, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
