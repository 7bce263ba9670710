import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Resource } from './bed';

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
}

export interface ToolUse {
  /** `Write`, `Bash`, `AskUserQuestion`, `Agent` … */
  name: string;
  input: Record<string, unknown>;
}

/** What the model says next. */
export interface Reply {
  text?: string;
  tools?: readonly ToolUse[];
  usage?: Partial<Usage>;
  /** Before anything is sent, in milliseconds. */
  delayMs?: number;
  /** Nothing is sent before this. */
  after?: Promise<unknown>;
  /** Between the pieces of a streamed text. */
  pieceDelayMs?: number;
  /** Never answers (until the stub is ended or the client gives up). */
  hang?: true;
  error?: 'unauthorized' | 'rateLimited' | 'overloaded' | 'promptTooLong' | 'creditTooLow';
}

interface ContentBlock {
  type: string;
  text?: string;
  content?: unknown;
}

export interface ModelRequest {
  at: number;
  /** As the client sent it: `model`, `messages`, `tools`, `stream` … */
  body: {
    model?: string;
    stream?: boolean;
    messages?: { role: string; content: string | ContentBlock[] }[];
    tools?: { name: string }[];
  };
  /** The text of the newest message that a person typed, without the client's own reminders. */
  prompt: string;
  /** The newest message answers a tool call. */
  isToolResult: boolean;
}

/** Answers a request, or undefined: then the queue, then the default reply do. */
export type Responder = (request: ModelRequest) => Reply | undefined;

export interface ModelStub extends Resource {
  readonly url: string;
  /** Requests for an answer, oldest first; not token counts nor the client's side calls. */
  readonly requests: ModelRequest[];
  /** The next answers, in order. When none is left, it says "OK.". */
  say(...replies: (Reply | string)[]): void;
  /** Looked at before the queue. */
  respond(responder: Responder): void;
}

const errors: Record<NonNullable<Reply['error']>, { status: number; type: string; message: string }> = {
  unauthorized: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' },
  rateLimited: {
    status: 429,
    type: 'rate_limit_error',
    message: 'This request would exceed your rate limit.',
  },
  overloaded: { status: 529, type: 'overloaded_error', message: 'Overloaded' },
  promptTooLong: {
    status: 400,
    type: 'invalid_request_error',
    message: 'prompt is too long: 1200000 tokens > 1000000 maximum',
  },
  creditTooLow: { status: 400, type: 'invalid_request_error', message: 'Your credit balance is too low.' },
};

/** A stand-in for the Messages API on loopback, so that the real `claude` writes real transcripts. */
export async function startModelStub(): Promise<ModelStub> {
  const requests: ModelRequest[] = [];
  const queue: Reply[] = [];
  let responder: Responder = () => undefined;
  let count = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parseBody(await readBody(request));
    const path = (request.url ?? '').split('?')[0];
    if (request.method !== 'POST' || !path?.startsWith('/v1/messages')) return sendJson(response, 200, {});
    if (path === '/v1/messages/count_tokens') return sendJson(response, 200, { input_tokens: 1000 });

    const asked: ModelRequest = { at: Date.now(), body, ...newestMessage(body) };
    // Side calls (a title, a probe of the key) bring no tools; they must not eat what a test has put in the queue.
    const isTurn = (body.tools?.length ?? 0) > 0;
    if (isTurn) requests.push(asked);
    const reply = isTurn ? (responder(asked) ?? queue.shift() ?? { text: 'OK.' }) : { text: 'OK.' };

    const gone = new AbortController();
    response.on('close', () => gone.abort());
    if (reply.hang) return;
    await reply.after;
    if (reply.delayMs) await delay(reply.delayMs, undefined, { signal: gone.signal });
    if (reply.error) {
      const { status, type, message } = errors[reply.error];
      if (status === 429) response.setHeader('retry-after', '1');
      return sendJson(response, status, { type: 'error', error: { type, message } });
    }
    count += 1;
    const message = toMessage(reply, `msg_stub${String(count).padStart(6, '0')}`, body.model ?? 'stub');
    if (!body.stream) return sendJson(response, 200, message);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    for (const event of toEvents(message)) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
      if (reply.pieceDelayMs && event.type === 'content_block_delta')
        await delay(reply.pieceDelayMs, undefined, { signal: gone.signal });
    }
    response.end();
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    say: (...replies) =>
      void queue.push(...replies.map((reply) => (typeof reply === 'string' ? { text: reply } : reply))),
    respond: (next) => void (responder = next),
    dispose: async () => {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): ModelRequest['body'] {
  try {
    return JSON.parse(text) as ModelRequest['body'];
  } catch {
    return {};
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function newestMessage({
  messages = [],
}: ModelRequest['body']): Pick<ModelRequest, 'prompt' | 'isToolResult'> {
  const newest = messages.findLast(({ role }) => role === 'user');
  const blocks: ContentBlock[] =
    typeof newest?.content === 'string' ? [{ type: 'text', text: newest.content }] : (newest?.content ?? []);
  const texts = blocks.flatMap(({ type, text = '' }) => (type === 'text' ? [text] : []));
  return {
    prompt: texts.findLast((text) => !text.trimStart().startsWith('<system-reminder>')) ?? '',
    isToolResult: blocks.some(({ type }) => type === 'tool_result'),
  };
}

interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: ({ type: 'text'; text: string } | ({ type: 'tool_use'; id: string } & ToolUse))[];
  stop_reason: 'end_turn' | 'tool_use';
  stop_sequence: null;
  usage: Usage;
}

function toMessage(reply: Reply, id: string, model: string): Message {
  const tools = reply.tools ?? [];
  const text = reply.text ?? (tools.length === 0 ? 'OK.' : '');
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content: [
      ...(text ? [{ type: 'text' as const, text }] : []),
      ...tools.map((tool, index) => ({
        type: 'tool_use' as const,
        id: `toolu_${id.slice(4)}${index}`,
        ...tool,
      })),
    ],
    stop_reason: tools.length > 0 ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 1000,
      output_tokens: 50,
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
      ...reply.usage,
    },
  };
}

/** The message as the API streams it: blocks opened empty, filled in pieces, usage completed at the end. */
function* toEvents(message: Message): Generator<{ type: string } & Record<string, unknown>> {
  const { content, stop_reason, stop_sequence, usage } = message;
  const opened = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  yield { type: 'message_start', message: opened };
  for (const [index, block] of content.entries()) {
    const isText = block.type === 'text';
    yield {
      type: 'content_block_start',
      index,
      content_block: isText ? { type: 'text', text: '' } : { ...block, input: {} },
    };
    const whole = isText ? block.text : JSON.stringify(block.input);
    for (const piece of whole.match(/[^]{1,40}/g) ?? [])
      yield {
        type: 'content_block_delta',
        index,
        delta: isText
          ? { type: 'text_delta', text: piece }
          : { type: 'input_json_delta', partial_json: piece },
      };
    yield { type: 'content_block_stop', index };
  }
  yield { type: 'message_delta', delta: { stop_reason, stop_sequence }, usage };
  yield { type: 'message_stop' };
}
