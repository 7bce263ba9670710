import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from '../faults';
import type { Answer } from './answer';

const MOST_BODY = 4 * 1024 * 1024;

/** The body as text; beyond 4 MB the connection is dropped. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BODY) request.destroy();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Sends an answer whole, or cut short if the fault says so. */
export function send(response: ServerResponse, answer: Answer, fault: Fault | undefined): void {
  const body = textOf(answer);
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (body !== undefined) {
    response.setHeader('content-type', answer.contentType ?? 'application/json;charset=UTF-8');
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  if (fault?.kind !== 'cut') {
    response.end(body);
    return;
  }
  const bytes = Buffer.from(body ?? '');
  response.write(bytes.subarray(0, fault.afterBytes ?? Math.floor(bytes.length / 2)), () =>
    response.destroy(),
  );
}

function textOf({ body, contentType }: Answer): string | undefined {
  if (body === undefined) return undefined;
  return typeof body === 'string' && contentType !== undefined ? body : JSON.stringify(body);
}
